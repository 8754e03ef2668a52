"""Reviews: every act from every state, who may decide, and what a result does to the request (第二十一条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of
from requests_app import services
from requests_app.models import ReviewApplication
from requests_app.policies import CodeHolder
from requests_app.services import Decision
from requests_app.workflow import REVIEW_WORKFLOW, ReviewStatus
from tests.factories.accounts import citizen, give_role, staff
from tests.factories.requests import (
    AGREE,
    UPHOLD,
    Cast,
    accepted,
    at,
    cast,
    decided,
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
CHANGE = Decision(outcome="change", reasons=WHY, changed_to="open")
WITHHOLD = Decision(outcome="change", reasons=WHY, changed_to="withhold")
NEW_REPLY = Decision(outcome="require-new-reply", reasons=WHY, new_reply_due_on=dt.date(2026, 11, 30))


@pytest.fixture
def play() -> Cast:
    return cast()


def _decide(decision: Decision) -> Callable[[Cast, ReviewApplication], Any]:
    return lambda p, r: services.decide_review(review_id=r.pk, by=p.reviewer, decision=decision, on=ON, at=NOW)


def _decline(play: Cast, review: ReviewApplication) -> Any:
    same = ReviewApplication.objects.exclude(pk=review.pk).get()
    return services.decline_review(review_id=review.pk, by=play.reviewer, same_as=same, reasons=WHY, on=ON, at=NOW)


def _withdraw(play: Cast, review: ReviewApplication) -> Any:
    by = CodeHolder(actor_key="public", number=review.number)
    return services.withdraw_review(review_id=review.pk, by=by, on=ON, at=NOW)


ACTS: dict[str, Callable[[Cast, ReviewApplication], Any]] = {
    "accept": lambda p, r: services.accept_review(review_id=r.pk, by=p.reviewer, on=ON, at=NOW),
    "decline": _decline,
    "change": _decide(CHANGE),
    "require-new-reply": _decide(NEW_REPLY),
    "uphold": _decide(UPHOLD),
    "submit-statement": lambda p, r: services.submit_statement(
        review_id=r.pk, by=p.steward, text="合同约定保密。", on=ON, at=NOW
    ),
    "withdraw-review": _withdraw,
}


def _in_state(play: Cast, status: str) -> ReviewApplication:
    earlier = decided(play)
    review = objected(play, request=earlier.reply.request, on=dt.date(2026, 11, 16))
    values: dict[str, Any] = {"status": status}
    if status == ReviewStatus.DECIDED:
        values |= {"outcome": "uphold", "decision_reasons": WHY, "decided_on": ON, "decided_by": play.reviewer}
    if status == ReviewStatus.DECLINED:
        values |= {"same_as": earlier, "decline_reasons": WHY}
    ReviewApplication.objects.filter(pk=review.pk).update(**values)
    review.refresh_from_db()
    return review


@pytest.mark.parametrize("status", list(ReviewStatus.values))
@pytest.mark.parametrize("verb", list(ACTS))
def test_an_act_is_done_from_its_states_and_refused_from_every_other(play: Cast, verb: str, status: str) -> None:
    # given
    review = _in_state(play, status)
    transition = REVIEW_WORKFLOW[verb]
    before = snapshot()

    # when the state fits
    if status in transition.sources:
        ACTS[verb](play, review)

        # then
        review.refresh_from_db()
        assert review.status == (status if transition.target is None else transition.target)
        event = events_of(review).last()
        assert event is not None
        assert (event.verb, event.refused) == (verb, False)
        assert "第二十一条第二款" in event.basis
        return

    # when it does not
    with pytest.raises(WrongState):
        ACTS[verb](play, review)

    # then
    assert snapshot() == before


def test_every_act_of_the_table_is_walked_through() -> None:
    assert set(REVIEW_WORKFLOW.transitions) == set(ACTS) | {"accept-by-silence"}


class TestAcceptance:
    # filed on Thursday 2026-11-12: five working days end on Thursday 2026-11-19
    def test_silence_counts_as_acceptance_on_the_fifth_working_day(self, play: Cast) -> None:
        # given
        review = objected(play)

        # when
        assert not services.accept_by_silence(review_id=review.pk, on=dt.date(2026, 11, 19), at=NOW)
        assert services.accept_by_silence(review_id=review.pk, on=dt.date(2026, 11, 23), at=NOW)

        # then
        review.refresh_from_db()
        assert (review.status, review.accepted_on) == (ReviewStatus.ACCEPTED, dt.date(2026, 11, 19))
        assert clocks_of(review).get(kind="review-result").due_on == dt.date(2026, 11, 30)
        assert not services.accept_by_silence(review_id=review.pk, on=dt.date(2026, 11, 24), at=NOW)

    def test_a_late_acceptance_does_not_gain_time(self, play: Cast) -> None:
        # when
        review = objected(play)
        services.accept_review(review_id=review.pk, by=play.reviewer, on=dt.date(2026, 11, 25), at=NOW)

        # then
        review.refresh_from_db()
        assert review.accepted_on == dt.date(2026, 11, 19)

    def test_after_five_working_days_it_cannot_be_declined(self, play: Cast) -> None:
        # given
        earlier = decided(play)
        review = objected(play, request=earlier.reply.request)
        before = snapshot()

        # when / then
        with pytest.raises(RuleBroken):
            services.decline_review(
                review_id=review.pk,
                by=play.reviewer,
                same_as=earlier,
                reasons=WHY,
                on=dt.date(2026, 11, 20),
                at=NOW,
            )
        assert snapshot() == before

    @pytest.mark.parametrize("which", ["none", "another-reply", "undecided"])
    def test_is_declined_only_because_the_same_objection_was_decided(self, play: Cast, which: str) -> None:
        # given
        request = replied(play)
        review = objected(play, request=request)
        same = {
            "none": lambda: None,
            "another-reply": lambda: decided(play),
            "undecided": lambda: objected(play, request=request),
        }[which]()
        before = snapshot()

        # when / then
        with pytest.raises(RuleBroken) as refusal:
            services.decline_review(review_id=review.pk, by=play.reviewer, same_as=same, reasons=WHY, on=ON, at=NOW)
        assert "same_as" in refusal.value.fields
        assert snapshot() == before


class TestDeciding:
    @pytest.mark.parametrize("role", ["drafter", "approver", "returner"])
    def test_nobody_who_took_part_in_the_reply_decides(self, play: Cast, role: str) -> None:
        # given: the authority is itself the provider, and a reviewer had a hand in its reply
        authority = play.city.authority
        people = {name: staff(authority, Role.DATA_STEWARD, Role.APPROVER) for name in ("drafter", "approver")}
        people["returner"] = staff(authority, Role.APPROVER)
        for person in people.values():
            give_role(person, authority, Role.REVIEWER)
        request = waiting(play, agency=authority)
        day = dt.date(2026, 11, 6)
        for _round in range(2):
            services.draft_reply(request_id=request.pk, by=people["drafter"], text=AGREE, on=day, at=at(day))
            if _round == 0:
                services.return_draft(
                    request_id=request.pk, by=people["returner"], reasons="请补充。", on=day, at=at(day)
                )
        services.deliver_reply(request_id=request.pk, by=people["approver"], on=day, at=at(day))
        request.refresh_from_db()
        review = accepted(play, request=request)
        before = snapshot()

        # when
        with pytest.raises(NotAllowed) as refusal:
            services.decide_review(review_id=review.pk, by=people[role], decision=UPHOLD, on=ON, at=NOW)

        # then
        assert "参与过" in refusal.value.message
        assert snapshot() == before

    @pytest.mark.parametrize(
        ("decision", "field"),
        [
            (Decision(outcome="", reasons=WHY), "outcome"),
            (Decision(outcome="uphold", reasons="维持"), "reasons"),
            (Decision(outcome="uphold", reasons=f"{WHY}申请人电话 13900139000。"), "reasons"),
            (Decision(outcome="change", reasons=WHY), "changed_to"),
            (Decision(outcome="require-new-reply", reasons=WHY), "new_reply_due_on"),
            (Decision(outcome="require-new-reply", reasons=WHY, new_reply_due_on=ON), "new_reply_due_on"),
        ],
    )
    def test_a_result_has_its_reasons_and_what_belongs_to_it(self, play: Cast, decision: Decision, field: str) -> None:
        review = accepted(play)
        before = snapshot()
        with pytest.raises(RuleBroken) as refusal:
            services.decide_review(review_id=review.pk, by=play.reviewer, decision=decision, on=ON, at=NOW)
        assert set(refusal.value.fields) == {field}
        assert snapshot() == before

    @pytest.mark.parametrize("status", ["agreed", "agreed-in-part", "refused", "fulfilled"])
    @pytest.mark.parametrize(
        ("decision", "leads_to"),
        [(UPHOLD, None), (CHANGE, "agreed"), (WITHHOLD, "refused"), (NEW_REPLY, "waiting")],
    )
    def test_a_result_moves_the_request_and_its_clocks(
        self, play: Cast, decision: Decision, leads_to: str | None, status: str
    ) -> None:
        # given
        review = accepted(play)
        request = review.reply.request
        request.status, request.fulfilled_on = status, ON if status == "fulfilled" else None
        request.save()

        # when
        services.decide_review(review_id=review.pk, by=play.reviewer, decision=decision, on=ON, at=NOW)

        # then
        request.refresh_from_db()
        assert request.status == (leads_to or status)
        running = set(clocks_of(request).filter(stopped_on=None).values_list("kind", flat=True))
        expected = {"agreed": {"open-fulfilment"}, "refused": set(), "waiting": {"reply-again"}, None: set()}
        assert running == expected[leads_to]
        assert clocks_of(review).get(kind="review-result").stopped_by == Clock.Stop.DONE

    def test_a_new_reply_is_due_on_the_day_of_the_result_and_can_be_reviewed_again(self, play: Cast) -> None:
        # given
        review = decided(play, NEW_REPLY)
        request = review.reply.request
        request.refresh_from_db()
        clock = clocks_of(request).get(kind="reply-again")
        assert (clock.due_on, clock.statutory) == (dt.date(2026, 11, 30), False)

        # when
        day = dt.date(2026, 12, 1)
        services.draft_reply(request_id=request.pk, by=play.steward, text=AGREE, on=day, at=at(day))
        services.deliver_reply(request_id=request.pk, by=play.approver, on=day, at=at(day))

        # then
        reply = request.replies.get(round=2)
        assert (reply.due_on, reply.late_days) == (dt.date(2026, 11, 30), 1)
        again = objected(play, request=request, on=dt.date(2026, 12, 2))
        assert again.reply == reply

    def test_a_reply_that_a_newer_one_replaced_is_upheld_or_answered_anew_but_not_changed(self, play: Cast) -> None:
        # given
        request = replied_twice(play)
        first, second = (accepted(play, request=request, reply_round=1) for _time in range(2))
        before = snapshot()

        # when
        with pytest.raises(RuleBroken) as refusal:
            _decide(CHANGE)(play, first)

        # then
        assert "重新答复" in refusal.value.message
        assert snapshot() == before

        # when
        _decide(UPHOLD)(play, first)
        _decide(Decision(outcome="require-new-reply", reasons=WHY, new_reply_due_on=dt.date(2026, 12, 10)))(
            play, second
        )

        # then
        request.refresh_from_db()
        assert (request.status, request.round) == ("waiting", 3)

    def test_while_a_new_reply_is_owed_the_old_one_cannot_be_changed(self, play: Cast) -> None:
        # given
        request = replied(play)
        second = accepted(play, request=request)
        first = accepted(play, request=request)
        _decide(NEW_REPLY)(play, first)
        before = snapshot()

        # when / then
        with pytest.raises(RuleBroken):
            _decide(CHANGE)(play, second)
        assert snapshot() == before
        _decide(NEW_REPLY)(play, second)
        request.refresh_from_db()
        assert request.round == 2

    def test_everybody_concerned_is_told(self, play: Cast) -> None:
        # given
        applicant, objector = citizen(), citizen()
        review = accepted(play, request=replied(play, by=applicant), by=objector)

        # when
        _decide(CHANGE)(play, review)

        # then
        told = set(Notice.objects.filter(title__contains="复核").values_list("recipient", flat=True))
        assert {applicant.pk, objector.pk, play.steward.pk, play.approver.pk} <= told
