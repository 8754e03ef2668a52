"""Reading rules, the calendar and clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Q, QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import held
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.counting import WEEKDAYS, Calendar, Day, DueDay, due_day, show, years_for
from guiyang_data.statute.deadlines import KINDS, NEAR_DAYS
from guiyang_data.statute.holidays import fixed_holidays
from guiyang_data.statute.law import REGULATION, Unit
from guiyang_data.statute.models import CalendarDay, CalendarYear, Clock, PeriodRule

IN_FORCE = REGULATION.article("第三十三条")


def calendar(years: Iterable[int], *, instead: Mapping[int, Mapping[dt.date, Day]] | None = None) -> Calendar:
    """The calendar of ``years``: the loaded notices, and the fixed holidays for a year without one.

    ``instead``: whole years as a proposal has them, in place of what is loaded.
    """
    wanted = frozenset(years)
    proposed = {year: days for year, days in (instead or {}).items() if year in wanted}
    loaded = frozenset(CalendarYear.objects.filter(year__in=wanted - set(proposed)).values_list("year", flat=True))
    days = {
        day: Day(working=working, name=name)
        for day, working, name in CalendarDay.objects.filter(year__in=loaded).values_list("day", "working", "name")
    }
    for year in wanted - loaded - set(proposed):
        days.update(fixed_holidays(year))
    for changed in proposed.values():
        days.update(changed)
    return Calendar(days=days, official=loaded | set(proposed), years=wanted)


def loaded_days(year: int) -> dict[dt.date, Day]:
    """What the loaded arrangement of a year says of single days; empty where its notice is not loaded."""
    rows = CalendarDay.objects.filter(year=year).values_list("day", "working", "name")
    return {day: Day(working=working, name=name) for day, working, name in rows}


def calendar_years() -> QuerySet[CalendarYear]:
    """The years whose arrangement is loaded, the newest first."""
    return CalendarYear.objects.select_related("loaded_by").order_by("-year")


def rule_in_force(kind: str, on: dt.date) -> PeriodRule:
    """The version of a kind's rule in force on the day a clock starts.

    Raises ``RuleBroken`` for a day before the regulation was in force (第三十三条).
    """
    rules = PeriodRule.objects.filter(kind=kind, in_force_from__lte=on)
    rule = rules.filter(Q(in_force_to=None) | Q(in_force_to__gt=on)).order_by("-in_force_from").first()
    if rule is None:
        raise RuleBroken(
            f"{show(on)}没有施行中的期限规则（《条例》自2017年5月1日起施行）。请核对日期，您填写的内容没有丢失。",
            basis=IN_FORCE,
        )
    return rule


def rules_on(on: dt.date) -> dict[str, PeriodRule]:
    """The version of every kind's rule in force on a day, by kind."""
    rules = PeriodRule.objects.filter(Q(in_force_to=None) | Q(in_force_to__gt=on), in_force_from__lte=on)
    return {rule.kind: rule for rule in rules.order_by("in_force_from")}


def rule_versions() -> QuerySet[PeriodRule]:
    """Every version of every rule, the older first."""
    return PeriodRule.objects.order_by("kind", "in_force_from")


def newer_rule(rule: PeriodRule, on: dt.date) -> PeriodRule | None:
    """The version in force on a day where it is a later one than ``rule``: a running clock stays on its own."""
    later = PeriodRule.objects.filter(kind=rule.kind, in_force_from__gt=rule.in_force_from, in_force_from__lte=on)
    return later.order_by("-in_force_from").first()


def count(rule: PeriodRule, on: dt.date, *, by: Calendar | None = None) -> DueDay:
    """The due day of a clock that starts on ``on`` under ``rule``, by the calendar as loaded or by another."""
    return due_day(
        start=on,
        unit=Unit(rule.unit),
        length=rule.length,
        basis=rule.basis,
        calendar=by or calendar(years_for(on, rule.length)),
        starts=KINDS[rule.kind].starts or "起算日",
    )


def expected_due_day(kind: str, start: dt.date) -> DueDay:
    """The due day a clock of ``kind`` would have if it started on ``start``, with the steps that lead to it."""
    return count(rule_in_force(kind, start), start)


def clocks_of(obj: models.Model | str) -> QuerySet[Clock]:
    """Every clock of a case, the running ones first."""
    clocks = Clock.objects.filter(subject=subject_of(obj)).select_related("owed_by", "rule")
    return clocks.order_by(models.F("stopped_on").asc(nulls_first=True), "due_on", "id")


def running(obj: models.Model | str, kind: str) -> Clock | None:
    """The running clock of a kind on a case."""
    return clocks_of(obj).filter(kind=kind, stopped_on=None).first()


def running_clocks(objects: Iterable[models.Model | str]) -> QuerySet[Clock]:
    """The running clocks of several cases."""
    return Clock.objects.filter(subject__in=[subject_of(obj) for obj in objects], stopped_on=None)


def owed_by(user: User) -> QuerySet[Clock]:
    """Every running clock that ``user`` owes: by the roles held in the owing agencies, soonest first."""
    kinds: dict[int, set[str]] = {}
    for agency, role in held(user):
        kinds.setdefault(agency, set()).update(kind.code for kind in KINDS.values() if Role(role) in kind.owed_by_roles)
    mine = Q(pk__in=[])
    for agency, codes in kinds.items():
        mine |= Q(owed_by=agency, kind__in=sorted(codes))
    clocks = Clock.objects.filter(mine, stopped_on=None)
    return clocks.select_related("owed_by", "rule").order_by("due_on", "id")


