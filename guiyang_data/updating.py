"""Rows written together, each with values of its own, where one statement for all costs more than one for each."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, models


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the fields ``names`` of rows of one model, as ``bulk_update`` does, by one short statement for each row.

    ``bulk_update`` puts a case for every row and field into one statement: some hundred rows of a dozen fields take
    Django and PostgreSQL longer to read than to write. Whoever calls this has locked the rows.
    """
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    told = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)  # type: ignore[union-attr]
    # the columns and the table are the model's own
    sql = f"UPDATE {quote(meta.db_table)} SET {told} WHERE {quote(str(meta.pk.column))} = %s"  # noqa: S608
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]  # type: ignore[union-attr]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
