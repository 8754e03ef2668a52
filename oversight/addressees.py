"""Before whom a clock that ran out is brought, and whose breach it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import (
    authority_over,
    municipal_authority,
    municipal_government,
    superiors_of,
)
from guiyang_data.statute.models import Clock, ClockHolding

logger = logging.getLogger(__name__)

RESOLVERS: Mapping[str, Callable[[Agency], list[Agency]]] = {
    "authority-of-its-level": lambda agency: [authority_over(agency)],
    "municipal-authority": lambda agency: [municipal_authority()],
    "superiors": superiors_of,
    "municipal-government": lambda agency: [municipal_government()],
}
"""The names in ``ClockKind.escalates_to``."""


def _resolve(name: str, owing: Agency) -> list[Agency]:
    try:
        return RESOLVERS[name](owing)
    except Agency.DoesNotExist:
        # a city whose authority is not entered yet still escalates to whoever is
        logger.warning("nobody is entered as %s", name)
        return []


def addressees(clock: Clock) -> list[Agency]:
    """The agencies a clock is escalated to, each once, never the one that owes.

    Where nobody else is left (the municipal authority owes), its superiors, and at last the municipal government.
    """
    owing = clock.owed_by
    names = clock.definition.escalates_to
    if not names:
        return []
    found = {agency.pk: agency for name in names for agency in _resolve(name, owing) if agency.pk != owing.pk}
    if not found:
        found = {agency.pk: agency for agency in [*superiors_of(owing), *_resolve("municipal-government", owing)]}
        found.pop(owing.pk, None)
    return list(found.values())


class Remembered:
    """``addressees``, asked once for each agency and kind of clock. For as long as one sweep, not longer."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, tuple[str, ...]], list[Agency]] = {}

    def addressees(self, clock: Clock) -> list[Agency]:
        """The agencies a clock is escalated to."""
        key = (clock.owed_by_id, clock.definition.escalates_to)
        if key not in self._found:
            self._found[key] = addressees(clock)
        return self._found[key]


def holders_when_due(clocks: Collection[Clock]) -> dict[int, Agency]:
    """By clock, who held the case when its last day ended: after a transfer the new agency, in a review the reviewer.

    One query.
    """
    due = {clock.pk: clock.due_on for clock in clocks}
    held = {clock.pk: clock.owed_by for clock in clocks}
    for holding in ClockHolding.objects.filter(clock__in=due).select_related("agency").order_by("pk"):
        day = due[holding.clock_id]
        if holding.since_on <= day and (holding.until_on is None or holding.until_on > day):
            held[holding.clock_id] = holding.agency
    return held


def holder_now(clock: Clock) -> Agency:
    """In whose hands the case lies, or lay last."""
    holding = max(clock.holdings.all(), key=lambda one: one.pk, default=None)
    return holding.agency if holding else clock.owed_by