def in_order(pks: Iterable[int]) -> list[Clock]:
    """Clocks with what a list shows of them, in the order of these ids, which an index alone has put in order."""
    wanted = list(pks)
    rows = Clock.objects.select_related("owed_by", "rule").in_bulk(wanted)
    return [rows[pk] for pk in wanted if pk in rows]


def standings(today: dt.date, *, of: str = "due_on") -> dict[str, Q]:
    """How what runs stands on ``today`` (``late``, ``near``, ``on_time``) as conditions over the date field ``of``."""
    near = today + dt.timedelta(days=NEAR_DAYS)
    return {
        "late": Q((f"{of}__lt", today)),
        "near": Q((f"{of}__range", (today, near))),
        "on_time": Q((f"{of}__gt", near)),
    }


def standing_of(due_on: dt.date, today: dt.date) -> str:
    """How what runs until ``due_on`` stands on ``today``: ``late``, ``near`` or ``on_time``."""
    left = (due_on - today).days
    return "late" if left < 0 else "near" if left <= NEAR_DAYS else "on_time"


def counts_by_kind(running: QuerySet[Clock], today: dt.date) -> dict[str, dict[str, int]]:
    """How many running clocks of each kind stand how; one query. Kinds that do not occur are left out."""
    counts: dict[str, dict[str, int]] = {}
    for kind, due_on, number in running.order_by().values_list("kind", "due_on").annotate(Count("pk")):
        of_kind = counts.setdefault(kind, dict.fromkeys(standings(today), 0))
        of_kind[standing_of(due_on, today)] += number
    return counts


@dataclass(frozen=True, kw_only=True)
class ClockFace:
    """A clock as a page shows it. ``days``: left, or late, or the number of the day on which it was met."""

    kind: str
    state: str
    days: int
    due_on: dt.date
    due_text: str
    headline: str
    detail: str
    article: str
    statutory: bool
    provisional: bool
    provisional_reason: str
    why_url: str
    owed_by: str


def face(clock: Clock, today: dt.date) -> ClockFace:
    """How ``clock`` stands on ``today``."""
    state, days, headline = _standing(clock, today)
    kind = clock.definition
    due = clock.due_on
    length = length_text(clock.rule)
    start = f"{_day(clock.started_on, today)}{kind.starts.removesuffix('之日')}"
    return ClockFace(
        kind=clock.kind,
        state=state,
        days=days,
        due_on=due,
        due_text=f"{_day(due, today)}（周{WEEKDAYS[due.weekday()]}）24:00 前{kind.duty}",
        headline=headline,
        detail=f"{start}，{length}" if length else f"{start}，以文书载明的日期为准",
        article=clock.rule.article,
        statutory=clock.statutory,
        provisional=clock.provisional and clock.is_running,
        provisional_reason=f"{due.year} 年的放假安排尚未公布，公布后重新计算并告知。" if clock.provisional else "",
        why_url=f"/clocks/{clock.pk}/",
        owed_by=clock.owed_by.short_name,
    )


def _day(day: dt.date, today: dt.date) -> str:
    """With its year where it is half a year away or more: nobody would think of another one nearer by."""
    year = f"{day.year}年" if abs((day - today).days) > 182 else ""
    return f"{year}{day.month}月{day.day}日"


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Who held a case, from which day to which; ``until`` None: still does. ``days`` so far."""

    agency: str
    since: dt.date
    until: dt.date | None
    days: int


def hands_of(clock: Clock, on: dt.date) -> list[Hand]:
    """In whose hands the case lay, the first one first. The days together are those since the clock started."""
    end = clock.stopped_on or on
    held_by = sorted(clock.holdings.select_related("agency"), key=lambda one: one.pk)
    return [
        Hand(
            agency=one.agency.name,
            since=one.since_on,
            until=one.until_on,
            days=((one.until_on or end) - one.since_on).days,
        )
        for one in held_by
    ]


def length_text(rule: PeriodRule) -> str:
    """``10 日``, ``5 个工作日``; empty where a paper sets the day."""
    if not rule.length:
        return ""
    return f"{rule.length} 日" if rule.unit == Unit.CALENDAR else f"{rule.length} 个工作日"


def _standing(clock: Clock, today: dt.date) -> tuple[str, int, str]:
    if clock.stopped_on is not None:
        day = (clock.stopped_on - clock.started_on).days
        late = (clock.stopped_on - clock.due_on).days
        ended = {Clock.Stop.WITHDRAWN: "已撤回", Clock.Stop.SUPERSEDED: "已由其他事项接续"}.get(
            Clock.Stop(clock.stopped_by)
        )
        if late > 0:
            return "stopped_late", late, f"逾期 {late} 天，{ended or f'第 {day} 天办结'}"
        return "stopped_on_time", day, ended or (f"按时，第 {day} 天办结" if day else "按时，当天办结")
    left = (clock.due_on - today).days
    if left < 0:
        return "late", -left, f"逾期 {-left} 天"
    headline = "今天到期" if left == 0 else f"还剩 {left} 天"
    return standing_of(clock.due_on, today), left, headline


def standing(clock: Clock, today: dt.date) -> str:
    """``on_time``, ``near``, ``late``, ``stopped_on_time`` or ``stopped_late``."""
    return _standing(clock, today)[0]
