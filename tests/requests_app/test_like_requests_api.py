"""Linking like requests and answering them together, over REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app import services
from requests_app.models import OpenRequest, ReplyBatch
from requests_app.policies import CodeHolder
from requests_app.selectors import linked_to
from tests.factories.requests import REFUSE, Cast, at, cast, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
ON = dt.date(2026, 11, 10)
REPLY = {
    "outcome": "refuse",
    "ground": REFUSE.ground,
    "ground_basis": REFUSE.ground_basis,
    "why_still_closed": REFUSE.why_still_closed,
    "reasons": "【编号】：余位数据由合作企业采集，合同约定保密。",
}


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def _drafted(play: Cast, *requests: OpenRequest) -> ReplyBatch:
    ids = [request.pk for request in requests]
    return services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=at(ON)).batch


def _send(client: Client, path: str, data: dict[str, object], key: str = "") -> HttpResponse:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1/{path}", data, content_type="application/json", headers=headers)


class TestInterface:
    def test_a_batch_is_drafted_once_by_its_key_and_delivered_by_a_second_person(self, play: Cast) -> None:
        # given
        first, second, gone = waiting(play), waiting(play), waiting(play)
        services.withdraw_request(request_id=gone.pk, by=_holder(gone.number), on=ON, at=at(ON))
        numbers = [first.number, second.number, gone.number]
        data = {**REPLY, "requests": numbers, "additions": {second.number: "泊位数见附件。"}}

        # when
        drafted = _send(_as(play.steward), "reply-batches/", data, key="k1")
        again = _send(_as(play.steward), "reply-batches/", data, key="k1")

        # then
        body = drafted.json()
        assert drafted.status_code == 201
        assert again.json() == body
        assert body["done"] == numbers[:2]
        assert body["left_out"] == [{"number": gone.number, "why": "状态为「已撤回」"}]
        assert second.replies.get().reasons.endswith("泊位数见附件。")
        path = f"reply-batches/{body['id']}/"
        assert _send(_as(play.steward), f"{path}deliver/", {}).status_code == 403

        # when
        approver = _as(play.approver)
        shown = approver.get(f"/api/v1/{path}").json()
        delivered = _send(approver, f"{path}deliver/", {})

        # then
        assert [act["verb"] for act in shown["actions"]] == ["deliver-together", "return-together"]
        assert (delivered.status_code, delivered.json()["done"]) == (200, numbers[:2])
        assert _send(approver, f"{path}deliver/", {}).status_code == 409
        listed = approver.get("/api/v1/reply-batches/").json()["results"]
        assert [(one["id"], one["status"]) for one in listed] == [(body["id"], "delivered")]
        assert {item["result"] for item in listed[0]["items"]} == {"delivered", "left-out"}

    @pytest.mark.parametrize("fault", ["unknown", "one", "text"])
    def test_a_wrong_batch_is_refused_at_its_field(self, play: Cast, fault: str) -> None:
        # given
        first, second = waiting(play), waiting(play)
        numbers = {"unknown": [first.number, "GY-2026-99999"], "one": [first.number]}
        data = {**REPLY, "requests": numbers.get(fault, [first.number, second.number])}
        if fault == "text":
            data["ground_basis"] = ""
        before = snapshot()

        # when
        answer = _send(_as(play.steward), "reply-batches/", data)

        # then
        assert answer.status_code == 422
        assert set(answer.json()["fields"]) == {"ground_basis" if fault == "text" else "requests"}
        assert snapshot() == before

    def test_a_batch_is_returned_with_reasons(self, play: Cast) -> None:
        batch = _drafted(play, waiting(play), waiting(play))
        path = f"reply-batches/{batch.pk}/return/"
        assert set(_send(_as(play.approver), path, {}).json()["fields"]) == {"reasons"}
        assert len(_send(_as(play.approver), path, {"reasons": "请补充依据。"}).json()["done"]) == 2

    def test_requests_are_linked_and_unlinked_and_only_those_who_answer_are_told(self, play: Cast) -> None:
        # given
        first, second = waiting(play), waiting(play)
        path = f"requests/{first.number}/"

        # when
        linked = _send(_as(play.steward), f"{path}link/", {"other": second.number})

        # then
        assert linked.json() == {"number": first.number, "status": "waiting"}
        assert _as(play.steward).get(f"/api/v1/{path}").json()["linked"] == [second.number]
        assert Client().get(f"/api/v1/{path}").json()["linked"] == []
        assert set(_send(_as(play.steward), f"{path}link/", {"other": second.number}).json()["fields"]) == {"other"}
        assert _send(_as(play.authority_officer), f"{path}unlink/", {"other": second.number}).status_code == 403
        assert _send(_as(play.steward), f"{path}unlink/", {"other": second.number}).status_code == 200
        assert linked_to(first) == []

    def test_one_more_batch_or_request_costs_no_query(self, play: Cast) -> None:
        def cost() -> int:
            client = _as(play.steward)
            client.get("/api/v1/reply-batches/")
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/api/v1/reply-batches/").status_code == 200
            return len(captured)

        _drafted(play, waiting(play), waiting(play))
        few = cost()
        for _number in range(3):
            _drafted(play, waiting(play), waiting(play), waiting(play))
        assert cost() == few


def _holder(number: str) -> CodeHolder:
    return CodeHolder(actor_key="public", number=number)
