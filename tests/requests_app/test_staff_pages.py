"""The pages of agencies and reviewers: list, case, and each act with its refusals."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.faces.standings import STANDINGS
from guiyang_data.ledger.models import Event
from guiyang_data.statute.cases import by_due_day, counts_by_standing, soonest, standing_filter
from guiyang_data.timekeeping import today
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.services import Party
from requests_app.workflow import RequestStatus
from tests.factories.accounts import citizen
from tests.factories.requests import (
    AGREE,
    REFUSE,
    Cast,
    accepted,
    cast,
    decided,
    drafted,
    objected,
    replied,
    waiting,
    withdrawn,
)
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WHY = "经核对，这项数据不由本机关管理。"
REPLY = {
    "outcome": "refuse",
    "ground": REFUSE.ground,
    "ground_basis": REFUSE.ground_basis,
    "why_still_closed": REFUSE.why_still_closed,
    "reasons": REFUSE.reasons,
}


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_twelfth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 12, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def _post(client: Client, path: str, token: str = "t" * 32, **values: str) -> object:
    return client.post(path, values | {"submission": token})


class TestList:
    def test_shows_what_is_due_first_and_filters_by_it(self, play: Cast) -> None:
        # given
        waiting(play, title="逾期的", on=dt.date(2026, 10, 20))
        waiting(play, title="快到期的", on=dt.date(2026, 11, 3))
        waiting(play, title="还早的", on=dt.date(2026, 11, 11))
        client = _as(play.steward)

        # when
        page = client.get("/desk/requests/").content.decode()

        # then
        assert page.index("逾期的") < page.index("快到期的") < page.index("还早的")
        late = client.get("/desk/requests/?state=late").content.decode()
        assert "逾期的" in late
        assert "还早的" not in late
        found = client.get("/desk/requests/?q=还早").content.decode()
        assert "还早的" in found
        assert "快到期的" not in found

    def test_what_is_counted_and_what_is_shown_stand_as_the_conditions_say(self, play: Cast) -> None:
        # given
        for day in (dt.date(2026, 10, 20), dt.date(2026, 11, 3), dt.date(2026, 11, 11), dt.date(2026, 11, 11)):
            waiting(play, title="公交线路", on=day)
        objected(play)

        # when
        rows = by_due_day(OpenRequest.objects.all())
        by_state = {state: rows.filter(standing_filter(state, today())) for state in STANDINGS}

        # then
        assert counts_by_standing(rows, today()) == {state: found.count() for state, found in by_state.items()}
        assert all(found.exists() for found in by_state.values())
        assert [row for state in STANDINGS for row in by_state[state]] == list(rows)

    def test_what_stands_beside_a_case_is_what_its_clocks_say(self, play: Cast) -> None:
        # given requests that wait, were agreed to, refused, withdrawn and objected to
        waiting(play, title="公交线路", on=dt.date(2026, 10, 20))
        replied(play, AGREE)
        withdrawn(play)
        objected(play)

        # then
        for model in (OpenRequest, ReviewApplication):
            rows = model.objects.annotate(by_clocks=soonest(model._meta.label_lower))
            assert {row.next_due_on for row in rows} - {None}
            assert {row.pk: row.next_due_on for row in rows} == {row.pk: row.by_clocks for row in rows}
        assert OpenRequest.objects.filter(next_due_on=None).exists()

    def test_another_agency_sees_none_of_it(self, play: Cast) -> None:
        waiting(play, title="不该看到的")
        assert "不该看到的" not in _as(play.other_steward).get("/desk/requests/").content.decode()

    def test_is_not_there_for_the_public(self, play: Cast) -> None:
        assert Client().get("/desk/requests/").status_code == 302
        assert _as(citizen()).get("/desk/requests/").status_code == 404

    @pytest.mark.parametrize("path", ["/desk/requests/", "/desk/reviews/"])
    def test_one_more_case_costs_no_query(self, play: Cast, path: str) -> None:
        client = _as(play.steward)

        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            return len(captured)

        # given
        objected(play)
        count()
        few = count()

        # when
        for _number in range(5):
            objected(play)

        # then
        assert count() == few


class TestCase:
    def test_shows_the_applicant_to_those_who_reply_and_to_nobody_else(self, play: Cast) -> None:
        # given
        request = waiting(play, party=Party(name="张某某", phone="13900000000"), purpose="为视障乘客")

        # then
        own = _as(play.steward).get(request.work_path).content.decode()
        over = _as(play.authority_officer).get(request.work_path).content.decode()
        for secret in ("张某某", "13900000000", "为视障乘客"):
            assert secret in own
            assert secret not in over
        assert _as(play.other_steward).get(request.work_path).status_code == 404

    def test_offers_only_what_this_person_may_do_now(self, play: Cast) -> None:
        # given
        request = drafted(play)

        # when
        steward = _as(play.steward).get(request.work_path).content.decode()
        approver = _as(play.approver).get(request.work_path).content.decode()

        # then
        assert "批准并送达" not in steward
        assert "批准并送达：不同意" in approver
        assert "批准并送达：同意" not in approver


class TestActs:
    def test_a_reply_is_drafted_approved_by_a_second_person_and_delivered(self, play: Cast) -> None:
        # given
        request = waiting(play)

        # when
        drafted_ = _post(_as(play.steward), f"{request.work_path}draft-reply/", **REPLY)
        delivered = _post(_as(play.approver), f"{request.work_path}deliver/")

        # then
        request.refresh_from_db()
        assert (drafted_.status_code, delivered.status_code) == (302, 302)
        assert request.status == RequestStatus.REFUSED
        assert REFUSE.reasons in Client().get(f"/requests/{request.number}/").content.decode()

    def test_sent_twice_a_question_is_asked_once(self, play: Cast) -> None:
        request, client = waiting(play), _as(play.steward)
        for _time in range(2):
            _post(client, f"{request.work_path}ask-question/", text="哪一年？")
        assert request.questions.count() == 1

    def test_missing_reasons_keep_what_was_typed(self, play: Cast) -> None:
        # given
        request = waiting(play)
        before = snapshot()

        # when
        values = REPLY | {"reasons": "", "ground_basis": "某依据已经写好"}
        answer = _post(_as(play.steward), f"{request.work_path}draft-reply/", **values)

        # then
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "应当说明理由" in page
        assert "某依据已经写好" in page
        assert snapshot() == before

    @pytest.mark.parametrize(
        ("verb", "values"),
        [
            ("draft-reply", REPLY),
            ("deliver", {}),
            ("return-draft", {"reasons": WHY}),
            ("transfer", {"reasons": WHY}),
            ("ask-question", {"text": "哪一年？"}),
            ("assign-handler", {}),
            ("fulfil", {"link": "/data/x/"}),
            ("reply-anew", {"reasons": WHY}),
        ],
    )
    def test_each_act_is_not_there_for_another_agency_and_refused_to_a_mere_viewer(
        self, play: Cast, verb: str, values: dict[str, str]
    ) -> None:
        # given
        request = replied(play, AGREE) if verb in {"fulfil", "reply-anew"} else drafted(play)
        if verb in {"draft-reply", "transfer"}:
            OpenRequest.objects.filter(pk=request.pk).update(status="waiting")
        values = values | ({"to": str(play.city.health.pk)} if verb == "transfer" else {})
        values = values | ({"handler": str(play.steward.pk)} if verb == "assign-handler" else {})
        before = snapshot()
        path = f"{request.work_path}{verb}/"

        # then
        assert _post(_as(play.other_steward), path, **values).status_code == 404
        assert _post(_as(play.authority_officer), path, **values).status_code == 403
        assert _as(play.authority_officer).get(path).status_code == 403
        assert Client().post(path, values).status_code == 302
        assert snapshot() == before

    def test_a_refused_attempt_is_an_event(self, play: Cast) -> None:
        request = drafted(play)
        _post(_as(play.authority_officer), f"{request.work_path}deliver/")
        assert Event.objects.filter(refused=True, verb="refuse").count() == 1

    @pytest.mark.parametrize("verb", ["deliver", "fulfil", "reply-anew"])
    def test_the_wrong_state_is_said_with_409(self, play: Cast, verb: str) -> None:
        request = waiting(play)
        before = snapshot()
        person = play.approver if verb == "deliver" else play.steward
        values = {"reasons": WHY, "link": "/data/x/"}
        answer = _post(_as(person), f"{request.work_path}{verb}/", **values)
        assert answer.status_code == 409
        assert "待答复" in answer.content.decode()
        assert snapshot() == before

    def test_transfer_and_handler_forms_offer_the_right_choices(self, play: Cast) -> None:
        # given
        request = waiting(play)

        # then
        page = _as(play.steward).get(f"{request.work_path}transfer/").content.decode()
        assert play.city.health.name in page
        assert f'value="{play.city.provider.pk}"' not in page
        page = _as(play.approver).get(f"{request.work_path}assign-handler/").content.decode()
        assert f'value="{play.steward.pk}"' in page
        assert f'value="{play.other_steward.pk}"' not in page

    def test_the_agency_to_transfer_to_is_found_by_its_name_without_scripts(self, play: Cast) -> None:
        # given
        request = waiting(play)
        client, path = _as(play.steward), f"{request.work_path}transfer/"
        before = snapshot()

        # when
        answer = _post(client, path, to_find="卫生", look="1", reasons=WHY)

        # then what was typed stays, nothing else happens
        page = answer.content.decode()
        assert answer.status_code == 200
        assert f'value="{play.city.health.pk}"' in page
        assert f'value="{play.city.authority.pk}"' not in page
        assert WHY in page
        assert 'value="卫生"' in page
        assert "field--wrong" not in page
        assert snapshot() == before

        # when one is chosen and another looked for, the chosen one stays in sight
        page = _post(client, path, to=str(play.city.health.pk), to_find="没有这样的", look="1").content.decode()
        assert re.search(rf'value="{play.city.health.pk}" checked', page)
        assert f"已选：{play.city.health.name}" in page

    def test_an_error_at_the_agency_leads_to_the_input_that_finds_one(self, play: Cast) -> None:
        page = _post(_as(play.steward), f"{waiting(play).work_path}transfer/", reasons=WHY).content.decode()
        assert 'href="#id_to_0"' in page
        assert 'id="id_to_0" type="search"' in page


class TestReviews:
    def test_a_reviewer_accepts_hears_the_agency_and_decides(self, play: Cast) -> None:
        # given
        review = objected(play)
        reviewer = _as(play.reviewer)

        # when
        _post(reviewer, f"{review.work_path}accept/")
        _post(_as(play.steward), f"{review.work_path}submit-statement/", text="合同约定保密。")
        case = reviewer.get(review.work_path).content.decode()
        answer = _post(reviewer, f"{review.work_path}change/", changed_to="open", reasons=WHY)

        # then
        assert "合同约定保密。" in case
        assert "还剩 11 天" in case  # the tenth day is a Sunday
        review.refresh_from_db()
        assert (answer.status_code, review.status, review.outcome) == (302, "decided", "change")
        assert review.reply.request.status == RequestStatus.AGREED

    def test_declining_is_offered_only_where_the_same_was_decided(self, play: Cast) -> None:
        # given
        first = objected(play)
        reviewer = _as(play.reviewer)
        assert "不予受理" not in reviewer.get(first.work_path).content.decode()

        # when
        done = decided(play)
        second = objected(play, request=done.reply.request)

        # then
        assert "不予受理" in reviewer.get(second.work_path).content.decode()
        answer = _post(reviewer, f"{second.work_path}decline/", same_as=str(done.pk), reasons=WHY)
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        ("verb", "values"),
        [
            ("uphold", {}),
            ("change", {"changed_to": "open"}),
            ("require-new-reply", {"new_reply_due_on": "2026-11-30"}),
        ],
    )
    def test_a_result_without_reasons_is_refused(self, play: Cast, verb: str, values: dict[str, str]) -> None:
        review = accepted(play)
        before = snapshot()
        answer = _post(_as(play.reviewer), f"{review.work_path}{verb}/", **values)
        assert answer.status_code == 422
        assert "请写明理由" in answer.content.decode()
        assert snapshot() == before

    def test_a_day_in_the_past_is_refused_with_its_field(self, play: Cast) -> None:
        review = accepted(play)
        values = {"new_reply_due_on": "2026-11-12", "reasons": WHY}
        answer = _post(_as(play.reviewer), f"{review.work_path}require-new-reply/", **values)
        assert answer.status_code == 422
        assert "应当在今天之后" in answer.content.decode()
        assert WHY in answer.content.decode()

    @pytest.mark.parametrize("verb", ["accept", "uphold", "change", "require-new-reply", "decline"])
    def test_the_replying_agency_decides_nothing(self, play: Cast, verb: str) -> None:
        review = objected(play) if verb in {"accept", "decline"} else accepted(play)
        before = snapshot()
        assert _as(play.approver).get(f"{review.work_path}{verb}/").status_code == 403
        assert _as(play.other_steward).get(f"{review.work_path}{verb}/").status_code == 404
        assert snapshot() == before
