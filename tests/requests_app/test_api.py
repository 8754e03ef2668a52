"""The same acts over REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from requests_app.models import OpenRequest, ReviewApplication
from requests_app.services import Party
from tests.caching import forget
from tests.factories.accounts import bearer, system
from tests.factories.requests import (
    REFUSE,
    Cast,
    accepted,
    cast,
    decided,
    drafted,
    filed,
    objected,
    replied,
    replied_twice,
    waiting,
)
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

API = "/api/v1/requests/"
WHY = "同一数据已在企业应用公开展示。"


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_twelfth_of_november() -> Iterator[None]:
    forget()
    with time_machine.travel(dt.datetime(2026, 11, 12, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def _post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: Any) -> Any:
    return client.post(path, body or {}, content_type="application/json", **headers)


def _request_body(play: Cast, **given: Any) -> dict[str, Any]:
    return {"agency": play.city.provider.code, "title": "公交车辆实时位置", **given}


class TestFiling:
    def test_files_without_an_account_and_tells_number_code_and_due_day(self, client: Client, play: Cast) -> None:
        answer = _post(client, API, _request_body(play))
        assert answer.status_code == 201
        body = answer.json()
        assert (body["number"], body["due_on"]) == ("GY-2026-00001", "2026-11-23")
        assert len(body["code"]) == 14

    def test_a_repeat_with_the_same_key_gives_the_first_answer(self, client: Client, play: Cast) -> None:
        first = _post(client, API, _request_body(play), HTTP_IDEMPOTENCY_KEY="one")
        second = _post(client, API, _request_body(play), HTTP_IDEMPOTENCY_KEY="one")
        assert first.json() == second.json()
        assert second["Idempotent-Replay"] == "true"
        assert OpenRequest.objects.count() == 1

    @pytest.mark.parametrize(
        ("given", "field"), [({"title": ""}, "title"), ({"agency": "0"}, "agency"), ({"mail": "zhang"}, "mail")]
    )
    def test_says_what_is_wrong_by_field(self, client: Client, play: Cast, given: dict[str, Any], field: str) -> None:
        before = snapshot()
        answer = _post(client, API, _request_body(play, **given))
        assert answer.status_code == 422
        assert field in answer.json()["fields"]
        assert snapshot() == before

    def test_an_unknown_agency_is_named_in_words(self, client: Client, play: Cast) -> None:
        answer = _post(client, API, _request_body(play, agency="0"))
        assert answer.json()["fields"]["agency"] == ["没有统一社会信用代码为 0 的机关，代码见 /api/v1/agencies/。"]

    def test_a_token_without_the_scope_files_nothing(self, client: Client, play: Cast) -> None:
        token = bearer(system(play.city.provider), "catalog:read")
        assert _post(client, API, _request_body(play), **token).status_code == 403
        assert not OpenRequest.objects.exists()


class TestReading:
    def test_the_public_list_and_detail_hold_nothing_private(self, client: Client, play: Cast) -> None:
        # given
        request = drafted(play, party=Party(name="张某某", mail="zhang@mail.example"), purpose="秘密用途")

        # when
        listed, detail = client.get(API), client.get(f"{API}{request.number}/")

        # then
        text = listed.content.decode() + detail.content.decode()
        for secret in ("张某某", "zhang@mail.example", "秘密用途", REFUSE.reasons):
            assert secret not in text
        body = detail.json()
        assert body["request"]["status"] == "waiting"
        assert body["clocks"][0]["due_on"] == "2026-11-13"
        assert (body["actions"], body["own"]) == ([], False)

    def test_the_code_makes_it_ones_own_and_a_wrong_code_is_refused(self, client: Client, play: Cast) -> None:
        made = filed(play)
        path = f"{API}{made.request.number}/"
        assert client.get(path, HTTP_X_TRACKING_CODE=made.code).json()["own"]
        assert client.get(path, HTTP_X_TRACKING_CODE="AAAA-BBBB-CCCC").status_code == 422

    def test_actions_are_those_of_the_page(self, client: Client, play: Cast) -> None:
        request = drafted(play)
        client.force_login(play.approver)
        verbs = [action["verb"] for action in client.get(f"{API}{request.number}/").json()["actions"]]
        assert verbs == ["refuse", "return-draft", "ask-question", "assign-handler", "link"]

    def test_a_system_lists_its_agencys_own_cases(self, client: Client, play: Cast) -> None:
        waiting(play)
        waiting(play, agency=play.city.health)
        token = bearer(system(play.city.health), "requests:write")
        rows = client.get(f"{API}?mine=true", **token).json()["results"]
        assert [row["agency"]["code"] for row in rows] == [play.city.health.code]

    def test_one_more_request_costs_the_list_no_query(self, client: Client, play: Cast) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(API)
            return len(captured)

        waiting(play)
        few = count()
        for _number in range(5):
            waiting(play)
        assert count() == few

    def test_an_unknown_number_is_404(self, client: Client, play: Cast) -> None:
        answer = client.get(f"{API}GY-2026-00009/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestActs:
    def test_a_system_drafts_and_only_a_person_delivers(self, client: Client, play: Cast) -> None:
        # given
        request = waiting(play)
        token = bearer(system(play.city.provider), "requests:write")
        body = {
            "outcome": "refuse",
            "ground": REFUSE.ground,
            "ground_basis": REFUSE.ground_basis,
            "why_still_closed": REFUSE.why_still_closed,
            "reasons": REFUSE.reasons,
        }

        # when / then
        answer = _post(client, f"{API}{request.number}/draft-reply/", body, **token)
        assert answer.json() == {"number": request.number, "status": "in-approval"}
        assert _post(client, f"{API}{request.number}/deliver/", **token).status_code == 403
        client.force_login(play.approver)
        assert _post(client, f"{API}{request.number}/deliver/").json()["status"] == "refused"

    @pytest.mark.parametrize("verb", ["draft-reply", "return-draft", "ask-question", "fulfil", "reply-anew"])
    def test_nobody_acts_on_another_agencys_case(self, client: Client, play: Cast, verb: str) -> None:
        request = drafted(play)
        before = snapshot()
        body = {"outcome": "agree", "agreed_to": "open", "reasons": WHY, "text": "哪一年？", "link": "/data/x/"}
        token = bearer(system(play.city.health), "requests:write")
        assert _post(client, f"{API}{request.number}/{verb}/", body, **token).status_code == 404
        assert _post(client, f"{API}{request.number}/{verb}/", body).status_code == 401
        assert snapshot() == before

    def test_the_wrong_state_is_409_with_its_basis(self, client: Client, play: Cast) -> None:
        request = waiting(play)
        client.force_login(play.steward)
        answer = _post(client, f"{API}{request.number}/fulfil/", {"link": "/data/x/"})
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
        assert "第二十一条" in answer.json()["basis"]

    def test_transfer_question_answer_and_withdrawal(self, client: Client, play: Cast) -> None:
        # given
        made = filed(play)
        path, code = f"{API}{made.request.number}/", {"HTTP_X_TRACKING_CODE": made.code}
        staff = Client()
        staff.force_login(play.steward)

        # when / then
        assert _post(staff, f"{path}ask-question/", {"text": "哪一年？"}).status_code == 200
        question = made.request.questions.get()
        answer = {"question": question.pk, "text": "2025 年。"}
        assert _post(client, f"{path}answer-question/", answer).status_code == 404
        assert _post(client, f"{path}answer-question/", answer, **code).status_code == 200
        moved = {"to": play.city.health.code, "reasons": "这项数据由卫生健康部门管理。"}
        assert _post(staff, f"{path}transfer/", moved).status_code == 200
        assert _post(client, f"{path}withdraw/", **code).json()["status"] == "withdrawn"


class TestReviews:
    def test_an_earlier_reply_is_objected_to_by_its_number(self, client: Client, play: Cast) -> None:
        # given
        request = replied_twice(play)
        objection = {"parts": "全部", "reasons": WHY}

        # when
        sent = _post(client, f"{API}{request.number}/reviews/", objection | {"reply_round": 1})
        unknown = _post(client, f"{API}{request.number}/reviews/", objection | {"reply_round": 9})

        # then
        assert ReviewApplication.objects.get(number=sent.json()["number"]).reply.round == 1
        assert unknown.status_code == 422
        assert "reply_round" in unknown.json()["fields"]

    def test_from_objection_to_result(self, client: Client, play: Cast) -> None:
        # given
        request = replied(play)

        # when
        sent = _post(client, f"{API}{request.number}/reviews/", {"parts": "全部", "reasons": WHY})
        path = f"/api/v1/reviews/{sent.json()['number']}/"
        assert client.get(path).status_code == 404
        assert client.get(path, HTTP_X_TRACKING_CODE=sent.json()["code"]).json()["own"]
        reviewer = Client()
        reviewer.force_login(play.reviewer)
        assert _post(reviewer, f"{path}accept/").json()["status"] == "accepted"
        provider = Client()
        provider.force_login(play.steward)
        assert _post(provider, f"{path}statements/", {"text": "合同约定保密。"}).status_code == 200
        decision = {"outcome": "require-new-reply", "reasons": WHY, "new_reply_due_on": "2026-11-30"}
        assert _post(provider, f"{path}decide/", decision).status_code == 403
        assert _post(reviewer, f"{path}decide/", decision).json()["status"] == "decided"

        # then
        assert client.get(path).json()["review"]["new_reply_due_on"] == "2026-11-30"
        request.refresh_from_db()
        assert request.status == "waiting"

    def test_the_list_holds_results_and_for_reviewers_their_cases(self, client: Client, play: Cast) -> None:
        # given
        done, running = decided(play), accepted(play)

        # then
        numbers = [row["number"] for row in client.get("/api/v1/reviews/").json()["results"]]
        assert numbers == [done.number]
        client.force_login(play.reviewer)
        rows = client.get("/api/v1/reviews/?mine=true").json()["results"]
        assert {row["number"] for row in rows} == {done.number, running.number}

    def test_a_review_is_withdrawn_by_its_code_alone_and_declined_with_the_same_one(
        self, client: Client, play: Cast
    ) -> None:
        # given
        done = decided(play)
        request = done.reply.request
        sent = _post(client, f"{API}{request.number}/reviews/", {"parts": "全部", "reasons": WHY}).json()
        other = objected(play, request=request)

        # then
        path = f"/api/v1/reviews/{sent['number']}/withdraw/"
        assert _post(client, path).status_code == 404
        assert _post(client, path, HTTP_X_TRACKING_CODE=sent["code"]).json()["status"] == "withdrawn"
        client.force_login(play.reviewer)
        body = {"same_as": done.number, "reasons": WHY}
        answer = _post(client, f"/api/v1/reviews/{other.number}/decline/", body)
        assert answer.json()["status"] == "declined"


def test_the_openapi_document_describes_these_addresses_without_an_error() -> None:
    # when
    GENERATOR_STATS.reset()
    document = SchemaGenerator().get_schema(request=None, public=True)

    # then
    mine = [path for path in document["paths"] if path.startswith(("/api/v1/requests/", "/api/v1/reviews/"))]
    assert {"/api/v1/requests/", "/api/v1/requests/{number}/", "/api/v1/reviews/{number}/decide/"} <= set(mine)
    errors = [text for text in GENERATOR_STATS._error_cache if "requests_app" in str(text)]
    assert errors == []
