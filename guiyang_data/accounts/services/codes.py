"""Codes that prove a telephone or a mail address: six digits, kept as a keyed hash, good once, for few tries."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import PhoneCode
from guiyang_data.accounts.protection import blind_index, is_index_of
from guiyang_data.accounts.telephones import mobile_number
from guiyang_data.errors import RuleBroken, Unavailable

CODE_LIFE = dt.timedelta(minutes=10)
CODE_PAUSE = dt.timedelta(minutes=1)
CODE_TRIES = 5


def number_of(phone: str, *, subject: str, verb: str) -> str:
    """The eleven digits that were typed. Raises ``RuleBroken`` where they are no mobile number."""
    number = mobile_number(phone)
    if number is None:
        raise RuleBroken(
            _("手机号码不正确，验证码没有发出。"),
            fields={"phone": _("请填写 11 位的中国大陆手机号码。")},
            subject=subject,
            verb=verb,
        )
    return number


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_index(owner: str, code: str) -> str:
    """The keyed hash of a code that is ``owner``'s alone."""
    return blind_index(_indexed(owner, code))


def _indexed(owner: str, code: str) -> str:
    return f"{owner}:{code.strip()}"


def is_code(owner: str, typed: str, index: str) -> bool:
    """Whether what was typed is the code behind a hash."""
    return is_index_of(index, _indexed(owner, typed))


def is_good(sent: PhoneCode, at: dt.datetime) -> bool:
    """Whether its codes may still be tried."""
    return sent.proved_at is None and sent.tries_left > 0 and at < sent.expires_at


def spend_try(sent: PhoneCode) -> None:
    """One try less. The row must be locked."""
    sent.tries_left -= 1
    sent.save(update_fields=["tries_left"])


def text_to_prove(code: str) -> str:
    """The text message to a number that is to be proved."""
    return _("【%(portal)s】验证码 %(code)s，%(minutes)d 分钟内有效。如非本人操作，请不必理会。") % words_of(code)


def words_of(code: str) -> dict[str, object]:
    """What the texts with a code have in common."""
    minutes = CODE_LIFE.total_seconds() // 60
    return {"portal": settings.MFA_TOTP_ISSUER, "code": code, "minutes": minutes}


def send_text(to: str, text: str, message_id: str) -> None:
    """Hand a text message to the gateway. Raises ``OSError`` where it was not taken."""
    import_string(settings.SMS_GATEWAY)().send(to=to, text=text, message_id=message_id)


def send_code(sent: PhoneCode, number: str, text: str, *, part: str = "phone-code") -> None:
    """Send after the row stands; where it cannot be sent the row goes, so that nobody waits for it."""
    try:
        send_text(number, text, f"{part}-{sent.pk}-{int(sent.sent_at.timestamp())}")
    except OSError as error:
        PhoneCode.objects.filter(pk=sent.pk).delete()
        raise Unavailable(_("短信服务暂时没有应答，验证码没有发出。请稍后再试。")) from error
