"""The telephone of an account: proved with a code that is sent to it; changed with a second proof besides.

Whoever sits down at somebody's open session knows a number of their own and its code. What signs in to an account is
changed only by whoever also has what it had before: the number that is left, the password, the mail address.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import PhoneCode, User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.accounts.services.codes import (
    CODE_LIFE,
    CODE_PAUSE,
    CODE_TRIES,
    code_index,
    is_code,
    is_good,
    new_code,
    number_of,
    send_code,
    send_text,
    spend_try,
    text_to_prove,
    words_of,
)
from guiyang_data.accounts.telephones import masked, phone_index, phone_indexes
from guiyang_data.errors import NotAllowed, RuleBroken, Unavailable, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import record, subject_of

SETTLED_AFTER = dt.timedelta(days=1)
"""What was set or confirmed within a day proves nothing: it may be whoever sits at the session who did it."""
SET_PASSWORD, CONFIRM_MAIL = "set-password", "confirm-mail"
Way = PhoneCode.Way

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What was taken over: the number before (empty where there was none) and the new one."""

    before: str
    number: str


def ways_to_prove(user: User, *, at: dt.datetime) -> list[PhoneCode.Way]:
    """How the owner of an account can prove a change of its telephone; none where it has no telephone yet."""
    if not user.phone_index:
        return []
    events = Event.objects.filter(subject=subject_of(user), verb__in=[SET_PASSWORD, CONFIRM_MAIL], refused=False)
    fresh = set(events.filter(at__gt=at - SETTLED_AFTER).values_list("verb", flat=True))
    ways = [Way.PASSWORD] if user.has_usable_password() and SET_PASSWORD not in fresh else []
    ways.append(Way.SMS)
    return [*ways, Way.MAIL] if proved_mail(user) and CONFIRM_MAIL not in fresh else ways


def proved_mail(user: User) -> str:
    """The confirmed mail address of an account; empty where there is none."""
    address = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk").first()
    return str(address.email) if address else ""


def send_phone_code(*, by: User, phone: str, at: dt.datetime, way: str = "") -> PhoneCode:
    """Send a code to a telephone, at most one a minute; the telephone is the account's once the code comes back.

    Where the account has another number, a second proof is needed besides: ``way`` says which (the first of
    ``ways_to_prove`` where it does not), and its code is sent too.
    """
    subject = subject_of(by)
    number = number_of(phone, subject=subject, verb="send-phone-code")
    if by.kind == User.Kind.SYSTEM:
        raise NotAllowed(_("信息系统账号没有手机号码。"), subject=subject, verb="send-phone-code")
    second = _second_way(by, number, way, at)
    code, proof = new_code(), new_code()
    sent = _keep_codes(by, number, code, second, proof, at)
    if second in {Way.SMS, Way.MAIL}:
        _send_proof(by, sent, proof)
    send_code(sent, number, text_to_prove(code))
    return sent


def _second_way(by: User, number: str, way: str, at: dt.datetime) -> str:
    before = User.objects.get(pk=by.pk)
    if not before.phone_index or before.phone_index in phone_indexes(number):
        return Way.NONE
    ways = ways_to_prove(before, at=at)
    if way and way not in ways:
        raise RuleBroken(
            _("这种方式现在不能用来证明，验证码没有发出。"),
            fields={"way": _("请从列出的方式中选择。密码、邮箱在设置一天以后才能用来更换手机号码。")},
            subject=subject_of(by),
            verb="send-phone-code",
        )
    return way or ways[0]


@transaction.atomic
def _keep_codes(by: User, number: str, code: str, second: str, proof: str, at: dt.datetime) -> PhoneCode:
    User.objects.select_for_update().get(pk=by.pk)
    last = PhoneCode.objects.filter(user=by).first()
    if last is not None and at - last.sent_at < CODE_PAUSE:
        raise WrongState(_("验证码刚刚发出，请一分钟后再重新获取。"), subject=subject_of(by), verb="send-phone-code")
    by_code = second in {Way.SMS, Way.MAIL}
    sent, _made = PhoneCode.objects.update_or_create(
        user=by,
        defaults={
            "phone_encrypted": encrypt(number),
            "code_index": code_index(by.actor_key, code),
            "second_way": second,
            "second_index": code_index(_proving(by), proof) if by_code else "",
            "tries_left": CODE_TRIES,
            "sent_at": at,
            "expires_at": at + CODE_LIFE,
        },
    )
    record(by, "send-phone-code", by=by, at=at, payload={"second": second} if second else None)
    return sent


def _proving(user: User) -> str:
    """The owner of the second code, so that the first one does not serve as it."""
    return f"{user.actor_key}:proof"


def _send_proof(by: User, sent: PhoneCode, proof: str) -> None:
    text = _(
        "【%(portal)s】有人要更换您账号的手机号码，证明是您本人的验证码 %(code)s，%(minutes)d 分钟内有效。"
        "不是您本人的，请不要把验证码告诉任何人，并尽快联系平台。"
    ) % words_of(proof)
    if sent.second_way == Way.SMS:
        send_code(sent, User.objects.get(pk=by.pk).phone, text, part="phone-proof")
        return
    try:
        EmailMessage(subject=_("更换手机号码的验证码"), body=text, to=[proved_mail(by)]).send()
    except (smtplib.SMTPException, OSError) as error:
        PhoneCode.objects.filter(pk=sent.pk).delete()
        raise Unavailable(_("邮件服务暂时没有应答，验证码没有发出。请稍后再试，或者换一种方式证明。")) from error


