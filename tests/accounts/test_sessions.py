"""Sessions end by themselves, can be ended one by one, and those who decide need a second factor."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts.roles import DECIDERS, Role
from guiyang_data.ledger.models import Event
from tests.factories.accounts import PASSWORD, citizen, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

HOME = "/me/"


def signed_in(name: str, agent: str = "browser") -> Client:
    client = Client(headers={"user-agent": agent})
    assert client.post(reverse("account_login"), {"login": name, "password": PASSWORD}).status_code == 302
    return client


def minutes(clock: Path, number: float) -> None:
    """Move the portal's time to so many minutes after now."""
    clock.write_text(str(int(number * 60)), encoding="ascii")


def test_a_session_that_was_idle_for_half_an_hour_has_ended_and_the_page_says_why(clock: Path) -> None:
    # given
    user = citizen("somebody")
    client = signed_in("somebody")
    minutes(clock, 29)
    assert client.get(HOME).status_code == 200
    # when half an hour passes without an act
    minutes(clock, 29 + 30.1)
    response = client.get(HOME, follow=True)
    # then
    assert response.redirect_chain[0] == ("/accounts/login/?next=%2Fme%2F", 302)
    assert "您已有 30 分钟没有操作" in response.content.decode()
    event = Event.objects.get(verb="session-ended")
    assert (event.subject, event.actor, event.payload) == (f"accounts.user:{user.pk}", "platform", {"end": "idle"})


def test_every_act_moves_the_idle_end_on_but_not_the_absolute_one(clock: Path) -> None:
    # given twelve hours of work without a pause
    citizen("somebody")
    client = signed_in("somebody")
    for quarter in range(1, 48):
        minutes(clock, quarter * 15)
        assert client.get(HOME).status_code == 200
    # when the twelfth hour is full
    minutes(clock, 12 * 60 + 1)
    response = client.get(HOME, follow=True)
    # then
    assert "本次登录已满 12 小时" in response.content.decode()
    assert Event.objects.get(verb="session-ended").payload == {"end": "absolute"}


def test_an_ended_session_answers_the_api_with_401_and_htmx_with_the_way_to_sign_in(clock: Path) -> None:
    citizen("somebody")
    for headers, status in ({"hx-request": "true"}, 204), ({}, 302):
        client = signed_in("somebody")
        minutes(clock, 31)
        assert client.get(HOME, headers=headers).status_code == status
        minutes(clock, 0)
    client = signed_in("somebody")
    minutes(clock, 31)
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_being_seen_is_written_once_a_minute_and_not_at_every_request(
    clock: Path, django_assert_max_num_queries: object
) -> None:
    citizen("somebody")
    client = signed_in("somebody")
    seen = UserSession.objects.get().last_seen_at
    client.get(HOME)
    assert UserSession.objects.get().last_seen_at == seen
    minutes(clock, 2)
    client.get(HOME)
    assert UserSession.objects.get().last_seen_at > seen


def test_ones_sessions_are_listed_and_one_of_them_is_ended_from_another() -> None:
    # given
    user = citizen("somebody")
    here, there = signed_in("somebody", "here"), signed_in("somebody", "there")
    page = here.get(reverse("accounts:sessions")).content.decode()
    assert "here" in page
    assert "there" in page
    # when
    pk = UserSession.objects.get(user_agent="there").pk
    here.post(reverse("accounts:session-end", args=[pk]))
    # then
    assert there.get(HOME).status_code == 302
    assert here.get(HOME).status_code == 200
    assert Event.objects.filter(subject=f"accounts.user:{user.pk}", verb="end-session").count() == 1


def test_somebody_elses_session_cannot_be_ended() -> None:
    # given
    citizen("somebody")
    citizen("another")
    victim, other = signed_in("somebody"), signed_in("another")
    pk = UserSession.objects.get(user__username="somebody").pk
    # when
    response = other.post(reverse("accounts:session-end", args=[pk]))
    # then
    assert response.status_code == 404
    assert victim.get(HOME).status_code == 200
    assert not Event.objects.filter(verb="end-session").exists()


def test_all_other_sessions_are_ended_at_once() -> None:
    citizen("somebody")
    clients = [signed_in("somebody", f"agent-{n}") for n in range(3)]
    clients[0].post(reverse("accounts:sessions-end-others"))
    assert [client.get(HOME).status_code for client in clients] == [200, 302, 302]


def test_the_address_of_the_library_leads_to_the_page_of_sessions() -> None:
    citizen("somebody")
    response = signed_in("somebody").get(reverse("usersessions_list"))
    assert (response.status_code, response.headers["location"]) == (302, reverse("accounts:sessions"))


@pytest.mark.parametrize("role", DECIDERS)
def test_who_decides_sets_up_a_second_factor_before_anything_else(settings: LazySettings, role: Role) -> None:
    # given
    settings.SECOND_FACTOR_REQUIRED = True
    staff(make_agency(), role, username="officer")
    client = signed_in("officer")
    # when
    response = client.get(HOME)
    # then
    assert (response.status_code, response.headers["location"]) == (302, reverse("mfa_activate_totp"))
    assert client.get("/api/v1/me/").json()["code"] == "second_factor_required"
    assert client.get(reverse("accounts:privacy")).status_code == 200


def test_who_decides_nothing_and_every_one_where_the_setting_is_off_needs_no_second_factor(
    settings: LazySettings,
) -> None:
    agency = make_agency()
    staff(agency, Role.DATA_STEWARD, username="steward")
    staff(agency, Role.APPROVER, username="approver")
    assert signed_in("approver").get(HOME).status_code == 200
    settings.SECOND_FACTOR_REQUIRED = True
    assert signed_in("steward").get(HOME).status_code == 200


def test_with_a_second_factor_the_password_alone_does_not_sign_in(settings: LazySettings) -> None:
    # given
    settings.SECOND_FACTOR_REQUIRED = True
    user = staff(make_agency(), Role.APPROVER, username="officer")
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    client = Client()
    # when the password is right
    response = client.post(reverse("account_login"), {"login": "officer", "password": PASSWORD})
    # then it takes the code as well
    assert response.headers["location"] == reverse("mfa_authenticate")
    assert client.get(HOME).status_code == 302
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(HOME).status_code == 200
