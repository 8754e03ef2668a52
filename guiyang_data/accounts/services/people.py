"""What people do for their own account: sign up, consent, prove who they are."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from stdnum.cn import ric

from guiyang_data.accounts.models import Consent, Person, RoleAssignment, User
from guiyang_data.accounts.protection import blind_index, blind_indexes, encrypt
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.personal import is_resident_id


@transaction.atomic
def register_public(*, user: User, notice_version: str, at: dt.datetime) -> User:
    """Finish the sign-up of somebody of the public: the account exists, the consent to the privacy notice is kept.

    Raises ``RuleBroken`` where the consent is not to the notice in force; the sign-up is then undone as a whole.
    """
    user.kind = User.Kind.PUBLIC
    user.save(update_fields=["kind"])
    record(user, "register", by=user, at=at)
    give_consent(by=user, notice_version=notice_version, at=at)
    return user


@transaction.atomic
def give_consent(*, by: User, notice_version: str, at: dt.datetime) -> Consent:
    """Agree to the privacy notice in force. Agreeing again changes nothing."""
    if notice_version != settings.PRIVACY_NOTICE_VERSION:
        raise RuleBroken(
            _("隐私政策已经更新。请阅读新版后再同意，您填写的其他内容都在。"),
            basis="《中华人民共和国个人信息保护法》第十四条",
            fields={"consent": _("请阅读并同意现行的隐私政策。")},
            subject=subject_of(by),
            verb="consent",
        )
    consent, made = Consent.objects.get_or_create(user=by, notice_version=notice_version, defaults={"given_at": at})
    if made:
        record(by, "consent", by=by, at=at, payload={"notice": notice_version})
    return consent


def verify_identity(*, by: User, name: str, id_number: str, at: dt.datetime) -> Person:
    """Prove who holds this account: the register is asked, the number is kept encrypted and found by a keyed index.

    One person may hold several accounts; an account belongs to one person for good.
    """
    number = ric.compact(id_number)
    _require_well_formed(by, name, number)
    _require_match(by, name.strip(), number)
    try:
        return _bind(by, name.strip(), number, at)
    except IntegrityError as error:
        raise RuleBroken(
            _("您在另一账号上已担任系统、安全或者审计管理员。同一人只能担任其中一种，请先联系本机关结束其中一个角色。"),
            subject=subject_of(by),
            verb="verify-identity",
        ) from error


def _require_well_formed(by: User, name: str, number: str) -> None:
    fields: dict[str, str] = {}
    if not name.strip():
        fields["name"] = _("请填写证件上的姓名。")
    if not is_resident_id(number):
        fields["id_number"] = _("公民身份号码不正确，请对照证件检查 18 位号码，末位可以是 X。")
    if fields:
        raise RuleBroken(
            _("填写的身份信息不正确，还没有提交核验。"), fields=fields, subject=subject_of(by), verb="verify-identity"
        )


def _require_match(by: User, name: str, number: str) -> None:
    reference = f"identity-{secrets.token_hex(8)}"
    try:
        agreed = import_string(settings.IDENTITY_GATEWAY)().matches(name=name, id_number=number, reference=reference)
    except OSError as error:
        raise WrongState(_("实名核验服务暂时没有应答，您的账号没有变化。请稍后再试。")) from error
    if not agreed:
        raise RuleBroken(
            _("姓名与公民身份号码不一致，核验没有通过。请对照证件检查后再试；您的账号没有变化。"),
            fields={"name": _("请检查姓名。"), "id_number": _("请检查公民身份号码。")},
            subject=subject_of(by),
            verb="verify-identity",
        )


@transaction.atomic
def _bind(by: User, name: str, number: str, at: dt.datetime) -> Person:
    user = User.objects.select_for_update().get(pk=by.pk)
    person = Person.objects.filter(id_number_index__in=blind_indexes(number)).first()
    if person is None:
        person, _made = Person.objects.get_or_create(
            id_number_index=blind_index(number),
            defaults={"name_encrypted": encrypt(name), "id_number_encrypted": encrypt(number), "verified_at": at},
        )
    if user.person_id is not None and user.person_id != person.pk:
        raise WrongState(
            _("这个账号已经完成实名核验，不能改为他人。如需更正，请联系平台。"),
            subject=subject_of(by),
            verb="verify-identity",
        )
    if user.person_id is None:
        user.person = person
        user.save(update_fields=["person"])
        RoleAssignment.objects.filter(user=user).update(holder=f"person:{person.pk}")
        record(user, "verify-identity", by=by, at=at, payload={"person": str(person.pk)})
    by.person = person
    return person
