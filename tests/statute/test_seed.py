"""What the migrations plant."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from guiyang_data.errors import RuleBroken
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.models import CalendarDay, CalendarYear, PeriodRule
from guiyang_data.statute.selectors import calendar, expected_due_day, rule_in_force
from tests.factories.statute import load_notice, plant_seed, seeded_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_every_kind_of_clock_has_its_rule_as_the_law_has_it() -> None:
    rules = {rule.kind: rule for rule in PeriodRule.objects.all()}
    assert set(rules) == set(KINDS)
    for code, kind in KINDS.items():
        assert (rules[code].length, rules[code].unit) == (kind.period.length, kind.period.unit.value)
        assert str(rules[code].basis) == str(kind.period.basis)
        assert rules[code].statutory is kind.period.statutory


def test_the_lengths_of_the_statutory_clocks_are_those_of_the_regulation() -> None:
    lengths = {rule.kind: (rule.length, rule.unit) for rule in PeriodRule.objects.filter(statutory=True)}
    assert lengths == {
        "catalog-update": (15, "calendar"),
        "sharing-reply": (10, "calendar"),
        "open-reply": (10, "calendar"),
        "review-result": (10, "calendar"),
        "rectification": (0, "calendar"),
    }


def test_the_calendar_of_2017_to_2026_is_there_and_planting_again_changes_nothing() -> None:
    assert list(CalendarYear.objects.values_list("year", flat=True)) == list(range(2017, 2027))
    before = list(CalendarDay.objects.values_list("day", "working", "name"))
    plant_seed()
    assert list(CalendarDay.objects.values_list("day", "working", "name")) == before


def test_the_database_gives_the_same_calendar_as_the_file() -> None:
    loaded = calendar(range(2017, 2029))
    assert loaded.days == seeded_calendar().days
    assert loaded.official == frozenset(range(2017, 2027))


def test_a_loaded_notice_takes_the_place_of_the_fixed_holidays() -> None:
    assert expected_due_day("open-reply", dt.date(2026, 12, 23)).provisional
    load_notice(2027, rest=(dt.date(2027, 1, 1),), work=(dt.date(2027, 1, 2),))
    due = expected_due_day("open-reply", dt.date(2026, 12, 23))
    assert due.on == dt.date(2027, 1, 2)
    assert not due.provisional


def test_a_rule_that_changed_counts_for_starts_from_its_day_on() -> None:
    changes_on = dt.date(2026, 7, 1)
    old = rule_in_force("open-reply", changes_on)
    old.in_force_to = changes_on
    old.save()
    new = PeriodRule.objects.create(
        kind="open-reply",
        unit="working",
        length=7,
        statutory=True,
        instrument=old.instrument,
        article=old.article,
        in_force_from=changes_on,
    )
    assert rule_in_force("open-reply", changes_on - dt.timedelta(1)) == old
    assert rule_in_force("open-reply", changes_on) == new


def test_a_day_before_the_regulation_has_no_rule_and_is_refused_kindly() -> None:
    with pytest.raises(RuleBroken, match="2017年5月1日"):
        rule_in_force("catalog-update", dt.date(2017, 4, 30))
    assert rule_in_force("catalog-update", dt.date(2017, 5, 1)).length == 15


def test_the_seed_can_be_taken_back_and_planted_again() -> None:
    migration = import_module("guiyang_data.statute.migrations.0002_seed")
    editor = SimpleNamespace(connection=connection)
    before = list(PeriodRule.objects.order_by("kind").values_list("kind", "length", "unit"))
    days = CalendarDay.objects.count()
    migration.uproot(apps, editor)
    assert not PeriodRule.objects.exists()
    assert not CalendarDay.objects.exists()
    assert not CalendarYear.objects.exists()
    migration.plant(apps, editor)
    assert list(PeriodRule.objects.order_by("kind").values_list("kind", "length", "unit")) == before
    assert CalendarDay.objects.count() == days
