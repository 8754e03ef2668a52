"""Two people act on one request at the same moment: the second is told who was first, when, and with what."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.errors import WrongState
from requests_app import services
from requests_app.selectors import holder_of
from tests.factories.requests import REFUSE, at, cast, filed
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
DAY = dt.date(2026, 11, 6)


def test_an_approver_who_comes_after_the_withdrawal_is_told_of_it() -> None:
    # given
    play = cast()
    made = filed(play)
    pk = made.request.pk
    services.draft_reply(request_id=pk, by=play.steward, text=REFUSE, on=DAY, at=at(DAY, 9))
    applicant = holder_of(made.request.number, made.code)
    services.withdraw_request(request_id=pk, by=applicant, on=DAY, at=at(DAY, 10))
    before = snapshot()

    # when
    with pytest.raises(WrongState) as refusal:
        services.deliver_reply(request_id=pk, by=play.approver, on=DAY, at=at(DAY, 10))

    # then
    assert "社会公众已于11月6日 10:00办理「申请人撤回申请」" in refusal.value.message
    assert "没有丢失" in refusal.value.message
    assert snapshot() == before


def test_an_applicant_who_comes_after_the_reply_is_told_which_agency_replied() -> None:
    play = cast()
    made = filed(play)
    pk = made.request.pk
    services.draft_reply(request_id=pk, by=play.steward, text=REFUSE, on=DAY, at=at(DAY, 9))
    services.deliver_reply(request_id=pk, by=play.approver, on=DAY, at=at(DAY, 10))
    applicant = holder_of(made.request.number, made.code)
    with pytest.raises(WrongState, match=r"市交通委·.*已于11月6日 10:00办理「答复：不同意」"):
        services.withdraw_request(request_id=pk, by=applicant, on=DAY, at=at(DAY, 11))
