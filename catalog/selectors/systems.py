"""Reading information systems and their interfaces: lists, standings, and how each day went (第十条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from catalog.deadlines import SHOWN_DAYS
from catalog.models import InformationSystem, Interface, InterfaceDay
from catalog.workflow import InterfaceStatus, SystemStatus


def systems_listed(systems: QuerySet[InformationSystem]) -> QuerySet[InformationSystem]:
    """Systems with what a list shows: ``held`` resources, ``offered`` interfaces, how many of these are ``broken``."""
    offered = Interface.objects.filter(system=OuterRef("pk")).exclude(status=InterfaceStatus.ENDED)
    holds = InformationSystem.entries.through.objects.filter(informationsystem=OuterRef("pk"))
    return systems.select_related("agency").annotate(
        held=_number_of(holds, "informationsystem"),
        offered=_number_of(offered, "system"),
        broken=_number_of(offered.filter(outcome__in=Interface.BROKEN), "system"),
    )


def _number_of(rows: QuerySet[Any], key: str) -> Coalesce:
    counted = rows.order_by().values(key).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def offered_interfaces(interfaces: QuerySet[Interface]) -> QuerySet[Interface]:
    """Interfaces that systems in use offer now, with what a list shows; their documents stay where they are."""
    offered = interfaces.filter(system__status=SystemStatus.IN_USE).exclude(status=InterfaceStatus.ENDED)
    return offered.select_related("system__agency", "contract").defer("contract__content", "header_encrypted")


GRAVEST_FIRST = ("unavailable", "deviating", "unchecked", "reachable", "conforming")


def gravest_first(interfaces: QuerySet[Interface]) -> QuerySet[Interface]:
    """The broken ones on top, those longest so before the others."""
    places = [When(outcome=outcome, then=Value(place)) for place, outcome in enumerate(GRAVEST_FIRST)]
    grave = Case(*places, default=Value(len(places)), output_field=IntegerField())
    return interfaces.annotate(grave=grave).order_by("grave", "outcome_since", "system__agency__code", "pk")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many interfaces stand how: ``good`` keep to their documents, ``reachable`` answer and no more is known."""

    total: int
    good: int
    reachable: int
    deviating: int
    unavailable: int
    unchecked: int
    paused: int

    @property
    def broken(self) -> int:
        """Those that somebody has to mend."""
        return self.deviating + self.unavailable


def _counts() -> dict[str, Count]:
    outcome = Interface.Outcome
    conditions = {
        "good": Q(outcome=outcome.CONFORMING),
        "reachable": Q(outcome=outcome.REACHABLE),
        "deviating": Q(outcome=outcome.DEVIATING),
        "unavailable": Q(outcome=outcome.UNAVAILABLE),
        "unchecked": Q(outcome=outcome.UNCHECKED),
        "paused": Q(status=InterfaceStatus.PAUSED),
    }
    return {"total": Count("pk")} | {name: Count("pk", filter=filter_) for name, filter_ in conditions.items()}


def standing_of(interfaces: QuerySet[Interface]) -> Standing:
    """How interfaces stand altogether; one query."""
    return Standing(**interfaces.order_by().aggregate(**_counts()))


def standing_by_agency(interfaces: QuerySet[Interface]) -> list[tuple[int, str, Standing]]:
    """How the interfaces of each agency stand: ``(id, short name, standing)``, those with most broken first."""
    agency = ("system__agency", "system__agency__short_name")
    rows = [
        (row.pop(agency[0]), row.pop(agency[1]), Standing(**row))
        for row in interfaces.order_by().values(*agency).annotate(**_counts())
    ]
    return sorted(rows, key=lambda row: (-row[2].broken, -row[2].total, row[0]))


@dataclass(frozen=True, kw_only=True)
class DayMark:
    """One day of an interface's history. ``state``: good, deviating, unavailable (the gravest of the day), or none."""

    day: dt.date
    state: str
    checks: int
    failed: int


def histories(interfaces: Iterable[Interface], on: dt.date) -> dict[int, list[DayMark]]:
    """The last ``SHOWN_DAYS`` days of each interface, the oldest first; one query for any number."""
    first = on - dt.timedelta(days=SHOWN_DAYS - 1)
    wanted = [interface.pk for interface in interfaces]
    days = InterfaceDay.objects.filter(interface__in=wanted, day__range=(first, on))
    found = {(row.interface_id, row.day): row for row in days}
    span = [first + dt.timedelta(days=number) for number in range(SHOWN_DAYS)]
    return {pk: [_mark(day, found.get((pk, day))) for day in span] for pk in wanted}


def _mark(day: dt.date, row: InterfaceDay | None) -> DayMark:
    if row is None or not row.total:
        return DayMark(day=day, state="none", checks=0, failed=0)
    state = "unavailable" if row.unavailable else "deviating" if row.deviating else "good"
    return DayMark(day=day, state=state, checks=row.total, failed=row.unavailable + row.deviating)
