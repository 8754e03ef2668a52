"""Readings that were logged without a trace: from before there were any, or by a way to read that leaves none.

The log is followed by its seals, so that none is missed; what it says of the filters is all there is, and where a
filter's value is only a hash, the reading may have touched more persons than it did, and is shown as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.models import InformationItem
from guiyang_data.ledger.followers import follow_readings
from guiyang_data.ledger.models import Access
from guiyang_data.tables.query import Filter
from sharing.identities import identifies_person
from sharing.models import ReadingTrace, SharingGrant
from sharing.tracing.writing import NAMING, Asking, name_subjects, written

NAME = "sharing-traces"
ENTRY = "catalog.catalogentry:"
GRANT = "sharing.sharinggrant:"
WHOLE = {"csv", "excel", "json"}
"""Ways to read that take every row of what was asked."""


def trace_untraced() -> int:
    """Leave the traces that are missing, by the seals of the log; returns how many rows of it were looked at."""
    return follow_readings(NAME, handle=_handle)


def _handle(rows: Sequence[Access]) -> None:
    opened = [row for row in rows if row.phase == Access.Phase.OPENED and row.resource.startswith(ENTRY)]
    traced = ReadingTrace.objects.filter(reading__in=[row.reading for row in opened])
    known = set(traced.values_list("reading", flat=True))
    opened = [row for row in opened if row.reading not in known]
    identities = _identities({int(row.resource.removeprefix(ENTRY)) for row in opened})
    conditions = _conditions({row.grant for row in opened})
    for row in opened:
        codes = identities.get(int(row.resource.removeprefix(ENTRY)), frozenset())
        if codes and row.version is not None:
            _trace(row, codes, conditions.get(row.grant, ()))


def _identities(entries: set[int]) -> dict[int, frozenset[str]]:
    """The items by which persons are found, by entry; over all of its revisions."""
    found: dict[int, set[str]] = {}
    for item in InformationItem.objects.filter(revision__entry__in=entries).select_related("revision"):
        if identifies_person(item):
            found.setdefault(item.revision.entry_id, set()).add(item.code)
    return {entry: frozenset(codes) for entry, codes in found.items()}


def _conditions(accesses: set[str]) -> dict[str, tuple[Filter, ...]]:
    """The rows that grants are cut to; they stay as they were given."""
    pks = [int(name.removeprefix(GRANT)) for name in accesses if name.startswith(GRANT)]
    grants = SharingGrant.objects.filter(pk__in=pks).values_list("pk", "row_condition")
    return {
        f"{GRANT}{pk}": tuple(Filter(one["code"], one["operator"], one["value"]) for one in said) for pk, said in grants
    }


def _trace(row: Access, identities: frozenset[str], conditions: tuple[Filter, ...]) -> None:
    kind = str(row.query.get("kind", ""))[:20]
    filters = [one for one in row.query.get("filters", []) if isinstance(one, dict)]
    naming = [one for one in filters if one.get("code") in identities and one.get("operator") in NAMING]
    indexes = [*row.query.get("subject_index", []), *(index for one in naming for index in one.get("value_index", []))]
    known = [Filter(one["code"], one["operator"], one["value"]) for one in filters if "value" in one]
    names_all = bool(indexes) and len(identities) == 1
    trace = ReadingTrace.objects.create(
        reading=row.reading,
        entry_id=int(row.resource.removeprefix(ENTRY)),
        version=row.version or 0,
        at=row.at,
        kind=kind,
        agency=row.agency,
        access=row.grant,
        case_number=row.case_number,
        names_all=names_all,
        asked="" if names_all else written(Asking(kind=kind), (*conditions, *known)),
        is_exact=len(known) == len(filters) and kind in WHOLE,
    )
    name_subjects(trace, _texts(indexes))


def _texts(indexes: list[Any]) -> list[str]:
    return [index for index in indexes if isinstance(index, str) and len(index) == 64]
