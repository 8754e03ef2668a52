"""Before whom a clock that ran out is brought, and whose breach it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from django.db.models import Q

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import (
    authority_over,
    municipal_authority,
    municipal_government,
    superiors_of,
)
from guiyang_data.statute.models import Clock

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


def holder_when_due(clock: Clock) -> Agency:
    """Who held the case when its last day ended: after a transfer the new agency, in a review the reviewer."""
    held = clock.holdings.filter(since_on__lte=clock.due_on).filter(Q(until_on=None) | Q(until_on__gt=clock.due_on))
    holding = held.select_related("agency").order_by("-pk").first()
    return holding.agency if holding else clock.owed_by


def holder_now(clock: Clock) -> Agency:
    """In whose hands the case lies, or lay last."""
    holding = max(clock.holdings.all(), key=lambda one: one.pk, default=None)
    return holding.agency if holding else clock.owed_by
