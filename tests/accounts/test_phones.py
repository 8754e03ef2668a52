"""Telephones: proved by a code, kept encrypted, and for the public a way to sign up and in."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts import services
from guiyang_data.accounts.models import Consent, GatewayMessage, PhoneCode, User
from guiyang_data.accounts.telephones import masked, mobile_number
from guiyang_data.errors import RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.models import Event
from tests.accounts.conftest import AT
from tests.factories.accounts import PASSWORD, citizen, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MINUTE = dt.timedelta(minutes=1)
NUMBER = "13800000001"
OTHER = "13900000002"


class SilentGateway:
    """A gateway behind which nobody answers."""

    def send(self, **_given: str) -> None:
        raise ConnectionError


SILENT = f"{__name__}.SilentGateway"


def sent_code() -> str:
    """The code in the newest text message."""
    found = re.search(r"\d{6}", GatewayMessage.objects.filter(channel="sms").latest("id").body)
    assert found is not None
    return found[0]


def wrong_code() -> str:
    """Six digits that were not sent."""
    return "000000" if sent_code() != "000000" else "111111"


def with_phone(user: User, number: str = NUMBER) -> User:
    """The account, with this number proved."""
    services.send_phone_code(by=user, phone=number, at=AT)
    return services.verify_phone(by=user, code=sent_code(), at=AT)


def ask(client: Client, number: str = NUMBER, **more: str) -> Any:
    """What the page of the number answers."""
    return client.post(reverse("accounts:phone-sign-in"), {"phone": number, **more})


def answer(client: Client, code: str = "", **more: Any) -> Any:
    """What the page of the code answers."""
    return client.post(reverse("accounts:phone-sign-in-code"), {"code": code or sent_code()}, **more)


def test_a_telephone_is_proved_with_the_code_that_was_sent_to_it() -> None:
    # given
    user = citizen()
    services.send_phone_code(by=user, phone="+86 138-0000-0001", at=AT)
    message = GatewayMessage.objects.get()
    assert message.recipient == "13800000001"
    # when
    services.verify_phone(by=user, code=f" {sent_code()} ", at=AT + MINUTE)
    # then
    user.refresh_from_db()
    assert (user.phone, user.phone_verified_at) == ("13800000001", AT + MINUTE)
    assert [event.verb for event in Event.objects.order_by("id")] == ["send-phone-code", "verify-phone"]
    assert "13800000001" not in str(list(Event.objects.values()))
    assert not PhoneCode.objects.exists()


def test_the_code_itself_is_not_stored() -> None:
    user = citizen()
    services.send_phone_code(by=user, phone="13800000001", at=AT)
    assert sent_code() not in str(PhoneCode.objects.values_list("code_index", flat=True).get())


@pytest.mark.parametrize("phone", ["12800000001", "1380000000", "138000000011", "abc", ""])
def test_what_is_no_mobile_number_gets_no_code(phone: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        services.send_phone_code(by=citizen(), phone=phone, at=AT)
    assert "phone" in caught.value.fields
    assert not GatewayMessage.objects.exists()


def test_a_second_code_within_a_minute_is_refused_and_the_first_stays_good() -> None:
    user = citizen()
    services.send_phone_code(by=user, phone="13800000001", at=AT)
    with pytest.raises(WrongState):
        services.send_phone_code(by=user, phone="13800000002", at=AT + dt.timedelta(seconds=59))
    assert GatewayMessage.objects.count() == 1
    services.verify_phone(by=user, code=sent_code(), at=AT + MINUTE)
    assert user.phone == "13800000001"


def test_five_wrong_codes_use_the_code_up() -> None:
    # given
    user = citizen()
    services.send_phone_code(by=user, phone="13800000001", at=AT)
    code = sent_code()
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(RuleBroken):
            services.verify_phone(by=user, code=wrong, at=AT)
    # then the right one is refused as well
    with pytest.raises(RuleBroken):
        services.verify_phone(by=user, code=code, at=AT)
    user.refresh_from_db()
    assert (user.phone, user.phone_verified_at) == ("", None)


@pytest.mark.parametrize(("after", "good"), [(dt.timedelta(minutes=9, seconds=59), True), (10 * MINUTE, False)])
def test_a_code_is_good_for_ten_minutes(after: dt.timedelta, good: bool) -> None:
    user = citizen()
    services.send_phone_code(by=user, phone="13800000001", at=AT)
    try:
        services.verify_phone(by=user, code=sent_code(), at=AT + after)
    except RuleBroken:
        assert not good
    user.refresh_from_db()
    assert bool(user.phone_verified_at) is good


def test_somebody_elses_code_does_not_count() -> None:
    one, other = citizen(), citizen()
    services.send_phone_code(by=one, phone="13800000001", at=AT)
    with pytest.raises(RuleBroken):
        services.verify_phone(by=other, code=sent_code(), at=AT)


def test_a_code_that_could_not_be_sent_does_not_make_one_wait(settings: LazySettings) -> None:
    user = citizen()
    gateway = settings.SMS_GATEWAY
    settings.SMS_GATEWAY = SILENT
    with pytest.raises(Unavailable, match="没有发出"):
        services.send_phone_code(by=user, phone="13800000001", at=AT)
    settings.SMS_GATEWAY = gateway
    services.send_phone_code(by=user, phone="13800000001", at=AT)
    assert GatewayMessage.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "+86 13800000001",
        "008613800000001",
        "".join(chr(ord(digit) + 0xFEE0) for digit in "13800000001"),  # full width, as an input method types it
    ],
)
def test_a_number_is_one_number_however_it_is_typed(typed: str) -> None:
    assert mobile_number(typed) == NUMBER


def test_a_number_is_shown_by_its_two_ends_only() -> None:
    assert masked(NUMBER) == "138****0001"


def test_a_number_is_stored_encrypted_and_found_by_a_hash_that_is_not_an_identity_numbers() -> None:
    # when
    user = with_phone(citizen())
    # then
    row = str(User.objects.filter(pk=user.pk).values().get())
    assert NUMBER not in row
    assert user.phone == NUMBER
    assert len(user.phone_index) == 64


# --- signing up -----------------------------------------------------------------------------------------


def test_a_new_number_gets_an_account_with_code_and_consent(client: Client) -> None:
    # given a code that came back
    assert ask(client).headers["location"] == reverse("accounts:phone-sign-in-code")
    assert answer(client).headers["location"] == reverse("accounts:phone-sign-up")
    assert not User.objects.exists()
    # when
    page = client.get(reverse("accounts:phone-sign-up")).content.decode()
    assert 'name="notice_version" value="2026-01"' in page
    response = client.post(reverse("accounts:phone-sign-up"), {"consent": "on", "notice_version": "2026-01"})
    # then
    user = User.objects.get()
    assert response.headers["location"] == reverse("accounts:home")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.kind, user.phone, user.email, user.has_usable_password()) == (User.Kind.PUBLIC, NUMBER, "", False)
    assert Consent.objects.get(user=user).notice_version == "2026-01"
    verbs = set(Event.objects.filter(subject=f"accounts.user:{user.pk}").values_list("verb", flat=True))
    assert verbs == {"register", "consent", "verify-phone", "sign-in"}
    assert not PhoneCode.objects.exists()
    page = client.get(reverse("accounts:home")).content.decode()
    assert page.count("138****0001") >= 2  # among the facts, and as what the account is called
    assert NUMBER not in page


@pytest.mark.parametrize("change", [{"consent": ""}, {"notice_version": "2019-01"}])
def test_without_consent_to_the_notice_in_force_a_number_gets_no_account(
    client: Client, change: dict[str, str]
) -> None:
    ask(client)
    answer(client)
    given = {"consent": "on", "notice_version": "2026-01"} | change
    response = client.post(reverse("accounts:phone-sign-up"), given)
    assert response.status_code == 422
    assert "consent" in response.context["form"].errors
    assert not User.objects.exists()
    # and it can still be given
    assert client.post(reverse("accounts:phone-sign-up"), given | {"consent": "on", "notice_version": "2026-01"})
    assert User.objects.count() == 1


def test_an_account_is_not_opened_before_the_code_came_back(client: Client) -> None:
    ask(client)
    assert client.get(reverse("accounts:phone-sign-up")).headers["location"] == reverse("accounts:phone-sign-in-code")
    client.post(reverse("accounts:phone-sign-up"), {"consent": "on", "notice_version": "2026-01"})
    assert not User.objects.exists()


@pytest.mark.parametrize(("after", "good"), [(dt.timedelta(minutes=9, seconds=59), True), (10 * MINUTE, False)])
def test_a_proof_is_good_for_ten_minutes(after: dt.timedelta, good: bool) -> None:
    sent = services.send_sign_in_code(phone=NUMBER, at=AT)
    assert services.prove_sign_in(code_id=sent.pk, code=sent_code(), at=AT) is None
    try:
        services.register_by_phone(code_id=sent.pk, notice_version="2026-01", at=AT + after)
    except WrongState:
        assert not good
    assert User.objects.exists() is good


def test_two_browsers_that_prove_one_new_number_get_one_account() -> None:
    # given
    first = services.send_sign_in_code(phone=NUMBER, at=AT)
    services.prove_sign_in(code_id=first.pk, code=sent_code(), at=AT)
    second = services.send_sign_in_code(phone=NUMBER, at=AT)
    services.prove_sign_in(code_id=second.pk, code=sent_code(), at=AT)
    # when
    one = services.register_by_phone(code_id=first.pk, notice_version="2026-01", at=AT)
    other = services.register_by_phone(code_id=second.pk, notice_version="2026-01", at=AT)
    # then
    assert one == other
    assert User.objects.count() == 1


# --- signing in -----------------------------------------------------------------------------------------


def test_a_proved_number_signs_in_with_the_code_and_leads_to_where_one_wanted_to_be(client: Client) -> None:
    user = with_phone(citizen())
    ask(client, next="/requests/")
    response = answer(client)
    assert response.headers["location"] == "/requests/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "sign-in" in Event.objects.filter(subject=f"accounts.user:{user.pk}").values_list("verb", flat=True)


def test_a_next_page_on_another_host_is_not_gone_to(client: Client) -> None:
    with_phone(citizen())
    ask(client, next="https://elsewhere.example/")
    assert answer(client).headers["location"] == reverse("accounts:home")


def test_the_second_factor_is_asked_after_the_code_as_after_a_password(client: Client) -> None:
    user = with_phone(citizen())
    user.authenticator_set.create(type="totp", data={"secret": "x"})
    ask(client)
    assert answer(client).headers["location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


def test_an_account_that_was_closed_does_not_come_in_by_its_number(client: Client) -> None:
    user = with_phone(citizen())
    User.objects.filter(pk=user.pk).update(is_active=False)
    ask(client)
    assert answer(client).headers["location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


def test_the_number_of_an_officer_signs_in_to_no_agency(client: Client) -> None:
    with_phone(staff(make_agency()))
    ask(client)
    assert answer(client).headers["location"] == reverse("accounts:phone-sign-up")


def test_a_proved_number_and_its_password_sign_in_too(client: Client) -> None:
    user = with_phone(citizen())
    client.post(reverse("account_login"), {"login": "138 0000 0001", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_wrong_passwords_by_number_and_by_name_are_counted_together(client: Client) -> None:
    user = with_phone(citizen("somebody"))
    names = [NUMBER, "somebody", NUMBER, "somebody@mail.example"]
    answers = [client.post(reverse("account_login"), {"login": name, "password": "wrong"}) for name in names]
    assert [response.status_code for response in answers] == [200] * 4
    assert client.post(reverse("account_login"), {"login": NUMBER, "password": "wrong"}).status_code == 429
    assert Event.objects.filter(subject=f"accounts.user:{user.pk}", verb="sign-in", refused=True).count() == 5


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


# --- one number, one account --------------------------------------------------------------------------------


def test_a_number_that_signs_in_to_another_account_stays_there_and_only_its_holder_learns_so() -> None:
    # given
    first = with_phone(citizen())
    second = citizen()
    services.send_phone_code(by=second, phone=NUMBER, at=AT)
    # when the code is wrong nothing is said of it
    with pytest.raises(RuleBroken, match="验证码不正确"):
        services.verify_phone(by=second, code=wrong_code(), at=AT)
    # when it is right
    with pytest.raises(RuleBroken, match="已经用于另一个账号"):
        services.verify_phone(by=second, code=sent_code(), at=AT)
    # then
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.phone, second.phone) == (NUMBER, "")


def test_an_officer_may_prove_the_number_of_their_own_citizens_account() -> None:
    with_phone(citizen())
    assert with_phone(staff(make_agency())).phone == NUMBER


def test_the_database_itself_keeps_a_number_to_one_account_of_the_public() -> None:
    first, second = with_phone(citizen()), citizen()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=second.pk).update(phone_index=first.phone_index)


# --- numbers from before ------------------------------------------------------------------------------------


def test_numbers_that_were_stored_in_clear_are_found_again_after_the_migration() -> None:
    """The migration's own encryption agrees with the portal's."""
    migration = importlib.import_module("guiyang_data.accounts.migrations.0004_encrypt_telephones")
    user = with_phone(citizen())
    assert migration._index(NUMBER) == user.phone_index
    assert migration._cipher().decrypt(user.phone_encrypted.encode()).decode() == NUMBER
