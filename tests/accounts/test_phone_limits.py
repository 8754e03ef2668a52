"""A telephone at the entrance: nobody learns which numbers have accounts, and guessing has its limits."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts.models import GatewayMessage, PhoneCode, User
from guiyang_data.ledger.models import Event
from tests.accounts.telephones import (
    NUMBER,
    OTHER,
    SILENT,
    answer,
    ask,
    sent_code,
    with_phone,
    wrong_code,
)
from tests.factories.accounts import citizen

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]


# --- nobody learns which numbers have accounts -------------------------------------------------------------


def test_every_number_is_answered_alike_until_its_code_came_back() -> None:
    # given one number with an account and one without
    with_phone(citizen())
    pages = []
    for number in (NUMBER, OTHER):
        client = Client()
        answers = [
            ask(client, number),
            client.get(reverse("accounts:phone-sign-in-code")),
            answer(client, wrong_code()),
        ]
        words = [
            re.sub(r"1\d\d\*{4}\d{4}|(nonce|value)=\S+|X-CSRFToken\S+ \S+", "", one.content.decode()) for one in answers
        ]
        statuses = [one.status_code for one in answers]
        text = re.sub(r"\d{6}", "", GatewayMessage.objects.latest("id").body)
        pages.append((words, statuses, text, len(PhoneCode.objects.get(proved_at=None).code_index)))
        PhoneCode.objects.all().delete()
    # then
    for one, other in zip(*pages, strict=True):
        assert one == other
    assert pages[0][1] == [302, 200, 422]


def test_the_number_is_kept_in_clear_neither_in_a_session_nor_in_the_ledger_nor_with_the_code(client: Client) -> None:
    with_phone(citizen())
    ask(client)
    client.get(reverse("accounts:phone-sign-in-code"))
    kept = [
        *(str(session.get_decoded()) for session in Session.objects.all()),
        str(list(Event.objects.values())),
        str(list(PhoneCode.objects.values())),
        str(list(User.objects.values())),
    ]
    assert all(NUMBER not in one for one in kept)
    assert all(sent_code() not in one for one in kept[:3])


# --- limits -------------------------------------------------------------------------------------------------


def test_a_number_gets_one_text_message_a_minute_whoever_asks(client: Client) -> None:
    ask(client)
    response = ask(Client())
    assert response.status_code == 429
    assert "过于频繁" in response.content.decode()
    assert f'value="{NUMBER}"' in response.content.decode()
    assert GatewayMessage.objects.count() == 1
    # another number is not in the way
    assert ask(Client(), OTHER).status_code == 302


def test_the_form_sent_twice_goes_on_to_the_code_and_sends_one_message(client: Client) -> None:
    ask(client)
    assert ask(client).headers["location"] == reverse("accounts:phone-sign-in-code")
    assert GatewayMessage.objects.count() == 1


def test_a_signed_in_account_cannot_send_text_messages_without_end_either(client: Client) -> None:
    for person in (citizen(), citizen()):
        client.force_login(person)
        response = client.post(reverse("accounts:phone"), {"phone": NUMBER})
    assert response.status_code == 429
    assert GatewayMessage.objects.count() == 1


def test_thirty_wrong_codes_an_hour_from_one_address_are_enough(client: Client, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"phone_code": "1000/m/key", "phone_code_failed": "30/h/ip"}
    for number in range(6):
        ask(client, f"1380000001{number}")
        assert [answer(client, wrong_code()).status_code for _ in range(5)] == [422] * 5
    ask(client)
    assert answer(client).status_code == 429
    assert not User.objects.exists()


def test_another_browser_that_guesses_takes_no_tries_from_mine(client: Client, settings: LazySettings) -> None:
    # given
    settings.ACCOUNT_RATE_LIMITS = {"phone_code": "1000/m/key"}
    ask(client)
    mine = sent_code()
    other = Client()
    ask(other)
    # when
    assert [answer(other, wrong_code()).status_code for _ in range(6)] == [422] * 6
    # then
    assert answer(other, mine).status_code == 422
    assert answer(client, mine).status_code == 302


def test_a_wrong_code_is_a_refused_event_on_the_account_it_was_aimed_at(client: Client) -> None:
    user = with_phone(citizen())
    ask(client)
    response = answer(client, wrong_code())
    assert "请检查短信中的六位数字" in response.content.decode()
    event = Event.objects.get(refused=True)
    assert (event.subject, event.verb, event.actor) == (f"accounts.user:{user.pk}", "sign-in", "public")


def test_another_code_replaces_the_one_before(client: Client, settings: LazySettings) -> None:
    ask(client)
    first = sent_code()
    assert client.post(reverse("accounts:phone-sign-in-code"), {"again": "1"}).status_code == 429
    settings.ACCOUNT_RATE_LIMITS = {"phone_code": "1000/m/key"}
    client.post(reverse("accounts:phone-sign-in-code"), {"again": "1"})
    assert GatewayMessage.objects.count() == 2
    if first != sent_code():
        assert answer(client, first).status_code == 422
    assert answer(client).status_code == 302


def test_where_the_gateway_is_silent_the_page_says_so_and_keeps_the_number(
    client: Client, settings: LazySettings
) -> None:
    settings.SMS_GATEWAY = SILENT
    response = ask(client)
    assert response.status_code == 503
    assert "短信服务暂时没有应答" in response.content.decode()
    assert f'value="{NUMBER}"' in response.content.decode()
    assert not PhoneCode.objects.exists()


def test_without_a_code_on_its_way_the_later_pages_lead_back(client: Client) -> None:
    for name in ("phone-sign-in-code", "phone-sign-up"):
        assert client.get(reverse(f"accounts:{name}")).headers["location"] == reverse("accounts:phone-sign-in")
