"""Two occasions, or two senders, at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.mail import EmailMessage

from guiyang_data.notices import services
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.notices.sending import send_waiting
from tests.factories.accounts import citizen
from tests.ledger.test_at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)


def test_one_occasion_met_by_several_at_once_makes_one_notice() -> None:
    user = citizen()
    told = at_once(lambda _n: services.tell([user], about="case:1", kind="reply", key="reply:1", title="已答复", at=AT))
    assert sorted(map(int, told)) == [0, 0, 0, 1]  # type: ignore[call-overload]
    assert Notice.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_several_senders_at_once_send_each_mail_once(mailoutbox: list[EmailMessage]) -> None:
    for n in range(6):
        services.tell([citizen()], about="case:1", kind="reply", key=f"reply:{n}", title="已答复", at=AT)
    sent = at_once(lambda _n: send_waiting(at=AT))
    assert sum(map(int, sent)) == 6  # type: ignore[call-overload]
    assert len(mailoutbox) == 6
    assert not Delivery.objects.exclude(state=Delivery.State.SENT).exists()
