"""Signing up, signing in, being locked out."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts.models import Consent, User
from guiyang_data.ledger.models import Event
from tests.factories.accounts import PASSWORD, citizen, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SIGN_UP = {
    "username": "newcomer",
    "email": "newcomer@mail.example",
    "password1": "a-long-pass-phrase-9",
    "password2": "a-long-pass-phrase-9",
    "consent": "on",
    "notice_version": "2026-01",
}


def sign_in(client: Client, name: str, password: str = PASSWORD) -> int:
    """The status of the answer."""
    return client.post(reverse("account_login"), {"login": name, "password": password}).status_code


def test_somebody_of_the_public_signs_up_with_consent_to_the_notice_in_force(client: Client) -> None:
    # when
    response = client.post(reverse("account_signup"), SIGN_UP)
    # then
    assert response.status_code == 302
    user = User.objects.get(username="newcomer")
    assert user.kind == User.Kind.PUBLIC
    assert Consent.objects.get(user=user).notice_version == "2026-01"
    verbs = set(Event.objects.filter(subject=f"accounts.user:{user.pk}").values_list("verb", flat=True))
    assert verbs == {"register", "consent", "sign-in"}


def test_the_form_names_the_notice_in_force_and_leads_to_it(client: Client) -> None:
    page = client.get(reverse("account_signup")).content.decode()
    assert 'name="notice_version" value="2026-01"' in page
    assert reverse("accounts:privacy") in page


@pytest.mark.parametrize("change", [{"consent": ""}, {"notice_version": "2019-01"}])
def test_without_consent_to_the_notice_in_force_there_is_no_account(client: Client, change: dict[str, str]) -> None:
    # when
    response = client.post(reverse("account_signup"), SIGN_UP | change)
    # then
    assert response.status_code == 200
    assert "consent" in response.context["form"].errors
    assert not User.objects.exists()
    assert not Event.objects.exists()
    assert 'value="newcomer"' in response.content.decode()


@pytest.mark.parametrize("address", ["account_login", "account_signup"])
def test_an_empty_form_says_at_each_field_what_to_do(client: Client, address: str) -> None:
    page = client.post(reverse(address), {}).content.decode()
    assert page.count("请填写这一项。") >= 2
    assert "该字段" not in page


def test_an_address_that_has_an_account_gets_no_second_one(client: Client) -> None:
    citizen("somebody")
    EmailAddress.objects.create(user=User.objects.get(), email="somebody@mail.example", verified=True, primary=True)
    response = client.post(reverse("account_signup"), SIGN_UP | {"email": "Somebody@mail.example"})
    assert "email" in response.context["form"].errors
    assert User.objects.count() == 1
    assert not Consent.objects.exists()


@pytest.mark.parametrize("name", ["somebody", "somebody@mail.example", "SOMEBODY@mail.example"])
def test_signing_in_takes_the_username_or_the_mail_address(client: Client, name: str) -> None:
    user = citizen("somebody")
    assert sign_in(client, name) == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Event.objects.get(subject=f"accounts.user:{user.pk}").verb == "sign-in"


def test_a_wrong_password_is_a_refused_event_of_the_account_and_what_was_typed_is_kept_nowhere(client: Client) -> None:
    # given
    user = citizen("somebody")
    # when
    assert sign_in(client, "somebody@mail.example", "oops-secret") == 200
    # then
    event = Event.objects.get()
    assert (event.subject, event.verb, event.refused, event.actor) == (
        f"accounts.user:{user.pk}",
        "sign-in",
        True,
        "public",
    )
    attempt = AccessAttempt.objects.get()
    kept = f"{event.payload} {attempt.username} {attempt.post_data} {attempt.get_data}"
    assert "somebody" not in kept
    assert "oops-secret" not in kept
    assert "_auth_user_id" not in client.session


def test_a_name_that_belongs_to_nobody_is_refused_on_the_common_subject_without_the_name(client: Client) -> None:
    sign_in(client, "my-password-typed-here")
    event = Event.objects.get()
    assert (event.subject, event.refused) == ("accounts.signin", True)
    kept = f"{event.payload} {AccessAttempt.objects.get().__dict__}"
    assert "my-password-typed-here" not in kept


def test_after_five_failures_the_right_password_does_not_help_either(client: Client) -> None:
    # given four failures
    user = citizen("somebody")
    assert [sign_in(client, "somebody", "wrong") for _ in range(4)] == [200] * 4
    # when the fifth
    response = client.post(reverse("account_login"), {"login": "somebody", "password": "wrong"})
    # then
    assert response.status_code == 429
    assert "account/locked_out.html" in [template.name for template in response.templates]
    assert sign_in(client, "somebody") == 429
    assert "_auth_user_id" not in client.session
    assert Event.objects.filter(subject=f"accounts.user:{user.pk}", refused=True).count() == 6
    assert not Event.objects.filter(refused=False).exists()


def test_the_two_names_of_an_account_are_counted_together(client: Client) -> None:
    citizen("somebody")
    names = ["somebody", "somebody@mail.example", "somebody", "Somebody@mail.example"]
    assert [sign_in(client, name, "wrong") for name in names] == [200] * 4
    assert sign_in(client, "somebody@mail.example", "wrong") == 429


def test_somebody_elses_account_is_not_locked_by_it(client: Client) -> None:
    citizen("somebody")
    citizen("another")
    for _ in range(5):
        sign_in(client, "somebody", "wrong")
    assert sign_in(client, "another") == 302


def test_the_lockout_ends_after_its_quarter_of_an_hour_however_often_it_was_tried_meanwhile(client: Client) -> None:
    # given a lockout that began sixteen minutes ago, and a try since
    citizen("somebody")
    for _ in range(5):
        sign_in(client, "somebody", "wrong")
    attempt = AccessAttempt.objects.get()
    began = attempt.attempt_time
    assert sign_in(client, "somebody") == 429
    attempt.refresh_from_db()
    assert attempt.attempt_time == began
    # when
    AccessAttempt.objects.update(attempt_time=began.replace(year=began.year - 1))
    # then
    assert sign_in(client, "somebody") == 302


def test_signing_in_rightly_forgets_the_failures_before(client: Client) -> None:
    citizen("somebody")
    for _ in range(4):
        sign_in(client, "somebody", "wrong")
    assert sign_in(client, "somebody") == 302
    client.logout()
    assert sign_in(client, "somebody", "wrong") == 200


def test_signing_out_is_an_event(client: Client) -> None:
    user = citizen("somebody")
    sign_in(client, "somebody")
    client.post(reverse("account_logout"))
    verbs = list(Event.objects.filter(subject=f"accounts.user:{user.pk}").values_list("verb", flat=True))
    assert verbs == ["sign-in", "sign-out"]


def test_a_member_of_the_staff_whose_account_was_opened_sets_the_password_by_mail(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    # given an account without a password
    user = staff(make_agency(), username="officer")
    user.set_unusable_password()
    user.save()
    # when
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"http://[^/]+(/\S+)", str(mailoutbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "brand-new-phrase-5", "password2": "brand-new-phrase-5"})
    # then
    user.refresh_from_db()
    assert user.check_password("brand-new-phrase-5")


def test_a_mail_server_that_does_not_answer_does_not_stop_a_sign_up(client: Client, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    response = client.post(reverse("account_signup"), SIGN_UP, follow=True)
    assert User.objects.filter(username="newcomer").exists()
    assert "邮件暂时没有发出" in response.content.decode()
