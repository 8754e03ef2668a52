"""Rows locked for an act, always the entry before its revisions, and what several acts do alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from catalog.models import CatalogEntry, EntryRevision
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.services import command_line_account
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import Actor, NamedActor, record
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from guiyang_data.statute.workflow import Workflow

GONE = "没有找到这份目录，或者您不能查看。请返回目录清单重新选择。"


def day_of(at: dt.datetime) -> dt.date:
    """The day of a moment in Asia/Shanghai, where the regulation applies."""
    return timezone.localdate(at)


def principal_of(by: User | NamedActor, agency: Agency, *, at: dt.datetime) -> User:
    """Whose account bears an act: the person's or system's own, or the agency's for the operator of the portal."""
    return by if isinstance(by, User) else command_line_account(by=by, agency=agency, at=at)


def lock_entry(entry_id: int, *, receiving: bool = False) -> CatalogEntry:
    """The entry, locked until the transaction ends, with its provider.

    ``receiving``: batches are still received for it meanwhile; otherwise PostgreSQL lets no row be added that refers to
    it. Then what is in force and its current data are read beside it.
    """
    beside = ("provider", "in_force", "current_data") if receiving else ("provider",)
    locked = CatalogEntry.objects.select_for_update(of=("self",), no_key=receiving).select_related(*beside)
    found = locked.filter(pk=entry_id).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def lock_revision(revision_id: int) -> EntryRevision:
    """The revision and its entry, locked until the transaction ends."""
    entry_id = EntryRevision.objects.filter(pk=revision_id).values_list("entry", flat=True).first()
    if entry_id is None:
        raise NotSeen(GONE)
    entry = lock_entry(entry_id)
    people = ("category", "compiled_by", "reviewed_by")
    revision = EntryRevision.objects.select_for_update(of=("self",)).select_related(*people).get(pk=revision_id)
    revision.entry = entry
    return revision


def note(
    revision: EntryRevision,
    verb: str,
    workflow: Workflow,
    *,
    by: Actor,
    at: dt.datetime,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Append the act to the entry's chain, with the number of the revision it was about."""
    record(
        revision.entry,
        verb,
        by=by,
        at=at,
        basis=workflow[verb].basis,
        payload={"revision": revision.number, **(payload or {})},
    )


def stop_clock(obj: Any, kind: str, *, by: Actor, at: dt.datetime, cause: str = Clock.Stop.DONE) -> None:
    """Stop the running clock of a kind, where one runs."""
    clocks.stop(obj, kind, on=day_of(at), at=at, by=by, cause=cause)
