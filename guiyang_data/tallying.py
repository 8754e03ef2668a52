"""Numbers that stand together on a page, asked for together."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def tally(*asked: QuerySet[Any]) -> list[int]:
    """How many rows each has, in one query; of those that are cut off, how many are left."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in asked:
        counted = rows if rows.query.is_sliced else rows.order_by().values("pk")
        try:
            sql, given = counted.query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")  # noqa: S608
            values.extend(given)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return [int(number) for number in cursor.fetchone()]
