"""What everybody opens: the staff's list of the catalogue, the public catalogues, their filters and their search.

Asked of the web process over eight connections. Lists as long as these are written once for all who see the same, and
anew after every event; pages that nobody asked for before tell what that costs. How many queries each page costs is
counted in this process, for a page of few rows and for one of many.
"""

from __future__ import annotations

import random
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import catalogue_rows, city
from bench.figures import Figure, milliseconds
from bench.load import asked
from bench.portal import cookie_of, web
from guiyang_data.accounts.models import User

CONNECTIONS = 8
TARGET_MS = 100.0
PAGE_SIZE = 30
WORDS = ("停车场", "公厕", "空气监测", "养老机构", "共享单车")


def measure(entries: int, requests: int, rounds: int) -> list[Figure]:
    """The 95th percentile in milliseconds of each list, over rounds of ``requests`` asked."""
    steward = city.person("transport")
    in_force = catalogue_rows.entries(entries, agencies=city.departments(), person=steward)
    last = max(in_force // PAGE_SIZE, 1)
    anywhere = random.sample(range(1, last + 1), last)
    searches = [quote(word) for word in WORDS]
    staff = {
        "staff, first page": ["/desk/catalog/"],
        "staff, last page": [f"/desk/catalog/?page={last}"],
        "staff, a field": ["/desk/catalog/?field=medical"],
        "staff, drafts": ["/desk/catalog/?standing=draft"],
        "staff, search": [f"/desk/catalog/?q={word}" for word in searches],
        "staff, pages not asked for before": [f"/desk/catalog/?page={page}" for page in anywhere],
    }
    public = {
        "public, first page": ["/catalog/sharing/"],
        "public, last page": [f"/catalog/sharing/?page={last}"],
        "public, a field": ["/catalog/open/?field=medical"],
        "public, search": [f"/catalog/sharing/?q={word}" for word in searches],
        "public, pages not asked for before": [f"/catalog/sharing/?page={page}" for page in anywhere],
    }
    facts = {"entries": entries, "in_force": in_force}
    cookie = cookie_of(steward)
    with web() as port:
        return [
            _of_list(port, name, paths, requests, rounds, signed, facts | {"queries": _queries(paths[0], who)})
            for lists, signed, who in ((staff, cookie, steward), (public, "", None))
            for name, paths in lists.items()
        ]


def _of_list(
    port: int, name: str, paths: list[str], number: int, rounds: int, cookie: str, facts: dict[str, int]
) -> Figure:
    asked(port, paths, connections=CONNECTIONS, number=2 * CONNECTIONS, cookie=cookie)
    answers = []
    for turn in range(1, rounds + 1):
        turned = _from(paths, turn * number)
        answers.append(asked(port, turned, connections=CONNECTIONS, number=number, cookie=cookie))
    counted = {
        "asked": sum(len(answer.seconds) for answer in answers),
        "refused": sum(answer.refused for answer in answers),
        "p50_ms": [milliseconds(answer.p50) for answer in answers],
    }
    values = [milliseconds(answer.p95) for answer in answers]
    return Figure(name=f"{name}, p95", unit="ms", values=values, target=TARGET_MS, facts=facts | counted)


def _from(paths: list[str], first: int) -> list[str]:
    """The same paths, another one in front, so that a round asks for what no earlier one did where there are enough."""
    place = first % len(paths)
    return paths[place:] + paths[:place]


def _queries(path: str, user: User | None) -> int:
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    client.get(path)  # the first request of a session writes it
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
