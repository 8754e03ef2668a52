"""Applying for a review of a reply (第二十一条第二款)."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.accounts.roles import Role
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from requests_app import services
from requests_app.selectors import holder_of
from requests_app.services import Party
from requests_app.workflow import ReviewStatus
from tests.factories.accounts import citizen, staff
from tests.factories.requests import (
    AGREE,
    UPHOLD,
    Cast,
    accepted,
    at,
    cast,
    filed,
    objected,
    replied,
    replied_twice,
    waiting,
)
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 17)
NOW = at(ON)
WHY = "经核对有关材料，认定的事实如上。"


@pytest.fixture
def play() -> Cast:
    return cast()


class TestApplying:
    def test_anyone_of_the_public_may_object_long_afterwards(self, play: Cast) -> None:
        # given
        request = replied(play)

        # when
        review = objected(play, request=request, by=citizen(), on=dt.date(2028, 3, 1))

        # then
        assert (review.number, review.by_applicant) == ("FH-2028-00001", False)
        clock = clocks_of(review).get()
        assert (clock.kind, clock.owed_by, clock.statutory) == ("review-acceptance", play.city.authority, False)

    def test_an_agreement_can_be_objected_to_as_well(self, play: Cast) -> None:
        assert objected(play, request=replied(play, AGREE)).status == ReviewStatus.SUBMITTED

    def test_the_applicants_own_code_opens_the_review_too(self, play: Cast) -> None:
        # given
        made = filed(play)
        day = dt.date(2026, 11, 6)
        services.draft_reply(request_id=made.request.pk, by=play.steward, text=AGREE, on=day, at=at(day))
        services.deliver_reply(request_id=made.request.pk, by=play.approver, on=day, at=at(day))
        holder = holder_of(made.request.number, made.code)

        # when
        applied = services.apply_review(request_id=made.request.pk, by=holder, parts="全部", reasons=WHY, on=ON, at=NOW)

        # then
        assert applied.code == ""
        assert applied.review.by_applicant
        services.withdraw_review(review_id=applied.review.pk, by=holder, on=ON, at=NOW)

    def test_a_stranger_gets_a_code_of_their_own(self, play: Cast) -> None:
        # when
        applied = services.apply_review(
            request_id=replied(play).pk,
            by=PUBLIC,
            parts="全部",
            reasons=WHY,
            party=Party(mail="li@mail.example"),
            on=ON,
            at=NOW,
        )

        # then
        assert holder_of(applied.review.number, applied.code) is not None
        assert holder_of(applied.review.number, "AAAA-AAAA-AAAA") is None
        assert applied.review.mail == "li@mail.example"

    def test_without_a_reply_there_is_nothing_to_review_and_article_29_is_pointed_to(self, play: Cast) -> None:
        # given
        request = waiting(play)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refusal:
            services.apply_review(request_id=request.pk, by=PUBLIC, parts="全部", reasons=WHY, on=ON, at=NOW)

        # then
        assert "第二十九条" in refusal.value.basis
        assert snapshot() == before

    def test_an_earlier_reply_can_be_objected_to_after_a_newer_one(self, play: Cast) -> None:
        # given
        request = replied_twice(play)

        # when
        earlier, newest = objected(play, request=request, reply_round=1), objected(play, request=request)

        # then
        assert (earlier.reply.round, newest.reply.round) == (1, 2)

    @pytest.mark.parametrize("reply_round", [0, 2, 7])
    def test_a_reply_that_was_not_delivered_cannot_be_objected_to(self, play: Cast, reply_round: int) -> None:
        # given
        request = replied(play)
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refusal:
            objected(play, request=request, reply_round=reply_round)

        # then
        assert set(refusal.value.fields) == {"reply_round"}
        assert snapshot() == before

    def test_against_the_authoritys_own_reply_the_objector_hears_of_article_29(self, play: Cast) -> None:
        # given
        authority = play.city.authority
        drafter, approver = staff(authority, Role.DATA_STEWARD), staff(authority, Role.APPROVER)
        request = waiting(play, agency=authority)
        day = dt.date(2026, 11, 6)
        services.draft_reply(request_id=request.pk, by=drafter, text=AGREE, on=day, at=at(day))
        services.deliver_reply(request_id=request.pk, by=approver, on=day, at=at(day))

        # when
        review = accepted(play, request=request, by=citizen())
        services.decide_review(review_id=review.pk, by=play.reviewer, decision=UPHOLD, on=ON, at=NOW)

        # then
        told = Notice.objects.filter(recipient=review.objector).order_by("pk")
        assert ["第二十九条" in notice.body for notice in told] == [True, False, True]

    @pytest.mark.parametrize(
        ("parts", "reasons", "field"),
        [
            ("", WHY, "parts"),
            ("全部", "不服", "reasons"),
            ("电话 13900139000 的那一行", WHY, "parts"),
            ("全部", f"{WHY}身份证 11010519491231002X", "reasons"),
        ],
    )
    def test_names_the_parts_and_the_reasons(self, play: Cast, parts: str, reasons: str, field: str) -> None:
        request = replied(play)
        before = snapshot()
        with pytest.raises(RuleBroken) as refusal:
            services.apply_review(request_id=request.pk, by=PUBLIC, parts=parts, reasons=reasons, on=ON, at=NOW)
        assert set(refusal.value.fields) == {field}
        assert snapshot() == before
