"""Changing the telephone of an account: the code at the new number, and a second proof. Page and API alike."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core import mail as django_mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from guiyang_data.accounts import services
from guiyang_data.accounts.models import GatewayMessage, PhoneCode, User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.errors import NotAllowed, RuleBroken, Unavailable
from guiyang_data.ledger.models import Event
from tests.accounts.conftest import AT
from tests.accounts.telephones import MINUTE, NUMBER, OTHER, SILENT, ask, sent_code, with_phone
from tests.accounts.telephones import answer as sign_in
from tests.factories.accounts import PASSWORD, bearer, citizen, make_agency, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATER = AT + MINUTE
DAY = dt.timedelta(days=1)
API, PROVE = "/api/v1/me/phone/", "/api/v1/me/phone/prove/"


def with_mail(user: User) -> User:
    """The account, with its mail address confirmed long ago."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def by_phone_alone() -> User:
    """An account that has a number, and neither password nor mail."""
    user = with_phone(citizen(email=""))
    user.set_unusable_password()
    user.save()
    return user


def letters() -> list[tuple[str, str]]:
    """What was sent, oldest first, by text message and then by mail: (address, text)."""
    texts = GatewayMessage.objects.order_by("id").values_list("recipient", "body")
    return [*texts, *((mail.to[0], str(mail.body)) for mail in outbox_of_mails())]


def outbox_of_mails() -> list[EmailMessage]:
    return list(getattr(django_mail, "outbox", []))


def codes() -> dict[str, str]:
    """The newest code at each address."""
    found = ((address, re.search(r"\d{6}", text)) for address, text in letters())
    return {address: code[0] for address, code in found if code}


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def asked(user: User, way: str, *, at: dt.datetime = LATER) -> PhoneCode:
    return services.send_phone_code(by=user, phone=OTHER, way=way, at=at)


def proof_of(user: User, way: str) -> str:
    """What proves it."""
    return PASSWORD if way == "password" else codes()[NUMBER if way == "sms" else user.email]


def number_of(user: User) -> str:
    return User.objects.get(pk=user.pk).phone


WAYS = ["password", "sms", "mail"]


class TestTheSecondProof:
    @pytest.mark.parametrize("way", WAYS)
    def test_with_both_the_number_changes_and_number_and_mail_of_before_are_told(
        self, client: Client, way: str
    ) -> None:
        # given
        user = with_mail(with_phone(citizen()))
        asked(user, way)
        # when
        services.verify_phone(by=user, code=codes()[OTHER], proof=proof_of(user, way), at=LATER)
        # then
        assert number_of(user) == OTHER
        for address in (NUMBER, user.email):
            told = dict(letters())[address]
            assert "139****0002" in told
            assert "尽快联系平台" in told
            assert OTHER not in told
        event = Event.objects.filter(verb="verify-phone").latest("id")
        assert event.payload == {"second": way}
        assert not PhoneCode.objects.exists()
        # and the old number signs in no more
        ask(client)
        assert sign_in(client).headers["location"] == reverse("accounts:phone-sign-up")

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("proof", ["", "000000", "the code itself", "spaces"])
    def test_without_it_nothing_changes(self, way: str, proof: str) -> None:
        user = with_mail(with_phone(citizen()))
        asked(user, way)
        code = codes()[OTHER]
        given = {"the code itself": code, "000000": wrong(proof_of(user, way)), "spaces": "      "}.get(proof, proof)
        with pytest.raises(RuleBroken) as refused:
            services.verify_phone(by=user, code=code, proof=given, at=LATER)
        assert set(refused.value.fields) == {"proof"}
        assert number_of(user) == NUMBER
        assert PhoneCode.objects.get().tries_left == 4

    @pytest.mark.parametrize("way", WAYS)
    def test_the_proof_alone_changes_nothing_either(self, way: str) -> None:
        user = with_mail(with_phone(citizen()))
        asked(user, way)
        with pytest.raises(RuleBroken) as refused:
            services.verify_phone(by=user, code=wrong(codes()[OTHER]), proof=proof_of(user, way), at=LATER)
        assert set(refused.value.fields) == {"code"}
        assert number_of(user) == NUMBER

    def test_the_codes_do_not_stand_for_each_other(self) -> None:
        user = with_phone(citizen())
        asked(user, "sms")
        with pytest.raises(RuleBroken):
            services.verify_phone(by=user, code=codes()[NUMBER], proof=codes()[OTHER], at=LATER)
        assert number_of(user) == NUMBER

    def test_an_account_by_telephone_alone_proves_it_at_the_number_that_is_left(self) -> None:
        user = by_phone_alone()
        assert services.ways_to_prove(user, at=LATER) == ["sms"]
        asked(user, "")
        services.verify_phone(by=user, code=codes()[OTHER], proof=codes()[NUMBER], at=LATER)
        assert number_of(user) == OTHER

    def test_a_first_number_needs_its_code_only_and_the_mail_address_is_told(self) -> None:
        user = citizen()
        assert services.ways_to_prove(user, at=AT) == []
        with_phone(user)
        assert "已绑定手机号码 138****0001" in dict(letters())[user.email]

    def test_the_same_number_proved_once_more_is_no_change(self) -> None:
        user = with_phone(citizen())
        count = len(letters())
        services.send_phone_code(by=user, phone=NUMBER, at=LATER)
        services.verify_phone(by=user, code=sent_code(), at=LATER)
        assert len(letters()) == count + 1

    def test_a_system_has_no_telephone(self) -> None:
        with pytest.raises(NotAllowed):
            services.send_phone_code(by=system(make_agency()).user, phone=NUMBER, at=AT)

    @pytest.mark.parametrize("way", ["sms", "mail"])
    def test_where_the_proof_cannot_be_sent_nothing_waits(self, settings: LazySettings, way: str) -> None:
        user = with_mail(with_phone(citizen()))
        settings.SMS_GATEWAY = SILENT
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        with pytest.raises(Unavailable):
            asked(user, way)
        assert not PhoneCode.objects.exists()


