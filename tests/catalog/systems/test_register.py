"""The register of information systems: who keeps it, what it must say, and what follows from each act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from catalog import policies, services
from catalog.models import InformationSystem
from catalog.workflow import SYSTEM_WORKFLOW, SystemStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from tests.factories import systems
from tests.factories.accounts import City, citizen, make_agency, staff, system
from tests.factories.catalog import AT, draft_entry, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = AT.date()
DAY = dt.timedelta(days=1)
Act = Callable[[InformationSystem, User], object]
STATES: dict[str, Callable[[Agency], InformationSystem]] = {
    SystemStatus.PLANNED: systems.planned_system,
    SystemStatus.IN_USE: systems.system_in_use,
    SystemStatus.STOPPED: systems.stopped_system,
}
ACTS: dict[str, Act] = {
    "put-in-use": lambda one, by: services.put_in_use(system_id=one.pk, by=by, on=ON, at=AT),
    "stop-system": lambda one, by: services.stop_system(system_id=one.pk, by=by, on=ON, at=AT, reasons="由新系统接替"),
    "resume-system": lambda one, by: services.resume_system(system_id=one.pk, by=by, on=ON, at=AT),
    "change-system": lambda one, by: services.change_system(
        system_id=one.pk, by=by, on=ON, at=AT, facts=systems.facts(name="改了名字的系统")
    ),
    "add-interface": lambda one, by: services.add_interface(
        system_id=one.pk, by=by, at=AT, facts=systems.interface_facts()
    ),
}


def events(obj: Any) -> list[str]:
    return list(Event.objects.filter(subject=subject_of(obj), refused=False).values_list("verb", flat=True))


class TestRegistering:
    """A system is brought under management."""

    def test_it_stands_there_with_what_was_said_and_the_resources_it_holds(self, agency: Agency) -> None:
        # given
        entry = draft_entry(agency).entry
        account = system(agency, "调度")

        # when
        made = systems.system_in_use(agency, entries=(entry.pk,), service_account=account.pk, protection_record="备123")

        # then
        made.refresh_from_db()
        assert (made.status, made.network, made.protection) == ("in-use", "extranet", 2)
        assert list(made.entries.all()) == [entry]
        assert made.service_account == account
        assert made.number == f"XT-{made.pk:05}"
        assert events(made) == ["register-system"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"name": " \u200b "}, "name"),
            ({"name": "系" * 121}, "name"),
            ({"purpose": ""}, "purpose"),
            ({"operator": ""}, "operator"),
            ({"network": "moon"}, "network"),
            ({"protection": 6}, "protection"),
            ({"in_use_on": None}, "in_use_on"),
            ({"in_use_on": ON + DAY}, "in_use_on"),
            ({"planned_on": ON, "in_use_on": ON - DAY}, "planned_on"),
            ({"entries": (987654,)}, "entries"),
            ({"service_account": 987654}, "service_account"),
        ],
    )
    def test_what_is_missing_or_wrong_is_named_and_nothing_is_registered(
        self, agency: Agency, changed: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(RuleBroken) as broken:
            systems.system_in_use(agency, **changed)
        assert list(broken.value.fields) == [field]
        assert "第十条" in broken.value.basis
        assert not InformationSystem.objects.exists()

    def test_another_agencys_resource_or_account_cannot_be_claimed(self, town: City, agency: Agency) -> None:
        # given
        entry, account = draft_entry(town.health).entry, system(town.health, "诊疗")

        # then
        for changed in ({"entries": (entry.pk,)}, {"service_account": account.pk}):
            with pytest.raises(RuleBroken):
                systems.system_in_use(agency, **changed)

    def test_an_account_belongs_to_one_system_only(self, agency: Agency) -> None:
        account = system(agency, "调度")
        systems.system_in_use(agency, service_account=account.pk)
        with pytest.raises(RuleBroken, match="登记"):
            systems.system_in_use(agency, service_account=account.pk)

    def test_a_name_stands_once_in_an_agency_until_its_system_is_stopped(self, town: City, agency: Agency) -> None:
        # given
        first = systems.system_in_use(agency, name="调度系统")

        # then
        with pytest.raises(RuleBroken, match="同名"):
            systems.planned_system(agency, name="调度系统")
        systems.system_in_use(town.health, name="调度系统")
        ACTS["stop-system"](first, steward_of(agency))
        again = systems.system_in_use(agency, name="调度系统")
        with pytest.raises(RuleBroken, match="同名"):
            ACTS["resume-system"](first, steward_of(agency))
        assert InformationSystem.objects.get(pk=again.pk).status == "in-use"


class TestStates:
    """Each act from each state."""

    @pytest.mark.parametrize("verb", ACTS)
    @pytest.mark.parametrize("state", STATES)
    def test_an_act_starts_from_its_sources_and_from_nowhere_else(self, agency: Agency, verb: str, state: str) -> None:
        # given
        one = STATES[state](agency)
        before = events(one)

        # when
        if state in SYSTEM_WORKFLOW[verb].sources:
            ACTS[verb](one, steward_of(agency))
            one.refresh_from_db()
            # then
            assert one.status == SYSTEM_WORKFLOW.target(verb, state)
            assert events(one) == [*before, verb]
        else:
            with pytest.raises(WrongState) as wrong:
                ACTS[verb](one, steward_of(agency))
            one.refresh_from_db()
            assert (one.status, events(one)) == (state, before)
            assert "第十条" in wrong.value.basis

    def test_putting_in_use_sets_its_day_and_has_the_interfaces_checked(self, agency: Agency) -> None:
        # given
        one = systems.planned_system(agency, planned_on=ON - 30 * DAY)
        offered, paused = systems.interface(one), systems.paused(one)
        assert offered.next_check_at is None

        # when
        services.put_in_use(system_id=one.pk, by=steward_of(agency), on=ON, at=AT, in_use_on=ON - DAY)

        # then
        one.refresh_from_db()
        offered.refresh_from_db()
        paused.refresh_from_db()
        assert one.in_use_on == ON - DAY
        assert (offered.next_check_at, paused.next_check_at) == (AT, None)

    @pytest.mark.parametrize("day", [ON + DAY, ON - 31 * DAY])
    def test_it_is_not_in_use_from_tomorrow_nor_from_before_it_was_planned(self, agency: Agency, day: dt.date) -> None:
        one = systems.planned_system(agency, planned_on=ON - 30 * DAY)
        with pytest.raises(RuleBroken):
            services.put_in_use(system_id=one.pk, by=steward_of(agency), on=ON, at=AT, in_use_on=day)
        one.refresh_from_db()
        assert (one.status, one.in_use_on) == ("planned", None)

    def test_stopping_ends_the_checks_and_what_was_to_be_mended(self, agency: Agency) -> None:
        # given
        one = systems.system_in_use(agency)
        broken = systems.broken(one)
        assert Clock.objects.filter(subject=subject_of(broken), stopped_on=None).count() == 1

        # when
        ACTS["stop-system"](one, steward_of(agency))

        # then
        broken.refresh_from_db()
        assert broken.next_check_at is None
        assert Clock.objects.get(subject=subject_of(broken)).stopped_by == Clock.Stop.SUPERSEDED

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"reasons": " "}, "reasons"),
            ({"stopped_on": ON + DAY}, "stopped_on"),
            ({"stopped_on": ON - 900 * DAY}, "stopped_on"),
        ],
    )
    def test_stopping_needs_reasons_and_a_day_that_can_be(
        self, agency: Agency, given: dict[str, Any], field: str
    ) -> None:
        one = systems.system_in_use(agency)
        with pytest.raises(RuleBroken) as broken:
            services.stop_system(
                system_id=one.pk, by=steward_of(agency), on=ON, at=AT, **{"reasons": "由新系统接替"} | given
            )
        one.refresh_from_db()
        assert (list(broken.value.fields), one.status) == ([field], "in-use")

    def test_what_was_changed_is_on_record_without_its_content(self, agency: Agency) -> None:
        # given
        one = systems.system_in_use(agency, name="调度系统")
        entry = draft_entry(agency).entry

        # when
        services.change_system(
            system_id=one.pk,
            by=steward_of(agency),
            on=ON,
            at=AT,
            facts=systems.facts(name="调度系统", operator="数据中心", entries=(entry.pk,)),
        )

        # then
        event = Event.objects.get(subject=subject_of(one), verb="change-system")
        assert event.payload == {"changed": ["operator", "entries"]}

    def test_a_system_that_is_not_there_is_not_seen(self, agency: Agency) -> None:
        for act in ACTS.values():
            with pytest.raises(NotSeen):
                act(InformationSystem(pk=987654, agency=agency), steward_of(agency))


class TestWho:
    """Who keeps the register, and who sees it."""

    @pytest.mark.parametrize("verb", ACTS)
    def test_nobody_else_keeps_it_and_nothing_changes(self, town: City, agency: Agency, verb: str) -> None:
        # given
        one = STATES[next(iter(sorted(SYSTEM_WORKFLOW[verb].sources)))](agency)
        before = InformationSystem.objects.filter(pk=one.pk).values().get()
        others = [
            staff(agency),
            staff(agency, Role.APPROVER),
            staff(town.health, Role.DATA_STEWARD),
            staff(town.authority, Role.MUNICIPAL_AUTHORITY),
            system(town.health).user,
            citizen(),
        ]

        # then
        for user in others:
            with pytest.raises(NotAllowed):
                ACTS[verb](one, user)
        assert InformationSystem.objects.filter(pk=one.pk).values().get() == before

    @pytest.mark.parametrize("keeper", ["steward", "administrator", "system"])
    def test_stewards_administrators_and_systems_of_the_agency_keep_it(self, agency: Agency, keeper: str) -> None:
        by = {
            "steward": lambda: staff(agency, Role.DATA_STEWARD),
            "administrator": lambda: staff(agency, Role.SYSTEM_ADMIN),
            "system": lambda: system(agency).user,
        }[keeper]()
        assert systems.system_in_use(agency, by=by).registered_by == by

    def test_it_is_seen_inside_the_agency_and_by_those_who_watch_over_it(self, town: City) -> None:
        # given
        municipal = systems.system_in_use(town.transport)
        county = systems.system_in_use(town.county_department)
        other_county = make_agency("南明区教育局", level=Agency.Level.COUNTY)

        def seen(user: User) -> set[InformationSystem]:
            return set(policies.visible_systems(user, InformationSystem.objects.all()))

        # then
        everything = {municipal, county}
        assert seen(staff(town.authority, Role.MUNICIPAL_AUTHORITY)) == everything
        assert seen(staff(town.authority, Role.SUPERVISOR)) == everything
        assert seen(staff(town.government, Role.GOVERNMENT_APPROVER)) == everything
        assert seen(staff(town.transport, Role.APPROVER)) == {municipal}
        assert seen(system(town.transport).user) == {municipal}
        assert seen(staff(town.county_authority, Role.COUNTY_AUTHORITY)) == {county}
        assert seen(staff(town.county_government, Role.GOVERNMENT_APPROVER)) == {county}
        assert seen(staff(town.transport, Role.SUPERVISOR)) == everything  # its superior, besides its own
        assert seen(staff(town.health, Role.DATA_STEWARD)) == set()
        assert seen(staff(other_county, Role.DATA_STEWARD)) == set()
        assert seen(citizen()) == set()
