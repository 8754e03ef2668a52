"""What people prove about themselves: identity, consent."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from stdnum.cn import ric

from guiyang_data.accounts import services
from guiyang_data.accounts.gateways import NOBODY
from guiyang_data.accounts.models import Consent, GatewayMessage, Person, RoleAssignment, User
from guiyang_data.accounts.protection import blind_index, decrypt, encrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import DomainError, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from tests.accounts.conftest import AT
from tests.factories.accounts import citizen, give_role, make_agency, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def identity_number(region: str, born: str) -> str:
    """A well-formed identity number with the sequence 000, which is given to nobody."""
    body = f"{region}{born}000"
    return body + ric.calc_check_digit(body + "0")


NUMBER = identity_number("520103", "19900307")
OTHER_NUMBER = identity_number("520102", "19850512")


class SilentGateway:
    """A gateway behind which nobody answers."""

    def matches(self, **_given: str) -> bool:
        raise ConnectionError


SILENT = f"{__name__}.SilentGateway"


def test_an_identity_is_proved_and_kept_encrypted_found_by_a_keyed_index_only() -> None:
    # given
    user = citizen()
    # when
    person = services.verify_identity(by=user, name=" 张三 ", id_number=NUMBER.lower(), at=AT)
    # then
    person.refresh_from_db()
    user.refresh_from_db()
    assert user.person == person
    assert (decrypt(person.name_encrypted), decrypt(person.id_number_encrypted)) == ("张三", NUMBER)
    assert person.id_number_index == blind_index(NUMBER)
    stored = str(list(Person.objects.values())) + str(list(Event.objects.values())) + str(list(User.objects.values()))
    assert NUMBER not in stored
    assert "张三" not in stored
    assert NUMBER not in str(list(GatewayMessage.objects.values()))
    event = Event.objects.get()
    assert (event.verb, event.payload) == ("verify-identity", {"person": str(person.pk)})


def test_somebody_born_before_the_region_had_its_code_is_proved_too() -> None:
    number = identity_number("520115", "19600115")
    assert services.verify_identity(by=citizen(), name="张三", id_number=number, at=AT).verified_at == AT


def test_the_same_text_is_encrypted_differently_each_time_and_indexed_the_same() -> None:
    assert encrypt(NUMBER) != encrypt(NUMBER)
    assert decrypt(encrypt(NUMBER)) == NUMBER
    assert blind_index("52010319900307771x") == blind_index(" 52010319900307771X ")


def test_one_person_may_hold_several_accounts() -> None:
    first, second = citizen(), citizen()
    one = services.verify_identity(by=first, name="张三", id_number=NUMBER, at=AT)
    same = services.verify_identity(by=second, name="张三", id_number=NUMBER, at=AT)
    assert one == same
    assert Person.objects.count() == 1
    assert one.accounts.count() == 2


def test_proving_the_same_identity_again_changes_nothing() -> None:
    user = citizen()
    services.verify_identity(by=user, name="张三", id_number=NUMBER, at=AT)
    services.verify_identity(by=user, name="张三", id_number=NUMBER, at=AT)
    assert Event.objects.count() == 1


def test_an_account_that_belongs_to_one_person_cannot_become_anothers() -> None:
    user = citizen()
    person = services.verify_identity(by=user, name="张三", id_number=NUMBER, at=AT)
    with pytest.raises(WrongState):
        services.verify_identity(by=user, name="李四", id_number=OTHER_NUMBER, at=AT)
    user.refresh_from_db()
    assert user.person == person
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "number",
    [
        NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"),
        NUMBER[:-1],
        identity_number("520103", "19901307"),
        identity_number("999999", "19900307"),
        "",
        "五二〇一〇三",
    ],
)
def test_a_number_with_a_wrong_check_digit_date_or_place_is_not_even_sent(number: str) -> None:
    user = citizen()
    with pytest.raises(RuleBroken) as caught:
        services.verify_identity(by=user, name="张三", id_number=number, at=AT)
    assert set(caught.value.fields) == {"id_number"}
    assert not GatewayMessage.objects.exists()
    assert not Person.objects.exists()


def test_a_name_that_does_not_belong_to_the_number_is_refused() -> None:
    user = citizen()
    with pytest.raises(RuleBroken) as caught:
        services.verify_identity(by=user, name=NOBODY, id_number=NUMBER, at=AT)
    assert (caught.value.subject, caught.value.verb) == (f"accounts.user:{user.pk}", "verify-identity")
    assert not Person.objects.exists()
    assert not Event.objects.exists()


def test_where_the_register_does_not_answer_nothing_changes_and_it_can_be_tried_again(settings: LazySettings) -> None:
    settings.IDENTITY_GATEWAY = SILENT
    with pytest.raises(WrongState, match="稍后再试"):
        services.verify_identity(by=citizen(), name="张三", id_number=NUMBER, at=AT)
    assert not Person.objects.exists()


def test_two_accounts_of_one_person_cannot_be_two_administrators() -> None:
    # given two accounts that are administrators, and the identity of one of them
    agency = make_agency()
    first, second = staff(agency, Role.SYSTEM_ADMIN), staff(agency, Role.AUDIT_ADMIN)
    person = services.verify_identity(by=first, name="张三", id_number=NUMBER, at=AT)
    # when the other turns out to be the same person
    with pytest.raises(RuleBroken, match="同一人只能担任其中一种"):
        services.verify_identity(by=second, name="张三", id_number=NUMBER, at=AT)
    # then
    second.refresh_from_db()
    assert second.person is None
    assert RoleAssignment.objects.get(user=first).holder == f"person:{person.pk}"
    assert RoleAssignment.objects.get(user=second).holder == second.actor_key


def test_the_database_itself_refuses_a_second_administrator_role_of_one_person() -> None:
    person = Person.objects.create(name_encrypted="x", id_number_encrypted="x", id_number_index="x")
    agency, other = make_agency(), make_agency()
    first, second = staff(agency), staff(other)
    User.objects.filter(pk__in=[first.pk, second.pk]).update(person=person)
    first.refresh_from_db()
    second.refresh_from_db()
    give_role(first, agency, Role.SYSTEM_ADMIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        give_role(second, other, Role.SECURITY_ADMIN)
    give_role(second, other, Role.REVIEWER)
    assert RoleAssignment.objects.filter(holder=f"person:{person.pk}").count() == 2


def test_a_new_version_of_the_notice_is_consented_to_once(settings: LazySettings) -> None:
    user = citizen()
    services.give_consent(by=user, notice_version="2026-01", at=AT)
    settings.PRIVACY_NOTICE_VERSION = "2027-01"
    with pytest.raises(RuleBroken):
        services.give_consent(by=user, notice_version="2026-01", at=AT)
    services.give_consent(by=user, notice_version="2027-01", at=AT)
    services.give_consent(by=user, notice_version="2027-01", at=AT)
    assert list(Consent.objects.order_by("pk").values_list("notice_version", flat=True)) == ["2026-01", "2027-01"]
    assert Event.objects.filter(verb="consent").count() == 2


def test_a_sign_up_with_an_outdated_notice_leaves_nothing_behind() -> None:
    user = citizen()
    with pytest.raises(DomainError):
        services.register_public(user=user, notice_version="2019-01", at=AT)
    assert not Event.objects.exists()
