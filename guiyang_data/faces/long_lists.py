"""Pages of lists as long as a city's catalogue: what lies deep in them comes as soon as what stands on top."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from guiyang_data.faces.paging import from_nearer_end

MANY = 1_000
"""From so many rows on their number may be a minute old."""
GOOD_FOR_SECONDS = 60


def counted(rows: QuerySet[Any], *, name: str = "") -> int:
    """How many rows there are; of very many, as it was within the last minute.

    ``name``: of these rows, where they are always the same: otherwise they are known by their query.
    """
    if not name:
        try:
            sql, values = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return 0
        name = hashlib.sha256(repr((sql, values)).encode()).hexdigest()
    key = f"counted:{name}"
    known = cache.get(key)
    if known is not None:
        return int(known)
    number = rows.count()
    if number >= MANY:
        cache.set(key, number, GOOD_FOR_SECONDS)
    return number


class LongPaginator(Paginator):
    """Pages of an ordered queryset of any length.

    The rows of a page are found by their ids alone, from whichever end is nearer, and only then read with all that is
    shown of them. Two queries a page, and one for the number of rows, which of very many may be a minute old.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, *, shown: QuerySet[Any]) -> None:
        """``rows``: what is looked for, in order. ``shown``: all there is of the kind, with what a page shows of it."""
        super().__init__(rows, per_page)
        self._sought, self._shown = rows, shown

    @cached_property
    def count(self) -> int:
        """How many rows there are."""
        return counted(self._sought)

    def page(self, number: int | str) -> Any:
        """One page, as a list of rows."""
        valid = self.validate_number(number)
        first = (valid - 1) * self.per_page
        pks = from_nearer_end(
            self._sought.values_list("pk", flat=True), first, min(first + self.per_page, self.count), count=self.count
        )
        found = self._shown.in_bulk(pks)
        return Page([found[pk] for pk in pks if pk in found], valid, self)
