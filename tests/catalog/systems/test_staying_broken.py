"""An interface that stays broken: told once, with a service target that ends when it recovers."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.deadlines import CHECKING
from catalog.models import Interface
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from oversight.services import sweep
from tests.factories import systems
from tests.factories.accounts import City, staff
from tests.factories.catalog import AT, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

HOUR = dt.timedelta(hours=1)


class TestStaysBroken:
    """Told once, by a service target of its own; told again when it recovers."""

    @pytest.fixture
    def one(self, agency: Agency) -> Interface:
        return systems.interface(systems.system_in_use(agency))

    @pytest.fixture
    def keepers(self, agency: Agency) -> list[User]:
        return [steward_of(agency), staff(agency, Role.SYSTEM_ADMIN)]

    def test_a_single_failure_tells_nobody_and_is_looked_at_again_soon(self, one: Interface) -> None:
        systems.noted(one, systems.DEAD)
        assert (one.failures, one.next_check_at) == (1, AT + CHECKING.again)
        assert not Notice.objects.exists()
        assert not Clock.objects.filter(subject=subject_of(one)).exists()

    def test_so_many_in_a_row_start_the_target_and_tell_its_keepers_once(
        self, one: Interface, keepers: list[User], agency: Agency
    ) -> None:
        # when
        systems.noted(one, systems.DEAD, systems.WRONG, systems.DEAD, systems.DEAD)

        # then
        clock = Clock.objects.get(subject=subject_of(one))
        assert (clock.kind, clock.owed_by, clock.statutory, clock.number) == (
            "interface-repair",
            agency,
            False,
            one.number,
        )
        assert clock.due_on == dt.date(2026, 9, 4)  # three working days after Tuesday, 1 September
        assert clock.path == one.get_absolute_url()
        assert one.next_check_at == AT + 3 * HOUR + HOUR
        told = Notice.objects.filter(subject=subject_of(one))
        assert {notice.recipient for notice in told} == set(keepers)
        assert told.count() == len(keepers)
        assert "没有连上。" in told[0].body
        assert "2026年09月04日" in told[0].body
        assert events(one) == ["add-interface", "interface-broken"]

    def test_what_recovers_stops_the_target_and_tells_them_again(self, one: Interface, keepers: list[User]) -> None:
        # when
        systems.noted(one, systems.DEAD, systems.DEAD, systems.DEAD, systems.GOOD)

        # then
        clock = Clock.objects.get(subject=subject_of(one))
        assert (clock.stopped_by, clock.stopped_on) == (Clock.Stop.DONE, dt.date(2026, 9, 1))
        told = Notice.objects.filter(subject=subject_of(one), title__startswith="接口已恢复")
        assert {notice.recipient for notice in told} == set(keepers)
        assert events(one)[-1] == "interface-recovered"
        assert (one.failures, one.outcome_since) == (0, AT + 3 * HOUR)

    def test_breaking_again_is_a_case_of_its_own(self, one: Interface, keepers: list[User]) -> None:
        once = (systems.DEAD, systems.DEAD, systems.DEAD, systems.GOOD)
        systems.noted(one, *once, *once)
        assert Clock.objects.filter(subject=subject_of(one)).count() == 2
        assert Notice.objects.filter(subject=subject_of(one)).count() == 4 * len(keepers)

    def test_what_fails_now_and_then_is_not_broken(self, one: Interface) -> None:
        systems.noted(one, systems.DEAD, systems.DEAD, systems.GOOD, systems.WRONG, systems.WRONG, systems.GOOD)
        assert not Clock.objects.filter(subject=subject_of(one)).exists()
        assert not Notice.objects.exists()

    def test_how_long_it_has_been_so_is_counted_from_the_first_such_check(self, one: Interface) -> None:
        systems.noted(one, systems.GOOD, systems.DEAD, systems.DEAD)
        assert one.outcome_since == AT + HOUR

    def test_a_target_that_runs_out_goes_to_the_authority(self, town: City, one: Interface) -> None:
        # given
        officer = staff(town.authority, Role.MUNICIPAL_AUTHORITY)
        systems.noted(one, systems.DEAD, systems.DEAD, systems.DEAD)
        clock = Clock.objects.get(subject=subject_of(one))

        # when
        day = clock.due_on + dt.timedelta(days=1)
        sweep(at=AT + (day - AT.date()), on=day)

        # then
        assert [one.to_agency for one in clock.escalations.all()] == [town.authority]
        assert not clock.findings.exists()
        assert officer.notices.exists()

    def test_days_are_added_up(self, one: Interface) -> None:
        systems.noted(one, systems.GOOD, systems.WRONG, systems.DEAD, systems.GOOD)
        day = one.days.get()
        assert (day.day, day.good, day.deviating, day.unavailable, day.total) == (AT.date(), 2, 1, 1, 4)

    def test_a_day_begins_at_midnight_in_guiyang(self, one: Interface) -> None:
        systems.noted(one, systems.GOOD, systems.GOOD, at=dt.datetime(2026, 9, 1, 15, 30, tzinfo=dt.UTC))
        assert [day.day for day in one.days.order_by("day")] == [dt.date(2026, 9, 1), dt.date(2026, 9, 2)]


def events(one: Interface) -> list[str]:
    return list(Event.objects.filter(subject=subject_of(one)).values_list("verb", flat=True))