class TestAttacks:
    def test_what_was_set_in_the_session_itself_proves_nothing_for_a_day(self, client: Client) -> None:
        """Who sits at a session of an account by telephone may set a password, and add a mail address."""
        # given
        user = by_phone_alone()
        # when
        with time_machine.travel(LATER, tick=False):
            client.force_login(user)
            twice = {"password1": "a-new-long-one-7", "password2": "a-new-long-one-7"}
            client.post(reverse("account_set_password"), twice)
            client.post(reverse("account_email"), {"action_add": "", "email": "thief@mail.example"})
            link = re.search(r"/accounts/confirm-email/\S+", dict(letters())["thief@mail.example"])
            assert link is not None
            client.post(link[0])
        # then they are there, and are no proof
        user = User.objects.get(pk=user.pk)
        assert user.check_password("a-new-long-one-7")
        assert services.proved_mail(user) == "thief@mail.example"
        assert services.ways_to_prove(user, at=LATER + DAY - MINUTE) == ["sms"]
        for way in ("password", "mail"):
            with pytest.raises(RuleBroken) as refused:
                asked(user, way)
            assert set(refused.value.fields) == {"way"}
        assert not PhoneCode.objects.exists()
        # and a day later they are
        assert services.ways_to_prove(user, at=LATER + DAY) == ["password", "sms", "mail"]

    def test_a_used_pair_of_codes_is_used_up(self) -> None:
        # given a change, and its codes kept
        user = by_phone_alone()
        asked(user, "sms")
        code, proof = codes()[OTHER], codes()[NUMBER]
        services.verify_phone(by=user, code=code, proof=proof, at=LATER)
        # when the owner has their number back
        services.send_phone_code(by=user, phone=NUMBER, way="sms", at=LATER + MINUTE)
        services.verify_phone(by=user, code=codes()[NUMBER], proof=codes()[OTHER], at=LATER + MINUTE)
        # then the pair of before changes nothing, without a change under way or with one
        with pytest.raises(RuleBroken):
            services.verify_phone(by=user, code=code, proof=proof, at=LATER + 2 * MINUTE)
        asked(user, "sms", at=LATER + 2 * MINUTE)
        if (code, proof) != (codes()[OTHER], codes()[NUMBER]):
            with pytest.raises(RuleBroken):
                services.verify_phone(by=user, code=code, proof=proof, at=LATER + 2 * MINUTE)
        assert number_of(user) == NUMBER

    def test_five_wrong_proofs_use_both_codes_up(self) -> None:
        user = by_phone_alone()
        asked(user, "sms")
        code, proof = codes()[OTHER], codes()[NUMBER]
        for _ in range(5):
            with pytest.raises(RuleBroken):
                services.verify_phone(by=user, code=code, proof=wrong(proof), at=LATER)
        with pytest.raises(RuleBroken):
            services.verify_phone(by=user, code=code, proof=proof, at=LATER)
        assert number_of(user) == NUMBER

    def test_a_proof_is_good_for_ten_minutes(self) -> None:
        user = by_phone_alone()
        asked(user, "sms")
        with pytest.raises(RuleBroken):
            services.verify_phone(by=user, code=codes()[OTHER], proof=codes()[NUMBER], at=LATER + 10 * MINUTE)
        assert number_of(user) == NUMBER

    def test_somebody_elses_codes_and_password_do_not_count(self) -> None:
        # given two accounts that change at the same time
        mine, other = by_phone_alone(), with_phone(citizen(), "13700000003")
        asked(mine, "sms")
        code, proof = codes()[OTHER], codes()[NUMBER]
        services.send_phone_code(by=other, phone="13600000004", way="password", at=LATER)
        # then
        for given in ({"code": code, "proof": proof}, {"code": codes()["13600000004"], "proof": proof}):
            with pytest.raises(RuleBroken):
                services.verify_phone(by=other, at=LATER, **given)
        with pytest.raises(RuleBroken):
            services.verify_phone(by=mine, code=code, proof=PASSWORD, at=LATER)
        assert (number_of(mine), number_of(other)) == (NUMBER, "13700000003")

    def test_a_code_asked_for_before_there_was_a_number_does_not_replace_one(self) -> None:
        # given a code for a first number, and a number that was proved meanwhile
        user = citizen()
        services.send_phone_code(by=user, phone=OTHER, at=AT)
        code = codes()[OTHER]
        User.objects.filter(pk=user.pk).update(phone_index="f" * 64, phone_encrypted=encrypt("13500000005"))
        # then
        with pytest.raises(RuleBroken) as refused:
            services.verify_phone(by=user, code=code, at=AT)
        assert set(refused.value.fields) == {"proof"}
        assert number_of(user) == "13500000005"


