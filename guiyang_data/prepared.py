"""Single rows that every call of a system asks for: their query is written and planned once, not at every call.

To put a query of ten joined tables into SQL costs Django more than the row, and so does its plan PostgreSQL. What is
asked stays a queryset; kept are the text of its SQL, how its columns become objects, and, for each connection to
PostgreSQL, its plan. The rows are fresh every time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection, models
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=models.Model)

_numbers = itertools.count(1)
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""The statements that each connection to PostgreSQL knows by name."""


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A query with one value as text, and what its columns become."""

    sql: str
    name: str
    least: float
    most: float
    model: type[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    own: slice
    names: Sequence[str]
    related: Sequence[Any]


class PreparedRow(Generic[Row]):
    """The one row with a value in a unique field, with all that its queryset reads beside it in the same query."""

    def __init__(self, rows: Callable[[], models.QuerySet[Row]], *, by: str, kind: type[int] | type[str]) -> None:
        """``rows``: of which one is wanted, with ``select_related`` and ``only``, and no values of its own.

        ``by``: the unique field; ``kind``: of its values.
        """
        self._rows, self._by, self._kind = rows, by, kind
        self._written: _Written | None = None

    def get(self, value: int | str) -> Row | None:
        """The row as it is now; None where there is none. ValueError, TypeError where the value is of another kind."""
        written = self._written
        if written is None:
            self._written = written = self._write()
        asked = self._kind(value)
        if isinstance(asked, int) and not written.least <= asked <= written.most:
            return None  # the engines refuse to compare it
        found = _ask(written, asked)
        if found is None:
            return None
        row = list(found)
        for place, converters, expression in written.converters:
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        made: Row = written.model.from_db(connection.alias, written.names, row[written.own])
        for populator in written.related:
            populator.populate(row, made)
        return made

    def _write(self) -> _Written:
        rows = self._rows().filter(**{self._by: self._kind(0)}).order_by()
        compiler = rows.query.get_compiler(using=connection.alias)
        sql, values = compiler.as_sql()
        if len(values) != 1:
            raise ValueError("the queryset has values of its own")
        own = compiler.klass_info["select_fields"]
        least, most = self._bounds(rows.model)
        columns = [column for column, _sql, _alias in compiler.select]
        converters = compiler.get_converters(columns)
        return _Written(
            sql=sql,
            name=f"guiyang_{next(_numbers)}",
            least=least,
            most=most,
            model=compiler.klass_info["model"],
            converters=[(place, *found) for place, found in converters.items()],
            own=slice(own[0], own[-1] + 1),
            names=[columns[place].target.attname for place in own],
            related=get_related_populators(compiler.klass_info, compiler.select, connection.alias),  # type: ignore[call-arg]
        )

    def _bounds(self, model: type[Row]) -> tuple[float, float]:
        """Between which numbers the engine compares the field with one."""
        if self._kind is str:
            return -inf, inf
        field = model._meta.pk if self._by == "pk" else model._meta.get_field(self._by)
        least, most = connection.ops.integer_field_range(field.get_internal_type())
        return -inf if least is None else least, inf if most is None else most


def _ask(written: _Written, value: int | str) -> Sequence[Any] | None:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(written.sql, [value])
        else:
            known = _planned.setdefault(connection.connection, set())
            if written.name not in known:
                cursor.execute(f"PREPARE {written.name} AS {written.sql % '$1'}")
                known.add(written.name)
            cursor.execute(f"EXECUTE {written.name} (%s)", [value])
        found: Sequence[Any] | None = cursor.fetchone()
    return found
