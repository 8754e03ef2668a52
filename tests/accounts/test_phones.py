"""Telephones: proved by a code, kept encrypted, and for the public a way to sign up and in."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from guiyang_data.accounts import services
from guiyang_data.accounts.models import GatewayMessage, PhoneCode, User
from guiyang_data.accounts.telephones import masked, mobile_number
from guiyang_data.errors import RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.models import Event
from tests.accounts.conftest import AT
from tests.accounts.telephones import (
    MINUTE,
    NUMBER,
    SILENT,
    sent_code,
    with_phone,
    wrong_code,
)
from tests.factories.accounts import citizen, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


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