class TestThePages:
    def test_the_form_asks_how_and_the_next_page_asks_for_both(self, client: Client) -> None:
        # given
        user = with_mail(with_phone(citizen()))
        client.force_login(user)
        page = client.get(reverse("accounts:phone")).content.decode()
        for words in (
            "更换手机号码",
            "登录密码",
            "原手机号码收到的验证码 138****0001",
            f"{user.email[0]}***@mail.example",
        ):
            assert words in page
        assert user.email not in page
        # when
        client.post(reverse("accounts:phone"), {"phone": OTHER, "way": "sms"})
        page = client.get(reverse("accounts:phone-code")).content.decode()
        assert "139****0002 收到的验证码" in page
        assert "138****0001 收到的验证码" in page
        given = {"code": codes()[OTHER], "proof": wrong(codes()[NUMBER])}
        refused = client.post(reverse("accounts:phone-code"), given)
        assert refused.status_code == 422
        assert "请检查原手机号码收到的六位数字" in refused.content.decode()
        done = client.post(reverse("accounts:phone-code"), given | {"proof": codes()[NUMBER]}, follow=True)
        # then
        assert "手机号码已经验证" in done.content.decode()
        assert number_of(user) == OTHER

    def test_a_way_that_is_not_offered_and_none_at_all_are_refused(self, client: Client) -> None:
        client.force_login(by_phone_alone())
        for given in ({}, {"way": "password"}, {"way": "mail"}, {"way": "none"}):
            response = client.post(reverse("accounts:phone"), {"phone": OTHER, **given})
            assert response.status_code == 422
            assert "way" in response.context["form"].errors
        assert not PhoneCode.objects.exists()

    def test_the_password_is_never_given_back(self, client: Client) -> None:
        client.force_login(with_phone(citizen()))
        client.post(reverse("accounts:phone"), {"phone": OTHER, "way": "password"})
        page = client.post(reverse("accounts:phone-code"), {"code": wrong(codes()[OTHER]), "proof": PASSWORD})
        assert page.status_code == 422
        assert PASSWORD not in page.content.decode()
        assert 'type="password"' in page.content.decode()


