"""What a clerk opens all day: the list of what is owed, and of requests, at thousands of open cases for one agency.

Asked of the web process over four connections. Peer: the list that Django's own admin draws of the same rows, both
called in this process one after the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.admin import ModelAdmin, register, site
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory

from bench import city
from bench.figures import Figure, milliseconds
from bench.load import asked
from bench.portal import cookie_of, web
from bench.processor import timed
from bench.words import TEXTS, titles
from guiyang_data.accounts.models import User
from guiyang_data.statute.models import Clock
from guiyang_data.timekeeping import today
from guiyang_data.web.views import todo
from requests_app.views.staff import WorkListPage

CONNECTIONS = 4
TARGET_MS = 150.0
PAGE_SIZE = 30
SHORT_NAME = "市交通委"


def measure(clocks: int, owed: int, requests: int, rounds: int) -> list[Figure]:
    """The 95th percentile in milliseconds of each list, over rounds of ``requests`` asked."""
    day = today()
    mine = city.agency(SHORT_NAME)
    spread = {"due": day - dt.timedelta(days=5), "spread": 21, "rung": 30}
    city.running_clocks(clocks - owed, owed_by=city.departments(without=[mine]), first=owed + 1, **spread)  # type: ignore[arg-type]
    city.running_clocks(owed, owed_by=[mine.pk], **spread)  # type: ignore[arg-type]
    city.open_requests(owed, owed_by=[mine.pk], day=day, titles=titles(owed), texts=TEXTS)
    last = -(-owed // PAGE_SIZE)
    lists = {
        "what is owed, first page": "/desk/",
        "what is owed, last page": f"/desk/?page={last}",
        "what is owed, late": "/desk/?state=late",
        "what is owed, one kind, near": "/desk/?kind=open-reply&state=near",
        "requests by due day, first page": "/desk/requests/",
        "requests by due day, last page": f"/desk/requests/?page={last}",
    }
    cookie = cookie_of(city.person("transport"))
    with web() as port:
        asked(port, list(lists.values()), connections=CONNECTIONS, number=4 * len(lists), cookie=cookie)
        figures = [_of_list(port, name, path, requests, rounds, cookie, owed) for name, path in lists.items()]
    return figures + _beside_the_admin(city.person("transport"), rounds * 10)


def _of_list(port: int, name: str, path: str, number: int, rounds: int, cookie: str, owed: int) -> Figure:
    answers = [asked(port, [path], connections=CONNECTIONS, number=number, cookie=cookie) for _round in range(rounds)]
    facts = {
        "owed": owed,
        "asked": sum(len(answer.seconds) for answer in answers),
        "refused": sum(answer.refused for answer in answers),
        "p50_ms": [milliseconds(answer.p50) for answer in answers],
    }
    values = [milliseconds(answer.p95) for answer in answers]
    return Figure(name=f"{name}, p95", unit="ms", values=values, target=TARGET_MS, facts=facts)


@register(Clock)
class _ClockList(ModelAdmin):
    list_display = ["number", "title", "kind", "started_on", "due_on", "owed_by"]
    list_select_related = ["owed_by"]
    list_per_page = PAGE_SIZE
    ordering = ["due_on", "id"]

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True


def _beside_the_admin(user: User, rounds: int) -> list[Figure]:
    mine = city.agency(SHORT_NAME)
    admin = _ClockList(Clock, site)
    user.is_staff = True
    where = {"owed_by": mine.pk, "stopped_on__isnull": "True"}
    requests = WorkListPage.as_view()
    measured = (
        ("what is owed, in this process", lambda: _body(todo, "/desk/", user, {}), False),
        ("requests by due day, in this process", lambda: _body(requests, "/desk/requests/", user, {}), False),
        ("Django admin's list of the same rows", lambda: _body(admin.changelist_view, "/admin/", user, where), True),
    )
    figures = []
    for name, act, is_peer in measured:
        values, spent = timed(act, rounds)
        figures.append(Figure(name=name, unit="ms", values=values, peer=is_peer, facts={"connections": 1, **spent}))
    return figures


def _body(view: Callable[..., Any], path: str, user: User, query: dict[str, Any]) -> bytes:
    request = RequestFactory().get(path, query)
    request.user = user
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    user.forget_roles()
    response = view(request)
    if hasattr(response, "render"):
        response.render()
    return bytes(response.content)
