"""Systems of several agencies push to one entry, pulls collect for one of them, and each answers for its part."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from catalog import policies, services
from catalog.collecting import columns_seen, parts_of_work
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.pulling import Pulled
from catalog.quality import freshness_of
from catalog.services import pull_runs
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.policies import visible_to
from requests_app.services.corrections.reporting import Doubt, report_correction
from tests.catalog.batches.conftest import rows_of
from tests.catalog.collecting.conftest import others, own, push
from tests.factories import accounts, collecting, systems
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

OPENED = [dt.date(2017, 5, 1), dt.date(2018, 11, 20), dt.date(2020, 1, 2)]
DAY = dt.timedelta(days=1)


class TestPushes:
    def test_systems_of_both_push_and_one_commit_takes_those_of_one(
        self, city: accounts.City, entry: CatalogEntry
    ) -> None:
        # given
        ours, theirs = accounts.system(city.transport).user, accounts.system(city.health).user

        # when
        receipts = [push(entry, ours, own()), push(entry, theirs, others())]
        assert services.gather_waiting(at=make.AT) == 2

        # then
        assert [Load.objects.get(pk=one.load.pk).state for one in receipts] == ["done", "done"]
        assert [row[3] for row in rows_of(entry)] == OPENED
        assert rows_of(entry)[0][1] == "火车站环线"
        assert DataVersion.objects.count() == 2

    def test_what_is_for_the_other_is_refused_at_once(self, city: accounts.City, entry: CatalogEntry) -> None:
        with pytest.raises(RuleBroken, match="长度（由市卫健局采集）"):
            push(entry, accounts.system(city.transport).user, list(make.ROWS))
        assert not Load.objects.exists()

    def test_a_push_replaces_the_part_of_its_agency_in_several_pieces(
        self, city: accounts.City, entry: CatalogEntry, lead: User
    ) -> None:
        # given
        collecting.gather(entry, lead, own())
        system = accounts.system(city.health).user
        whole = push(entry, system, others()[:1], mode="replace", is_complete=False).load
        more = services.Sent(content=json.dumps({"rows": others()[1:2]}).encode(), kind="json", key="two")
        services.receive_part(load_id=whole.pk, sent=more, by=system, at=make.AT)
        services.close_batch(load_id=whole.pk, by=system, at=make.AT)

        # when
        services.gather_waiting(at=make.AT)

        # then
        assert [row[2] for row in rows_of(entry)] == [12.5, 8, None]

    def test_a_push_does_not_append(self, city: accounts.City, entry: CatalogEntry) -> None:
        with pytest.raises(RuleBroken, match="不能追加"):
            push(entry, accounts.system(city.health).user, others(), mode="append")


class TestPulls:
    def test_rows_are_pulled_from_a_system_of_the_collecting_agency(
        self, city: accounts.City, entry: CatalogEntry, other: User, lead: User
    ) -> None:
        # given
        interface = systems.interface(systems.system_in_use(city.health))
        facts = services.PullFacts(interface=interface.pk, mode="upsert")
        pull = services.add_pull(entry_id=entry.pk, by=other, at=make.AT, facts=facts)

        # when
        run = pull_runs.begin_run(pull.pk, at=make.AT)
        assert run is not None
        pull_runs.end_run(run.pk, Pulled(rows=others(), pages=1), at=make.AT)
        services.gather_waiting(at=make.AT)

        # then
        load = Load.objects.get()
        assert (load.source, load.state, load.collector) == ("pull", "done", city.health)
        assert list(policies.visible_pulls(other, entry.pulls.all())) == [pull]
        assert not policies.visible_pulls(lead, entry.pulls.all()).exists()
        with pytest.raises(NotAllowed):
            services.pause_pull(pull_id=pull.pk, by=lead, at=make.AT, reasons="检修")

    def test_a_pull_that_would_append_is_refused(self, city: accounts.City, entry: CatalogEntry, other: User) -> None:
        # given
        interface = systems.interface(systems.system_in_use(city.health))
        facts = services.PullFacts(interface=interface.pk, mode="append")

        # when, then
        with pytest.raises(RuleBroken) as refused:
            services.add_pull(entry_id=entry.pk, by=other, at=make.AT, facts=facts)
        assert "mode" in refused.value.fields


class TestStanding:
    def test_each_part_says_how_fresh_and_how_complete_it_is(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # given
        collecting.gather(entry, lead, own())
        collecting.gather(entry, other, others()[:2])
        entry.refresh_from_db()
        assert entry.in_force is not None

        # when
        ours, theirs = parts_of_work(entry, entry.in_force, make.AT.date() + 40 * DAY)

        # then
        assert (ours.agency, ours.leads, ours.rows, ours.complete, ours.share) == (city.transport, True, 3, 3, "100.0%")
        assert (theirs.agency, theirs.items, theirs.complete) == (city.health, ["长度", "开通日期"], 2)
        assert (theirs.share, theirs.state) == ("66.7%", "late")

    def test_the_entry_is_as_fresh_as_whoever_gathered_longest_ago(
        self, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # given
        collecting.gather(entry, other, others())
        collecting.gather(entry, lead, own(), at=make.AT + 20 * DAY)

        # when
        entry.refresh_from_db()

        # then
        assert freshness_of(entry, make.AT.date()).due_on == make.AT.date() + 31 * DAY

    def test_the_collecting_agency_sees_the_key_and_its_own_columns(
        self, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # given
        assert entry.in_force is not None

        # when
        theirs = columns_seen(entry.in_force, policies.seen_as_collector(other, entry))
        all_of_them = columns_seen(entry.in_force, policies.seen_as_collector(lead, entry))

        # then
        assert [column.code for column in theirs] == ["route", "length", "opened"]
        assert len(all_of_them) == 4

    def test_an_earlier_version_is_not_restored_over_the_others(self, entry: CatalogEntry, lead: User) -> None:
        # given
        collecting.gather(entry, lead, own())
        collecting.gather(entry, lead, own()[:1])

        # when, then
        with pytest.raises(WrongState, match="共同采集"):
            services.restore_data(entry_id=entry.pk, number=1, by=lead, at=make.AT, reasons="有误。")


class TestDoubtsAndEvents:
    def test_a_doubt_about_an_item_goes_to_the_agency_that_collects_it(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # given
        reporter = make.steward_of(city.authority)
        said = "长度与现场测量的不一致，差了两公里。"

        # when
        report = report_correction(
            by=reporter,
            entry=entry,
            doubt=Doubt(target="item", item="length", description=said),
            on=make.AT.date(),
            at=make.AT,
        ).report
        of_the_entry = report_correction(
            by=reporter,
            entry=entry,
            doubt=Doubt(target="entry", description=said),
            on=make.AT.date(),
            at=make.AT,
        ).report

        # then
        assert (report.provider, of_the_entry.provider) == (city.health, city.transport)
        assert Clock.objects.get(number=report.number).owed_by == city.health
        assert report in visible_to(lead, CorrectionReport.objects.all())
        assert of_the_entry not in visible_to(other, CorrectionReport.objects.all())

    def test_changed_data_is_owed_by_the_agency_that_collects_it(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # when
        made = services.declare_adjustment(
            entry_id=entry.pk,
            kind="data",
            event_on=make.AT.date(),
            description="线路延长。",
            by=other,
            at=make.AT,
        )

        # then
        clock = Clock.objects.get(subject=f"catalog.catalogadjustment:{made.pk}")
        assert (made.collector, clock.owed_by) == (city.health, city.health)
        collecting.gather(entry, lead, own())
        clock.refresh_from_db()
        assert clock.stopped_on is None
        collecting.gather(entry, other, others())
        clock.refresh_from_db()
        assert clock.stopped_on == make.AT.date()

    def test_a_changed_law_is_the_leads_to_carry_out_and_names_whose_items_it_hits(
        self, city: accounts.City, entry: CatalogEntry, lead: User
    ) -> None:
        # when
        made = services.declare_adjustment(
            entry_id=entry.pk,
            kind="law",
            event_on=make.AT.date(),
            description="长度不再采集。",
            by=lead,
            at=make.AT,
            collector=city.health,
        )

        # then
        clock = Clock.objects.get(subject=f"catalog.catalogadjustment:{made.pk}")
        assert (made.collector, clock.owed_by) == (city.health, city.transport)
        told = Notice.objects.filter(title__contains="目录更新").values_list("recipient", flat=True)
        assert set(told) >= {lead.pk, make.steward_of(city.health).pk}
