"""What waits for somebody by its clock: which cases these are, and a page of them by due day."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest

from guiyang_data.faces.paging import page_of
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import in_order


def pk_of(clock: Clock) -> int:
    """The id of the case that a clock is about."""
    return int(clock.subject.rpartition(":")[2])


def cases_of(clocks: QuerySet[Clock]) -> list[int]:
    """The ids of the cases of these clocks."""
    return [pk_of(clock) for clock in clocks.order_by().only("subject").select_related(None)]


def page_of_clocks(clocks: QuerySet[Clock], request: HttpRequest, *, size: int) -> tuple[Page[int], Sequence[Clock]]:
    """The page that the address asks for, and its clocks."""
    pks = clocks.values_list("pk", flat=True)
    page = page_of(pks, count=clocks.count(), number=request.GET.get("page"), size=size)
    return page, in_order(page.object_list)
