"""Information systems: service accounts, credentials, tokens, and what a token is good for."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import include, path
from oauth2_provider.models import get_refresh_token_model
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts import services
from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.api.urls import oauth_urlpatterns
from guiyang_data.accounts.api.urls import urlpatterns as api_urlpatterns
from guiyang_data.accounts.models import ServiceAccount, SystemAccessToken, SystemApplication, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from tests.accounts.conftest import AT
from tests.factories.accounts import bearer, citizen, credentials, make_agency, staff, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.urls(__name__)]

TOKEN = "/api/oauth/token/"
SHARED = "/shared/"


class SharedRows(APIView):
    """Something that needs a scope."""

    permission_classes = [requires_scope("sharing:read")]

    def get(self, request: Request) -> Response:
        return Response({"by": request.user.actor_key})

    def post(self, request: Request) -> Response:
        return Response({"sent": request.data})


urlpatterns = [
    path("api/oauth/", include(oauth_urlpatterns)),
    path("api/v1/", include(api_urlpatterns)),
    path("shared/", SharedRows.as_view()),
]


@pytest.fixture
def account() -> ServiceAccount:
    return system(make_agency(), "公交调度系统")


def ask(client: Client, client_id: str, secret: str, *, scope: str = "", grant: str = "client_credentials") -> object:
    """Ask for a token the way an HTTP client does."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    data = {"grant_type": grant} | ({"scope": scope} if scope else {})
    return client.post(TOKEN, data, headers={"authorization": f"Basic {basic}"})


def test_credentials_give_a_token_that_acts_as_the_systems_service_account(
    client: Client, account: ServiceAccount
) -> None:
    # given
    client_id, secret = credentials(account, "sharing:read", "catalog:read")
    # when
    answer = ask(client, client_id, secret, scope="sharing:read").json()  # type: ignore[attr-defined]
    # then
    assert (answer["token_type"], answer["scope"], answer["expires_in"]) == ("Bearer", "sharing:read", 3600)
    assert "refresh_token" not in answer
    response = client.get(SHARED, headers={"authorization": f"Bearer {answer['access_token']}"})
    assert response.json() == {"by": account.user.actor_key}
    me = client.get("/api/v1/me/", headers={"authorization": f"Bearer {answer['access_token']}"}).json()
    assert (me["kind"], me["agency"], me["scopes"]) == ("system", account.agency.code, ["sharing:read"])


def test_neither_the_token_nor_the_secret_is_stored(client: Client, account: ServiceAccount) -> None:
    client_id, secret = credentials(account, "sharing:read")
    token = ask(client, client_id, secret).json()["access_token"]  # type: ignore[attr-defined]
    stored = f"{list(SystemAccessToken.objects.values())} {list(SystemApplication.objects.values())}"
    assert token not in stored
    assert secret not in stored
    assert SystemAccessToken.objects.get().token == ""
    assert check_password(secret, SystemApplication.objects.get().client_secret)
    assert not get_refresh_token_model().objects.exists()


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_a_wrong_secret_gives_no_token_and_is_a_refused_event(
    client: Client, account: ServiceAccount, secret: str
) -> None:
    client_id, _secret = credentials(account)
    response = ask(client, client_id, secret)
    assert response.status_code == 401  # type: ignore[attr-defined]
    assert not SystemAccessToken.objects.exists()
    event = Event.objects.get()
    assert (event.subject, event.verb, event.refused) == ("accounts.token", "issue-token", True)


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", ""])
def test_no_other_grant_is_there(client: Client, account: ServiceAccount, grant: str) -> None:
    response = ask(client, *credentials(account), grant=grant)
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert response.json()["error"] in {"unsupported_grant_type", "invalid_request"}  # type: ignore[attr-defined]
    assert not SystemAccessToken.objects.exists()


def test_a_scope_that_was_not_given_cannot_be_asked_for(client: Client, account: ServiceAccount) -> None:
    response = ask(client, *credentials(account, "catalog:read"), scope="catalog:read sharing:read")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")  # type: ignore[attr-defined]
    assert not SystemAccessToken.objects.exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["catalog:read", "sharing:read"], "catalog:read"),
        (["sharing:read", "sharing:apply"], "sharing:read sharing:apply"),
    ],
)
def test_without_a_wish_the_token_carries_the_defaults_or_all_that_was_given(
    client: Client, account: ServiceAccount, given: list[str], expected: str
) -> None:
    answer = ask(client, *credentials(account, *given)).json()  # type: ignore[attr-defined]
    assert answer["scope"] == expected


def test_a_token_without_the_scope_is_refused_with_403(client: Client, account: ServiceAccount) -> None:
    response = client.get(SHARED, **bearer(account, "catalog:read"))
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


def test_people_signed_in_on_the_page_need_no_scope(client: Client) -> None:
    user = citizen()
    client.force_login(user)
    assert client.get(SHARED).json() == {"by": user.actor_key}


def test_nobody_gets_401(client: Client) -> None:
    response = client.get(SHARED)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("token", ["nonsense", "", "%zz"])
