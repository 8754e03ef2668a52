"""Private parts of requests and reviews: who reads them, and that nobody else does at any address (第二十一条)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from requests_app.selectors import similar_to
from requests_app.suggesting import suggested_agencies
from tests.architecture.matrix.tables import Row, rows
from tests.architecture.matrix.world import NOW, World, build
from tests.caching import forget
from tests.factories.accounts import bearer, system
from tests.security.canaries import (
    ALL,
    CASE,
    CONTACT,
    FOLLOWER,
    TITLE,
    Cases,
    found_in,
    found_in_clear,
    plant,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.xdist_group("private-parts")]

READING = [row for row in rows() if row.method == "GET"]
OF_CASES = [row for row in READING if row.route.startswith("requests_app")]
APPLICANTS = {f"applicant's {what}" for what in CONTACT | CASE}
CONTACTS = {owner for owner in ALL if owner.split()[-1] in {"name", "mail", "phone"} and "paper" not in owner}
ASKED_WITH = [
    "/requests/?q={q}",
    "/requests/feed/?q={q}",
    "/requests/export.csv?q={q}",
    "/requests/export.xlsx?q={q}",
    "/requests/export.json?q={q}",
    "/requests/?state=open",
    "/requests/?state=refused&standing=replied_on_time",
    "/requests/new/similar/?title={q}",
    "/requests/new/similar/?title={q}&description={q}",
    "/search/?q={q}",
    "/api/v1/requests/?q={q}",
    "/api/v1/requests/?search={q}&page_size=100",
    "/api/v1/reviews/",
    "/reviews/",
    "/data/?q={q}",
    "/api/v1/open/datasets/?q={q}",
    "/requests/statistics.csv",
]
"""Addresses that answer differently to different words."""


@dataclass(kw_only=True)
class Walk:
    """The city with the planted cases, and how to go through it as somebody; ``met``: how often it came by a case."""

    world: World
    cases: Cases
    outside: dict[str, str]
    met: int = 0

    def visitor(self, name: str) -> Client:
        client = Client(raise_request_exception=False)
        if name not in {"anonymous", "another agency's system"}:
            client.force_login(self.world.people[name])
        return client

    def addresses(self, chosen: list[Row]) -> Iterator[str]:
        for row in chosen:
            if row.route == "admin:-":
                continue
            route = row.route.replace("admin:*_", "admin:accounts_user_")
            yield reverse(route, kwargs=self.world.things[row.key])
        for name, key in (
            ("requests_app:review", "canary-decided"),
            ("requests_app-api:review", "canary-decided"),
            ("requests_app:work-review", "canary-decided"),
            ("requests_app:paper", "canary-paper"),
            ("requests_app:request", "replied"),
            ("requests_app:receipt", "replied"),
            ("requests_app:receipt-pdf", "replied"),
            ("requests_app-api:request", "replied"),
            ("requests_app:work-request", "replied"),
        ):
            yield reverse(name, kwargs=self.world.things[key])
        for kind in ("csv", "xlsx", "json"):
            yield reverse("requests_app:export", kwargs={"kind": kind})
        yield from (address.format(q=quote(TITLE)) for address in ASKED_WITH)

    def seen(self, name: str, chosen: list[Row]) -> dict[str, set[str]]:
        """Whose words stand where, for this visitor."""
        client, found = self.visitor(name), {}
        headers = self.outside if name == "another agency's system" else {}
        for address in self.addresses(chosen):
            forget()
            point = transaction.savepoint()
            said = text_of(client.get(address, **headers))
            transaction.savepoint_rollback(point)
            self.met += TITLE in said
            if owners := found_in(said):
                found[address] = owners
        return found


@pytest.fixture(scope="module")
def walk(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Walk]:
    """Made once; all of it is taken back at the end."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        world = build()
        outside = bearer(system(world.town.requester, "外单位系统"))
        yield Walk(world=world, cases=plant(world), outside=outside)
        transaction.set_rollback(True)


@pytest.mark.parametrize("address", ASKED_WITH)
def test_the_addresses_that_are_asked_with_words_exist(walk: Walk, address: str) -> None:
    assert walk.visitor("anonymous").get(address.format(q=quote(TITLE))).status_code == 200


