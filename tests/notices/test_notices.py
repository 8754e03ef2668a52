"""A notice is one row exactly once; its mail or text message goes at least once, with a message id that stays."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Sequence
from typing import ClassVar

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from guiyang_data.accounts.models import GatewayMessage
from guiyang_data.accounts.protection import encrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import WrongState
from guiyang_data.notices import selectors, services, tasks
from guiyang_data.notices.attempts import LEASE
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.notices.sending import MOST_ATTEMPTS, send_waiting
from tests.factories.accounts import citizen, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
FACTS = {"about": "sharing.application:12", "kind": "sharing-reply", "title": "共享申请已答复", "at": AT}


class Refusing(BaseEmailBackend):
    """A mail server that takes nothing from the addresses in ``refused``, and everything else."""

    refused: ClassVar[set[str]] = set()
    taken: ClassVar[list[tuple[str, str]]] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if set(message.to) & self.refused:
                raise smtplib.SMTPServerDisconnected("closed")
            self.taken.append((message.to[0], message.extra_headers["Message-ID"]))
        return len(email_messages)


@pytest.fixture
def server(settings: LazySettings) -> type[Refusing]:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    Refusing.refused, Refusing.taken = set(), []
    return Refusing


def test_everybody_is_told_once_however_often_the_occasion_comes() -> None:
    # given
    one, other = citizen(), citizen()
    # when
    first = services.tell([one, other, one], key="reply:12", **FACTS)
    again = services.tell([one, other], key="reply:12", **FACTS)
    # then
    assert (first, again) == (2, 0)
    assert Notice.objects.count() == 2
    assert Delivery.objects.count() == 2


def test_a_notice_of_an_act_that_is_rolled_back_never_was() -> None:
    user = citizen()

    @transaction.atomic
    def act() -> None:
        services.tell([user], key="reply:12", **FACTS)
        raise WrongState("已经答复。")

    with pytest.raises(WrongState):
        act()
    assert not Notice.objects.exists()
    assert send_waiting(at=AT) == 0


def test_an_agency_is_told_through_those_who_hold_the_role_now() -> None:
    agency = make_agency()
    steward, approver = staff(agency, Role.DATA_STEWARD), staff(agency, Role.APPROVER)
    staff(make_agency(), Role.DATA_STEWARD)
    approver.roles.update(ended_on=dt.date(2026, 1, 1))
    told = services.tell_agency(agency, [Role.DATA_STEWARD, Role.APPROVER], key="due:1", **FACTS)
    assert told == 1
    assert Notice.objects.get().recipient == steward


def test_who_has_no_mail_address_is_told_in_the_page_only() -> None:
    user = citizen(email="")
    services.tell([user], key="reply:12", **FACTS)
    assert selectors.unread_count(user) == 1
    assert not Delivery.objects.exists()


def test_somebody_without_an_account_is_told_where_they_said_and_the_address_is_kept_encrypted(
    mailoutbox: list[EmailMessage],
) -> None:
    # given
    for _ in range(2):
        services.tell_address(mail="someone@mail.example", phone="13800000001", key="reply:12", path="/r/1/", **FACTS)
    assert Notice.objects.count() == 1
    stored = f"{list(Notice.objects.values())} {list(Delivery.objects.values())}"
    assert "someone@mail.example" not in stored
    assert "13800000001" not in stored
    # when
    assert send_waiting(at=AT) == 2
    # then
    assert [mail.to for mail in mailoutbox] == [["someone@mail.example"]]
    text = GatewayMessage.objects.get(channel="sms")
    assert (text.recipient, text.body) == ("13800000001", "共享申请已答复。 http://127.0.0.1:8000/r/1/")


def test_the_mail_says_what_why_and_where(mailoutbox: list[EmailMessage]) -> None:
    user = citizen()
    services.tell(
        [user], key="reply:12", body="请在 3 日内提供。", basis="第十五条第二款", path="/desk/sharing/12/", **FACTS
    )
    send_waiting(at=AT)
    mail = mailoutbox[0]
    assert mail.subject == "共享申请已答复"
    assert str(mail.body).split("\n\n") == [
        "您好：",
        "共享申请已答复。",
        "请在 3 日内提供。",
        "依据：第十五条第二款",
        "打开页面：\nhttp://127.0.0.1:8000/desk/sharing/12/",
        "贵阳市政府数据平台\n本邮件由系统发出，请勿直接回复。",
    ]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at, delivery.attempts) == (Delivery.State.SENT, AT, 1)


def test_what_was_sent_is_not_sent_again(mailoutbox: list[EmailMessage]) -> None:
    services.tell([citizen()], key="reply:12", **FACTS)
    assert [send_waiting(at=AT), send_waiting(at=AT), tasks.send()] == [1, 0, 0]
    assert len(mailoutbox) == 1


def test_a_mail_that_was_not_taken_is_tried_again_later_and_later_with_the_same_message_id(
    server: type[Refusing],
) -> None:
    # given
    user = citizen()
    services.tell([user], key="reply:12", **FACTS)
    server.refused = {user.email}
    # when it fails three times
    moment, pauses = AT, []
    for _ in range(3):
        assert send_waiting(at=moment) == 0
        delivery = Delivery.objects.get()
        pauses.append(delivery.next_attempt_at - moment)
        assert send_waiting(at=delivery.next_attempt_at - dt.timedelta(seconds=1)) == 0
        assert Delivery.objects.get().attempts == delivery.attempts
        moment = delivery.next_attempt_at
    # then
    assert pauses == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert "closed" in Delivery.objects.get().last_error
    server.refused = set()
    assert send_waiting(at=moment) == 1
    delivery = Delivery.objects.get()
    assert server.taken == [(user.email, f"<{delivery.message_id}>")]
    assert delivery.attempts == 4


def test_after_three_days_of_tries_it_is_given_up_and_the_notice_stays_in_the_page(server: type[Refusing]) -> None:
    user = citizen()
    services.tell([user], key="reply:12", **FACTS)
    server.refused = {user.email}
    for day in range(MOST_ATTEMPTS + 3):
        send_waiting(at=AT + dt.timedelta(days=day))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (Delivery.State.FAILED, MOST_ATTEMPTS)
    assert selectors.unread_count(user) == 1


def test_one_broken_address_holds_up_nobody(server: type[Refusing]) -> None:
    broken, fine = citizen(), citizen()
    services.tell([broken, fine], key="reply:12", **FACTS)
    server.refused = {broken.email}
    assert send_waiting(at=AT) == 1
    assert [address for address, _ in server.taken] == [fine.email]


def test_what_can_never_be_sent_is_given_up_at_once_and_holds_up_nobody(mailoutbox: list[EmailMessage]) -> None:
    # given an address under another key, and one that would write a header of its own
    services.tell([citizen()], key="a", **FACTS)
    Delivery.objects.update(address_encrypted="gAAAAA-no-cipher-text")
    services.tell([citizen()], key="b", **FACTS)
    wrong = encrypt("a@mail.example\nBcc: b@mail.example")
    Delivery.objects.filter(notice__key__startswith="b:").update(address_encrypted=wrong)
    services.tell([citizen()], key="c", **FACTS)
    # then
    assert send_waiting(at=AT) == 1
    assert len(mailoutbox) == 1
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "failed", "sent"]


class Killed(Refusing):
    """A mail server that takes the mail, and a sender that is killed before it can note so."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        super().send_messages(email_messages)
        raise SystemExit


def test_a_sender_killed_between_sending_and_noting_it_sends_again_under_the_same_message_id(
    server: type[Refusing], settings: LazySettings
) -> None:
    # given a mail that went, of which the database knows nothing
    services.tell([citizen()], key="reply:12", **FACTS)
    settings.EMAIL_BACKEND = f"{__name__}.Killed"
    with pytest.raises(SystemExit):
        send_waiting(at=AT)
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    # when
    during_the_lease = send_waiting(at=AT + LEASE - MINUTE)
    after_it = send_waiting(at=AT + LEASE)
    # then
    assert (during_the_lease, after_it) == (0, 1)
    assert len(server.taken) == 2
    assert len({message_id for _, message_id in server.taken}) == 1


def test_only_ones_own_notices_are_marked_as_read() -> None:
    one, other = citizen(), citizen()
    services.tell([one, other], key="reply:12", **FACTS)
    ids = list(Notice.objects.values_list("pk", flat=True))
    assert services.mark_read(by=one, ids=ids, at=AT) == 1
    assert services.mark_read(by=one, ids=ids, at=AT + MINUTE) == 0
    assert (selectors.unread_count(one), selectors.unread_count(other)) == (0, 1)
    assert selectors.notices_for(one).get().read_at == AT
