"""Mail through a real server: taken, refused for good, refused for now, and nobody there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import LazySettings
from django.db import connection

from guiyang_data.ledger.models import Event
from guiyang_data.notices import services
from guiyang_data.notices.models import Delivery, Notice, Weight
from guiyang_data.notices.sending import MOST_ATTEMPTS, pause_after, send_waiting
from tests.factories.accounts import citizen
from tests.notices.conftest import Post, free_port

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
FACTS = {"about": "requests_app.openrequest:12", "kind": "open-request", "title": "您的申请已答复", "at": AT}


def told(key: str = "reply:12", mail: str = "someone@mail.example") -> Delivery:
    services.tell_address(mail=mail, key=key, body="同意开放。", path="/requests/GY-1/", **FACTS)
    return Delivery.objects.get(notice__key=key)


def test_a_taken_mail_carries_its_stable_id_its_words_and_its_link(post: Post) -> None:
    delivery = told()
    assert send_waiting(at=AT) == 1
    mail = post.taken[0]
    assert mail["Message-ID"] == f"<{delivery.message_id}>"
    assert mail["Subject"] == "您的申请已答复"
    assert "同意开放。" in mail.get_content()  # type: ignore[attr-defined]
    assert "/requests/GY-1/" in mail.get_content()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "answer", ["550 5.1.1 <someone@mail.example>: no such user", "552 5.2.2 Mailbox full", "501 bad"]
)
def test_a_mail_refused_for_good_is_given_up_at_once_recorded_and_keeps_no_address(post: Post, answer: str) -> None:
    # given
    delivery = told()
    post.answers["someone@mail.example"] = answer
    # when
    assert send_waiting(at=AT) == 0
    # then
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.attempts) == ("failed", "refused", 1)
    assert delivery.failed_at == AT
    assert answer[:3] in delivery.last_error
    assert "someone@" not in delivery.last_error
    event = Event.objects.get(subject="requests_app.openrequest:12")
    assert (event.verb, event.payload["reason"], event.payload["channel"]) == ("notice.undelivered", "refused", "mail")
    assert send_waiting(at=AT + dt.timedelta(days=1)) == 0
    assert post.asked == ["someone@mail.example"]


def test_a_text_refused_for_good_is_given_up_too(post: Post) -> None:
    delivery = told()
    post.at_the_end = "554 5.7.1 rejected"
    send_waiting(at=AT)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("failed", "refused")


def test_a_mail_refused_for_now_waits_and_goes_later_under_the_same_id(post: Post) -> None:
    delivery = told()
    post.answers["someone@mail.example"] = "450 4.2.1 try later"
    assert send_waiting(at=AT) == 0
    post.answers.clear()
    assert send_waiting(at=AT + dt.timedelta(minutes=1)) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("sent", 2, "")
    assert post.taken[0]["Message-ID"] == f"<{delivery.message_id}>"
    assert not Event.objects.exists()


def test_a_server_that_is_away_for_a_weekend_loses_nothing(settings: LazySettings, post: Post) -> None:
    # given nobody listens
    delivery = told()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    moment = AT
    while moment < AT + dt.timedelta(hours=60):
        assert send_waiting(at=moment) == 0
        delivery.refresh_from_db()
        moment = delivery.next_attempt_at
    assert delivery.state == Delivery.State.WAITING
    # when it is back
    settings.EMAIL_PORT = port
    # then
    assert send_waiting(at=moment) == 1
    assert len(post.taken) == 1


def test_the_tries_together_last_three_days_and_never_more_than_an_hour_lies_between() -> None:
    pauses = [pause_after(number) for number in range(1, MOST_ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert max(pauses) == dt.timedelta(hours=1)
    assert dt.timedelta(days=2, hours=22) < sum(pauses, dt.timedelta()) < dt.timedelta(days=3, hours=2)


def test_one_refused_address_holds_up_nobody(post: Post) -> None:
    told("a", "gone@mail.example")
    told("b", "here@mail.example")
    post.answers["gone@mail.example"] = "550 no"
    assert send_waiting(at=AT) == 1
    assert [mail["To"] for mail in post.taken] == ["here@mail.example"]


def test_no_lock_is_held_while_the_server_is_asked(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    told()
    inside: list[bool] = []
    outermost = len(connection.savepoint_ids)

    def note(*_args: object, **_kwargs: object) -> None:
        inside.append(len(connection.savepoint_ids) > outermost)

    monkeypatch.setattr("guiyang_data.notices.sending.EmailMessage.send", note)
    # when
    send_waiting(at=AT)
    # then
    assert inside == [False]


def test_a_notice_is_legal_unless_it_is_called_a_reminder() -> None:
    services.tell([citizen()], key="a", **FACTS)
    services.tell([citizen()], key="b", weight=Weight.REMINDER, **FACTS)
    assert list(Notice.objects.order_by("pk").values_list("weight", flat=True)) == ["legal", "reminder"]
