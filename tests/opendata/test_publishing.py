"""From a cleared plan to a data set: made by a job, pinned at once, followed, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from catalog import services as catalog
from catalog.models import CatalogEntry
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.sealing import seal
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.search.selectors import find
from guiyang_data.tables import reading_rows
from guiyang_data.tables.query import query
from opendata import reactions, selectors, services
from opendata.models import OpenDataset, OpeningPlan, PublishedVersion, PublishJob
from opendata.tasks import run_publish
from tests.factories import opendata as make
from tests.factories.accounts import City, city, staff
from tests.factories.catalog import AT, ROWS, approver_of, entry_in_force, gather, revised_entry, steward_of
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = AT + dt.timedelta(hours=3)
MORE = [*ROWS, {"线路编号": "011", "线路名称": "白云快线", "长度": "17", "开通日期": "2021-03-04"}]


def a_town_with_an_entry() -> tuple[City, CatalogEntry]:
    town = city()
    return town, entry_in_force(town.provider, rows=ROWS)


_kept, begun = kept(a_town_with_an_entry, "begun")


@pytest.fixture
def town(begun: tuple[City, CatalogEntry]) -> City:
    return begun[0]


@pytest.fixture
def entry(begun: tuple[City, CatalogEntry]) -> CatalogEntry:
    return begun[1]


def opened(dataset: OpenDataset) -> list[tuple[Any, ...]]:
    dataset.refresh_from_db()
    assert dataset.current is not None
    version = dataset.current
    return query(dataset.table, version.table_version, columns=version.schema).rows


def sweep(at: dt.datetime, run: Callable[[int], object] | None = None) -> None:
    """Seal, follow, and carry out what was queued, as the worker does."""
    seal(at=at)
    reactions.react(at)
    for pk in PublishJob.objects.filter(state=PublishJob.State.WAITING).values_list("pk", flat=True):
        services.run_publish(pk, at=at)


@pytest.mark.parametrize(("technique", "indexed"), [("pseudonym", {"number"}), ("suppress", frozenset())])
def test_rows_are_looked_up_by_what_still_stands_for_one(
    town: City, monkeypatch: pytest.MonkeyPatch, technique: str, indexed: set[str]
) -> None:
    # given a table that is long enough, of which the telephone is masked
    monkeypatch.setattr(reading_rows, "INDEXED_FROM", 1)
    entry = make.people_entry(town.provider)
    # when
    dataset = make.carried_out(entry, techniques=make.PEOPLE_TECHNIQUES | {"number": {"technique": technique}})
    # then
    assert dataset.current is not None
    with reading_rows.open_version(dataset.table, dataset.current.table_version) as rows:
        assert rows.indexed == indexed


def test_what_is_published_holds_only_what_the_plan_leaves(town: City) -> None:
    # given persons with names and telephones, and a plan that covers them
    entry = make.people_entry(town.provider)
    # when it is carried out
    dataset = make.carried_out(entry, techniques=make.PEOPLE_TECHNIQUES)
    # then the published rows hold the covered values, and no original
    rows = opened(dataset)
    assert [column["code"] for column in dataset.current.columns] == ["name", "phone", "sex", "amount"]  # type: ignore[union-attr]
    assert len(rows) == 50
    assert {row[0] for row in rows} == {"王**"}
    assert all(row[1].startswith("138****") for row in rows)
    assert {row[3] for row in rows} == {300.0}


def test_rows_about_persons_do_not_keep_the_order_of_the_file(town: City) -> None:
    dataset = make.carried_out(make.people_entry(town.provider), techniques=make.PEOPLE_TECHNIQUES)
    tails = [row[1][-4:] for row in opened(dataset)]
    assert tails != sorted(tails)
    assert sorted(tails) == [f"{number:04d}" for number in range(50)]


def test_publication_pins_a_version_and_records_the_event_on_the_entry(entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    event = Event.objects.get(verb="publish")
    assert event.subject == f"catalog.catalogentry:{entry.pk}"
    assert event.payload == {"dataset": dataset.slug, "version": 1, "rows": 3, "plan": OpeningPlan.objects.get().pk}
    assert dataset.slug == entry.resource_code.replace("/", "-")
    assert dataset.current is not None
    assert dataset.current.files["csv"]["bytes"] > 0
    assert dataset.published_on == dt.date(2026, 9, 1)
    assert find("公交线路", kinds=["dataset"]).total == 1


def test_nothing_is_open_before_the_job_is_done(entry: CatalogEntry) -> None:
    job = make.waiting_job(entry)
    assert job.state == PublishJob.State.WAITING
    assert selectors.total() == 0
    assert not Event.objects.filter(verb="publish").exists()


def test_asking_twice_gives_the_same_job_and_running_twice_makes_one_version(entry: CatalogEntry) -> None:
    job = make.waiting_job(entry)
    again = services.publish(plan_id=job.plan_id, by=steward_of(entry.provider), at=AT)
    assert again.pk == job.pk
    services.run_publish(job.pk, at=AT)
    services.run_publish(job.pk, at=LATER)
    assert PublishedVersion.objects.count() == 1
    assert Event.objects.filter(verb="publish").count() == 1


def test_the_same_data_is_not_opened_twice(entry: CatalogEntry) -> None:
    make.carried_out(entry)
    plan = OpeningPlan.objects.get()
    with pytest.raises(WrongState):
        services.publish(plan_id=plan.pk, by=steward_of(entry.provider), at=LATER)
    assert PublishJob.objects.count() == 1


def test_a_job_whose_worker_was_lost_is_finished_by_the_next(entry: CatalogEntry) -> None:
    # given a worker that died while it held the job
    job = make.waiting_job(entry)
    PublishJob.objects.filter(pk=job.pk).update(state=PublishJob.State.RUNNING, seen_at=AT, tries=1)
    assert reactions.requeue_stale(AT + dt.timedelta(minutes=1)) == []
    # when the sweep comes by
    assert reactions.requeue_stale(LATER) == [job.pk]
    # then the next worker finishes it
    assert services.run_publish(job.pk, at=LATER).state == PublishJob.State.DONE


def test_the_sweep_queues_a_job_again_whose_message_was_lost(
    entry: CatalogEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a job that waits, and a broker that forgot its message
    job = make.waiting_job(entry)
    queued: list[int] = []
    monkeypatch.setattr(reactions, "queue_publish", queued.append)
    # when
    reactions.react(AT)
    reactions.react(LATER)
    # then
    assert queued == [job.pk]


def test_a_job_that_keeps_breaking_its_worker_is_given_up(entry: CatalogEntry) -> None:
    job = make.waiting_job(entry)
    PublishJob.objects.filter(pk=job.pk).update(state=PublishJob.State.RUNNING, seen_at=AT, tries=3)
    assert reactions.requeue_stale(LATER) == []
    job.refresh_from_db()
    assert job.state == PublishJob.State.FAILED
    # and can be asked for anew
    retried = services.publish(plan_id=job.plan_id, by=steward_of(entry.provider), at=LATER)
    assert (retried.pk, retried.state, retried.tries) == (job.pk, PublishJob.State.WAITING, 0)


def test_a_catalogue_withdrawn_while_the_job_runs_opens_nothing(entry: CatalogEntry) -> None:
    job = make.waiting_job(entry)
    catalog.withdraw(entry_id=entry.pk, by=approver_of(entry.provider), at=LATER, reasons="职能划转。")
    done = services.run_publish(job.pk, at=LATER)
    assert done.state == PublishJob.State.FAILED
    assert not OpenDataset.objects.exists()
    assert Notice.objects.filter(key__startswith=f"opendata-job-failed:{job.pk}").exists()


def test_new_data_opens_by_itself(entry: CatalogEntry) -> None:
    # given an open entry
    dataset = make.carried_out(entry)
    # when new data is gathered and the sweep runs, even twice
    gather(entry, MORE, at=LATER)
    sweep(LATER)
    sweep(LATER + dt.timedelta(minutes=1))
    # then the public has a second version, and the first is still there
    assert len(opened(dataset)) == 4
    assert [version.number for version in dataset.versions.order_by("number")] == [1, 2]
    assert Event.objects.filter(verb="publish", actor="platform").count() == 1


def test_new_data_with_identifiers_where_none_were_stays_closed(entry: CatalogEntry) -> None:
    # given an open entry whose names are those of lines
    dataset = make.carried_out(entry)
    # when a file comes that holds telephone numbers in their place
    bad = [{**row, "线路名称": f"1380000000{index}"} for index, row in enumerate(ROWS)]
    gather(entry, bad, at=LATER)
    sweep(LATER)
    # then the public keeps what it had, and the steward is told why
    assert {row[1] for row in opened(dataset)} == {row["线路名称"] for row in ROWS}
    job = PublishJob.objects.get(state=PublishJob.State.FAILED)
    assert "手机号码" in job.message
    assert "原来的版本" in job.message
    assert Notice.objects.filter(title__contains="数据没有开放").exists()


def test_withdrawing_takes_the_data_from_the_public_at_once(entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    services.withdraw_dataset(
        dataset_id=dataset.pk, by=approver_of(entry.provider), at=LATER, reasons="长度一项有误，正在校核。"
    )
    assert selectors.dataset_by_slug(dataset.slug) is None
    assert selectors.total() == 0
    assert find("公交线路", kinds=["dataset"]).total == 0
    assert events_of(entry).last().verb == "withdraw-dataset"  # type: ignore[union-attr]
    # and new data does not open it again
    gather(entry, MORE, at=LATER)
    sweep(LATER)
    assert PublishedVersion.objects.count() == 1


def test_withdrawing_needs_reasons_and_an_approver_of_the_provider(town: City, entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    with pytest.raises(RuleBroken) as broken:
        services.withdraw_dataset(dataset_id=dataset.pk, by=approver_of(entry.provider), at=LATER, reasons="  ")
    assert set(broken.value.fields) == {"reasons"}
    for somebody in (
        steward_of(entry.provider),
        staff(town.requester, Role.APPROVER),
        staff(town.authority, Role.MUNICIPAL_AUTHORITY),
    ):
        with pytest.raises(NotAllowed):
            services.withdraw_dataset(dataset_id=dataset.pk, by=somebody, at=LATER, reasons="有误")
    dataset.refresh_from_db()
    assert dataset.status == "published"


def test_a_withdrawn_data_set_is_not_withdrawn_again(town: City) -> None:
    dataset = make.dataset_withdrawn(town.provider)
    with pytest.raises(WrongState):
        services.withdraw_dataset(dataset_id=dataset.pk, by=approver_of(town.provider), at=LATER, reasons="有误")


def test_a_withdrawn_data_set_can_stand_again(town: City) -> None:
    dataset = make.dataset_withdrawn(town.provider)
    with pytest.raises(NotAllowed):
        services.republish(dataset_id=dataset.pk, by=steward_of(town.provider), at=LATER)
    services.republish(dataset_id=dataset.pk, by=approver_of(town.provider), at=LATER)
    assert selectors.dataset_by_slug(dataset.slug) is not None
    assert find("公交线路", kinds=["dataset"]).total == 1


def test_an_entry_withdrawn_from_the_catalogue_closes_its_data(entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    catalog.withdraw(entry_id=entry.pk, by=approver_of(entry.provider), at=LATER, reasons="职能划转。")
    # at once, before any sweep
    assert selectors.dataset_by_slug(dataset.slug) is None
    sweep(LATER)
    dataset.refresh_from_db()
    assert dataset.status == "withdrawn"
    assert "职能划转" in dataset.withdrawal_reasons


def test_a_frozen_entry_is_not_read(entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    CatalogEntry.objects.filter(pk=entry.pk).update(frozen_at=LATER)
    assert selectors.dataset_by_slug(dataset.slug) is None


def test_a_revised_title_reaches_the_public_with_the_sweep(entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    revised_entry(entry, at=LATER, title="公交线路基本信息")
    sweep(LATER)
    dataset.refresh_from_db()
    assert dataset.title == "公交线路基本信息"
    # and the plan still fits: its items are the same
    gather(entry, MORE, at=LATER)
    sweep(LATER + dt.timedelta(minutes=1))
    assert len(opened(dataset)) == 4


def test_a_revision_that_closes_the_entry_closes_its_data(entry: CatalogEntry) -> None:
    dataset = make.carried_out(entry)
    revised_entry(entry, at=LATER, is_open=False, closed_ground=2, closed_basis="《反不正当竞争法》第九条")
    assert selectors.dataset_by_slug(dataset.slug) is None
    sweep(LATER)
    dataset.refresh_from_db()
    assert dataset.status == "withdrawn"


def test_a_new_plan_supersedes_the_one_before(entry: CatalogEntry) -> None:
    # given an open entry
    dataset = make.carried_out(entry)
    # when a new plan leaves an item out, on the same data
    again = make.carried_out(entry, techniques={"length": {"technique": "suppress"}})
    # then the old plan is superseded, and the public sees one item less
    assert again.pk == dataset.pk
    statuses = OpeningPlan.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["superseded", "published"]
    assert len(opened(dataset)[0]) == 3


def test_versions_that_reveal_more_than_the_plan_in_force_are_no_longer_given(entry: CatalogEntry) -> None:
    # given a version with every item, and a later plan that leaves one out
    make.carried_out(entry)
    dataset = make.carried_out(entry, techniques={"length": {"technique": "suppress"}})
    assert [version.number for version in dataset.versions.order_by("number")] == [1, 2]
    # then the public gets the later only
    assert selectors.version_of(dataset, 1) is None
    assert [version.number for version in selectors.versions_shown(dataset)] == [2]
    # and what comes after by the same plan stands beside it
    gather(entry, MORE, at=LATER)
    sweep(LATER)
    shown = selectors.versions_shown(OpenDataset.objects.get())
    assert [version.number for version in shown] == [3, 2]


def test_the_task_carries_out_what_its_row_says(entry: CatalogEntry) -> None:
    job = make.waiting_job(entry)
    assert run_publish(job.pk) == "done"
    assert selectors.total() == 1
    assert run_publish(job.pk) == "done"
    assert PublishedVersion.objects.count() == 1


def test_demand_is_added_up_by_day(entry: CatalogEntry) -> None:
    day = dt.date(2026, 9, 1)
    services.record_demand(entry_id=entry.pk, on=day, requests=1)
    services.record_demand(entry_id=entry.pk, on=day, searches=4)
    services.record_demand(entry_id=entry.pk, on=day + dt.timedelta(days=1), requests=2)
    wanted = selectors.most_wanted(5)
    assert [(one.title, one.detail) for one in wanted] == [("公交线路信息", "3 人申请 · 4 次搜索 · 市交通委")]
    # and once it is open it is wanted no longer
    make.carried_out(entry)
    assert selectors.most_wanted(5) == []
