"""Versions of an entry's rows: numbered, pinned for readers, compared with the one before."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import duckdb

from catalog.models import CatalogEntry, DataVersion, InformationItem
from catalog.selectors import columns_of
from catalog.services.quality import note_quality
from guiyang_data.personal import masked
from guiyang_data.tables.alike import alike_keys
from guiyang_data.tables.columns import Column
from guiyang_data.tables.comparing import NotCompared, compare

logger = logging.getLogger(__name__)

PATIENCE = dt.timedelta(minutes=10)
GIVEN_UP = dt.timedelta(days=1)
MOST_AT_ONCE = 20
MOST_SHOWN = 4
"""Keys of a group that look alike."""
Sensitivity = InformationItem.Sensitivity


def add_version(entry: CatalogEntry, **facts: Any) -> DataVersion:
    """The entry's next version, numbered on from the last; the entry is locked."""
    last = entry.data_versions.order_by("-number").values_list("number", flat=True).first()
    return DataVersion.objects.create(entry=entry, number=(last or 0) + 1, **facts)


def pin_readers(entry: CatalogEntry, version: DataVersion) -> bool:
    """Readers move on only to what fits the items in force, and never back to an older version."""
    fits = entry.in_force is not None and entry.in_force.layout == version.layout
    newer = entry.current_data is None or entry.current_data.table_version < version.table_version
    if not (fits and newer):
        return False
    entry.current_data = version
    entry.save(update_fields=["current_data"])
    note_quality(entry)
    return True


def note_difference(version: DataVersion) -> None:
    """Compare a version with the one numbered before it and keep what was found; safe to repeat.

    Readers have their rows already: where the comparison fails or is cut short, the sweep has it made again.
    """
    before = version.entry.data_versions.filter(number=version.number - 1).select_related("revision").first()
    if before is None or version.rows_added is not None or version.is_outdated:
        return
    columns = columns_of(version.revision)
    keys = _keys(columns)
    same = keys if keys == _keys(columns_of(before.revision)) else []
    try:
        found = compare(version.entry.table, before.table_version, version.table_version, columns=columns, keys=same)
    except NotCompared:
        logger.exception("version %s was not compared", version.pk)
        return
    version.rows_added, version.rows_removed, version.rows_changed = found.added, found.removed, found.changed
    version.save(update_fields=["rows_added", "rows_removed", "rows_changed"])


def note_alike(version: DataVersion) -> None:
    """Keep of a version that a load made which of its keys look alike: most likely one row stands there twice.

    It is told and nothing else: the keys are different, and which of them is wrong only its provider knows.
    """
    if version.is_outdated:
        return
    try:
        found = alike_keys(version.entry.table, version.table_version, columns=columns_of(version.revision))
    except (OSError, duckdb.Error):
        logger.exception("keys of version %s were not compared", version.pk)
        return
    if found.number:
        is_personal = version.revision.items.filter(is_key=True).exclude(sensitivity=Sensitivity.NONE).exists()
        shown = [[masked(key) if is_personal else key for key in keys[:MOST_SHOWN]] for keys in found.first]
        version.alike = {"number": found.number, "first": shown}
        version.save(update_fields=["alike"])


def _keys(columns: list[Column]) -> list[str]:
    return [column.code for column in columns if column.is_key]


def left_uncompared(at: dt.datetime) -> list[int]:
    """Versions whose comparison was cut short, of the last day: given up after that, and the list says so."""
    left = DataVersion.objects.filter(rows_added=None, number__gt=1, made_at__range=(at - GIVEN_UP, at - PATIENCE))
    return list(left.order_by("-made_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
