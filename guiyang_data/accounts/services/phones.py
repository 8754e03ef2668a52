"""Telephones: proved with a code that is sent to them and, for the public, a way to sign up and sign in."""

from __future__ import annotations

import datetime as dt
import hmac
import logging
import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import BY_PHONE, PhoneCode, User
from guiyang_data.accounts.protection import blind_index, encrypt
from guiyang_data.accounts.services.people import register_public
from guiyang_data.accounts.telephones import account_of_phone, masked, mobile_number, phone_index
from guiyang_data.errors import RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.services import PUBLIC, record, subject_of

CODE_LIFE = dt.timedelta(minutes=10)
CODE_PAUSE = dt.timedelta(minutes=1)
CODE_TRIES = 5
SIGN_IN = "accounts.signin"
"""The subject of sign-ins that were aimed at no account."""

logger = logging.getLogger(__name__)


def _number(phone: str, *, subject: str, verb: str) -> str:
    number = mobile_number(phone)
    if number is None:
        raise RuleBroken(
            _("手机号码不正确，验证码没有发出。"),
            fields={"phone": _("请填写 11 位的中国大陆手机号码。")},
            subject=subject,
            verb=verb,
        )
    return number


def _text(code: str) -> str:
    return _("【%(portal)s】验证码 %(code)s，%(minutes)d 分钟内有效。如非本人操作，请不必理会。") % {
        "portal": settings.MFA_TOTP_ISSUER,
        "code": code,
        "minutes": CODE_LIFE.total_seconds() // 60,
    }


def _send(sent: PhoneCode, number: str, code: str) -> None:
    """Send after the row stands; where it cannot be sent the row goes, so that nobody waits for it."""
    message_id = f"phone-code-{sent.pk}-{int(sent.sent_at.timestamp())}"
    try:
        import_string(settings.SMS_GATEWAY)().send(to=number, text=_text(code), message_id=message_id)
    except OSError as error:
        PhoneCode.objects.filter(pk=sent.pk).delete()
        raise Unavailable(_("短信服务暂时没有应答，验证码没有发出。请稍后再试。")) from error


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def _code_index(owner: str, code: str) -> str:
    return blind_index(f"{owner}:{code.strip()}")


# --- the telephone of an account ------------------------------------------------------------------


def send_phone_code(*, by: User, phone: str, at: dt.datetime) -> PhoneCode:
    """Send a code to a telephone, at most one a minute; the telephone is the account's once the code comes back."""
    number = _number(phone, subject=subject_of(by), verb="send-phone-code")
    code = _new_code()
    sent = _keep_code(by, number, code, at)
    _send(sent, number, code)
    return sent


@transaction.atomic
def _keep_code(by: User, number: str, code: str, at: dt.datetime) -> PhoneCode:
    User.objects.select_for_update().get(pk=by.pk)
    last = PhoneCode.objects.filter(user=by).first()
    if last is not None and at - last.sent_at < CODE_PAUSE:
        raise WrongState(_("验证码刚刚发出，请一分钟后再重新获取。"), subject=subject_of(by), verb="send-phone-code")
    sent, _made = PhoneCode.objects.update_or_create(
        user=by,
        defaults={
            "phone_encrypted": encrypt(number),
            "code_index": _code_index(by.actor_key, code),
            "tries_left": CODE_TRIES,
            "sent_at": at,
            "expires_at": at + CODE_LIFE,
        },
    )
    record(by, "send-phone-code", by=by, at=at)
    return sent


def verify_phone(*, by: User, code: str, at: dt.datetime) -> User:
    """Prove the telephone with the code that was sent to it. Few tries, then a new code is needed.

    A number of which another account of the public is signed in stays there. The number the account had before is told.
    """
    before = User.objects.get(pk=by.pk).phone
    try:
        number = _take_phone(by, code, at)
    except IntegrityError as error:
        PhoneCode.objects.filter(user=by).delete()
        raise RuleBroken(
            _("这个手机号码已经用于另一个账号，您的账号没有变化。"),
            fields={"code": _("请换一个号码；或者先用这个号码登录，在那个账号中改为别的号码。")},
            subject=subject_of(by),
            verb="verify-phone",
        ) from error
    if number is None:
        raise RuleBroken(
            _("验证码不正确或者已经失效，手机号码没有变化。"),
            fields={"code": _("请检查短信中的六位数字，或者重新获取验证码。")},
            subject=subject_of(by),
            verb="verify-phone",
        )
    if before and before != number:
        _tell_old_number(by, before, number, at)
    by.refresh_from_db(fields=["phone_encrypted", "phone_index", "phone_verified_at"])
    return by


@transaction.atomic
def _take_phone(by: User, code: str, at: dt.datetime) -> str | None:
    sent = PhoneCode.objects.select_for_update().filter(user=by).first()
    if sent is None or not _spend_try(sent, by.actor_key, code, at):
        return None
    number = sent.phone
    User.objects.filter(pk=by.pk).update(
        phone_encrypted=encrypt(number), phone_index=phone_index(number), phone_verified_at=at
    )
    sent.delete()
    record(by, "verify-phone", by=by, at=at)
    return number


def _spend_try(sent: PhoneCode, owner: str, code: str, at: dt.datetime) -> bool:
    """Whether the code is right and still good. The row must be locked; a wrong code costs a try."""
    if sent.proved_at is not None or sent.tries_left == 0 or at >= sent.expires_at:
        return False
    if not hmac.compare_digest(sent.code_index, _code_index(owner, code)):
        sent.tries_left -= 1
        sent.save(update_fields=["tries_left"])
        return False
    return True


def _tell_old_number(by: User, before: str, number: str, at: dt.datetime) -> None:
    text = _("【%(portal)s】您账号的手机号码已改为 %(number)s。如非本人操作，请尽快联系平台。") % {
        "portal": settings.MFA_TOTP_ISSUER,
        "number": masked(number),
    }
    message_id = f"phone-changed-{by.pk}-{int(at.timestamp())}"
    try:
        import_string(settings.SMS_GATEWAY)().send(to=before, text=text, message_id=message_id)
    except OSError as error:
        logger.warning("the number that was left could not be told: %s", type(error).__name__)


# --- signing up and in by telephone ------------------------------------------------------------------


def send_sign_in_code(*, phone: str, at: dt.datetime) -> PhoneCode:
    """Send a code that signs in to the number's account or, where it has none, opens one.

    The same is done and said for every number, so that nobody learns which ones have accounts.
    """
    number = _number(phone, subject=SIGN_IN, verb="send-sign-in-code")
    code = _new_code()
    sent = _keep_sign_in_code(number, code, at)
    _send(sent, number, code)
    return sent


@transaction.atomic
def _keep_sign_in_code(number: str, code: str, at: dt.datetime) -> PhoneCode:
    PhoneCode.objects.filter(user=None, expires_at__lt=at - CODE_LIFE).delete()
    sent = PhoneCode.objects.create(
        phone_encrypted=encrypt(number),
        code_index=_code_index(number, code),
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
    if not _spend_try(sent, number, code, at):
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