@pytest.mark.parametrize("name", ["anonymous", "citizen", "stranger", "county", "another agency's system"])
def test_nobody_outside_a_case_reads_a_private_part_at_any_address(walk: Walk, name: str) -> None:
    chosen = [row for row in READING if row.is_api] if name == "another agency's system" else READING
    walk.met = 0
    assert walk.seen(name, chosen) == {}
    # and the cases were there to be read: pages, list, feed, files, search, suggestions, API
    assert walk.met >= (5 if name == "another agency's system" else 20)


@pytest.mark.parametrize("name", ["supervisor", "municipal", "government"])
def test_who_supervises_a_case_does_not_read_who_filed_it(walk: Walk, name: str) -> None:
    for address, owners in walk.seen(name, OF_CASES).items():
        assert owners & CONTACTS == set(), address


def test_the_reviewer_reads_who_objects_and_not_who_had_asked(walk: Walk) -> None:
    seen = set().union(*walk.seen("reviewer", OF_CASES).values())
    assert {"objector's name", "objector's mail", "objector's phone", "objector's reasons"} <= seen
    assert seen & {f"applicant's {what}" for what in CONTACT} == set()


def test_the_applicant_reads_all_of_their_own_and_nothing_of_others(walk: Walk) -> None:
    seen = set().union(*walk.seen("applicant", OF_CASES).values())
    assert APPLICANTS - {f"applicant's {what}" for what in CONTACT} <= seen
    assert seen <= APPLICANTS


def test_the_agency_reads_whom_it_answers_and_its_own_draft(walk: Walk) -> None:
    seen = set().union(*walk.seen("steward", OF_CASES).values())
    assert APPLICANTS | {"agency's draft"} <= seen
    assert not any(owner.startswith(("objector's", "follower's")) and owner in CONTACTS for owner in seen)


@pytest.mark.parametrize("word", sorted(ALL.values()))
def test_a_private_word_finds_no_case(walk: Walk, word: str) -> None:
    """Not even that there is such a word may be learnt by looking for it."""
    assert not similar_to(word)
    assert suggested_agencies(word) == []
    client = walk.visitor("anonymous")
    for address in ("/search/?q={q}", "/requests/?q={q}", "/api/v1/requests/?q={q}", "/requests/export.json?q={q}"):
        answer = text_of(client.get(address.format(q=quote(word))))
        assert TITLE not in answer
        assert walk.cases.asked.number not in answer


def test_the_code_of_a_case_stands_at_no_address_and_nowhere_in_the_database(walk: Walk) -> None:
    for code in walk.cases.codes:
        for name in ("anonymous", "citizen", "stranger", "steward"):
            client = walk.visitor(name)
            assert all(code not in text_of(client.get(address)) for address in walk.addresses(OF_CASES))


@pytest.mark.usefixtures("walk")
def test_who_somebody_is_stands_in_clear_nowhere_in_the_database() -> None:
    """What the case itself says (purpose, answers) is the agency's file; name and address are encrypted everywhere."""
    clear = {column: owners & (CONTACTS | {"follower's mail"}) for column, owners in found_in_clear().items()}
    assert {column: owners for column, owners in clear.items() if owners} == {}


def test_a_form_that_is_being_filled_in_keeps_who_one_is_encrypted_and_out_of_the_log(
    walk: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    caplog.set_level(logging.DEBUG)
    client = walk.visitor("anonymous")
    provider = walk.world.town.provider
    # when
    client.post("/requests/new/", {"title": "航班", "description": "", "case": "open", "purpose": ""})
    client.post("/requests/new/agency/", {"agencies": [str(provider.pk)]})
    answer = client.post("/requests/new/you/", {"kind": "natural", **CONTACT})
    assert answer.headers["location"] == "/requests/new/check/"
    assert client.post("/requests/new/you/", {"kind": "natural", **CONTACT, "phone": "1"}).status_code == 422
    # then
    session = Session.objects.get(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert found_in(str(session.get_decoded())) == set()
    assert found_in(caplog.text) == set()
    assert FOLLOWER["mail"] not in caplog.text
