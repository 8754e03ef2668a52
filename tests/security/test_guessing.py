"""Guessing is slow: the second factor, and filings without an account."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from tests.caching import forget
from tests.factories.accounts import PASSWORD, city, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

SECRET = base64.b32encode(b"only-for-tests-12345").decode()


@pytest.fixture(autouse=True)
def _nothing_counted_yet(db: None) -> None:
    forget()


@pytest.fixture
def approver() -> User:
    """An approver whose password is known to somebody else, and whose second factor is not."""
    person = staff(city().provider, Role.APPROVER)
    TOTP.activate(person, SECRET)
    return person


def _code(wrong: bool) -> str:
    counters = list(yield_hotp_counters_from_time())
    right = {format_hotp_value(hotp_value(SECRET, counter + step)) for counter in counters for step in (-1, 0, 1, 2)}
    if not wrong:
        return format_hotp_value(hotp_value(SECRET, counters[0]))
    return next(code for code in (f"{number:06d}" for number in range(100)) if code not in right)


def _is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_after_some_wrong_codes_of_the_second_factor_the_right_one_does_not_help(approver: User) -> None:
    # given the right password, and wrong codes from one visit after another
    client = Client()
    for _visit in range(3):
        client = Client()
        client.post(reverse("account_login"), {"login": approver.username, "password": PASSWORD})
        for _ in range(5):
            client.post(reverse("mfa_authenticate"), {"code": _code(wrong=True)})

    # when the right code is hit at last
    client.post(reverse("mfa_authenticate"), {"code": _code(wrong=False)})

    # then
    assert not _is_signed_in(client)


def test_the_right_code_at_once_signs_in(approver: User, client: Client) -> None:
    client.post(reverse("account_login"), {"login": approver.username, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": _code(wrong=False)})
    assert _is_signed_in(client)


def test_a_made_up_forwarding_header_does_not_reset_how_often_an_address_may_file(client: Client) -> None:
    # given filings over the API that all come from one address, each naming another one
    def tries(number: int) -> Any:
        return client.post(
            "/api/v1/requests/",
            {},
            content_type="application/json",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )

    # when
    statuses = [tries(number).status_code for number in range(25)]

    # then
    assert statuses[-1] == 429


def test_counters_outlive_the_traces_of_many_other_visitors() -> None:
    # given a counter, and as many entries of other visitors as Django's own bound would not bear
    cache.set("allauth:counter", 5, 900)

    # when
    for number in range(400):
        cache.set(f"visitor:{number}", 1, 900)

    # then
    assert cache.get("allauth:counter") == 5