def on_page(client: Client, code: str, proof: str) -> int:
    return client.post(reverse("accounts:phone-code"), {"code": code, "proof": proof}).status_code


def over_rest(client: Client, code: str, proof: str) -> int:
    return client.post(PROVE, {"code": code, "proof": proof}, content_type="application/json").status_code


@pytest.mark.parametrize("tell", [on_page, over_rest])
def test_ten_wrong_proofs_an_hour_are_enough_for_an_account_from_wherever(settings: LazySettings, tell: Any) -> None:
    # given limits per address that are not in the way
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "phone_code": "1000/m/key",
        "phone_code_failed": "1000/h/ip",
    }
    user = with_phone(citizen())
    for turn in range(2):
        PhoneCode.objects.all().delete()
        asked(user, "password", at=LATER + turn * MINUTE)
        PhoneCode.objects.update(expires_at=AT + 1000 * DAY)
        for number in range(5):
            client = Client(REMOTE_ADDR=f"203.0.113.{turn * 5 + number}")
            client.force_login(user)
            assert tell(client, codes()[OTHER], "not-the-password") == 422
    # when the right one follows
    PhoneCode.objects.all().delete()
    asked(user, "password", at=LATER + 5 * MINUTE)
    PhoneCode.objects.update(expires_at=AT + 1000 * DAY)
    client = Client(REMOTE_ADDR="198.51.100.1")
    client.force_login(user)
    # then
    assert tell(client, codes()[OTHER], PASSWORD) == 429
    assert number_of(user) == NUMBER
    # and nobody else is in the way
    other = with_phone(citizen(), "13700000003")
    services.send_phone_code(by=other, phone="13600000004", way="password", at=LATER)
    PhoneCode.objects.update(expires_at=AT + 1000 * DAY)
    client.force_login(other)
    assert tell(client, codes()["13600000004"], PASSWORD) in {200, 302}


class TestOverRest:
    def test_it_is_changed_there_by_the_same_rules(self, client: Client) -> None:
        # given
        user = with_mail(with_phone(citizen()))
        client.force_login(user)
        shown = client.get(API).json()
        assert shown["phone"] == "138****0001"
        assert [one["way"] for one in shown["ways"]] == WAYS
        # when
        sent = client.post(API, {"phone": OTHER, "way": "mail"}, content_type="application/json")
        assert sent.status_code == 201
        assert (sent.json()["phone"], sent.json()["way"]) == ("139****0002", "mail")
        assert over_rest(client, codes()[OTHER], "") == 422
        refused = client.post(PROVE, {"code": codes()[OTHER], "proof": "000000"}, content_type="application/json")
        assert (refused.status_code, set(refused.json()["fields"])) == (422, {"proof"})
        done = client.post(
            PROVE, {"code": codes()[OTHER], "proof": codes()[user.email]}, content_type="application/json"
        )
        # then
        assert (done.status_code, done.json()["phone"]) == (200, "139****0002")
        assert number_of(user) == OTHER

    def test_a_way_that_is_not_there_is_refused_at_its_field(self, client: Client) -> None:
        client.force_login(by_phone_alone())
        answer = client.post(API, {"phone": OTHER, "way": "password"}, content_type="application/json")
        assert (answer.status_code, set(answer.json()["fields"])) == (422, {"way"})

    def test_messages_are_counted_as_on_the_page_for_the_number_before_too(self, client: Client) -> None:
        # given
        user = by_phone_alone()
        client.force_login(user)
        assert client.post(API, {"phone": OTHER}, content_type="application/json").status_code == 201
        PhoneCode.objects.all().delete()
        # then neither number is sent another within the minute
        for number in (OTHER, "13700000003"):
            assert client.post(API, {"phone": number}, content_type="application/json").status_code == 429

    def test_a_system_and_a_stranger_change_nothing(self) -> None:
        token = bearer(system(make_agency()))
        given = {"phone": OTHER}
        assert Client().post(API, given, content_type="application/json").status_code == 401
        assert Client().post(API, given, content_type="application/json", **token).status_code == 403
        assert not PhoneCode.objects.exists()