def verify_phone(*, by: User, code: str, at: dt.datetime, proof: str = "") -> User:
    """Prove the telephone with the code that was sent to it, and where it takes another's place with ``proof`` too.

    Few tries, then new codes are needed. A number of which another account of the public is signed in stays there.
    Whoever had the account's number or its mail address before is told.
    """
    waiting = PhoneCode.objects.filter(user=by).first()
    # the password is compared here, where nothing is locked: that takes its time
    by_password = waiting is not None and waiting.second_way == Way.PASSWORD and by.check_password(proof)
    try:
        change = _take_phone(by, code, proof, by_password, at)
    except IntegrityError as error:
        PhoneCode.objects.filter(user=by).delete()
        raise RuleBroken(
            _("这个手机号码已经用于另一个账号，您的账号没有变化。"),
            fields={"code": _("请换一个号码；或者先用这个号码登录，在那个账号中改为别的号码。")},
            subject=subject_of(by),
            verb="verify-phone",
        ) from error
    if isinstance(change, RuleBroken):
        raise change
    by.refresh_from_db(fields=["phone_encrypted", "phone_index", "phone_verified_at"])
    if change.before != change.number:
        _tell_of_change(by, change, at)
    return by


@transaction.atomic
def _take_phone(by: User, code: str, proof: str, by_password: bool, at: dt.datetime) -> _Change | RuleBroken:
    """The change, or what stands against it: that a try was spent must stay."""
    user = User.objects.select_for_update().get(pk=by.pk)
    sent = PhoneCode.objects.select_for_update().filter(user=by).first()
    if sent is None or not is_good(sent, at):
        return _refusal(by, code=_("请检查短信中的六位数字，或者重新获取验证码。"))
    wrong = _wrong(user, sent, code, proof, by_password)
    if wrong:
        spend_try(sent)
        return _refusal(by, **wrong)
    change = _Change(before=user.phone, number=sent.phone)
    User.objects.filter(pk=by.pk).update(
        phone_encrypted=encrypt(change.number), phone_index=phone_index(change.number), phone_verified_at=at
    )
    payload = {"second": sent.second_way} if sent.second_way else None
    sent.delete()
    record(by, "verify-phone", by=by, at=at, payload=payload)
    return change


def _wrong(user: User, sent: PhoneCode, code: str, proof: str, by_password: bool) -> dict[str, str]:
    """What is wrong, by field; both are looked at whatever the other is."""
    fields: dict[str, str] = {}
    if not is_code(user.actor_key, code, sent.code_index):
        fields["code"] = _("请检查短信中的六位数字，或者重新获取验证码。")
    if user.phone_index in {"", *phone_indexes(sent.phone)}:
        return fields
    if sent.second_way == Way.PASSWORD:
        proved = by_password
    else:
        proved = bool(sent.second_index) and is_code(_proving(user), proof, sent.second_index)
    return fields if proved else fields | {"proof": str(_PROOF_WRONG[sent.second_way])}


_PROOF_WRONG = {
    Way.PASSWORD.value: gettext_lazy("密码不正确，请重新输入。"),
    Way.SMS.value: gettext_lazy("请检查原手机号码收到的六位数字，或者重新获取验证码。"),
    Way.MAIL.value: gettext_lazy("请检查邮件中的六位数字，或者重新获取验证码。"),
    Way.NONE.value: gettext_lazy("更换手机号码还需要证明是您本人，请重新获取验证码。"),
}


def _refusal(by: User, **fields: str) -> RuleBroken:
    text = _("没有证明是您本人，手机号码没有变化。")
    if "code" in fields:
        text = _("验证码不正确或者已经失效，手机号码没有变化。")
    return RuleBroken(text, fields=fields, subject=subject_of(by), verb="verify-phone")


def _tell_of_change(by: User, change: _Change, at: dt.datetime) -> None:
    """At the number that was left and at the mail address, so that a change nobody wanted is noticed."""
    words = {"portal": settings.MFA_TOTP_ISSUER, "number": masked(change.number)}
    if change.before:
        text = _("您账号的手机号码已改为 %(number)s。如非本人操作，请尽快联系平台。") % words
        try:
            send_text(change.before, f"【{words['portal']}】{text}", f"phone-changed-{by.pk}-{int(at.timestamp())}")
        except OSError as error:
            logger.warning("the number that was left could not be told: %s", type(error).__name__)
    else:
        text = _("您的账号已绑定手机号码 %(number)s。如非本人操作，请尽快修改密码并联系平台。") % words
    if by.email:
        try:
            EmailMessage(subject=f"【{words['portal']}】{_('手机号码有变化')}", body=text, to=[by.email]).send()
        except (smtplib.SMTPException, OSError) as error:
            logger.warning("the mail address of the account could not be told: %s", type(error).__name__)
