"""A page of a list whose length is known already, so that it is not counted again."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property


class CountedPaginator(Paginator):
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: Any, size: int, *, count: int) -> None:
        super().__init__(rows, size)
        self._counted = count

    @cached_property
    def count(self) -> int:
        return self._counted


def page_of(rows: Any, *, count: int, number: str | None, size: int) -> Page[Any]:
    """The page that an address asks for; the first or the last where there is no such page.

    ``rows``: a query in a total order. ``count``: how many it has.
    """
    return CountedPaginator(rows, size, count=count).get_page(number)
