"""From a stored plan to the desensitization library: columns, what was detected, the secret for pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from catalog.models import CatalogEntry, EntryRevision
from catalog.selectors import columns_of
from guiyang_data.accounts.protection import keys
from guiyang_data.detection import Detected, detect
from guiyang_data.tables.columns import ROW, Column, DataType
from guiyang_data.tables.query import query
from guiyang_data.tables.reading_rows import open_version
from opendata.desensitize.plan import Plan, make_plan, quoted
from opendata.desensitize.risk import RiskReport, measure
from opendata.desensitize.techniques import literal

SAMPLE = 500
PERSONAL = {"direct", "quasi"}
STILL_ONE = {"keep", "pseudonym"}
"""Techniques after which different values are different still."""


def secret_of(entry: CatalogEntry) -> str:
    """The key of an entry's pseudonyms: stable over its versions, different from any other entry's.

    The first key of personal data there was makes them: published pseudonyms stay what they are when the key changes.
    """
    message = f"pseudonym:{entry.resource_code}".encode()
    return hmac.new(keys()[-1].encode(), message, hashlib.sha256).hexdigest()


def detect_items(revision: EntryRevision, table: Path, version: int | None) -> dict[str, Detected]:
    """What each item holds: what its steward marked first, then what a sample of the rows shows."""
    columns = columns_of(revision)
    sample = query(table, version, columns=columns, limit=SAMPLE).rows if version is not None else []
    found: dict[str, Detected] = {}
    for place, item in enumerate(revision.items.all()):
        held = detect(item.name, [None if row[place] is None else str(row[place]) for row in sample])
        if item.sensitivity in PERSONAL and (held is None or held.kind != "direct"):
            held = Detected(kind=item.sensitivity, what=held.what if held else item.name, by="目录")
        if held is not None:
            found[item.code] = held
    return found


def plan_of(
    entry: CatalogEntry,
    columns: Sequence[Column],
    techniques: Mapping[str, Mapping[str, Any]],
    detected: Mapping[str, Any],
) -> Plan:
    """The plan as the library knows it. Raises the library's ``PlanError``."""
    return make_plan(
        [(column.name, column.code, column.data_type.value) for column in columns],
        techniques,
        detected={code: Detected(**values) for code, values in detected.items()},
        key=secret_of(entry),
    )


def selection(plan: Plan, columns: Sequence[Column]) -> list[tuple[Column, str]]:
    """Columns of the published version with the expression that makes each; lengths and lists of codes are dropped."""
    keys = {column.code: column.is_key for column in columns}
    return [
        (
            Column(
                name=planned.name,
                code=planned.code,
                data_type=DataType(planned.technique.result_type(planned.data_type)),
                is_key=keys[planned.code] and planned.technique.code == "keep",
            ),
            expression,
        )
        for planned, expression in plan.selection()
    ]


def looked_up(plan: Plan, revision: EntryRevision) -> list[str]:
    """Codes of the published columns of which one value stands for one subject: as it was, or as its pseudonym."""
    singling = {item.code for item in revision.items.all() if item.singles_out}
    return [
        one.code for one in plan.columns if one.code in singling and one.is_open and one.technique.code in STILL_ONE
    ]


def measure_risk(plan: Plan, table: Path, version: int) -> RiskReport:
    """The risk that is left in the rows once the plan is carried out, measured on all of them."""
    with open_version(table, version) as opened:
        made = ", ".join(f"{expression} AS {quoted(column.code)}" for column, expression in plan.selection())
        relation = f"(SELECT {made} FROM rows)"  # noqa: S608  the library's own expressions
        return measure(
            opened.connection,
            relation,
            quasi=[quoted(column.code) for column in plan.columns if column.is_quasi],
            direct_left=any(column.leaves_identifier for column in plan.columns),
            personal=plan.personal,
        )


def preview(plan: Plan, table: Path, version: int, *, rows: int = 5) -> list[dict[str, tuple[str, str | None]]]:
    """The first rows before and after: by column code, (value, what becomes of it; None where it is left out)."""
    expressions = {column.code: expression for column, expression in plan.selection()}
    made = ", ".join(
        f"CAST({quoted(column.code)} AS VARCHAR), CAST({expressions.get(column.code, 'NULL')} AS VARCHAR)"
        for column in plan.columns
    )
    with open_version(table, version) as opened:
        try:
            found = opened.connection.execute(f"SELECT {made} FROM rows LIMIT ?", [rows]).fetchall()  # noqa: S608
        except duckdb.ConversionException:
            return []
    return [
        {
            column.code: (row[2 * n] or "", _shown(row[2 * n + 1]) if column.code in expressions else None)
            for n, column in enumerate(plan.columns)
        }
        for row in found
    ]


def _shown(value: str | None) -> str | None:
    """A whole number without the zero that makes it a double."""
    return re.sub(r"^(-?\d+)\.0$", r"\1", value) if value else value


def still_plain(plan: Plan, table: Path, version: int) -> dict[str, str]:
    """Direct identifiers of which the plan leaves some value just as it is, by code (a too long truncation)."""
    judged = [
        (column, expression)
        for column, expression in plan.selection()
        if column.detected is not None and column.detected.kind == "direct"
    ]
    if not judged:
        return {}
    tests = ", ".join(
        f"count(*) FILTER (CAST({expression} AS VARCHAR) = CAST({quoted(column.code)} AS VARCHAR) "
        f"AND NOT regexp_full_match(CAST({quoted(column.code)} AS VARCHAR), '\\**'))"
        for column, expression in judged
    )
    with open_version(table, version) as opened:
        counts = opened.connection.execute(f"SELECT {tests} FROM rows").fetchall()[0]  # noqa: S608
    return {column.code: column.name for (column, _sql), count in zip(judged, counts, strict=True) if count}


def order_of(plan: Plan, entry: CatalogEntry) -> str | None:
    """How the published rows are ordered: shuffled where a place in the file could tell a person."""
    if not any(column.is_open and column.detected is not None for column in plan.columns):
        return None
    return f"md5(CAST({ROW} AS VARCHAR) || {literal(secret_of(entry))})"
