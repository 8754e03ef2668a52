"""Information systems of agencies that act over REST: their service accounts and credentials (第十条)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_id, generate_client_secret

from guiyang_data.accounts import policies
from guiyang_data.accounts.models import Agency, ServiceAccount, SystemAccessToken, SystemApplication, User
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import NamedActor, record, record_all, subject_of

COMMAND_LINE = "平台命令行"
"""The system in whose name the installation's operator does for an agency what the agency asked for."""


@dataclass(frozen=True, kw_only=True)
class IssuedCredentials:
    """Credentials as they are handed over, once: the secret itself is stored nowhere."""

    application: SystemApplication
    client_id: str
    client_secret: str


@transaction.atomic
def create_service_account(*, by: User | NamedActor, agency: Agency, name: str, at: dt.datetime) -> ServiceAccount:
    """Give an information system of the agency an account of its own, the principal of its acts over REST."""
    policies.require(by, "create-service-account", agency)
    Agency.objects.select_for_update().get(pk=agency.pk)
    if ServiceAccount.objects.filter(agency=agency, name=name).exists():
        text = _("本机关已有同名系统账号，请换一个名称。")
        raise RuleBroken(text, fields={"name": text}, subject=subject_of(agency), verb="create-service-account")
    user = User(
        username=f"system-{uuid.uuid4().hex[:12]}", kind=User.Kind.SYSTEM, display_name=name[:60], date_joined=at
    )
    user.set_unusable_password()
    user.save()
    account = ServiceAccount.objects.create(user=user, agency=agency, name=name)
    payload = {"agency": agency.code, "user": user.actor_key}
    record_all([account, agency], "create-service-account", by=by, at=at, payload=payload)
    return account


@transaction.atomic
def command_line_account(*, by: NamedActor, agency: Agency, at: dt.datetime) -> User:
    """The principal of what the installation's operator does for an agency at the command line.

    It is a system account of the agency, which sees it among its systems and can end it; made the first time.
    """
    found = ServiceAccount.objects.filter(agency=agency, name=COMMAND_LINE).select_related("user").first()
    return (found or create_service_account(by=by, agency=agency, name=COMMAND_LINE, at=at)).user


@transaction.atomic
def issue_credentials(
    *, by: User | NamedActor, service_account_id: int, scopes: Iterable[str], at: dt.datetime
) -> IssuedCredentials:
    """Issue a client id and secret with which the system gets tokens for ``scopes`` and for nothing else."""
    account = (
        ServiceAccount.objects.select_for_update(of=("self",))
        .select_related("agency", "user")
        .get(pk=service_account_id)
    )
    policies.require(by, "issue-credentials", account)
    given = sorted(set(scopes))
    if not given or not set(given) <= set(SystemApplication.every_scope()):
        text = _("请至少选择一项权限，并且只能从列出的权限中选择。")
        raise RuleBroken(text, fields={"scopes": text}, subject=subject_of(account), verb="issue-credentials")
    client_id, secret = generate_client_id(), generate_client_secret()
    application = SystemApplication.objects.create(
        client_id=client_id,
        client_secret=secret,
        client_type=SystemApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=SystemApplication.GRANT_CLIENT_CREDENTIALS,
        name=account.name,
        service_account=account,
        allowed_scopes=given,
    )
    record(account, "issue-credentials", by=by, at=at, payload={"client_id": client_id, "scopes": given})
    return IssuedCredentials(application=application, client_id=client_id, client_secret=secret)


@transaction.atomic
def revoke_credentials(*, by: User | NamedActor, application_id: int, at: dt.datetime) -> SystemApplication:
    """Revoke credentials; every token had with them stops working at once."""
    application = SystemApplication.objects.select_for_update().get(pk=application_id)
    account = application.service_account
    if account is None:
        raise WrongState(_("这组凭据不属于任何系统账号。"))
    policies.require(by, "revoke-credentials", application)
    if application.revoked_at is not None:
        raise WrongState(_("这组凭据已经作废，没有重复办理。"), subject=subject_of(account), verb="revoke-credentials")
    application.revoked_at = at
    application.save(update_fields=["revoked_at"])
    SystemAccessToken.objects.filter(application=application).delete()
    record(account, "revoke-credentials", by=by, at=at, payload={"client_id": application.client_id})
    return application
