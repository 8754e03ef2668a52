"""Where the public can speak (第二十二条)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WAYS = {"/requests/new/", "/requests/track/", "/requests/", "/reviews/", "/data/", "/contact/"}


def test_every_way_of_asking_and_objecting_begins_on_one_page_without_an_account(client: Client) -> None:
    # when a visitor opens the page
    page = client.get("/interaction/")
    # then each way is offered with its article, and leads to a page that a visitor may open
    assert page.status_code == 200
    text = page.content.decode().partition("<main")[2]
    offered = set(re.findall(r'href="(/[a-z/]+)"', text))
    assert offered >= WAYS
    for article in (13, 21, 29):
        assert f"/law/#a{article}" in text
    assert {way: client.get(way).status_code for way in WAYS} == dict.fromkeys(WAYS, 200)
