"""Each agency brings the key and its own items; the columns of the others stay as they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from catalog import policies, reactions, services
from catalog.models import CatalogEntry, DataVersion, Load
from catalog.services import gathering
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.models import Notice
from tests.catalog.batches.conftest import rows_of
from tests.catalog.collecting.conftest import others, own, push
from tests.factories import accounts, collecting
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

OPENED = [dt.date(2017, 5, 1), dt.date(2018, 11, 20), dt.date(2020, 1, 2)]
DAY = dt.timedelta(days=1)


def _killed(*_args: object, **_kwargs: object) -> None:
    raise KeyboardInterrupt


class TestFiles:
    def test_two_agencies_make_whole_rows_by_the_key(self, entry: CatalogEntry, lead: User, other: User) -> None:
        # when
        first = collecting.gather(entry, lead, own())
        second = collecting.gather(entry, other, others())

        # then
        assert (first.state, first.collector, first.rows_accepted) == ("done", None, 3)
        assert (second.state, second.collector, second.rows_accepted) == ("done", other.agency, 3)
        assert [row[3] for row in rows_of(entry)] == OPENED
        assert rows_of(entry)[0][:3] == ("001", "火车站环线", 12.5)
        event = events_of(entry).filter(verb="gather").last()
        assert event is not None
        assert event.payload["collector"] == second.sender.code

    def test_what_another_must_fill_does_not_stand_against_a_row(self, entry: CatalogEntry, lead: User) -> None:
        # when
        load = collecting.gather(entry, lead, own())

        # then
        assert (load.rows_accepted, load.rows_refused) == (3, 0)
        assert rows_of(entry)[0] == ("001", "火车站环线", None, None)

    def test_one_agency_alone_may_begin(self, entry: CatalogEntry, other: User) -> None:
        # when
        collecting.gather(entry, other, others())

        # then
        assert rows_of(entry)[0] == ("001", None, 12.5, dt.date(2017, 5, 1))

    def test_a_later_load_leaves_the_columns_of_the_other(self, entry: CatalogEntry, lead: User, other: User) -> None:
        # given
        collecting.gather(entry, lead, own())
        collecting.gather(entry, other, others())

        # when
        collecting.gather(entry, lead, [{"线路编号": "001", "线路名称": "新名"}])

        # then
        assert rows_of(entry)[0] == ("001", "新名", 12.5, dt.date(2017, 5, 1))
        assert len(rows_of(entry)) == 3

    def test_a_column_of_the_other_is_refused_and_named(self, entry: CatalogEntry, other: User) -> None:
        # when
        load = collecting.gather(entry, other, list(make.ROWS))

        # then
        assert load.state == "refused"
        assert "线路名称（由提供机关采集）" in load.message
        assert not DataVersion.objects.exists()

    def test_a_replacement_is_of_ones_own_part(self, entry: CatalogEntry, lead: User, other: User) -> None:
        # given
        collecting.gather(entry, lead, own())
        collecting.gather(entry, other, others()[:2])

        # when
        load = services.run_load(collecting.land(entry, lead, own()[1:2], mode="replace").pk, at=make.AT)

        # then
        assert (load.state, load.rows_accepted) == ("done", 1)
        assert rows_of(entry) == [
            ("001", None, 12.5, dt.date(2017, 5, 1)),
            ("002", "花果园专线", 8, dt.date(2018, 11, 20)),
        ]
        assert load.version is not None
        assert load.version.rows == 2

    def test_what_a_replacement_does_not_carry_is_emptied(self, entry: CatalogEntry, lead: User, other: User) -> None:
        # given
        collecting.gather(entry, lead, own())
        collecting.gather(entry, other, others())

        # when
        part = [{"线路编号": "001", "长度": "13"}]
        services.run_load(collecting.land(entry, other, part, mode="replace").pk, at=make.AT)

        # then
        assert rows_of(entry) == [
            ("001", "火车站环线", 13, None),
            ("002", "花果园专线", None, None),
            ("010", "观山湖快线", None, None),
        ]

    def test_the_first_replacement_begins_the_table(self, entry: CatalogEntry, lead: User) -> None:
        # when
        services.run_load(collecting.land(entry, lead, own(), mode="replace").pk, at=make.AT)

        # then
        assert [row[1] for row in rows_of(entry)] == ["火车站环线", "花果园专线", "观山湖快线"]

    def test_a_worker_killed_after_the_commit_replaces_once(
        self, entry: CatalogEntry, lead: User, other: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given
        collecting.gather(entry, lead, own())
        load = collecting.land(entry, other, others()[:1], mode="replace")
        with monkeypatch.context() as patched:
            patched.setattr(gathering, "_pin", _killed)
            with pytest.raises(KeyboardInterrupt):
                services.run_load(load.pk, at=make.AT)
        reactions.requeue_stale(make.AT + dt.timedelta(minutes=10))

        # when
        services.run_load(load.pk, at=make.AT + dt.timedelta(minutes=10))

        # then
        assert [row[2] for row in rows_of(entry)] == [12.5, None, None]
        assert DataVersion.objects.count() == 2

    def test_two_agencies_load_at_the_same_moment_and_neither_loses_its_rows(
        self, entry: CatalogEntry, lead: User, other: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given
        collecting.gather(entry, lead, own()[:1])
        slow = collecting.land(entry, lead, own())
        with monkeypatch.context() as patched:
            patched.setattr(gathering, "_pin", _killed)
            with pytest.raises(KeyboardInterrupt):
                services.run_load(slow.pk, at=make.AT)

        # when
        quick = collecting.gather(entry, other, others())
        reactions.requeue_stale(make.AT + dt.timedelta(minutes=10))
        late = services.run_load(slow.pk, at=make.AT + dt.timedelta(minutes=10))

        # then
        assert (quick.state, late.state) == ("done", "done")
        assert [row[1:3] for row in rows_of(entry)] == [("火车站环线", 12.5), ("花果园专线", 8), ("观山湖快线", 21.3)]

    def test_nobody_appends(self, entry: CatalogEntry, lead: User) -> None:
        with pytest.raises(RuleBroken, match="不能追加") as refused:
            collecting.land(entry, lead, own(), mode="append")
        assert "mode" in refused.value.fields
        assert not Load.objects.exists()

    def test_a_third_agency_sends_nothing(self, city: accounts.City, entry: CatalogEntry) -> None:
        with pytest.raises(NotAllowed):
            collecting.land(entry, make.steward_of(city.county_department), own())

    def test_bad_rows_are_told_and_shown_to_whoever_sent_them(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # when
        load = collecting.gather(entry, other, [*others(), {"线路编号": "011", "长度": "很长", "开通日期": ""}])

        # then
        assert (load.rows_accepted, load.rows_refused) == (3, 1)
        assert Notice.objects.get(recipient=other, title__contains="退回").agency == city.health
        assert list(policies.visible_loads(other, Load.objects.all())) == [load]
        assert not policies.visible_loads(lead, Load.objects.all()).exists()

    def test_who_works_for_both_says_for_whom(self, city: accounts.City, entry: CatalogEntry, lead: User) -> None:
        # given
        accounts.give_role(lead, city.health, Role.DATA_STEWARD)

        # when
        load = services.run_load(collecting.land(entry, lead, others(), collector=city.health).pk, at=make.AT)

        # then
        assert (load.state, load.collector) == ("done", city.health)
        with pytest.raises(RuleBroken, match="不采集"):
            collecting.land(entry, lead, others(), collector=city.authority)

    def test_the_keys_of_batches_for_two_agencies_are_apart(
        self, city: accounts.City, entry: CatalogEntry, lead: User
    ) -> None:
        # given
        accounts.give_role(lead, city.health, Role.DATA_STEWARD)
        first = push(entry, lead, own(), key="2026-11")

        # when
        second = push(entry, lead, others(), key="2026-11", collector=city.health)

        # then
        assert (second.repeated, second.load.collector) == (False, city.health)
        assert push(entry, lead, own(), key="2026-11").load == first.load
        assert push(entry, lead, others(), key="2026-11", collector=city.health).load == second.load
        with pytest.raises(RuleBroken, match="幂等键已经用于"):
            push(entry, lead, others()[:1], key="2026-11", collector=city.health)

    def test_the_operator_brings_for_the_agency_that_is_named(self, city: accounts.City, entry: CatalogEntry) -> None:
        # when
        load = collecting.land(entry, PLATFORM, others(), collector=city.health)  # type: ignore[arg-type]

        # then
        assert (load.collector, load.by.agency) == (city.health, city.health)

    def test_an_item_more_keeps_what_is_there(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # given
        collecting.gather(entry, lead, own())
        collecting.gather(entry, other, others())
        more = services.ItemSpec(name="班次", code="trips", data_type="I")
        make.revised_entry(entry, items=[*collecting.items(city.health), more])
        entry.refresh_from_db()

        # when
        collecting.gather(entry, lead, [{"线路编号": "001", "线路名称": "火车站环线", "班次": "60"}])

        # then
        assert rows_of(entry)[0] == ("001", "火车站环线", 12.5, dt.date(2017, 5, 1), 60)
        assert len(rows_of(entry)) == 3

    def test_what_was_loaded_for_a_draft_given_up_comes_in_by_no_later_load(
        self, city: accounts.City, lead: User, other: User
    ) -> None:
        # given
        entry = make.entry_in_force(city.transport, rows=make.ROWS[:1])
        draft = services.revise(entry_id=entry.pk, by=lead, at=make.AT)
        more = services.ItemSpec(name="班次", code="trips", data_type="I")
        draft = services.edit_revision(
            revision_id=draft.pk, by=lead, at=make.AT, elements={}, items=[*make.ITEMS, more]
        )
        stray = [{**row, "班次": "1"} for row in make.ROWS]
        landed = collecting.land(entry, lead, stray, mode="replace", revision_id=draft.pk)
        services.run_load(landed.pk, at=make.AT)
        services.drop(revision_id=draft.pk, by=lead, at=make.AT)
        draft = services.revise(entry_id=entry.pk, by=lead, at=make.AT)
        services.edit_revision(
            revision_id=draft.pk, by=lead, at=make.AT, elements={}, items=collecting.items(city.health)
        )
        (asked,) = services.ask_co_collection(revision_id=draft.pk, by=lead, at=make.AT)
        services.decide_co_collection(co_collection_id=asked.pk, agreed=True, by=other, at=make.AT)
        make.publish(draft)
        entry.refresh_from_db()

        # when
        collecting.gather(entry, other, [{"线路编号": "001", "长度": "13", "开通日期": ""}])

        # then
        assert [row[:3] for row in rows_of(entry)] == [("001", "火车站环线", 13)]

    def test_an_item_of_another_type_begins_the_table_anew(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        # given
        collecting.gather(entry, lead, own())
        changed = [
            services.ItemSpec(**{**vars(item), "data_type": "C"}) if item.code == "opened" else item
            for item in collecting.items(city.health)
        ]
        draft = services.revise(entry_id=entry.pk, by=lead, at=make.AT)
        services.edit_revision(revision_id=draft.pk, by=lead, at=make.AT, elements={}, items=changed)
        (asked,) = services.ask_co_collection(revision_id=draft.pk, by=lead, at=make.AT)
        services.decide_co_collection(co_collection_id=asked.pk, agreed=True, by=other, at=make.AT)
        make.publish(draft)
        entry.refresh_from_db()

        # when
        load = collecting.gather(entry, other, others())

        # then
        assert load.state == "done"
        assert rows_of(entry)[0] == ("001", None, 12.5, "2017-05-01")


class TestRules:
    def test_what_another_agency_refers_to_does_not_stand_in_the_way(
        self, city: accounts.City, lead: User, other: User
    ) -> None:
        # given
        target = make.entry_in_force(city.health, title="医疗点名录")
        items = [
            replace(item, reference_code=target.resource_code, reference_item="route")
            if item.code == "opened"
            else item
            for item in with_text(city)
        ]
        entry = shared(city, items)

        # when
        ours = collecting.gather(entry, lead, own())
        theirs = collecting.gather(entry, other, others())

        # then
        assert ours.state == "done"
        assert theirs.state == "refused"
        assert "医疗点名录" in theirs.message

    def test_an_item_refers_to_what_its_own_agency_may_ask(self, city: accounts.City, lead: User) -> None:
        # given
        target = make.entry_in_force(city.transport, title="布站计划", sharing_type="conditional")
        items = [
            replace(item, reference_code=target.resource_code, reference_item="route")
            if item.code == "opened"
            else item
            for item in with_text(city)
        ]
        draft = make.reviewed_draft(city.transport, items=items)
        (asked,) = services.ask_co_collection(revision_id=draft.pk, by=lead, at=make.AT)
        services.decide_co_collection(
            co_collection_id=asked.pk, agreed=True, by=make.steward_of(city.health), at=make.AT
        )

        # when, then
        with pytest.raises(RuleBroken, match="不是无条件共享的"):
            services.submit(revision_id=draft.pk, by=lead, at=make.AT)


def with_text(city: accounts.City) -> list[services.ItemSpec]:
    """The usual items, the day of opening as a text."""
    return [replace(item, data_type="C") if item.code == "opened" else item for item in collecting.items(city.health)]


def shared(city: accounts.City, items: list[services.ItemSpec]) -> CatalogEntry:
    """An entry in force of these items, agreed to."""
    draft = make.reviewed_draft(city.transport, items=items)
    (asked,) = services.ask_co_collection(revision_id=draft.pk, by=make.steward_of(city.transport), at=make.AT)
    services.decide_co_collection(co_collection_id=asked.pk, agreed=True, by=make.steward_of(city.health), at=make.AT)
    make.publish(draft)
    return CatalogEntry.objects.get(pk=draft.entry_id)
