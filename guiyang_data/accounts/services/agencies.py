"""Agencies, their staff, and the roles people hold in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts import policies
from guiyang_data.accounts.models import Agency, Region, RoleAssignment, User, is_credit_code
from guiyang_data.accounts.roles import ADMINISTRATORS, Role
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import NamedActor, record, record_all, subject_of

CATALOGUE_REVIEW = "《贵阳市政府数据共享开放条例》第十一条"
BY_AUTHORITY = "《贵阳市政府数据共享开放条例》第四条"


@transaction.atomic
def create_agency(
    *,
    by: User | NamedActor,
    code: str,
    name: str,
    short_name: str,
    region: Region,
    level: str,
    kind: str,
    at: dt.datetime,
    is_authority: bool = False,
    superiors: Iterable[Agency] = (),
    phone: str = "",
    contact: str = "",
) -> Agency:
    """Enter an agency (第二条), with its superiors (上级机关). The credit code must have its right check character."""
    policies.require(by, "create-agency", None)
    fields = _faults_of_agency(code, name, region, is_authority=is_authority)
    if fields:
        raise RuleBroken(_("机关没有建立，请按提示更正。"), fields=fields)
    agency = Agency.objects.create(
        code=code,
        name=name,
        short_name=short_name,
        region=region,
        level=level,
        kind=kind,
        is_authority=is_authority,
        phone=phone,
        contact=contact,
    )
    above = list(superiors)
    agency.superiors.set(above)
    payload = {"code": code, "level": str(level), "kind": str(kind), "superiors": sorted(one.code for one in above)}
    record(agency, "create-agency", by=by, at=at, payload=payload)
    return agency


def _faults_of_agency(code: str, name: str, region: Region, *, is_authority: bool) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not is_credit_code(code):
        faults["code"] = _("统一社会信用代码不正确，请对照证书检查 18 位代码。")
    elif Agency.objects.filter(code=code).exists():
        faults["code"] = _("这个统一社会信用代码已经有机关使用。")
    if Agency.objects.filter(name=name).exists():
        faults["name"] = _("已有同名机关。")
    if is_authority and Agency.objects.filter(region=region, is_authority=True).exists():
        faults["is_authority"] = _("这个地区已有大数据主管部门。")
    return faults


@transaction.atomic
def open_staff_account(
    *, by: User | NamedActor, agency: Agency, username: str, display_name: str, email: str, at: dt.datetime
) -> User:
    """Open an account for a member of an agency's staff, who sets the password through 「忘记密码」."""
    policies.require(by, "open-staff-account", agency)
    fields: dict[str, str] = {}
    if User.objects.filter(username__iexact=username).exists():
        fields["username"] = _("这个用户名已有人使用，请换一个。")
    if User.objects.filter(email__iexact=email).exists():
        fields["email"] = _("这个邮箱已用于另一账号，请换一个。")
    if fields:
        raise RuleBroken(
            _("账号没有开通，请按提示更正。"), fields=fields, subject=subject_of(agency), verb="open-staff-account"
        )
    user = User(username=username, display_name=display_name, email=email, kind=User.Kind.STAFF, date_joined=at)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    record_all(
        [user, agency], "open-staff-account", by=by, at=at, payload={"agency": agency.code, "user": user.actor_key}
    )
    return user


def assign_role(
    *, by: User | NamedActor, user: User, agency: Agency, role: Role | str, on: dt.date, at: dt.datetime
) -> RoleAssignment:
    """Give a member of the staff a role in an agency. Nobody gives one to themselves.

    System, security and audit administrator are three different persons, which the database enforces too.
    """
    given = Role(role)
    try:
        return _assign(by, user, agency, given, on, at)
    except IntegrityError as error:
        raise _clash(user, agency, given) from error


