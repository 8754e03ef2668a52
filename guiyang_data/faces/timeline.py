"""The timeline of a case, from its events: what, who (agency and role, never a private name), when, which article."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from guiyang_data.accounts.selectors import names_of_actors
from guiyang_data.faces.articles import short_citation
from guiyang_data.ledger.models import Event


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
    private: Collection[str] = (),
    show_private: bool = True,
    show_refused: bool = False,
) -> list[TimelineEvent]:
    """Events that have a label, oldest first. ``private`` verbs are marked, or left out of a public page."""
    shown = [
        event
        for event in events
        if event.verb in labels and (show_refused or not event.refused) and (show_private or event.verb not in private)
    ]
    names = names_of_actors({event.actor for event in shown})
    return [
        TimelineEvent(
            what=labels[event.verb] + ("（未获准）" if event.refused else ""),
            who=names.get(event.actor, ""),
            at=event.at,
            article=short_citation(event.basis),
            private=event.verb in private,
            refused=event.refused,
        )
        for event in shown
    ]
