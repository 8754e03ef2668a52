"""How days are counted: tables of worked days, every day of ten years, and properties."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiyang_data.statute.counting import DAY, DueDay, due_day, years_for
from guiyang_data.statute.holidays import fixed_holidays
from guiyang_data.statute.law import REGULATION, Unit
from tests.factories.statute import seeded_calendar

CALENDAR = seeded_calendar()
BASIS = REGULATION.article("第二十一条第一款")
FIRST, LAST = dt.date(2017, 1, 1), dt.date(2026, 12, 31)
SEEDED_DAYS = [FIRST + DAY * n for n in range((LAST - FIRST).days + 1)]
STARTS = st.dates(FIRST, LAST)
LENGTHS = st.integers(1, 60)


def counted(start: dt.date, length: int, unit: Unit = Unit.CALENDAR) -> DueDay:
    return due_day(start=start, unit=unit, length=length, basis=BASIS, calendar=CALENDAR)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2025-01-15", 10, "2025-01-26"),  # a Saturday rolls onto a swapped working Sunday
        ("2025-09-21", 10, "2025-10-09"),  # 1 October and the eight days of rest
        ("2026-02-05", 10, "2026-02-24"),  # the Spring Festival's nine days
        ("2026-09-30", 10, "2026-10-10"),  # ends on a swapped working Saturday: nothing rolls
        ("2026-01-31", 15, "2026-02-24"),
        ("2026-03-02", 10, "2026-03-12"),  # plain
        ("2026-03-04", 10, "2026-03-16"),  # a Saturday rolls to Monday
        ("2026-03-05", 10, "2026-03-16"),  # so does a Sunday
        ("2026-04-24", 10, "2026-05-06"),  # inside Labour Day
        ("2026-04-29", 10, "2026-05-09"),  # onto the swapped working Saturday after it
        ("2026-02-04", 10, "2026-02-14"),  # a swapped working Saturday before the Spring Festival
        ("2026-09-25", 10, "2026-10-08"),  # starts in a holiday: the start never rolls
        ("2024-02-19", 10, "2024-02-29"),  # a leap day
    ],
)
def test_a_calendar_period_ends_on_the_worked_day(start: str, length: int, due: str) -> None:
    result = counted(day(start), length)
    assert result.on == day(due)
    assert not result.provisional


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-09-30", 5, "2026-10-13"),  # a week of rest, and the swapped Saturday counts
        ("2026-02-13", 3, "2026-02-25"),  # the swapped Saturday counts, the festival does not
        ("2026-03-06", 1, "2026-03-09"),
    ],
)
def test_a_working_period_counts_working_days_only(start: str, length: int, due: str) -> None:
    assert counted(day(start), length, Unit.WORKING).on == day(due)


@pytest.mark.parametrize(("today", "late"), [("2026-10-09", False), ("2026-10-10", False), ("2026-10-11", True)])
def test_late_begins_at_midnight_after_the_due_day(today: str, late: bool) -> None:
    assert (day(today) > counted(day("2026-09-30"), 10).on) is late


def test_every_day_from_2017_to_2026_works_as_the_state_council_said() -> None:
    wrong = [one for one in SEEDED_DAYS if CALENDAR.is_working(one) != chinese_calendar.is_workday(one)]
    assert wrong == []


def test_every_swapped_working_day_falls_on_a_weekend_and_every_rest_has_a_name() -> None:
    for one, exception in CALENDAR.days.items():
        if exception.working:
            assert one.weekday() >= 5, one
        else:
            assert exception.name, one


@pytest.mark.parametrize("length", [5, 10, 15, 20])
def test_the_calendar_rule_is_never_later_than_as_many_working_days(length: int) -> None:
    until = dt.date(2026, 11, 20)
    later = [
        start
        for start in SEEDED_DAYS
        if start <= until and counted(start, length).on > counted(start, length, Unit.WORKING).on
    ]
    assert later == []


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-12-22", "2027-01-04"),  # New Year's Day is fixed, the weekend follows
        ("2027-01-26", "2027-02-09"),  # 5 February is the eve; four days of rest, then Tuesday the 9th
        ("2027-09-21", "2027-10-04"),
    ],
)
def test_a_year_without_notice_counts_fixed_holidays_and_is_provisional(start: str, due: str) -> None:
    result = counted(day(start), 10)
    assert result.on == day(due)
    assert result.provisional
    assert "暂定" in result.steps[-1].text
    assert "2027" in result.steps[-1].text


def test_the_last_days_of_december_wait_for_the_notice_of_the_new_year() -> None:
    assert not counted(day("2026-12-15"), 10).provisional  # 25 December
    assert counted(day("2026-12-20"), 10).provisional  # 30 December may still be swapped
    assert not counted(day("2018-12-17"), 10).provisional  # the notice for 2019 is there


def test_a_working_period_that_crosses_into_a_year_without_notice_is_provisional() -> None:
    result = counted(day("2026-12-28"), 5, Unit.WORKING)
    assert result.on == day("2027-01-05")
    assert result.provisional


@pytest.mark.parametrize("year", [2027, 2028, 2029, 2035, 2050])
def test_fixed_holidays_are_known_for_any_year(year: int) -> None:
    rest = fixed_holidays(year)
    names = {exception.name for exception in rest.values()}
    assert names >= {"元旦", "春节", "清明节", "劳动节", "端午节", "国庆节"}
    assert all(not exception.working and one.year == year for one, exception in rest.items())


def test_fixed_holidays_of_2027_are_the_days_of_the_lunar_year() -> None:
    names = {one.isoformat(): exception.name for one, exception in fixed_holidays(2027).items()}
    assert names["2027-02-05"] == "春节"  # the eve
    assert names["2027-02-08"] == "春节"
    assert "2027-02-09" not in names
    assert names["2027-04-05"] == "清明节"
    assert names["2027-06-09"] == "端午节"
    assert names["2027-09-15"] == "中秋节"


def test_a_day_of_a_year_that_is_not_loaded_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(KeyError):
        CALENDAR.is_working(dt.date(2031, 1, 6))


@given(start=STARTS, length=LENGTHS)
def test_a_calendar_period_ends_on_the_first_working_day_from_its_last_day_on(start: dt.date, length: int) -> None:
    due = counted(start, length).on
    last = start + DAY * length
    assert due >= last
    assert CALENDAR.is_working(due)
    assert not any(CALENDAR.is_working(last + DAY * n) for n in range((due - last).days))


@given(start=STARTS, length=LENGTHS)
def test_a_working_period_holds_exactly_its_number_of_working_days(start: dt.date, length: int) -> None:
    due = counted(start, length, Unit.WORKING).on
    inside = [start + DAY * n for n in range(1, (due - start).days + 1)]
    assert sum(CALENDAR.is_working(one) for one in inside) == length
    assert CALENDAR.is_working(due)


@given(start=STARTS, length=LENGTHS, unit=st.sampled_from(Unit))
def test_a_later_start_never_ends_sooner(start: dt.date, length: int, unit: Unit) -> None:
    assert counted(start, length, unit).on <= counted(start + DAY, length, unit).on


@given(start=STARTS, length=LENGTHS, unit=st.sampled_from(Unit))
def test_a_longer_period_never_ends_sooner(start: dt.date, length: int, unit: Unit) -> None:
    assert counted(start, length, unit).on <= counted(start, length + 1, unit).on


@given(start=STARTS, length=st.integers(1, 365), unit=st.sampled_from(Unit))
def test_the_years_asked_for_always_hold_the_due_day_and_the_notice_after_it(
    start: dt.date, length: int, unit: Unit
) -> None:
    due = counted(start, min(length, 60), unit).on
    years = years_for(start, min(length, 60))
    assert start.year in years
    assert due.year + 1 in years


@given(start=STARTS, length=LENGTHS, unit=st.sampled_from(Unit))
def test_every_count_explains_itself_with_its_basis(start: dt.date, length: int, unit: Unit) -> None:
    result = counted(start, length, unit)
    assert result.steps[0].text.endswith("当日不计入，自次日起算。")
    assert any(step.basis == BASIS for step in result.steps)
    assert any(f"{result.on.month}月{result.on.day}日" in step.text and "届满" in step.text for step in result.steps)