def test_a_token_that_does_not_hold_is_refused_even_where_a_session_would_do(client: Client, token: str) -> None:
    client.force_login(citizen())
    assert client.get(SHARED, headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_an_expired_token_is_refused(client: Client, account: ServiceAccount) -> None:
    headers = bearer(account, "sharing:read")
    SystemAccessToken.objects.update(expires=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert client.get(SHARED, **headers).status_code == 401


def test_a_token_in_the_address_is_not_read(client: Client, account: ServiceAccount) -> None:
    token = bearer(account, "sharing:read")["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    assert client.get(f"{SHARED}?access_token={token}").status_code == 401
    # and one that comes both ways is refused, so that nobody gets used to the other
    both = client.get(f"{SHARED}?access_token={token}", headers={"authorization": f"Bearer {token}"})
    assert both.status_code == 401


def test_a_body_is_not_read_before_its_sender_is_known(client: Client) -> None:
    sent = {"data": "{no json", "content_type": "application/json"}
    response = client.post(SHARED, **sent, headers={"authorization": "Bearer nonsense"})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_the_account_switched_off_makes_its_tokens_useless(client: Client, account: ServiceAccount) -> None:
    client_id, secret = credentials(account, "sharing:read")
    token = ask(client, client_id, secret).json()["access_token"]  # type: ignore[attr-defined]
    User.objects.filter(pk=account.user_id).update(is_active=False)
    assert client.get(SHARED, headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert ask(client, client_id, secret).status_code == 401  # type: ignore[attr-defined]


def test_an_address_that_keeps_failing_waits_and_others_do_not(
    client: Client, account: ServiceAccount, settings: LazySettings
) -> None:
    # given
    settings.TOKEN_FAILURES_PER_HOUR = 3
    client_id, secret = credentials(account)
    for _ in range(3):
        assert ask(client, client_id, "wrong").status_code == 401  # type: ignore[attr-defined]
    # then
    assert ask(client, client_id, secret).status_code == 429  # type: ignore[attr-defined]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert ask(elsewhere, client_id, secret).status_code == 200  # type: ignore[attr-defined]


def test_an_administrator_makes_an_account_for_a_system_and_issues_credentials_once(client: Client) -> None:
    # given
    agency = make_agency()
    admin = staff(agency, Role.SYSTEM_ADMIN)
    # when
    account = services.create_service_account(by=admin, agency=agency, name="公交调度系统", at=AT)
    issued = services.issue_credentials(
        by=admin, service_account_id=account.pk, scopes=["sharing:read", "sharing:read"], at=AT
    )
    # then
    assert account.user.kind == User.Kind.SYSTEM
    assert not account.user.has_usable_password()
    assert issued.application.allowed_scopes == ["sharing:read"]
    assert ask(client, issued.client_id, issued.client_secret).status_code == 200  # type: ignore[attr-defined]
    events = Event.objects.filter(subject=f"accounts.serviceaccount:{account.pk}").order_by("sequence")
    assert [event.verb for event in events] == ["create-service-account", "issue-credentials"]
    assert issued.client_secret not in str(list(Event.objects.values()))


def test_revoked_credentials_and_their_tokens_stop_at_once_and_others_go_on(client: Client) -> None:
    # given two sets of credentials of one system
    agency = make_agency()
    admin = staff(agency, Role.SYSTEM_ADMIN)
    account = system(agency)
    old, new = (
        services.issue_credentials(by=admin, service_account_id=account.pk, scopes=["sharing:read"], at=AT)
        for _ in range(2)
    )
    tokens = [ask(client, one.client_id, one.client_secret).json()["access_token"] for one in (old, new)]  # type: ignore[attr-defined]
    # when
    services.revoke_credentials(by=admin, application_id=old.application.pk, at=AT)
    # then
    answers = [client.get(SHARED, headers={"authorization": f"Bearer {token}"}).status_code for token in tokens]
    assert answers == [401, 200]
    assert ask(client, old.client_id, old.client_secret).status_code == 401  # type: ignore[attr-defined]
    with pytest.raises(WrongState):
        services.revoke_credentials(by=admin, application_id=old.application.pk, at=AT)
    assert Event.objects.filter(verb="revoke-credentials").count() == 1


@pytest.mark.parametrize("scopes", [[], ["everything"], ["sharing:read", "everything"]])
def test_credentials_for_nothing_or_for_unknown_scopes_are_not_issued(scopes: list[str]) -> None:
    agency = make_agency()
    admin = staff(agency, Role.SYSTEM_ADMIN)
    with pytest.raises(RuleBroken) as caught:
        services.issue_credentials(by=admin, service_account_id=system(agency).pk, scopes=scopes, at=AT)
    assert set(caught.value.fields) == {"scopes"}
    assert not SystemApplication.objects.exists()


def test_two_systems_of_an_agency_do_not_share_a_name() -> None:
    agency = make_agency()
    admin = staff(agency, Role.SYSTEM_ADMIN)
    services.create_service_account(by=admin, agency=agency, name="公交调度系统", at=AT)
    with pytest.raises(RuleBroken):
        services.create_service_account(by=admin, agency=agency, name="公交调度系统", at=AT)
    assert ServiceAccount.objects.count() == 1
    assert User.objects.filter(kind=User.Kind.SYSTEM).count() == 1


def test_only_the_agencys_own_administrator_deals_with_its_systems() -> None:
    # given
    agency = make_agency()
    account = system(agency)
    credentials(account)
    application = SystemApplication.objects.get()
    others = [staff(agency, Role.DATA_STEWARD), staff(make_agency(), Role.SYSTEM_ADMIN), account.user, citizen()]
    # when
    for user in others:
        with pytest.raises(NotAllowed):
            services.create_service_account(by=user, agency=agency, name="x", at=AT)
        with pytest.raises(NotAllowed):
            services.issue_credentials(by=user, service_account_id=account.pk, scopes=["catalog:read"], at=AT)
        with pytest.raises(NotAllowed):
            services.revoke_credentials(by=user, application_id=application.pk, at=AT)
    # then
    application.refresh_from_db()
    assert application.revoked_at is None
    assert ServiceAccount.objects.count() == 1
    assert not Event.objects.exists()
