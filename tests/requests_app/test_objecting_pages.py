"""The public's pages of objecting to a reply."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from requests_app.models import ReviewApplication
from tests.factories.requests import (
    Cast,
    cast,
    decided,
    objected,
    replied,
    replied_twice,
    waiting,
)
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


class TestObjections:
    def test_every_delivered_reply_can_be_chosen_and_its_parts_are_named(self, client: Client, play: Cast) -> None:
        # given
        request = replied_twice(play)
        path = f"/requests/{request.number}/review/"

        # when
        page = client.get(f"{path}?reply=1").content.decode()
        values = {"reasons": "第一次答复没有写明依据，应当说明。", "kind": "natural", "reply_round": "1"}
        nothing = client.post(path, values | {"submission": "r" * 32})
        sent = client.post(path, values | {"named": ["refused", "ground"], "parts": "实时余位", "submission": "s" * 32})

        # then
        assert "第 1 次答复" in page
        assert "第 2 次答复" in page
        assert (nothing.status_code, sent.status_code) == (422, 302)
        assert "应当说明" in nothing.content.decode()
        review = ReviewApplication.objects.order_by("-pk").first()
        assert review is not None
        assert (review.reply.round, review.parts) == (1, "不同意的部分、不同意的情形和依据：实时余位")

    def _send(self, client: Client, number: str, token: str, **given: str) -> object:
        values = {"parts": "全部", "reasons": "同一数据已在企业应用公开展示。", "kind": "natural", "submission": token}
        return client.post(f"/requests/{number}/review/", values | given)

    def test_a_stranger_objects_twice_sent_once_applied_and_sees_a_code(self, client: Client, play: Cast) -> None:
        # given
        request = replied(play)
        client.get(f"/requests/{request.number}/review/")

        # when
        first = self._send(client, request.number, "k" * 32)
        second = self._send(client, request.number, "k" * 32)

        # then
        review = ReviewApplication.objects.get()
        assert first.url == second.url == f"/requests/{review.number}/receipt/"
        receipt = client.get(first.url).content.decode()
        code = CODE.search(receipt)
        assert code is not None
        other = Client()
        opened = other.post("/requests/track/", {"number": review.number, "code": code.group()})
        assert opened.url == f"/reviews/{review.number}/"
        assert "这是您提出的复核" in other.get(opened.url).content.decode()

    def test_without_a_reply_it_is_refused_and_article_29_named(self, client: Client, play: Cast) -> None:
        request = waiting(play)
        before = snapshot()
        answer = self._send(client, request.number, "l" * 32)
        assert answer.status_code == 422
        assert "第二十九条" in answer.content.decode()
        assert snapshot() == before

    def test_missing_reasons_keep_what_was_typed(self, client: Client, play: Cast) -> None:
        request = replied(play)
        answer = self._send(client, request.number, "m" * 32, reasons="不服", parts="实时余位")
        assert answer.status_code == 422
        assert "实时余位" in answer.content.decode()

    def test_a_review_is_public_only_once_its_result_is_fed_back(self, client: Client, play: Cast) -> None:
        # given
        pending, done = objected(play), decided(play)

        # then
        assert client.get(f"/reviews/{pending.number}/").status_code == 404
        page = client.get(f"/reviews/{done.number}/")
        assert page.status_code == 200
        assert done.decision_reasons in page.content.decode()
        listed = client.get("/reviews/").content.decode()
        assert done.number in listed
        assert pending.number not in listed
