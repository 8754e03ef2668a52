"""The timeline of a case, from its events: what, who (agency and role, never a private name), when, which article."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from guiyang_data.accounts.selectors import names_of_actors
from guiyang_data.faces.articles import short_citation
from guiyang_data.ledger.models import Event


class Reader(Enum):
    """Who reads a timeline: everyone, whoever the case is theirs (its applicant, the other side), who handles it."""

    PUBLIC = "public"
    PARTY = "party"
    OFFICE = "office"


@dataclass(frozen=True, kw_only=True)
class TimelineEvent:
    """One line of a timeline."""

    what: str
    who: str
    at: dt.datetime
    article: str
    private: bool
    refused: bool


def timeline(
    events: Iterable[Event],
    labels: Mapping[str, str],
    *,
    reader: Reader = Reader.PUBLIC,
    private: Collection[str] = (),
    inner: Collection[str] = (),
    show_refused: bool = False,
) -> list[TimelineEvent]:
    """Events that have a label, oldest first, as far as they are ``reader``'s to see.

    ``private`` verbs are left out for the public, ``inner`` ones, the steps of those who handle the case, for the
    parties too; whoever sees them sees them marked.
    """
    kept_private = {*private, *inner}
    left_out = {Reader.PUBLIC: kept_private, Reader.PARTY: set(inner), Reader.OFFICE: set[str]()}[reader]
    shown = [
        event
        for event in events
        if event.verb in labels and (show_refused or not event.refused) and event.verb not in left_out
    ]
    names = names_of_actors({event.actor for event in shown})
    return [
        TimelineEvent(
            what=labels[event.verb] + ("（未获准）" if event.refused else ""),
            who=names.get(event.actor, ""),
            at=event.at,
            article=short_citation(event.basis),
            private=event.verb in kept_private,
            refused=event.refused,
        )
        for event in shown
    ]
