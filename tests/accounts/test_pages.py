"""The pages of accounts, as a browser without scripts sees them."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guiyang_data.accounts.models import GatewayMessage, RoleAssignment, SystemApplication, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from tests.accounts.telephones import sent_code
from tests.accounts.test_people import NUMBER
from tests.factories.accounts import City, citizen, city, credentials, give_role, staff, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def guiyang() -> City:
    return city()


@pytest.fixture
def admin(guiyang: City, client: Client) -> User:
    """The transport department's system administrator, signed in."""
    user = staff(guiyang.transport, Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


OWN = ["home", "identity", "phone", "phone-code", "sessions"]
ADMINISTRATORS = ["agency", "systems", "system-create"]


@pytest.mark.parametrize("name", OWN + ADMINISTRATORS)
def test_without_signing_in_every_page_of_an_account_leads_to_signing_in(client: Client, name: str) -> None:
    address = reverse(f"accounts:{name}")
    response = client.get(address)
    assert (response.status_code, response.headers["location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("name", OWN)
def test_everybody_has_an_account_page_and_can_prove_who_they_are(client: Client, name: str) -> None:
    client.force_login(citizen())
    response = client.get(reverse(f"accounts:{name}"))
    assert response.status_code == 200
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_who_administers_nothing_does_not_see_the_administrators_pages(
    client: Client, guiyang: City, name: str
) -> None:
    for user in (citizen(), staff(guiyang.transport, Role.DATA_STEWARD)):
        client.force_login(user)
        assert client.get(reverse(f"accounts:{name}")).status_code == 404


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_the_administrator_sees_them(client: Client, name: str) -> None:
    assert client.get(reverse(f"accounts:{name}")).status_code == 200


def test_the_privacy_notice_is_for_everybody_and_consent_to_it_is_asked_of_accounts_that_lack_it(
    client: Client,
) -> None:
    # given
    page = client.get(reverse("accounts:privacy")).content.decode()
    assert "个人信息保护法" in page
    assert "我已阅读并同意这一版本" not in page
    client.force_login(citizen())
    assert "我已阅读并同意这一版本" in client.get(reverse("accounts:privacy")).content.decode()
    # when
    client.post(reverse("accounts:consent"), {"notice_version": "2026-01"})
    # then
    assert "我已阅读并同意这一版本" not in client.get(reverse("accounts:privacy")).content.decode()


def test_an_identity_and_a_telephone_are_proved_on_the_pages(client: Client) -> None:
    # given
    user = citizen()
    client.force_login(user)
    # when
    client.post(reverse("accounts:identity"), {"name": "张三", "id_number": NUMBER})
    client.post(reverse("accounts:phone"), {"phone": "13800000001"})
    response = client.post(reverse("accounts:phone-code"), {"code": sent_code()}, follow=True)
    # then
    page = response.content.decode()
    assert "手机号码已经验证" in page
    assert "138****0001" in page
    assert "已核验" in page
    assert NUMBER not in page


def test_a_wrong_number_keeps_what_was_typed_says_what_to_do_and_is_a_refused_event(client: Client) -> None:
    user = citizen()
    client.force_login(user)
    response = client.post(reverse("accounts:identity"), {"name": "张三", "id_number": "123"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="张三"' in page
    assert "请对照证件检查 18 位号码" in page
    event = Event.objects.get()
    assert (event.verb, event.refused, event.payload) == ("verify-identity", True, {"code": "rule_broken"})


def test_an_administrator_opens_an_account_gives_it_a_role_and_ends_it(
    client: Client, guiyang: City, admin: User
) -> None:
    # given an account
    code = guiyang.transport.code
    response = client.post(
        reverse("accounts:staff-open", args=[code]),
        {"display_name": "小王", "username": "xiaowang", "email": "xiaowang@gov.example"},
    )
    form = client.get(response.headers["location"]).content.decode()
    assert 'value="xiaowang"' in form
    # when it gets a role
    response = client.post(
        reverse("accounts:role-assign", args=[code]), {"username": "xiaowang", "role": "approver"}, follow=True
    )
    # then
    assert "小王" in response.content.decode()
    assignment = RoleAssignment.objects.get(user__username="xiaowang")
    # when it ends
    response = client.post(reverse("accounts:role-end", args=[assignment.pk]), follow=True)
    # then
    assert "小王" not in response.content.decode()
    assert Event.objects.filter(actor=admin.actor_key, refused=False).count() == 6


def test_a_clash_of_administrators_is_said_at_the_field(client: Client, guiyang: City, admin: User) -> None:
    user = staff(guiyang.transport, Role.AUDIT_ADMIN, username="auditor")
    response = client.post(
        reverse("accounts:role-assign", args=[guiyang.transport.code]),
        {"username": "auditor", "role": "security-admin"},
    )
    assert response.status_code == 422
    assert "须由三个人分别担任" in response.context["form"].errors["role"][0]
    assert RoleAssignment.objects.filter(user=user).count() == 1
    event = Event.objects.get(refused=True)
    assert (event.verb, event.actor) == ("assign-role", admin.actor_key)


def test_another_agencys_people_and_systems_are_not_found(client: Client, guiyang: City, admin: User) -> None:
    # given
    give_role(staff(guiyang.health), guiyang.health, Role.APPROVER)
    elsewhere = RoleAssignment.objects.get(agency=guiyang.health)
    account = system(guiyang.health)
    credentials(account)
    application = SystemApplication.objects.get()
    code = guiyang.health.code
    # when
    answers = [
        client.get(reverse("accounts:agency-of", args=[code])),
        client.get(reverse("accounts:role-assign", args=[code])),
        client.post(reverse("accounts:role-assign", args=[code]), {"username": admin.username, "role": "approver"}),
        client.post(reverse("accounts:staff-open", args=[code]), {}),
        client.post(reverse("accounts:role-end", args=[elsewhere.pk])),
        client.get(reverse("accounts:credentials-issue", args=[account.pk])),
        client.post(reverse("accounts:credentials-issue", args=[account.pk]), {"scopes": ["catalog:read"]}),
        client.post(reverse("accounts:credentials-revoke", args=[application.pk])),
    ]
    # then
    assert {answer.status_code for answer in answers} == {404}
    assert RoleAssignment.objects.filter(ended_on=None).count() == 2
    application.refresh_from_db()
    assert application.revoked_at is None
    assert SystemApplication.objects.count() == 1


def test_the_secret_is_shown_once_and_a_form_sent_twice_issues_once(client: Client, guiyang: City, admin: User) -> None:
    # given
    account = system(guiyang.transport)
    address = reverse("accounts:credentials-issue", args=[account.pk])
    found = re.search(r'name="submission" value="(\w+)"', client.get(address).content.decode())
    assert found is not None
    data = {"scopes": ["catalog:read"], "submission": found[1]}
    # when
    first = client.post(address, data)
    second = client.post(address, data, follow=True)
    # then
    application = SystemApplication.objects.get()
    assert application.client_id in first.content.decode()
    assert first.headers["cache-control"] == "no-store"
    assert "没有重复办理" in second.content.decode()
    assert application.client_secret not in second.content.decode()


def test_a_refused_form_can_be_corrected_and_sent_again(client: Client, guiyang: City, admin: User) -> None:
    address = reverse("accounts:role-assign", args=[guiyang.transport.code])
    assert client.post(address, {"username": "nobody", "role": "approver", "submission": "t1"}).status_code == 422
    staff(guiyang.transport, username="somebody")
    assert client.post(address, {"username": "somebody", "role": "approver", "submission": "t1"}).status_code == 302
    assert RoleAssignment.objects.filter(user__username="somebody").exists()


@pytest.mark.parametrize("page", ["agency", "systems"])
def test_lists_take_the_same_number_of_queries_however_long_they_are(
    client: Client, guiyang: City, admin: User, page: str
) -> None:
    def grow() -> None:
        give_role(staff(guiyang.transport), guiyang.transport, Role.DATA_STEWARD)
        credentials(system(guiyang.transport))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(reverse(f"accounts:{page}")).status_code == 200
        return len(captured)

    grow()
    queries()
    few = queries()
    for _ in range(5):
        grow()
    assert queries() == few


def test_the_demonstrations_outbox_shows_what_was_sent_and_exists_only_in_the_demonstration(
    client: Client, settings: LazySettings
) -> None:
    # given
    client.force_login(citizen())
    client.post(reverse("accounts:phone"), {"phone": "13800000001"})
    # then
    assert sent_code() in client.get(reverse("accounts:outbox")).content.decode()
    settings.DEMONSTRATION = False
    assert client.get(reverse("accounts:outbox")).status_code == 404
    assert GatewayMessage.objects.count() == 1


@pytest.mark.parametrize("model", ["agency", "user", "roleassignment", "serviceaccount", "systemapplication", "region"])
def test_the_admin_site_only_shows(client: Client, guiyang: City, model: str) -> None:
    credentials(system(guiyang.transport))
    root = User.objects.create_superuser("root", "", "x")
    give_role(root, guiyang.transport, Role.DATA_STEWARD)
    client.force_login(root)
    assert client.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:accounts_{model}_add")).status_code == 403
