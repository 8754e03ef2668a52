"""Thousands of new rows in one transaction, where writing the statement costs more than the rows themselves."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)

MANY = 50
"""From so many rows on they are copied into PostgreSQL; fewer are inserted by a statement written once a process."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_many(rows: Iterable[Row]) -> list[Row]:
    """Insert new rows of one model and give them their ids, as ``bulk_create`` does, for less of the processor.

    Their order is kept. Values are taken as they stand in the objects: texts, numbers, truth, days, moments with their
    zone. JSON alone goes through its field. No row may have an id yet; what a constraint refuses raises
    ``IntegrityError``.
    """
    made = list(rows)
    if not made:
        return []
    meta = made[0]._meta
    if len(made) < MANY:
        _insert(meta, made)
        return made
    if connection.vendor != "postgresql":
        return list(type(made[0])._default_manager.bulk_create(made))
    for row, pk in zip(made, _reserved(meta, len(made)), strict=True):
        row.pk = pk
    _copy(meta, made)
    for row in made:
        row._state.adding, row._state.db = False, connection.alias
    return made


def _insert(meta: Any, rows: Sequence[models.Model]) -> None:
    fields = meta.local_concrete_fields
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in fields
        if not field.primary_key
    ]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(type(rows[0]), len(rows)), values)
        pks = [pk for (pk,) in cursor.fetchall()]
    for row, pk in zip(rows, pks, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias


@lru_cache
def _insertion(model: type[models.Model], number: int) -> str:
    """The statement for so many rows, which both databases understand: written once a process."""
    quote, meta = connection.ops.quote_name, model._meta
    columns = [quote(str(field.column)) for field in meta.local_concrete_fields if not field.primary_key]
    row = f"({', '.join(['%s'] * len(columns))})"
    values = ", ".join([row] * number)
    # the columns and the table are the model's own
    return (
        f"INSERT INTO {quote(meta.db_table)} ({', '.join(columns)}) VALUES {values} "  # noqa: S608
        f"RETURNING {quote(str(meta.pk.column))}"
    )


def _reserved(meta: Any, number: int) -> list[int]:
    """So many ids that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(meta.db_table), meta.pk.column, number],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _copy(meta: Any, rows: Sequence[models.Model]) -> None:
    columns = ", ".join(connection.ops.quote_name(field.column) for field in meta.concrete_fields)
    names = [field.attname for field in meta.concrete_fields]
    encoders = {field.attname: field.encoder for field in meta.concrete_fields if isinstance(field, models.JSONField)}
    lines = io.StringIO()
    for row in rows:
        given = dict(row.__dict__)
        for name, encoder in encoders.items():
            given[name] = json.dumps(given[name], cls=encoder, ensure_ascii=False)
        lines.write("\t".join([_written(given[name]) for name in names]) + "\n")
    lines.seek(0)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {connection.ops.quote_name(meta.db_table)} ({columns}) FROM STDIN", lines)


def _written(value: object) -> str:
    """One value as COPY reads it."""
    return "\\N" if value is None else str(value).translate(_ESCAPES)
