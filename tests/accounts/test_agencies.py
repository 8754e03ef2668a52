"""Agencies, their staff and roles."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from guiyang_data.accounts import policies, selectors, services
from guiyang_data.accounts.models import Agency, RoleAssignment, User, is_credit_code
from guiyang_data.accounts.roles import ADMINISTRATORS, Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from tests.accounts.conftest import AT, ON
from tests.factories.accounts import (
    City,
    citizen,
    city,
    credit_code,
    give_role,
    make_agency,
    make_region,
    staff,
    system,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def guiyang() -> City:
    return city()


@pytest.fixture
def admin(guiyang: City) -> User:
    """The system administrator of the transport department."""
    return staff(guiyang.transport, Role.SYSTEM_ADMIN)


def assign(by: Any, user: User, agency: Agency, role: Role) -> RoleAssignment:
    return services.assign_role(by=by, user=user, agency=agency, role=role, on=ON, at=AT)


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("91110000600037341L", True),
        ("91110000600037341M", False),
        ("9111000060003734L1", False),
        ("91110000600037341l", False),
        ("9111 0000 6000 3734 1L", False),
        ("91110000600037341", False),
        ("9111000060003734IL", False),
        ("", False),
    ],
)
def test_a_credit_code_has_eighteen_characters_and_its_check_character(code: str, good: bool) -> None:
    assert is_credit_code(code) is good


@pytest.mark.parametrize("number", [1, 7, 4711, 9_999_999])
def test_the_made_up_codes_of_tests_are_valid_and_change_with_any_digit(number: int) -> None:
    code = credit_code(number)
    assert is_credit_code(code)
    for place in range(17):
        other = "1" if code[place] != "1" else "2"
        assert not is_credit_code(code[:place] + other + code[place + 1 :])


def test_every_relation_of_the_tree_is_found(guiyang: City) -> None:
    assert selectors.municipal_authority() == guiyang.authority
    assert selectors.authority_over(guiyang.transport) == guiyang.authority
    assert selectors.authority_over(guiyang.county_department) == guiyang.county_authority
    assert selectors.authority_over(guiyang.township) == guiyang.county_authority
    assert selectors.government_over(guiyang.transport) == guiyang.government
    assert selectors.government_over(guiyang.township) == guiyang.county_government
    assert set(selectors.superiors_of(guiyang.county_department)) == {guiyang.county_government, guiyang.transport}


def test_a_county_without_an_authority_of_its_own_falls_to_the_municipal_one(guiyang: City) -> None:
    region = make_region("520102", "南明区", "county", make_region())
    agency = make_agency("南明区教育局", region=region, level=Agency.Level.COUNTY)
    assert selectors.authority_over(agency) == guiyang.authority
    assert selectors.government_over(agency) == guiyang.government


def create(by: Any, **change: Any) -> Agency:
    facts: dict[str, Any] = {
        "code": credit_code(900_001),
        "name": "贵阳市教育局",
        "short_name": "市教育局",
        "region": make_region(),
        "level": Agency.Level.MUNICIPAL,
        "kind": Agency.Kind.DEPARTMENT,
    }
    return services.create_agency(by=by, at=AT, **(facts | change))


def test_the_municipal_authoritys_administrator_enters_an_agency_with_its_superiors(guiyang: City) -> None:
    admin = staff(guiyang.authority, Role.SYSTEM_ADMIN)
    agency = create(admin, superiors=[guiyang.government])
    assert list(agency.superiors.all()) == [guiyang.government]
    event = Event.objects.get(subject=f"accounts.agency:{agency.pk}")
    assert (event.verb, event.actor, event.payload["superiors"]) == (
        "create-agency",
        admin.actor_key,
        [guiyang.government.code],
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "115201000000000000"}, "code"),
        ({"name": "贵阳市交通委员会"}, "name"),
        ({"is_authority": True}, "is_authority"),
    ],
)
def test_an_agency_with_a_wrong_code_or_a_taken_name_or_place_is_not_entered(
    guiyang: City, change: dict[str, Any], field: str
) -> None:
    before = Agency.objects.count()
    with pytest.raises(RuleBroken) as caught:
        create(PLATFORM, **change)
    assert set(caught.value.fields) == {field}
    assert Agency.objects.count() == before


def test_a_taken_credit_code_is_refused(guiyang: City) -> None:
    with pytest.raises(RuleBroken) as caught:
        create(PLATFORM, code=guiyang.transport.code)
    assert set(caught.value.fields) == {"code"}


def test_nobody_else_enters_agencies(guiyang: City, admin: User) -> None:
    before = Agency.objects.count()
    for user in (admin, staff(guiyang.authority, Role.MUNICIPAL_AUTHORITY), citizen(), system(guiyang.authority).user):
        with pytest.raises(NotAllowed):
            create(user)
    assert Agency.objects.count() == before
    assert not Event.objects.exists()


def test_an_administrator_gives_a_role_that_counts_at_once(guiyang: City, admin: User) -> None:
    # given somebody whose roles were read already
    user = staff(guiyang.transport)
    assert not policies.has_role(user, guiyang.transport, Role.DATA_STEWARD)
    # when
    assign(admin, user, guiyang.transport, Role.DATA_STEWARD)
    # then
    assert policies.has_role(user, guiyang.transport, Role.DATA_STEWARD)
    assert not policies.has_role(user, guiyang.health, Role.DATA_STEWARD)
    subjects = set(Event.objects.filter(verb="assign-role").values_list("subject", flat=True))
    assert subjects == {f"accounts.agency:{guiyang.transport.pk}", f"accounts.user:{user.pk}"}


def test_the_municipal_authoritys_administrator_gives_roles_everywhere(guiyang: City) -> None:
    admin = staff(guiyang.authority, Role.SYSTEM_ADMIN)
    user = staff(guiyang.township)
    assign(admin, user, guiyang.township, Role.DATA_STEWARD)
    assert policies.has_role(user, guiyang.township, Role.DATA_STEWARD)


def test_a_role_in_another_agency_is_not_ones_to_give(guiyang: City, admin: User) -> None:
    user = staff(guiyang.health)
    with pytest.raises(NotAllowed):
        assign(admin, user, guiyang.health, Role.DATA_STEWARD)
    assert not RoleAssignment.objects.filter(user=user).exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("role", [Role.DATA_STEWARD, Role.AUDIT_ADMIN])
def test_nobody_gives_a_role_to_themselves(guiyang: City, admin: User, role: Role) -> None:
    with pytest.raises(RuleBroken, match="不能给自己"):
        assign(admin, admin, guiyang.transport, role)
    assert list(RoleAssignment.objects.values_list("role", flat=True)) == ["system-admin"]


@pytest.mark.parametrize("first", ADMINISTRATORS)
@pytest.mark.parametrize("second", ADMINISTRATORS)
def test_one_person_is_at_most_one_of_the_three_administrators(guiyang: City, first: Role, second: Role) -> None:
    # given
    user = staff(guiyang.health)
    assign(PLATFORM, user, guiyang.health, first)
    # when
    with pytest.raises(RuleBroken) as caught:
        assign(PLATFORM, user, guiyang.health, second)
    # then
    assert caught.value.fields["role"] == caught.value.message
    assert RoleAssignment.objects.filter(user=user).count() == 1
    assert Event.objects.filter(verb="assign-role").count() == 2


@pytest.mark.parametrize("second", ADMINISTRATORS)
def test_the_database_refuses_it_too_even_in_another_agency(guiyang: City, second: Role) -> None:
    user = staff(guiyang.health, Role.SYSTEM_ADMIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        give_role(user, guiyang.transport, second)
    assert RoleAssignment.objects.filter(user=user).count() == 1


def test_after_the_one_has_ended_another_administrator_role_is_possible(guiyang: City) -> None:
    user = staff(guiyang.health)
    first = assign(PLATFORM, user, guiyang.health, Role.SYSTEM_ADMIN)
    services.end_role(by=PLATFORM, assignment_id=first.pk, on=ON, at=AT)
    assign(PLATFORM, user, guiyang.health, Role.AUDIT_ADMIN)
    assert policies.has_role(User.objects.get(pk=user.pk), guiyang.health, Role.AUDIT_ADMIN)


def test_a_role_is_not_given_twice(guiyang: City, admin: User) -> None:
    user = staff(guiyang.transport, Role.DATA_STEWARD)
    with pytest.raises(RuleBroken, match="无需重复分配"):
        assign(admin, user, guiyang.transport, Role.DATA_STEWARD)
    assert RoleAssignment.objects.filter(user=user).count() == 1


def test_the_public_and_systems_hold_no_roles(guiyang: City, admin: User) -> None:
    for user in (citizen(), system(guiyang.transport).user):
        with pytest.raises(RuleBroken, match="工作人员"):
            assign(admin, user, guiyang.transport, Role.DATA_STEWARD)
    assert RoleAssignment.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.MUNICIPAL_AUTHORITY, "transport"),
        (Role.MUNICIPAL_AUTHORITY, "county_authority"),
        (Role.COUNTY_AUTHORITY, "authority"),
        (Role.COUNTY_AUTHORITY, "county_department"),
        (Role.GOVERNMENT_APPROVER, "authority"),
    ],
)
def test_roles_of_authority_and_government_exist_only_there(guiyang: City, role: Role, place: str) -> None:
    agency: Agency = getattr(guiyang, place)
    user = staff(agency)
    with pytest.raises(RuleBroken) as caught:
        assign(PLATFORM, user, agency, role)
    assert "《贵阳市政府数据共享开放条例》第" in caught.value.basis
    assert not RoleAssignment.objects.filter(user=user).exists()


def test_a_role_ends_with_a_day_and_counts_no_more(guiyang: City, admin: User) -> None:
    user = staff(guiyang.transport, Role.APPROVER)
    assignment = RoleAssignment.objects.get(user=user)
    services.end_role(by=admin, assignment_id=assignment.pk, on=ON, at=AT)
    assignment.refresh_from_db()
    assert assignment.ended_on == ON
    assert not policies.has_role(User.objects.get(pk=user.pk), guiyang.transport, Role.APPROVER)
    assert Event.objects.filter(verb="end-role").count() == 2


def test_a_role_does_not_end_twice_nor_before_it_began(guiyang: City, admin: User) -> None:
    user = staff(guiyang.transport)
    assignment = assign(admin, user, guiyang.transport, Role.APPROVER)
    with pytest.raises(RuleBroken, match="不能早于"):
        services.end_role(by=admin, assignment_id=assignment.pk, on=ON - dt.timedelta(days=1), at=AT)
    services.end_role(by=admin, assignment_id=assignment.pk, on=ON, at=AT)
    with pytest.raises(WrongState):
        services.end_role(by=admin, assignment_id=assignment.pk, on=ON, at=AT)
    assert Event.objects.filter(verb="end-role").count() == 2


def test_nobody_ends_their_own_role_nor_one_elsewhere(guiyang: City, admin: User) -> None:
    own = RoleAssignment.objects.get(user=admin)
    staff(guiyang.health, Role.APPROVER)
    elsewhere = RoleAssignment.objects.get(agency=guiyang.health)
    with pytest.raises(RuleBroken):
        services.end_role(by=admin, assignment_id=own.pk, on=ON, at=AT)
    with pytest.raises(NotAllowed):
        services.end_role(by=admin, assignment_id=elsewhere.pk, on=ON, at=AT)
    assert RoleAssignment.objects.filter(ended_on=None).count() == 2
    assert not Event.objects.exists()


def test_an_account_of_the_staff_is_opened_without_a_password(guiyang: City, admin: User) -> None:
    user = services.open_staff_account(
        by=admin, agency=guiyang.transport, username="new", display_name="小王", email="new@gov.example", at=AT
    )
    assert user.kind == User.Kind.STAFF
    assert not user.has_usable_password()
    assert Event.objects.filter(verb="open-staff-account").count() == 2


@pytest.mark.parametrize(
    ("username", "email", "field"), [("TAKEN", "x@gov.example", "username"), ("y", "Taken@mail.example", "email")]
)
def test_a_taken_name_or_address_opens_no_account(
    guiyang: City, admin: User, username: str, email: str, field: str
) -> None:
    citizen("taken")
    with pytest.raises(RuleBroken) as caught:
        services.open_staff_account(
            by=admin, agency=guiyang.transport, username=username, display_name="x", email=email, at=AT
        )
    assert set(caught.value.fields) == {field}
    assert User.objects.filter(kind=User.Kind.STAFF).count() == 1


def test_an_inactive_account_holds_no_role(guiyang: City) -> None:
    user = staff(guiyang.health, Role.APPROVER)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert policies.held(User.objects.get(pk=user.pk)) == frozenset()
    assert not selectors.holders(guiyang.health, [Role.APPROVER]).exists()


def test_actors_of_events_are_named_by_agency_and_role_and_the_public_not_at_all(guiyang: City) -> None:
    officer, person = staff(guiyang.health, Role.REVIEWER), citizen(display_name="王五")
    machine = system(guiyang.transport, "公交调度系统")
    keys = [officer.actor_key, person.actor_key, machine.user.actor_key, "platform", "public"]
    names = selectors.names_of_actors(keys)
    assert [names[key] for key in keys] == ["市卫健局·复核员", "社会公众", "市交通委·公交调度系统", "平台", "社会公众"]


def test_the_command_appoints_the_first_administrator_or_changes_nothing(guiyang: City) -> None:
    # when
    call_command("appoint_administrator", guiyang.authority.code, "first", "first@gov.example", stdout=StringIO())
    # then
    user = User.objects.get(username="first")
    assert policies.administers_all(user)
    assert Event.objects.get(subject=f"accounts.user:{user.pk}", verb="assign-role").actor == "platform"
    # when the account cannot hold the role
    citizen("somebody")
    with pytest.raises(CommandError, match="工作人员"):
        call_command("appoint_administrator", guiyang.authority.code, "somebody", "x@gov.example")
    with pytest.raises(CommandError, match="no agency"):
        call_command("appoint_administrator", "0", "second", "second@gov.example")
    assert RoleAssignment.objects.count() == 1
    assert User.objects.count() == 2
