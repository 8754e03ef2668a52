"""Sign-in, account and second-factor pages: in the portal's shell, in Chinese, with nothing in the way."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts.models import GatewayMessage, User
from tests.factories.accounts import PASSWORD
from tests.look.reading import Page

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

OPEN_PAGES = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
    "accounts:phone-sign-in",
]
OWN_PAGES = [
    "account_logout",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
]
ENGLISH_KEPT = {"PDF", "Cookie", "English", "IP"}


def read(html: str) -> Page:
    """The page, after making sure that it is whole and speaks Chinese."""
    page = Page(html)
    assert page.faults() == []
    assert page.all("html")[0].attributes["lang"] == "zh-hans"
    main = page.all("main")[0].text
    english = set(re.findall(r"[A-Z][a-z]{2,}", main)) - ENGLISH_KEPT
    assert not english, f"not translated: {english}"
    assert "！" not in main
    assert "!" not in main
    return page


@pytest.fixture
def person() -> User:
    user = User.objects.create_user(username="liming", email="liming@mail.example", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def signed_in(person: User) -> Client:
    """A browser whose owner has just proved who he is."""
    client = Client(headers={"user-agent": "测试浏览器"})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("account_email")})
    return client


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_a_page_before_sign_in_has_our_look(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    page = read(response.content.decode())
    assert "贵阳市政府数据平台" in page.all("header")[0].text


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_page_of_ones_own_account_has_our_look(signed_in: Client, name: str) -> None:
    response = signed_in.get(reverse(name))
    assert response.status_code == 200
    read(response.content.decode())


def test_a_wrong_password_is_said_on_top_and_what_was_typed_is_kept(client: Client, person: User) -> None:
    response = client.post(reverse("account_login"), {"login": person.username, "password": "wrong"})
    page = read(response.content.decode())
    summary = next(one for one in page.elements if one.attributes.get("class") == "error-summary")
    assert summary.attributes["role"] == "alert"
    assert 'value="liming"' in response.content.decode()


def test_an_unfinished_sign_up_leads_to_each_field(client: Client) -> None:
    response = client.post(reverse("account_signup"), {"username": "new-one"})
    page = read(response.content.decode())
    targets = [one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("#id_")]
    assert "#id_email" in targets
    assert "#id_password1" in targets


def test_the_pages_of_signing_in_by_telephone_have_our_look(client: Client) -> None:
    # given a number that is none, then one
    wrong = client.post(reverse("accounts:phone-sign-in"), {"phone": "12345"})
    assert wrong.status_code == 422
    targets = [one.attributes["href"] for one in read(wrong.content.decode()).all("a")]
    assert "#id_phone" in targets
    client.post(reverse("accounts:phone-sign-in"), {"phone": "13800000001"})
    # then its code, and the consent, name the number by its two ends
    code = client.get(reverse("accounts:phone-sign-in-code")).content.decode()
    read(code)
    assert "138****0001" in code
    sent = re.search(r"\d{6}", GatewayMessage.objects.get().body)
    assert sent is not None
    page = client.post(reverse("accounts:phone-sign-in-code"), {"code": sent[0]}, follow=True).content.decode()
    assert read(page).all("h1")[0].text == "建立账号"
    assert "138****0001" in page


def test_a_sign_in_goes_on_to_where_one_wanted_to_be(client: Client) -> None:
    page = read(client.get(reverse("account_login") + "?next=/requests/").content.decode())
    hidden = [one.attributes for one in page.all("input") if one.attributes.get("name") == "next"]
    assert [one["value"] for one in hidden] == ["/requests/"]


def test_a_dead_link_for_a_new_password_says_that_the_old_one_holds(client: Client) -> None:
    response = client.get(reverse("account_reset_password_from_key", args=["1", "used-already"]))
    read(response.content.decode())
    assert "原密码没有改变" in response.content.decode()


def test_a_dead_link_for_an_address_says_how_to_get_a_new_one(client: Client) -> None:
    response = client.get(reverse("account_confirm_email", args=["gone"]))
    read(response.content.decode())
    assert "重新发送验证邮件" in response.content.decode()


def test_recovery_codes_can_be_made_and_are_shown_to_their_owner(signed_in: Client, person: User) -> None:
    # given a person with an authenticator
    person.authenticator_set.create(type="totp", data={"secret": "x"})
    # when they ask for codes
    read(signed_in.get(reverse("mfa_generate_recovery_codes")).content.decode())
    response = signed_in.post(reverse("mfa_generate_recovery_codes"), follow=True)
    # then ten are shown, and the overview says so
    page = read(response.content.decode())
    codes = next(one for one in page.elements if one.attributes.get("id") == "codes")
    assert len(codes.text.split()) == 10
    read(signed_in.get(reverse("mfa_deactivate_totp")).content.decode())
    assert "还有 10 个未用" in signed_in.get(reverse("mfa_index")).content.decode()


def test_the_second_step_of_signing_in_has_our_look(client: Client, person: User) -> None:
    person.authenticator_set.create(type="totp", data={"secret": "x"})
    response = client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD}, follow=True)
    page = read(response.content.decode())
    assert page.all("h1")[0].text == "二次验证"


def test_a_form_whose_token_is_gone_changes_nothing_and_says_so(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
    assert response.status_code == 403
    read(response.content.decode())
    assert "没有改动任何内容" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_too_many_wrong_passwords_say_when_one_may_try_again(client: Client, person: User) -> None:
    for _attempt in range(6):
        response = client.post(reverse("account_login"), {"login": person.username, "password": "wrong"})
    assert response.status_code in {403, 429}
    read(response.content.decode())
    assert "请在 15 分钟后再试" in response.content.decode()


def test_the_mail_for_a_new_password_is_in_chinese_and_holds_the_link() -> None:
    text = render_to_string(
        "account/email/password_reset_key_message.txt",
        {"password_reset_url": "https://data.guiyang.example/r/", "username": "liming"},
    )
    assert text.startswith("您好：")
    assert "https://data.guiyang.example/r/" in text
    assert "您的用户名是 liming" in text
