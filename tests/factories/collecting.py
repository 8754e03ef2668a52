"""Entries that two agencies collect for, made by the acts themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile

from catalog import services
from catalog.models import CatalogEntry, CoCollection, EntryRevision, Load
from catalog.services import ItemSpec
from guiyang_data.accounts.models import Agency, User
from tests.factories import catalog as make
from tests.factories.catalog import AT, ITEMS, steward_of
from tests.remembering import remembered

OWN = ("线路编号", "线路名称")
OTHERS = ("长度", "开通日期")


def items(collector: Agency) -> list[ItemSpec]:
    """The usual items, of which ``collector`` collects length (which must be filled) and the day of opening."""
    others = {"length": {"required": True}, "opened": {}}
    return [
        replace(item, collector_id=collector.pk, **others[item.code]) if item.code in others else item for item in ITEMS
    ]


@remembered
def draft(lead: Agency, collector: Agency, **arguments: Any) -> EntryRevision:
    """A reviewed draft, of which nobody was asked yet."""
    return make.reviewed_draft(lead, items=items(collector), **arguments)


@remembered
def asked(lead: Agency, collector: Agency, **arguments: Any) -> CoCollection:
    """A draft of which the other agency was asked."""
    revision = draft(lead, collector, **arguments)
    (one,) = services.ask_co_collection(revision_id=revision.pk, by=steward_of(lead), at=AT)
    return one


@remembered
def confirmed(lead: Agency, collector: Agency, **arguments: Any) -> EntryRevision:
    """A draft of which the other agency has agreed."""
    one = asked(lead, collector, **arguments)
    services.decide_co_collection(co_collection_id=one.pk, agreed=True, by=steward_of(collector), at=AT)
    return EntryRevision.objects.get(pk=one.revision_id)


@remembered
def in_force(lead: Agency, collector: Agency, **arguments: Any) -> CatalogEntry:
    """A published entry that two agencies collect for."""
    revision = make.publish(confirmed(lead, collector, **arguments))
    return CatalogEntry.objects.get(pk=revision.entry_id)


def part_of(rows: Sequence[Mapping[str, str]], names: Sequence[str]) -> list[dict[str, str]]:
    """The key and some columns of rows."""
    wanted = dict.fromkeys(("线路编号", *names))
    return [{name: row[name] for name in wanted} for row in rows]


@remembered
def land(
    entry: CatalogEntry,
    by: User,
    rows: Sequence[Mapping[str, str]],
    *,
    at: dt.datetime = AT,
    mode: str = "upsert",
    **more: Any,
) -> Load:
    """Land a CSV of one agency's part."""
    file = ContentFile(make.csv_bytes(rows), name="数据.csv")
    return services.land_file(entry_id=entry.pk, uploaded=file, by=by, at=at, mode=mode, **more)


@remembered
def gather(entry: CatalogEntry, by: User, rows: Sequence[Mapping[str, str]], *, at: dt.datetime = AT) -> Load:
    """Land and load one agency's part."""
    return services.run_load(land(entry, by, rows, at=at).pk, at=at)
