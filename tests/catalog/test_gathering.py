"""Data gathered for an entry: landed whole, checked, one version, readers pinned; broken workers and repeated files."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from catalog import reactions, services
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.selectors import columns_of
from catalog.services import ItemSpec
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.tables.query import query
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.provider)


def rows_of(entry: CatalogEntry) -> list[tuple[object, ...]]:
    """The rows that readers are pinned to."""
    entry.refresh_from_db()
    assert entry.current_data is not None
    assert entry.in_force is not None
    return query(entry.table, entry.current_data.table_version, columns=columns_of(entry.in_force)).rows


def test_a_landed_file_is_kept_as_it_came(entry: CatalogEntry) -> None:
    # given, when
    load = make.land_csv(entry, make.ROWS)

    # then
    content = make.csv_bytes(make.ROWS)
    assert load.landed.read_bytes() == content
    assert (load.sha256, load.size, load.state) == (hashlib.sha256(content).hexdigest(), len(content), "waiting")


def test_a_load_becomes_the_version_that_readers_are_pinned_to(entry: CatalogEntry) -> None:
    # when
    load = make.gather(entry, make.ROWS)

    # then
    assert (load.state, load.rows_read, load.rows_accepted, load.rows_refused) == ("done", 3, 3, 0)
    assert rows_of(entry)[0] == ("001", "火车站环线", 12.5, dt.date(2017, 5, 1))
    event = events_of(entry).last()
    assert event is not None
    assert (event.verb, event.payload["data_version"], event.payload["current"]) == ("gather", 1, True)
    assert event.basis.endswith("第十二条第一款")


def test_bad_rows_stand_aside_with_line_and_reason_and_the_provider_is_told(
    entry: CatalogEntry, city: accounts.City
) -> None:
    # given
    rows = [*make.ROWS, {"线路编号": "011", "线路名称": "断头线", "长度": "很长", "开通日期": "2024-02-30"}]

    # when
    load = make.gather(entry, rows)

    # then
    assert (load.rows_accepted, load.rows_refused) == (3, 1)
    assert load.bad_rows_file is not None
    listed = load.bad_rows_file.read_text(encoding="utf-8-sig")
    assert "5,长度,很长" in listed
    assert "2024-02-30" in listed
    assert Notice.objects.filter(recipient=make.steward_of(city.provider), title__contains="退回").count() == 1


def test_a_file_with_a_foreign_header_is_refused_whole(entry: CatalogEntry) -> None:
    # given
    make.gather(entry, make.ROWS)

    # when
    load = make.gather(entry, [{"名字": "甲"}])

    # then
    assert load.state == "refused"
    assert "名字" in load.message
    assert len(rows_of(entry)) == 3
    assert events_of(entry).last().verb == "gather-refused"  # type: ignore[union-attr]


def test_a_file_over_the_limit_leaves_nothing(entry: CatalogEntry, city: accounts.City, settings: Any) -> None:
    # given
    settings.UPLOAD_LIMIT_BYTES = 64
    folder = Path(settings.DATA_DIR) / "landing" / "loads"
    before = set(folder.iterdir()) if folder.exists() else set()

    # when
    with pytest.raises(RuleBroken) as refused:
        make.land_csv(entry, make.ROWS)

    # then
    assert "file" in refused.value.fields
    assert not Load.objects.exists()
    assert set(folder.iterdir()) == before


def test_an_empty_file_is_refused(entry: CatalogEntry, city: accounts.City) -> None:
    with pytest.raises(RuleBroken, match="空文件"):
        services.land_file(
            entry_id=entry.pk, uploaded=ContentFile(b"", name="空.csv"), by=make.steward_of(city.provider), at=make.AT
        )


def test_the_same_load_id_again_takes_nothing_in(entry: CatalogEntry, city: accounts.City) -> None:
    # given
    number = uuid.uuid4()
    steward = make.steward_of(city.provider)

    # when
    loads = [
        services.land_file(
            entry_id=entry.pk,
            uploaded=ContentFile(make.csv_bytes(make.ROWS), name="数据.csv"),
            by=steward,
            at=make.AT,
            load_id=number,
        )
        for _ in range(2)
    ]
    for load in loads:
        services.run_load(load.pk, at=make.AT)

    # then
    assert loads[0] == loads[1]
    assert DataVersion.objects.count() == 1


def test_a_load_id_of_another_entry_is_refused(entry: CatalogEntry, city: accounts.City) -> None:
    # given
    load = make.land_csv(entry, make.ROWS)
    other = make.entry_in_force(city.provider, title="另一个条目")

    # when, then
    with pytest.raises(RuleBroken):
        services.land_file(
            entry_id=other.pk,
            uploaded=ContentFile(b"x", name="数据.csv"),
            by=make.steward_of(city.provider),
            at=make.AT,
            load_id=load.load_id,
        )


def test_rows_are_appended_and_updated_by_key(entry: CatalogEntry) -> None:
    # given
    make.gather(entry, make.ROWS[:1])

    # when
    make.gather(entry, make.ROWS[1:2], mode="append")
    changed = {"线路编号": "001", "线路名称": "火车站内环", "长度": "13", "开通日期": "2017-05-01"}
    load = make.gather(entry, [changed, make.ROWS[2]], mode="upsert")

    # then
    assert load.state == "done"
    assert [row[:2] for row in rows_of(entry)] == [("001", "火车站内环"), ("002", "花果园专线"), ("010", "观山湖快线")]
    assert entry.current_data is not None
    assert entry.current_data.rows == 3


def test_nothing_is_appended_to_rows_that_readers_do_not_see(entry: CatalogEntry, city: accounts.City) -> None:
    # when
    with pytest.raises(RuleBroken) as refused:
        make.land_csv(entry, make.ROWS, mode="append")

    # then
    assert "mode" in refused.value.fields
    assert not Load.objects.exists()


def test_data_of_a_draft_becomes_current_when_the_draft_takes_effect(city: accounts.City) -> None:
    # given
    revision = make.reviewed_draft(city.provider)
    entry = revision.entry
    make.gather(entry, make.ROWS)
    entry.refresh_from_db()
    assert entry.current_data is None

    # when
    make.publish(revision)

    # then
    assert len(rows_of(entry)) == 3


def test_data_for_other_items_never_reaches_readers_of_the_items_in_force(
    entry: CatalogEntry, city: accounts.City
) -> None:
    # given
    make.gather(entry, make.ROWS)
    draft = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
    items = (ItemSpec(name="线路编号", code="route", data_type="I"),)
    draft = services.edit_revision(
        revision_id=draft.pk, by=make.steward_of(city.provider), at=make.AT, elements={}, items=items
    )

    # when
    landed = services.land_file(
        entry_id=entry.pk,
        uploaded=ContentFile("线路编号\n7\n".encode(), name="新.csv"),
        by=make.steward_of(city.provider),
        at=make.AT,
        revision_id=draft.pk,
    )
    services.run_load(landed.pk, at=make.AT)

    # then
    assert len(rows_of(entry)) == 3
    make.publish(make.pass_confidentiality(draft))
    assert rows_of(entry) == [(7,)]


def test_changed_items_without_data_leave_readers_without_rows_rather_than_with_wrong_ones(
    entry: CatalogEntry,
) -> None:
    # given
    make.gather(entry, make.ROWS)

    # when
    make.revised_entry(entry, items=(ItemSpec(name="线路编号", code="route", data_type="I"),))

    # then
    entry.refresh_from_db()
    assert entry.current_data is None


def test_an_older_load_that_ends_later_does_not_take_readers_back(entry: CatalogEntry) -> None:
    # given
    older, newer = make.land_csv(entry, make.ROWS[:1]), make.land_csv(entry, make.ROWS)
    services.run_load(older.pk, at=make.AT)
    services.run_load(newer.pk, at=make.AT)
    entry.refresh_from_db()
    pinned = entry.current_data

    # when
    Load.objects.filter(pk=older.pk).update(state="waiting")
    DataVersion.objects.filter(load=older).delete()
    services.run_load(older.pk, at=make.AT)

    # then
    entry.refresh_from_db()
    assert entry.current_data == pinned


def test_a_worker_killed_after_the_commit_loses_and_doubles_nothing(entry: CatalogEntry) -> None:
    # given
    load = make.gather(entry, make.ROWS)
    entry.refresh_from_db()
    version = entry.current_data
    assert version is not None
    table_version = version.table_version
    CatalogEntry.objects.filter(pk=entry.pk).update(current_data=None)
    version.delete()
    Load.objects.filter(pk=load.pk).update(state="running", seen_at=make.AT)

    # when
    assert reactions.requeue_stale(make.AT + 4 * MINUTE) == []
    assert reactions.requeue_stale(make.AT + 6 * MINUTE) == [load.pk]
    services.run_load(load.pk, at=make.AT + 6 * MINUTE)

    # then
    entry.refresh_from_db()
    assert entry.current_data is not None
    assert entry.current_data.table_version == table_version
    assert DataVersion.objects.count() == 1


def test_a_load_that_keeps_breaking_its_worker_is_refused_after_the_third_time(entry: CatalogEntry) -> None:
    # given
    load = make.land_csv(entry, make.ROWS)
    Load.objects.filter(pk=load.pk).update(state="running", tries=3, seen_at=make.AT)

    # when
    assert reactions.requeue_stale(make.AT + 6 * MINUTE) == []

    # then
    load.refresh_from_db()
    assert load.state == "refused"
    assert "平台管理员" in load.message


def test_a_lost_message_is_sent_again(entry: CatalogEntry) -> None:
    # given
    load = make.land_csv(entry, make.ROWS)

    # when, then
    assert reactions.requeue_stale(make.AT + MINUTE) == []
    assert reactions.requeue_stale(make.AT + 3 * MINUTE) == [load.pk]


def test_a_load_done_is_not_done_again(entry: CatalogEntry) -> None:
    # given
    load = make.gather(entry, make.ROWS)
    events = events_of(entry).count()

    # when
    services.run_load(load.pk, at=make.AT + MINUTE)

    # then
    assert events_of(entry).count() == events
    assert DataVersion.objects.count() == 1


def test_another_agency_does_not_gather_here(entry: CatalogEntry, city: accounts.City) -> None:
    with pytest.raises(NotAllowed):
        services.land_file(
            entry_id=entry.pk,
            uploaded=ContentFile(b"x", name="x.csv"),
            by=make.steward_of(city.requester),
            at=make.AT,
        )
    assert not Load.objects.exists()


def test_nothing_is_gathered_for_a_superseded_revision(entry: CatalogEntry, city: accounts.City) -> None:
    # given
    first = entry.in_force
    assert first is not None
    make.revised_entry(entry, abstract="新的摘要。")

    # when, then
    with pytest.raises(WrongState):
        services.land_file(
            entry_id=entry.pk,
            uploaded=ContentFile(b"x", name="x.csv"),
            by=make.steward_of(city.provider),
            at=make.AT,
            revision_id=first.pk,
        )
