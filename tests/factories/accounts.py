"""Agencies, people and systems of a small city. Plain functions, named for what they make."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from oauth2_provider.generators import generate_client_id, generate_client_secret
from stdnum.cn import uscc

from guiyang_data.accounts.models import (
    Agency,
    Region,
    RoleAssignment,
    ServiceAccount,
    SystemAccessToken,
    SystemApplication,
    User,
)
from guiyang_data.accounts.protection import encrypt
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.telephones import phone_index
from tests.remembering import remembered

PASSWORD = "long-enough-for-tests-7"
STARTED_ON = dt.date(2024, 1, 2)

_numbers = itertools.count(1)


def credit_code(number: int, region: str = "520100") -> str:
    """A made-up unified social credit code with its right check character."""
    body = f"11{region}MA{number:07d}"
    return body + uscc.calc_check_digit(body)


def make_region(
    code: str = "520100", name: str = "贵阳市", level: str = Region.Level.CITY, parent: Region | None = None
) -> Region:
    """The region with this code, made where it is not there yet."""
    return Region.objects.get_or_create(code=code, defaults={"name": name, "level": level, "parent": parent})[0]


@remembered
def make_agency(
    name: str = "",
    *,
    region: Region | None = None,
    level: str = Agency.Level.MUNICIPAL,
    kind: str = Agency.Kind.DEPARTMENT,
    is_authority: bool = False,
    superiors: tuple[Agency, ...] = (),
    short_name: str = "",
    code: str = "",
) -> Agency:
    """An agency with a valid unified social credit code."""
    number = next(_numbers)
    name = name or f"贵阳市测试局{number}"
    agency = Agency.objects.create(
        code=code or credit_code(number),
        name=name,
        short_name=short_name or name.removeprefix("贵阳市"),
        region=region or make_region(),
        level=level,
        kind=kind,
        is_authority=is_authority,
        phone="0851-00000000",
        contact="信息科",
    )
    agency.superiors.add(*superiors)
    return agency


@dataclass(frozen=True, kw_only=True)
class City:
    """The smallest tree in which every legal relation between agencies occurs."""

    government: Agency
    authority: Agency
    transport: Agency
    health: Agency
    county_government: Agency
    county_authority: Agency
    county_department: Agency
    township: Agency

    @property
    def provider(self) -> Agency:
        """The department that most tests let provide data."""
        return self.transport

    @property
    def requester(self) -> Agency:
        """The department that most tests let ask for data."""
        return self.health


@remembered
def city() -> City:
    """Municipal government, authority, two departments; county government, authority, department; township."""
    guiyang = make_region()
    yunyan = make_region("520103", "云岩区", Region.Level.COUNTY, guiyang)
    street = make_region("520103001", "头桥乡", Region.Level.TOWNSHIP, yunyan)
    kind, level = Agency.Kind, Agency.Level
    government = make_agency("贵阳市人民政府", region=guiyang, kind=kind.GOVERNMENT, short_name="市政府")
    under = (government,)
    county_government = make_agency(
        "云岩区人民政府", region=yunyan, level=level.COUNTY, kind=kind.GOVERNMENT, superiors=under
    )
    authority = make_agency(
        "贵阳市大数据发展管理局", region=guiyang, is_authority=True, superiors=under, short_name="市大数据局"
    )
    transport = make_agency("贵阳市交通委员会", region=guiyang, superiors=under, short_name="市交通委")
    return City(
        government=government,
        authority=authority,
        transport=transport,
        health=make_agency("贵阳市卫生健康局", region=guiyang, superiors=under, short_name="市卫健局"),
        county_government=county_government,
        county_authority=make_agency(
            "云岩区大数据发展管理局",
            region=yunyan,
            level=level.COUNTY,
            is_authority=True,
            superiors=(county_government, authority),
        ),
        county_department=make_agency(
            "云岩区交通运输局", region=yunyan, level=level.COUNTY, superiors=(county_government, transport)
        ),
        township=make_agency(
            "头桥乡人民政府", region=street, level=level.TOWNSHIP, kind=kind.TOWNSHIP, superiors=(county_government,)
        ),
    )


def _user(kind: str, username: str, display_name: str, *, email: str | None = None) -> User:
    name = username or f"{kind}{next(_numbers)}"
    user = User(
        username=name,
        kind=kind,
        display_name=display_name,
        email=f"{name}@mail.example" if email is None else email,
        date_joined=dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    )
    user.set_password(PASSWORD)
    user.save()
    return user


@remembered
def give_role(user: User, agency: Agency, role: Role | str, *, on: dt.date = STARTED_ON) -> RoleAssignment:
    """One more role, in force since ``on``."""
    user.forget_roles()
    return RoleAssignment.objects.create(user=user, agency=agency, role=str(role), started_on=on)


@remembered
def staff(
    agency: Agency, *roles: Role | str, username: str = "", display_name: str = "", email: str | None = None
) -> User:
    """A member of an agency's staff who holds ``roles`` there (password: ``PASSWORD``)."""
    user = _user(User.Kind.STAFF, username, display_name or f"{agency.short_name}工作人员", email=email)
    for role in roles:
        give_role(user, agency, role)
    return user


def prove_phone(user: User, number: str, moment: dt.datetime) -> User:
    """The account, with this telephone number proved."""
    user.phone_encrypted, user.phone_index, user.phone_verified_at = encrypt(number), phone_index(number), moment
    user.save(update_fields=["phone_encrypted", "phone_index", "phone_verified_at"])
    return user


@remembered
def citizen(username: str = "", display_name: str = "", *, email: str | None = None) -> User:
    """Somebody of the public with an account (password: ``PASSWORD``)."""
    return _user(User.Kind.PUBLIC, username, display_name, email=email)


@remembered
def system(agency: Agency, name: str = "") -> ServiceAccount:
    """An information system of an agency with its service account; ``system(a).user`` is the principal."""
    name = name or f"测试系统{next(_numbers)}"
    user = User(username=f"system-{next(_numbers)}", kind=User.Kind.SYSTEM, display_name=name)
    user.set_unusable_password()
    user.save()
    return ServiceAccount.objects.create(user=user, agency=agency, name=name)


def credentials(account: ServiceAccount, *scopes: str) -> tuple[str, str]:
    """``(client id, client secret)`` with which the system may ask for ``scopes`` (all where none is named)."""
    client_id, secret = generate_client_id(), generate_client_secret()
    SystemApplication.objects.create(
        client_id=client_id,
        client_secret=secret,
        client_type=SystemApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=SystemApplication.GRANT_CLIENT_CREDENTIALS,
        name=account.name,
        service_account=account,
        allowed_scopes=list(scopes) or list(SystemApplication.every_scope()),
    )
    return client_id, secret


@remembered
def bearer(account: ServiceAccount, *scopes: str) -> dict[str, str]:
    """What makes a client call carry a token of the system: ``client.get(url, **bearer(account, "catalog:read"))``."""
    client_id, secret = credentials(account, *scopes)
    application = SystemApplication.objects.get(client_id=client_id)
    token = SystemAccessToken(
        application=application,
        scope=" ".join(scopes or application.allowed_scopes),
        expires=dt.datetime(2199, 1, 1, tzinfo=dt.UTC),
        token="",
    )
    token._raw_token = secret
    token.save()
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
