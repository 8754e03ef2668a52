"""A page of a list whose length is known already, so that it is not counted again."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class CountedPaginator(Paginator):
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: QuerySet[Any], size: int, *, count: int) -> None:
        super().__init__(rows, size)
        self._rows, self._counted = rows, count

    @cached_property
    def count(self) -> int:
        return self._counted

    def page(self, number: int | str) -> Page[Any]:
        """One page, as a list of rows."""
        valid = self.validate_number(number)
        first = (valid - 1) * self.per_page
        rows = from_nearer_end(self._rows, first, min(first + self.per_page, self.count), count=self.count)
        return Page(rows, valid, self)


def from_nearer_end(rows: QuerySet[Any], first: int, end: int, *, count: int) -> list[Any]:
    """The rows ``first`` to ``end`` of ``count``, in a total order, read from whichever end of it is nearer."""
    if first <= count // 2:
        return list(rows[first:end])
    return list(rows.reverse()[count - end : count - first])[::-1]


def page_of(rows: QuerySet[Any], *, count: int, number: str | None, size: int) -> Page[Any]:
    """The page that an address asks for; the first or the last where there is no such page.

    ``rows``: a query in a total order. ``count``: how many it has.
    """
    return CountedPaginator(rows, size, count=count).get_page(number)
