"""The numbers of the home page."""

from __future__ import annotations

import datetime as dt
from statistics import median
from typing import Any

from django.db.models import QuerySet

from catalog.models import Field
from guiyang_data.accounts.models import Region
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import face
from opendata import selectors as opening
from requests_app.selectors import published_requests
from requests_app.workflow import RequestStatus

POPULAR = ("公共停车场", "公交线路", "空气质量", "中小学名录")
"""Words offered under the search box until the city has searches of its own."""


def front_page(*, on: dt.date) -> dict[str, Any]:
    """Context of the home page on a day."""
    counts = opening.counts_by_field()
    return {
        "total": opening.total(),
        "counties": Region.objects.filter(level=Region.Level.COUNTY).count(),
        "fields": [{"code": code, "label": label, "count": counts.get(code, 0)} for code, label in Field.choices],
        "newest": opening.newest(4),
        "most_wanted": wanted(on=on, limit=4),
        "popular": POPULAR,
        "promise": promise_kept(on=on),
    }


def wanted(*, on: dt.date, limit: int) -> list[Any]:
    """Requests that wait for their answer, then what is asked and looked for most and is not open (第二十条第三款)."""
    waiting = published_requests().filter(status__in=[RequestStatus.WAITING, RequestStatus.IN_APPROVAL])
    requests = list(waiting.order_by("submitted_on", "pk")[:limit])
    clocks = {
        clock.subject: clock
        for clock in Clock.objects.select_related("owed_by", "rule").filter(
            kind="open-reply", stopped_on=None, subject__in=[subject_of(request) for request in requests]
        )
    }
    found = [
        {
            "title": request.title,
            "url": f"/requests/{request.number}/",
            "detail": f"答复中 · {face(clocks[subject_of(request)], on).headline} · {request.agency.short_name}",
        }
        for request in requests
        if subject_of(request) in clocks
    ]
    more: list[Any] = opening.most_wanted(limit)
    return [*more[: limit // 2], *found, *more[limit // 2 :]][:limit]


def promise_kept(*, on: dt.date) -> dict[str, Any]:
    """This month's open requests: received, answered, answered on time, and the median days (None without answers)."""
    first = on.replace(day=1)
    clocks = Clock.objects.filter(kind="open-reply", statutory=True)
    answered = clocks.filter(stopped_by=Clock.Stop.DONE, stopped_on__gte=first, stopped_on__lte=on)
    rows = [(stopped - started, stopped <= due) for started, stopped, due in _days(answered)]
    on_time = sum(in_time for _taken, in_time in rows)
    return {
        "received": clocks.filter(started_on__gte=first, started_on__lte=on).count(),
        "answered": len(rows),
        "on_time": on_time,
        "share": f"{100 * on_time / len(rows):.1f}%" if rows else "",
        "median_days": median(taken.days for taken, _in_time in rows) if rows else None,
    }


def _days(answered: QuerySet[Clock]) -> list[tuple[dt.date, dt.date, dt.date]]:
    rows = answered.values_list("started_on", "stopped_on", "due_on")
    return [(started, stopped, due) for started, stopped, due in rows if stopped is not None]
