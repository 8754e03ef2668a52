"""What helps to decide an application: its items with grade and sensitivity, and what was granted or refused before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from catalog.models import InformationItem
from sharing.models import SharingApplication, SharingGrant
from sharing.workflow import ApplicationStatus, GrantStatus

SHOWN = 5
"""Earlier grants, and replies, beside each application."""


@dataclass(frozen=True, kw_only=True)
class AskedItem:
    """An item that was applied for. ``item`` None: it is in the catalogue no more."""

    code: str
    item: InformationItem | None

    @property
    def is_delicate(self) -> bool:
        """Whether it may identify or harm somebody, or is graded above the first level."""
        item = self.item
        return item is not None and (item.sensitivity != item.Sensitivity.NONE or item.grade > item.Grade.ONE)


@dataclass(kw_only=True)
class Help:
    """Beside one application. ``grants``: running ones of the provider's to the same agency; ``replies``: to anybody's
    applications for the same data; ``waiting``: what else the same agency waits for of it."""

    items: list[AskedItem]
    grants: list[SharingGrant] = field(default_factory=list)
    replies: list[SharingApplication] = field(default_factory=list)
    waiting: list[SharingApplication] = field(default_factory=list)

    @property
    def delicate(self) -> int:
        """How many of the items are delicate."""
        return sum(asked.is_delicate for asked in self.items)


def helps_for(cases: Sequence[SharingApplication]) -> dict[int, Help]:
    """The help for each application by its id; four queries, however many there are.

    ``cases`` with ``entry__in_force``.
    """
    helps = {case.pk: Help(items=asked) for case, asked in zip(cases, _asked_items(cases), strict=True)}
    replies = _by(_replies(cases), lambda row: row.entry_id)
    waiting = _by(_waiting(cases), lambda row: (row.entry_id, row.requester_id))
    grants = _by(_grants(cases), lambda row: (row.entry.provider_id, row.grantee_id))
    for case in cases:
        beside = helps[case.pk]
        beside.replies = [row for row in replies.get(case.entry_id, []) if row.pk != case.pk]
        beside.waiting = [row for row in waiting.get((case.entry_id, case.requester_id), []) if row.pk != case.pk]
        beside.grants = grants.get((case.provider_id, case.requester_id), [])
    return helps


def _by(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _asked_items(cases: Sequence[SharingApplication]) -> Iterable[list[AskedItem]]:
    revisions = {case.entry.in_force_id for case in cases if case.entry.in_force_id}
    found: dict[tuple[int, str], InformationItem] = {}
    for item in InformationItem.objects.filter(revision__in=revisions):
        found[item.revision_id, item.code] = item
    for case in cases:
        revision = case.entry.in_force_id or 0
        yield [AskedItem(code=code, item=found.get((revision, code))) for code in case.items]


def _replies(cases: Sequence[SharingApplication]) -> QuerySet[SharingApplication]:
    rows = SharingApplication.objects.filter(entry__in={case.entry_id for case in cases}).exclude(outcome="")
    return _newest(rows.select_related("requester"), "replied_at", "entry")


def _waiting(cases: Sequence[SharingApplication]) -> QuerySet[SharingApplication]:
    rows = SharingApplication.objects.filter(
        entry__in={case.entry_id for case in cases},
        requester__in={case.requester_id for case in cases},
        status=ApplicationStatus.SUBMITTED,
    )
    return _newest(rows, "submitted_at", "entry", "requester")


def _grants(cases: Sequence[SharingApplication]) -> QuerySet[SharingGrant]:
    rows = SharingGrant.objects.filter(
        entry__provider__in={case.provider_id for case in cases},
        grantee__in={case.requester_id for case in cases},
        status=GrantStatus.ACTIVE,
    )
    return _newest(rows.select_related("entry", "source"), "granted_at", "entry__provider", "grantee")


def _newest(rows: QuerySet[Any], by: str, *among: str) -> QuerySet[Any]:
    """The newest few ``among`` those that have these in common."""
    place = Window(RowNumber(), partition_by=[F(name) for name in among], order_by=[F(by).desc(), F("pk").desc()])
    return rows.annotate(place=place).filter(place__lte=SHOWN).order_by(f"-{by}", "-pk")
