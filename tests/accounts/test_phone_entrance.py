"""Signing up and in with a telephone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts import services
from guiyang_data.accounts.models import Consent, PhoneCode, User
from guiyang_data.errors import WrongState
from guiyang_data.ledger.models import Event
from tests.accounts.conftest import AT
from tests.accounts.telephones import (
    MINUTE,
    NUMBER,
    answer,
    ask,
    sent_code,
    with_phone,
)
from tests.factories.accounts import PASSWORD, citizen, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


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
