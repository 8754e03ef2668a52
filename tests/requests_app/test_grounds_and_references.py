"""A refusal shows its proof, and an answer given to another applicant is a reply to this one."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from opendata.services import withdraw_dataset
from requests_app import services
from requests_app.models import OpenRequest, Reply
from requests_app.services import Decision, ReplyText
from tests.factories.accounts import bearer, citizen, system
from tests.factories.opendata import dataset_open, dataset_withdrawn
from tests.factories.requests import (
    AGREE,
    IN_PART,
    REFUSE,
    Cast,
    at,
    cast,
    decided,
    drafted,
    replied,
    waiting,
)
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
WHY = "两件申请要的是同一项数据，情况没有变化。"
SEARCHED = ReplyText(
    outcome="refuse",
    ground="not-held",
    searched_on=dt.date(2026, 11, 5),
    searched_where="停车管理系统、档案室",
    reasons="没有采集这类数据。也没有其他机关提供的副本。",
)


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def draft(play: Cast, request: OpenRequest, text: ReplyText) -> Reply:
    return services.draft_reply(request_id=request.pk, by=play.steward, text=text, on=ON, at=NOW)


def deliver(play: Cast, request: OpenRequest) -> Reply:
    return services.deliver_reply(request_id=request.pk, by=play.approver, on=ON, at=NOW)


def refused(play: Cast, request: OpenRequest, text: ReplyText) -> RuleBroken:
    before = snapshot()
    with pytest.raises(RuleBroken) as refusal:
        draft(play, request, text)
    assert snapshot() == before
    return refusal.value


def referring(request: OpenRequest, **given: Any) -> ReplyText:
    return ReplyText(**{"outcome": "refer", "answered_by": request.number, "reasons": WHY, **given})


class TestProof:
    def test_what_is_not_held_was_searched_for_and_everyone_reads_where_and_when(self, play: Cast) -> None:
        # given
        request = waiting(play)

        # when
        draft(play, request, SEARCHED)
        deliver(play, request)

        # then
        page = Client().get(request.get_absolute_url()).content.decode()
        assert "停车管理系统、档案室" in page
        assert "2026年11月5日" in page

    def test_a_search_of_tomorrow_is_refused(self, play: Cast) -> None:
        text = replace(SEARCHED, searched_on=ON + dt.timedelta(days=1))
        assert set(refused(play, waiting(play), text).fields) == {"searched_on"}

    def test_whose_the_data_is_must_be_another_agency(self, play: Cast) -> None:
        # given
        request = waiting(play)
        text = ReplyText(outcome="refuse", ground="elsewhere", reasons=WHY, holder=play.city.provider)

        # then
        assert set(refused(play, request, text).fields) == {"holder"}

        # when
        draft(play, request, replace(text, holder=play.city.health))
        deliver(play, request)

        # then
        assert play.city.health.name in Client().get(request.get_absolute_url()).content.decode()

    def test_what_is_already_open_is_named_and_really_open(self, play: Cast) -> None:
        # given
        request = waiting(play)
        open_one = dataset_open(play.city.provider, title="停车场名录")
        gone = dataset_withdrawn(play.city.provider, title="旧的名录")
        text = ReplyText(outcome="refuse", ground="already-open", reasons=WHY, dataset=gone)

        # then
        assert set(refused(play, request, text).fields) == {"dataset"}

        # when
        draft(play, request, replace(text, dataset=open_one))
        deliver(play, request)

        # then
        page = Client().get(request.get_absolute_url()).content.decode()
        assert f'<a href="{open_one.get_absolute_url()}">停车场名录</a>' in page
        assert Notice.objects.filter(body__contains=open_one.get_absolute_url()).exists() or request.applicant is None

    def test_a_data_set_taken_back_meanwhile_keeps_the_reply_from_leaving(self, play: Cast) -> None:
        # given
        request = waiting(play)
        dataset = dataset_open(play.city.provider, title="停车场名录")
        draft(play, request, ReplyText(outcome="refuse", ground="already-open", reasons=WHY, dataset=dataset))
        withdraw_dataset(dataset_id=dataset.pk, by=play.approver, reasons="数据有误，需要更正。", at=NOW)
        before = snapshot()

        # then
        with pytest.raises(RuleBroken, match="已经不开放"):
            deliver(play, request)
        assert snapshot() == before

    def test_proof_of_another_ground_is_left_out(self, play: Cast) -> None:
        request = waiting(play)
        text = replace(REFUSE, searched_on=ON, searched_where="档案室", holder=play.city.health)
        reply = draft(play, request, text)
        assert (reply.searched_on, reply.searched_where, reply.holder) == (None, "", None)

    @pytest.mark.parametrize("ground", ["1", "2", "3"])
    def test_what_is_kept_closed_says_why_treating_it_would_not_do(self, play: Cast, ground: str) -> None:
        # given
        request = waiting(play, by=citizen())
        text = replace(REFUSE, ground=ground, why_still_closed="")

        # then
        refusal = refused(play, request, text)
        assert set(refusal.fields) == {"why_still_closed"}
        assert refusal.basis == "《贵阳市政府数据共享开放条例》第十八条第二款"

        # when
        said = "去掉车牌以后仍能从时间和位置认出车主。"
        draft(play, request, replace(text, why_still_closed=said))
        reply = deliver(play, request)

        # then everyone reads it, the applicant is told it, and what is exported has it
        label = "是否解密" if ground == "1" else "为什么脱敏、脱密后仍不能开放"
        page = "".join(Client().get(request.get_absolute_url()).content.decode().split())
        assert f"<dt>{label}</dt><dd>{said}</dd>" in page
        assert f"{label}：{said}" in Notice.objects.get(key__contains="reply:1").body
        paper = PdfReader(io.BytesIO(Client().get(f"{request.get_absolute_url()}reply-1.pdf").content))
        printed = "".join("".join(page.extract_text() for page in paper.pages).split())
        assert label in printed
        assert said in printed
        told = Client().get(f"/api/v1/requests/{request.number}/").json()["replies"][0]
        assert told["why_still_closed"] == reply.why_still_closed == said
        assert said in Client().get("/requests/export.csv").getvalue().decode()

    def test_a_draft_is_on_no_paper(self, play: Cast) -> None:
        request = drafted(play)
        for path in (request.get_absolute_url(), "/requests/GY-2026-99999/"):
            assert Client().get(f"{path}reply-1.pdf").status_code == 404

    def test_of_a_state_secret_it_is_enough_that_it_was_not_declassified(self, play: Cast) -> None:
        reply = draft(play, waiting(play), replace(REFUSE, ground="1", why_still_closed="尚未解密"))
        assert reply.why_still_closed == "尚未解密"

    def test_what_a_law_forbids_to_open_is_not_asked_about_treatment(self, play: Cast) -> None:
        law = "《中华人民共和国测绘法》第三十四条"
        text = replace(REFUSE, ground="4", ground_basis=law, why_still_closed="去掉坐标以后仍然不能开放，没有意义。")
        assert draft(play, waiting(play), text).why_still_closed == ""

    def test_the_form_takes_the_proof_and_keeps_what_was_typed(self, play: Cast) -> None:
        # given
        request = waiting(play)
        client, path = _as(play.steward), f"{request.work_path}draft-reply/"
        dataset = dataset_open(play.city.provider, title="停车场名录")
        values = {"outcome": "refuse", "ground": "already-open", "reasons": WHY, "dataset": "/data/nowhere/"}

        # when
        wrong = client.post(path, values | {"submission": "a" * 32})

        # then
        assert wrong.status_code == 422
        assert "没有找到这个数据集" in wrong.content.decode()
        assert "/data/nowhere/" in wrong.content.decode()

        # when
        address = f"https://data.example.cn{dataset.get_absolute_url()}?page=2"
        answer = client.post(path, values | {"submission": "b" * 32, "dataset": address})

        # then
        assert answer.status_code == 302
        assert request.replies.get().dataset == dataset


class TestReference:
    def test_takes_over_outcome_ground_and_proof_and_quotes_the_first_reply(self, play: Cast) -> None:
        # given
        first = replied(play, SEARCHED, on=ON)
        applicant = citizen()
        request = waiting(play, by=applicant)

        # when
        draft(play, request, referring(first))
        reply = deliver(play, request)

        # then
        origin = first.replies.get()
        assert reply.refers_to == origin
        assert (reply.outcome, reply.ground, reply.searched_where) == ("refuse", "not-held", origin.searched_where)
        assert reply.reasons == WHY
        page = Client().get(request.get_absolute_url()).content.decode()
        assert first.number in page
        assert origin.reasons in page
        assert WHY in page
        notice = Notice.objects.get(recipient=applicant, title__contains="已答复")
        assert origin.reasons in notice.body
        assert "申请复核" in notice.body

    def test_is_a_reply_in_every_respect(self, play: Cast) -> None:
        # given
        first = replied(play, on=ON)
        request = waiting(play)
        draft(play, request, referring(first))

        # when
        reply = deliver(play, request)

        # then the clock stands, the record names both, and anyone may object
        clock = next(clock for clock in clocks_of(request) if clock.kind == "open-reply")
        assert clock.stopped_on == ON
        event = events_of(request).filter(verb="draft-reply").get()
        assert event.payload["refers_to"] == first.number
        review = services.apply_review(
            request_id=request.pk, by=citizen(), parts="全部", reasons="两件申请要的年份不同。", on=ON, at=NOW
        ).review
        assert review.reply == reply

    @pytest.mark.parametrize("text", [AGREE, IN_PART], ids=["agree", "in part"])
    def test_an_agreement_taken_over_runs_its_own_target(self, play: Cast, text: ReplyText) -> None:
        first = replied(play, text, on=ON)
        request = waiting(play)
        draft(play, request, referring(first))
        deliver(play, request)
        request.refresh_from_db()
        assert request.is_agreed
        assert [clock.kind for clock in clocks_of(request) if clock.stopped_on is None] == ["open-fulfilment"]

    def test_only_a_delivered_reply_of_the_same_agency_can_be_referred_to(self, play: Cast) -> None:
        # given
        request = waiting(play)
        first = replied(play, on=ON)
        again = waiting(play)
        draft(play, again, referring(first))
        deliver(play, again)
        undone = decided(
            play,
            Decision(outcome="change", changed_to="open", reasons="同一数据已经公开展示，不构成商业秘密。"),
            request=replied(play),
        ).reply.request
        cases = {
            "GY-2026-99999": "没有找到",
            drafted(play).number: "没有找到",
            request.number: "没有找到",
            again.number: first.number,
            undone.number: "已被复核变更",
        }

        # then
        for number, words in cases.items():
            error = refused(play, request, referring(first, answered_by=number))
            assert words in error.fields["answered_by"]

    def test_a_reply_of_another_agency_is_no_answer_of_this_one(self, play: Cast) -> None:
        first = replied(play, on=ON)
        Reply.objects.filter(request=first).update(agency=play.city.health)
        error = refused(play, waiting(play), referring(first))
        assert "只能引用本机关的答复" in error.fields["answered_by"]

    def test_the_form_refers_by_number(self, play: Cast) -> None:
        # given
        first = replied(play, on=ON)
        request = waiting(play)
        client, path = _as(play.steward), f"{request.work_path}draft-reply/"

        # when
        answer = client.post(
            path,
            {"outcome": "refer", "answered_by": first.number.lower(), "reasons": WHY, "submission": "a" * 32},
        )

        # then
        assert answer.status_code == 302
        assert request.replies.get().refers_to == first.replies.get()
        approving = _as(play.approver).get(f"{request.work_path}deliver/").content.decode()
        assert "以已作出的答复答复" in approving
        assert REFUSE.reasons in approving

        # when returned, the form opens with what was chosen
        services.return_draft(request_id=request.pk, by=play.approver, reasons="请核对。", on=ON, at=NOW)
        page = client.get(path).content.decode()
        assert f'value="{first.number}"' in page

    def test_over_rest_the_same(self, play: Cast) -> None:
        # given
        first = replied(play, SEARCHED, on=ON)
        request = waiting(play)
        headers = bearer(system(play.city.provider))
        path = f"/api/v1/requests/{request.number}/draft-reply/"

        # when
        wrong = Client().post(path, {"outcome": "refer", "reasons": WHY}, content_type="application/json", **headers)
        body = {"outcome": "refer", "answered_by": first.number, "reasons": WHY}
        right = Client().post(path, body, content_type="application/json", **headers)
        deliver(play, request)

        # then
        assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["answered_by"])
        assert right.status_code == 200
        reply = Client().get(f"/api/v1/requests/{request.number}/").json()["replies"][0]
        assert (reply["refers_to"], reply["searched_on"]) == (first.number, "2026-11-05")
        origin = Client().get(f"/api/v1/requests/{first.number}/").json()["replies"][0]
        assert (origin["refers_to"], origin["holder"], origin["dataset"]) == (None, None, None)

    def test_many_are_not_answered_by_reference_at_once(self, play: Cast) -> None:
        first = replied(play, on=ON)
        requests = [waiting(play), waiting(play)]
        with pytest.raises(RuleBroken) as refusal:
            services.draft_together(
                request_ids=[one.pk for one in requests], by=play.steward, text=referring(first), on=ON, at=NOW
            )
        assert "outcome" in refusal.value.fields
