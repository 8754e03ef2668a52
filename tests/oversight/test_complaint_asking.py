"""Asking the complainant and the agency complained about, and what they say (第二十九条)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.complaints.models import ComplaintReceipt
from oversight.complaints.policies import visible_statements
from oversight.models import ComplaintStatement
from tests.factories.accounts import citizen
from tests.factories.complaints import (
    ANSWER_DUE,
    COMPLAINED_ON,
    NAMED,
    asked,
    investigating,
    statement_asked,
)
from tests.factories.oversight import Cast
from tests.factories.statute import at
from tests.oversight.complaint_world import complaint_world
from tests.oversight.doing import EVERYBODY, assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def _refused(error: type[Exception], act: Callable[[], Any]) -> Exception:
    return assert_refused(error, act, complaint_world)


CLOSED = {
    "outcome": "founded",
    "result_encrypted": "甲",
    "decided_on": COMPLAINED_ON,
    "handed_off_on": COMPLAINED_ON,
    "handed_off_to": "甲",
}


def _put(receipt: ComplaintReceipt, status: str, by: User) -> None:
    values = {"status": status, "decided_by": by, "handed_off_by": by, **CLOSED}
    ComplaintReceipt.objects.filter(pk=receipt.pk).update(**values)


def test_a_question_is_answered_once_by_the_complainant_and_the_clock_goes_on(people: Cast) -> None:
    someone = citizen()
    receipt = investigating(people, by=someone)
    question = asked(people, receipt)
    services.answer_complaint_question(question_id=question.pk, by=someone, text="三月三日。", at=at(COMPLAINED_ON, 15))
    question.refresh_from_db()
    assert (question.text, question.answer) == ("是哪一天打的电话？", "三月三日。")
    assert "三月三日" not in question.answer_encrypted
    assert Clock.objects.get(subject=subject_of(receipt)).due_on == ANSWER_DUE
    _refused(
        WrongState,
        lambda: services.answer_complaint_question(
            question_id=question.pk, by=someone, text="三月四日。", at=at(COMPLAINED_ON, 16)
        ),
    )


def test_only_the_complainant_answers_and_with_words(people: Cast) -> None:
    someone = citizen()
    question = asked(people, investigating(people, by=someone))

    def answer(by: Any, text: str) -> Any:
        return services.answer_complaint_question(question_id=question.pk, by=by, text=text, at=at(COMPLAINED_ON))

    _refused(NotAllowed, lambda: answer(citizen(), "三月三日。"))
    _refused(NotAllowed, lambda: answer(people.government, "三月三日。"))
    _refused(RuleBroken, lambda: answer(someone, " "))


def test_the_agency_is_asked_in_the_receivers_words_and_learns_nothing_of_the_complainant(people: Cast) -> None:
    receipt = investigating(people)
    statement = statement_asked(people, receipt)
    assert list(visible_statements(people.steward, ComplaintStatement.objects.all())) == [statement]
    notices = Notice.objects.filter(recipient__in=[people.steward, people.approver])
    assert notices.count() == 2
    for notice in notices:
        text = f"{notice.title} {notice.body} {notice.path} {notice.key} {notice.subject}"
        assert receipt.complaint.number not in text
        assert NAMED.name not in text


@pytest.mark.parametrize("said", [NAMED.name, NAMED.mail, NAMED.phone])
def test_words_to_the_agency_that_name_the_complainant_are_refused(people: Cast, said: str) -> None:
    receipt = investigating(people)
    refusal = _refused(
        RuleBroken,
        lambda: services.ask_statement(
            receipt_id=receipt.pk,
            by=people.government,
            matter=f"请说明对{said}的申请的答复情况。",
            at=at(COMPLAINED_ON),
        ),
    )
    assert "matter" in refusal.fields  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_the_agency_asked_gives_the_statement(people: Cast, who: str) -> None:
    statement, user = statement_asked(people, investigating(people)), getattr(people, who)

    def give() -> Any:
        return services.give_statement(
            statement_id=statement.pk, by=user, text="因系统升级延误。", at=at(COMPLAINED_ON)
        )

    if who in {"steward", "approver"}:
        assert give().text == "因系统升级延误。"
        assert Notice.objects.filter(recipient=people.government, title__contains="提交了说明").count() == 1
        _refused(WrongState, give)
    else:
        _refused(NotAllowed, give)


@pytest.mark.parametrize("status", ["answered", "declined", "withdrawn", "to-hand-off", "handed-off"])
def test_a_statement_comes_too_late_once_the_complaint_is_closed(people: Cast, status: str) -> None:
    receipt = investigating(people)
    statement = statement_asked(people, receipt)
    _put(receipt, status, people.government)
    _refused(
        WrongState,
        lambda: services.give_statement(
            statement_id=statement.pk, by=people.steward, text="因系统升级延误。", at=at(COMPLAINED_ON)
        ),
    )
