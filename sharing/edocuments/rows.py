"""The row that a document says: found by its key, and held against the rows that a right gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.models import CatalogEntry, DataVersion, EntryRevision
from catalog.selectors import columns_of
from guiyang_data.accounts.protection import decrypt, encrypt
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.faces.text import cell_text
from guiyang_data.personal import is_resident_id
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import BadFilter, Filter, UnknownColumn, query
from sharing.edocuments.codes import row_key_index
from sharing.edocuments.workflow import AS_THE_ORIGINAL
from sharing.identities import identifies_person, normal
from sharing.models import EDocument
from sharing.rights import Scope, shape_of

NO_KEY = "这一目录条目没有设主键，不能由数据签发。请在目录中设定主键，或者登记已有的文件。"


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One row of a version. ``key``: its key as text by code; ``values``: all of it by code, in their types.

    ``persons``: the identity numbers in it.
    """

    version: DataVersion
    key: dict[str, str]
    values: dict[str, Any]
    persons: tuple[str, ...]


def key_columns(revision: EntryRevision) -> list[Column]:
    """The columns that tell one row from another."""
    return [column for column in columns_of(revision) if column.is_key]


def readable_version(entry: CatalogEntry) -> DataVersion:
    """The data in force; WrongState where there is none, or it is frozen."""
    if entry.frozen_at is not None:
        raise WrongState("这一目录条目的数据已被冻结，暂时不能签发。解除冻结后可以照常办理。", basis=AS_THE_ORIGINAL)
    if entry.current_data is None:
        raise WrongState(
            "这一目录条目还没有汇聚数据，不能由数据签发。数据入库后再签发，或者登记已有的文件。", basis=AS_THE_ORIGINAL
        )
    return entry.current_data


def find_row(entry: CatalogEntry, revision: EntryRevision, key: Mapping[str, str]) -> SourceRow:
    """The one row that ``key`` (text by code) names in the data in force. Raises RuleBroken at its field."""
    version, wanted = readable_version(entry), key_columns(revision)
    if not wanted:
        raise RuleBroken(NO_KEY, basis=AS_THE_ORIGINAL)
    missing = {column.code: f"请填写{column.name}。" for column in wanted if not str(key.get(column.code, "")).strip()}
    if missing:
        raise RuleBroken("".join(missing.values()), basis=AS_THE_ORIGINAL, fields=missing)
    filters = [Filter(column.code, "eq", str(key[column.code]).strip()) for column in wanted]
    page = query(entry.table, version.table_version, columns=columns_of(revision), filters=filters, limit=2)
    if len(page.rows) != 1:
        several, none = "主键不唯一，数据中有多行。", "数据中没有这一行。请核对主键；刚更新的数据，入库后再签发。"
        message = several if page.rows else none
        raise RuleBroken(message, basis=AS_THE_ORIGINAL, fields={wanted[0].code: message})
    values = dict(zip(page.codes, page.rows[0], strict=True))
    found = {column.code: cell_text(values[column.code]) for column in wanted}
    named = [values[item.code] for item in revision.items.all() if identifies_person(item)]
    persons = tuple(cell_text(value) for value in named if value is not None)
    return SourceRow(version=version, key=found, values=values, persons=persons)


def written_key(key: Mapping[str, str]) -> bytes:
    """A row's key as JSON, the same for equal keys."""
    return orjson.dumps(dict(key), option=orjson.OPT_SORT_KEYS)


def sealed_key(key: Mapping[str, str]) -> tuple[str, str]:
    """A row's key as it is kept: encrypted, and the keyed hash that finds it."""
    text = written_key(key)
    return encrypt(text.decode()), row_key_index(text)


def covers(scope: Scope, document: EDocument) -> bool:
    """Whether a right shows all that the document says: its entry, each of its items, and its row.

    Where a right's rows are limited, a document that comes from no row cannot be held against that limit.
    """
    if scope.entry.pk != document.entry_id or set(document.items) - {column.code for column in scope.columns}:
        return False
    if not scope.conditions:
        return True
    if not document.row_key_encrypted or document.version is None:
        return False
    return bool(_row_of(document, document.version, scope.condition_columns, (), scope.conditions))


# --- whom it names -----------------------------------------------------------------------------------


def numbers_of_persons(holder_id: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """The identity numbers that a document is about: its holder's, where that is a person, and those in its row."""
    holder = normal(holder_id)
    return tuple(dict.fromkeys([*([holder] if is_resident_id(holder) else []), *map(normal, others)]))


def holders_of(document: EDocument) -> tuple[str, ...]:
    """Identity numbers of whom a list of documents shows: the holder, else whoever its row names."""
    return numbers_of_persons(_holder_id(document)) or persons_of(document)


def persons_of(document: EDocument) -> tuple[str, ...]:
    """Identity numbers of all whom the document names, by its holder and by the row of the version it came from."""
    return numbers_of_persons(_holder_id(document), _persons_in_row(document))


def _holder_id(document: EDocument) -> str:
    return decrypt(document.holder_id_encrypted) if document.holder_id_encrypted else ""


def _persons_in_row(document: EDocument) -> list[str]:
    if not document.row_key_encrypted or document.version is None:
        return []
    revisions = [one for one in (document.entry.in_force, document.version.revision) if one is not None]
    shapes = [shape_of(revision) for revision in revisions]
    identities = sorted({code for shape in shapes for code in shape.identities})
    if not identities:
        return []
    columns = {column.code: column for shape in shapes for column in shape.columns}
    return [
        cell_text(value)
        for row in _row_of(document, document.version, list(columns.values()), identities)
        for value in row
        if value is not None
    ]


def _row_of(
    document: EDocument,
    version: DataVersion,
    columns: Sequence[Column],
    selected: Sequence[str],
    conditions: Sequence[Filter] = (),
) -> Sequence[Sequence[Any]]:
    """The document's row in the version it was issued from, where it passes; none where its items are others by now."""
    key = orjson.loads(decrypt(document.row_key_encrypted))
    try:
        found = query(
            document.entry.table,
            version.table_version,
            columns=columns,
            selected=selected or list(key),
            filters=[Filter(code, "eq", value) for code, value in key.items()],
            row_condition=conditions,
            limit=1,
        )
    except (UnknownColumn, BadFilter):
        return []
    return found.rows