@transaction.atomic
def _assign(
    by: User | NamedActor, user: User, agency: Agency, role: Role, on: dt.date, at: dt.datetime
) -> RoleAssignment:
    holder = User.objects.select_for_update().get(pk=user.pk)
    policies.require(by, "assign-role", agency)
    _require_assignable(by, holder, agency, role)
    in_force = RoleAssignment.objects.filter(ended_on=None)
    if in_force.filter(user=holder, agency=agency, role=role).exists():
        raise _clash(holder, agency, role)
    if role in ADMINISTRATORS and in_force.filter(holder=holder.holder_key, role__in=ADMINISTRATORS).exists():
        raise _clash(holder, agency, role)
    assignment = RoleAssignment.objects.create(user=holder, agency=agency, role=role, started_on=on)
    payload = {"agency": agency.code, "role": role.value, "user": holder.actor_key, "on": on.isoformat()}
    record_all([agency, holder], "assign-role", by=by, at=at, payload=payload)
    user.forget_roles()
    return assignment


def _require_assignable(by: User | NamedActor, user: User, agency: Agency, role: Role) -> None:
    place: dict[str, Any] = {"subject": subject_of(agency), "verb": "assign-role"}
    if isinstance(by, User) and by.pk == user.pk:
        raise RuleBroken(_("不能给自己分配角色，请由另一位系统管理员办理。"), **place)
    if user.kind != User.Kind.STAFF or not user.is_active:
        raise RuleBroken(
            _("只能给在用的机关工作人员账号分配角色。"), fields={"user": _("请选择工作人员账号。")}, **place
        )
    wrong, basis = _misplaced(agency, role)
    if wrong:
        raise RuleBroken(wrong, basis=basis, fields={"role": wrong}, **place)


def _misplaced(agency: Agency, role: Role) -> tuple[str, str]:
    municipal = agency.level == Agency.Level.MUNICIPAL
    if role is Role.MUNICIPAL_AUTHORITY and not (agency.is_authority and municipal):
        return _("这个角色只能设在市大数据主管部门。"), BY_AUTHORITY
    if role is Role.COUNTY_AUTHORITY and (municipal or not agency.is_authority):
        return _("这个角色只能设在县级大数据主管部门。"), BY_AUTHORITY
    if role is Role.GOVERNMENT_APPROVER and agency.kind != Agency.Kind.GOVERNMENT:
        return _("目录由本级人民政府审定，这个角色只能设在人民政府。"), CATALOGUE_REVIEW
    return "", ""


def _clash(user: User, agency: Agency, role: Role) -> RuleBroken:
    held = RoleAssignment.objects.filter(user=user, agency=agency, role=role, ended_on=None)
    if held.exists():
        text = _("此人在本机关已有这个角色，无需重复分配。")
    else:
        text = _("此人已担任系统、安全或者审计管理员。这三种角色须由三个人分别担任，请先结束原角色，或者另选一人。")
    return RuleBroken(text, fields={"role": text}, subject=subject_of(agency), verb="assign-role")


@transaction.atomic
def end_role(*, by: User | NamedActor, assignment_id: int, on: dt.date, at: dt.datetime) -> RoleAssignment:
    """End a role with a day; what was done under it stays. Nobody ends their own."""
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment_id)
    agency, user = assignment.agency, assignment.user
    policies.require(by, "end-role", assignment)
    place: dict[str, Any] = {"subject": subject_of(agency), "verb": "end-role"}
    if isinstance(by, User) and by.pk == user.pk:
        raise RuleBroken(_("不能结束自己的角色，请由另一位系统管理员办理。"), **place)
    if assignment.ended_on is not None:
        raise WrongState(_("这个角色已经结束，没有重复办理。"), **place)
    if on < assignment.started_on:
        raise RuleBroken(_("结束日期不能早于开始日期。"), fields={"on": _("请填写开始日期或者之后的日期。")}, **place)
    assignment.ended_on = on
    assignment.save(update_fields=["ended_on"])
    payload = {"agency": agency.code, "role": assignment.role, "user": user.actor_key, "on": on.isoformat()}
    record_all([agency, user], "end-role", by=by, at=at, payload=payload)
    return assignment
