"""Reading what is late: the board, its lists, what a sweep would fire."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Principal
from guiyang_data.statute.deadlines import KINDS, NEAR_DAYS
from guiyang_data.statute.ladder import OVERDUE, due_steps
from guiyang_data.statute.models import Clock, ClockHolding, Rung
from oversight import policies
from oversight.addressees import addressees, holder_now
from oversight.models import Escalation, Finding, RectificationOrder, SweepRun
from oversight.workflow import ACTIVE

ACTIVE_STATES = [status.value for status in ACTIVE]


def last_sweep_at() -> dt.datetime | None:
    """When the last finished sweep ended."""
    runs = SweepRun.objects.filter(finished_at__isnull=False)
    return runs.order_by("-finished_at").values_list("finished_at", flat=True).first()


@dataclass(frozen=True, kw_only=True)
class Firing:
    """A rung that will fire: its day, its clock, what it is called, and who hears of it."""

    on: dt.date
    number: str
    title: str
    kind: str
    rung: str
    label: str
    owed_by: str
    to: tuple[str, ...]
    basis: str
    provisional: bool


def rung_label(rung: str) -> str:
    """``还剩 3 天提醒``, ``逾期``, ``逾期满 2 周``."""
    if rung == OVERDUE:
        return "逾期"
    name, _dash, number = rung.rpartition("-")
    return f"还剩 {number} 天提醒" if name == "reminder" else f"逾期满 {number} 周"


def dry_run(until: dt.date) -> list[Firing]:
    """Every rung that sweeps would fire by ``until`` if nothing were done before then, by day. Fires nothing."""
    due = Clock.objects.filter(next_rung_on__lte=until).select_related("owed_by", "rule")
    by_clock: dict[int, list[Rung]] = defaultdict(list)
    for row in Rung.objects.filter(clock__in=due, withdrawn_at=None):
        by_clock[row.clock_id].append(row)
    firings: list[Firing] = []
    for clock in due:
        fired = {
            row.rung for row in by_clock[clock.pk] if row.generation == clock.generation or row.due_on == clock.due_on
        }
        waiting, _next = due_steps(
            started_on=clock.started_on, due_on=clock.due_on, today=until, fired=fired, stopped_on=clock.stopped_on
        )
        to = tuple(agency.short_name for agency in addressees(clock)) if any(step.legal for step in waiting) else ()
        firings += [
            Firing(
                on=step.on,
                number=clock.number,
                title=clock.title,
                kind=clock.kind,
                rung=step.rung,
                label=rung_label(step.rung),
                owed_by=clock.owed_by.short_name,
                to=to if step.legal else (),
                basis=str(clock.rule.basis),
                provisional=clock.provisional,
            )
            for step in waiting
        ]
    return sorted(firings, key=lambda firing: (firing.on, firing.number, firing.rung))


def _with_hands(lookup: str) -> Prefetch:
    return Prefetch(lookup, queryset=ClockHolding.objects.select_related("agency").order_by("pk"))


def escalations_in_sight(user: Principal) -> QuerySet[Escalation]:
    """Escalations ``user`` may see, the longest late first, with what a list shows."""
    seen = policies.visible_escalations(user, Escalation.objects.all())
    related = seen.select_related("clock__owed_by", "clock__rule", "to_agency")
    return (
        related.prefetch_related(_with_hands("clock__holdings"))
        .annotate(urged=Count("urgings"))
        .order_by("clock__due_on", "clock_id", "id")
    )


def findings_in_sight(user: Principal) -> QuerySet[Finding]:
    """Findings ``user`` may see, newest first."""
    seen = policies.visible_findings(user, Finding.objects.all())
    related = seen.select_related(
        "clock__owed_by", "clock__rule", "complaint__complaint", "complaint__agency", "agency"
    )
    return related.order_by("-drafted_at", "-id")


def orders_in_sight(user: Principal) -> QuerySet[RectificationOrder]:
    """Orders ``user`` may see, newest first."""
    seen = policies.visible_orders(user, RectificationOrder.objects.all())
    related = seen.select_related("agency", "ordered_by_agency", "finding__clock", "finding__complaint__complaint")
    return related.select_related("recommendation").order_by("-ordered_at", "-id")


@dataclass(frozen=True, kw_only=True)
class LateCase:
    """A line of the board: a case that ran out and is not dealt with."""

    clock: Clock
    days: int
    hands: str
    still_running: bool
    urged: int
    escalation: Escalation
    may_urge: bool


def late_cases(user: Principal, on: dt.date) -> list[LateCase]:
    """Cases in sight that ran out and are not dealt with, the longest late first, each once."""
    active = escalations_in_sight(user).filter(status__in=ACTIVE_STATES)
    by_clock: dict[int, list[Escalation]] = defaultdict(list)
    for escalation in active:
        by_clock[escalation.clock_id].append(escalation)
    judge = policies.Urger.of(user)
    return sorted(
        (_late_case(rows, judge, on) for rows in by_clock.values()),
        key=lambda case: (-case.days, case.clock.pk),
    )


def _late_case(rows: list[Escalation], judge: policies.Urger, on: dt.date) -> LateCase:
    # the one addressed to the reader's own agency is the one they act on
    chosen = next((row for row in rows if row.to_agency_id in judge.agencies), rows[0])
    clock = chosen.clock
    return LateCase(
        clock=clock,
        days=chosen.days_late(on),
        hands=hands(clock, on),
        still_running=clock.is_running,
        urged=sum(row.urged for row in rows),  # type: ignore[attr-defined]
        escalation=chosen,
        may_urge=judge.may_urge(chosen),
    )


def hands(clock: Clock, on: dt.date) -> str:
    """In whose hands a case lies: the agency that owes, and who holds it for how long where that is another."""
    holder = holder_now(clock)
    owing = clock.owed_by.short_name
    if holder.pk == clock.owed_by_id:
        return owing
    since = max(holding.since_on for holding in clock.holdings.all())
    return f"{owing}（在{holder.short_name} {((clock.stopped_on or on) - since).days} 天）"


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The numbers on top of the board. ``late`` counts statutory periods by kind; targets stand apart."""

    late: int
    late_by_kind: tuple[tuple[str, int], ...]
    late_targets: int
    near: int
    near_agencies: int


def overview(user: Principal, on: dt.date) -> Overview:
    """What is late and what is near in the reader's sight."""
    running = policies.visible_clocks(user, Clock.objects.filter(stopped_on=None))
    late = Counter(running.filter(statutory=True, due_on__lt=on).values_list("kind", flat=True))
    near = running.filter(statutory=True, due_on__gte=on, due_on__lte=on + dt.timedelta(days=NEAR_DAYS))
    near_agencies = list(near.values_list("owed_by", flat=True))
    return Overview(
        late=sum(late.values()),
        late_by_kind=tuple((kind.label, late[kind.code]) for kind in KINDS.values() if late[kind.code]),
        late_targets=running.filter(statutory=False, due_on__lt=on).count(),
        near=len(near_agencies),
        near_agencies=len(set(near_agencies)),
    )


def supervised_name(user: Principal) -> str:
    """What the board is called: the city, the county, or the agency whose subordinates it shows."""
    seen = policies.sight(user)
    if seen.everywhere:
        return "全市情况"
    agencies = Agency.objects.filter(pk__in=seen.agencies).select_related("region").order_by("level", "pk")
    first = agencies.first()
    if first is None:
        return "监督"
    return f"{first.region.name}情况" if seen.regions else f"{first.short_name}下级机关情况"
