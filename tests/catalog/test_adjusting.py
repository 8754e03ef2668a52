"""The 15 days of 第十三条第二款: from the day of the event until the adjusted catalogue takes effect."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog import services
from catalog.models import CatalogAdjustment
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, running
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = dt.timedelta(days=1)


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


def declare(entry_id: int, by: accounts.User, *, on: dt.date, at: dt.datetime, kind: str = "law") -> CatalogAdjustment:
    return services.declare_adjustment(
        entry_id=entry_id, kind=kind, event_on=on, description="线路编号规则变化。", by=by, at=at
    )


def test_the_clock_runs_from_the_day_of_the_event_over_a_holiday(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider, at=dt.datetime(2026, 1, 20, 9, 0, tzinfo=make.AT.tzinfo))

    # when
    at = dt.datetime(2026, 2, 3, 9, 0, tzinfo=make.AT.tzinfo)
    adjustment = declare(entry.pk, make.steward_of(city.provider), on=dt.date(2026, 1, 31), at=at)

    # then
    clock = running(adjustment, "catalog-update")
    assert clock is not None
    assert (clock.started_on, clock.due_on, clock.statutory) == (dt.date(2026, 1, 31), dt.date(2026, 2, 24), True)
    assert clock.owed_by == city.provider


def test_an_event_long_past_starts_a_clock_that_is_already_late(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)

    # when
    adjustment = declare(entry.pk, make.steward_of(city.provider), on=dt.date(2026, 7, 1), at=make.AT)

    # then
    clock = running(adjustment, "catalog-update")
    assert clock is not None
    assert clock.due_on < make.AT.date()
    assert clock.next_rung_on is not None


@pytest.mark.parametrize("on", [dt.date(2026, 9, 2), dt.date(2017, 4, 30)])
def test_an_event_of_tomorrow_or_before_the_regulation_is_refused(on: dt.date, city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)

    # when
    with pytest.raises(RuleBroken) as refused:
        declare(entry.pk, make.steward_of(city.provider), on=on, at=make.AT)

    # then
    assert "event_on" in refused.value.fields
    assert not CatalogAdjustment.objects.exists()
    assert not Clock.objects.filter(kind="catalog-update").exists()


def test_today_is_the_day_of_guiyang_and_not_of_utc(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)

    # when
    just_after_midnight = dt.datetime(2026, 9, 1, 16, 30, tzinfo=dt.UTC)
    adjustment = declare(entry.pk, make.steward_of(city.provider), on=dt.date(2026, 9, 2), at=just_after_midnight)

    # then
    assert adjustment.event_on == dt.date(2026, 9, 2)


def test_the_clock_stops_when_the_adjusted_revision_takes_effect(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    adjustment = declare(entry.pk, make.steward_of(city.provider), on=dt.date(2026, 8, 31), at=make.AT)

    # when
    draft = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT + DAY)
    assert running(adjustment, "catalog-update") is not None
    make.publish(draft, at=make.AT + 3 * DAY)

    # then
    adjustment.refresh_from_db()
    clock = clocks_of(adjustment).get()
    assert (clock.stopped_on, clock.stopped_by) == (dt.date(2026, 9, 4), "done")
    assert adjustment.closed_by_revision == draft


def test_a_revision_submitted_before_the_event_was_declared_does_not_answer_it(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    draft = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
    services.submit(revision_id=draft.pk, by=make.steward_of(city.provider), at=make.AT)
    adjustment = declare(entry.pk, make.steward_of(city.provider), on=dt.date(2026, 9, 1), at=make.AT + DAY)

    # when
    services.pass_review(revision_id=draft.pk, by=make.officer_over(city.provider), at=make.AT + 2 * DAY)
    by = make.government_approver_over(city.provider)
    services.approve(revision_id=draft.pk, by=by, at=make.AT + 2 * DAY)

    # then
    adjustment.refresh_from_db()
    assert adjustment.closed_at is None
    assert running(adjustment, "catalog-update") is not None


def test_the_days_with_agency_reviewer_and_government_are_kept_apart(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    steward, officer = make.steward_of(city.provider), make.officer_over(city.provider)
    adjustment = declare(entry.pk, steward, on=dt.date(2026, 9, 1), at=make.AT)
    draft = services.revise(entry_id=entry.pk, by=steward, at=make.AT)

    # when
    services.submit(revision_id=draft.pk, by=steward, at=make.AT + 2 * DAY)
    services.send_back(revision_id=draft.pk, by=officer, at=make.AT + 3 * DAY, reasons="请补充。")
    services.submit(revision_id=draft.pk, by=steward, at=make.AT + 4 * DAY)
    services.pass_review(revision_id=draft.pk, by=officer, at=make.AT + 6 * DAY)
    by = make.government_approver_over(city.provider)
    services.approve(revision_id=draft.pk, by=by, at=make.AT + 9 * DAY)

    # then
    clock = clocks_of(adjustment).get()
    held = [(one.agency, one.since_on.day, one.until_on.day) for one in clock.holdings.all()]
    assert held == [
        (city.provider, 1, 3),
        (city.authority, 3, 4),
        (city.provider, 4, 5),
        (city.authority, 5, 7),
        (city.government, 7, 10),
    ]
    assert (clock.owed_by, clock.generation) == (city.provider, 1)


def test_the_authority_may_start_the_clock_a_stranger_may_not(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)

    # when
    adjustment = declare(entry.pk, make.officer_over(city.provider), on=dt.date(2026, 9, 1), at=make.AT)

    # then
    assert running(adjustment, "catalog-update") is not None
    with pytest.raises(NotAllowed):
        declare(entry.pk, make.steward_of(city.requester), on=dt.date(2026, 9, 1), at=make.AT)
    assert CatalogAdjustment.objects.count() == 1


def test_a_draft_needs_no_declared_event(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider)

    # when, then
    with pytest.raises(WrongState):
        declare(revision.entry_id, make.steward_of(city.provider), on=dt.date(2026, 9, 1), at=make.AT)
    assert not CatalogAdjustment.objects.exists()


def test_changed_data_runs_a_service_target_until_new_data_is_gathered(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider, rows=make.ROWS)
    steward = make.steward_of(city.provider)
    adjustment = declare(entry.pk, steward, on=dt.date(2026, 9, 1), at=make.AT, kind="data")
    clock = running(adjustment, "data-change")
    assert clock is not None
    assert not clock.statutory

    # when
    make.gather(entry, make.ROWS[:2], at=make.AT + DAY)

    # then
    assert running(adjustment, "data-change") is None
    adjustment.refresh_from_db()
    assert adjustment.closed_at == make.AT + DAY


def test_a_withdrawal_answers_what_was_declared(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    steward = make.steward_of(city.provider)
    adjustment = declare(entry.pk, steward, on=dt.date(2026, 9, 1), at=make.AT, kind="function")

    # when
    services.withdraw(entry_id=entry.pk, by=steward, at=make.AT + DAY, reasons="职能划转。")

    # then
    assert running(adjustment, "catalog-update") is None
