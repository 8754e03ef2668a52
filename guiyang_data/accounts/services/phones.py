"""Signing up and in by telephone, for the public: the number, the code, and for a new number the consent."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import BY_PHONE, PhoneCode, User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.accounts.services.codes import (
    CODE_LIFE,
    CODE_TRIES,
    code_index,
    is_code,
    is_good,
    new_code,
    number_of,
    send_code,
    spend_try,
    text_to_prove,
)
from guiyang_data.accounts.services.people import register_public
from guiyang_data.accounts.telephones import account_of_phone, phone_index
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import PUBLIC, record, subject_of

SIGN_IN = "accounts.signin"
"""The subject of sign-ins that were aimed at no account."""


def send_sign_in_code(*, phone: str, at: dt.datetime) -> PhoneCode:
    """Send a code that signs in to the number's account or, where it has none, opens one.

    The same is done and said for every number, so that nobody learns which ones have accounts.
    """
    number = number_of(phone, subject=SIGN_IN, verb="send-sign-in-code")
    code = new_code()
    sent = _keep_sign_in_code(number, code, at)
    send_code(sent, number, text_to_prove(code))
    return sent


@transaction.atomic
def _keep_sign_in_code(number: str, code: str, at: dt.datetime) -> PhoneCode:
    PhoneCode.objects.filter(user=None, expires_at__lt=at - CODE_LIFE).delete()
    sent = PhoneCode.objects.create(
        phone_encrypted=encrypt(number),
        code_index=code_index(number, code),
        tries_left=CODE_TRIES,
        sent_at=at,
        expires_at=at + CODE_LIFE,
    )
    user = account_of_phone(number)
    record(subject_of(user) if user else SIGN_IN, "send-sign-in-code", by=PUBLIC, at=at)
    return sent


def prove_sign_in(*, code_id: int, code: str, at: dt.datetime) -> User | None:
    """The account to sign in to, once the code that was sent to its telephone came back.

    None where the number has no account yet: it is proved, and ``register_by_phone`` opens one within ten minutes.
    Raises ``RuleBroken`` at a wrong or outdated code.
    """
    number, proved = _prove(code_id, code, at)
    user = account_of_phone(number) if number else None
    if not proved:
        raise RuleBroken(
            _("验证码不正确或者已经失效，还没有登录。"),
            fields={"code": _("请检查短信中的六位数字，或者重新获取验证码。")},
            subject=subject_of(user) if user else SIGN_IN,
            verb="sign-in",
        )
    if user is not None:
        PhoneCode.objects.filter(pk=code_id).delete()
    return user


@transaction.atomic
def _prove(code_id: int, code: str, at: dt.datetime) -> tuple[str, bool]:
    sent = PhoneCode.objects.select_for_update().filter(pk=code_id, user=None).first()
    if sent is None:
        return "", False
    number = sent.phone
    if not is_good(sent, at):
        return number, False
    if not is_code(number, code, sent.code_index):
        spend_try(sent)
        return number, False
    sent.proved_at, sent.expires_at = at, at + CODE_LIFE
    sent.save(update_fields=["proved_at", "expires_at"])
    return number, True


def register_by_phone(*, code_id: int, notice_version: str, at: dt.datetime) -> User:
    """Open an account of the public for a telephone that was just proved, with consent to the privacy notice.

    Where another browser opened the number's account meanwhile, that one is returned. Raises ``WrongState`` where the
    proof is older than ten minutes, and ``RuleBroken`` where the consent is not to the notice in force.
    """
    try:
        return _register(code_id, notice_version, at)
    except IntegrityError:
        # the same number, in another browser, at the same moment
        return _register(code_id, notice_version, at)


@transaction.atomic
def _register(code_id: int, notice_version: str, at: dt.datetime) -> User:
    sent = PhoneCode.objects.select_for_update().filter(pk=code_id, user=None).first()
    if sent is None or sent.proved_at is None or at >= sent.expires_at:
        raise WrongState(_("手机号码的验证已经过了十分钟，账号没有建立。请重新获取验证码。"))
    number = sent.phone
    sent.delete()
    known = account_of_phone(number)
    if known is not None:
        return known
    user = User(
        username=f"{BY_PHONE}{secrets.token_hex(6)}",
        phone_encrypted=encrypt(number),
        phone_index=phone_index(number),
        phone_verified_at=at,
    )
    user.set_unusable_password()
    user.save()
    register_public(user=user, notice_version=notice_version, at=at)
    record(user, "verify-phone", by=user, at=at)
    return user
