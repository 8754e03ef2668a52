"""How a person is to be reminded, and when not. Legal notices follow no choice: they come at once and alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.models import Manner, Preference
from guiyang_data.notices.moments import SHANGHAI, is_quiet
from guiyang_data.notices.preferences import DIGEST_AT, QUIET_SINCE, QUIET_UNTIL

VERB = "choose-notices"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person chooses. ``mail`` and ``sms``: how reminders come; times are Shanghai's."""

    mail: str = Manner.SINGLE
    sms: str = Manner.NONE
    texts_legal: bool = False
    digest_at: dt.time = DIGEST_AT
    quiet_since: dt.time = QUIET_SINCE
    quiet_until: dt.time = QUIET_UNTIL


def chosen_by(user: User) -> Preference:
    """What an account chose; the defaults where it chose nothing."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def choose(choice: Choice, *, by: User, at: dt.datetime) -> Preference:
    """Choose how reminders come from now on; what waits already goes as it was to go."""
    fields = _wrong(choice, by)
    if fields:
        text = _("设置没有保存，请按提示更正。")
        raise RuleBroken(text, fields=fields, subject=subject_of(by), verb=VERB)
    preference, _made = Preference.objects.update_or_create(user=by, defaults=asdict(choice))
    record(by, VERB, by=by, at=at, payload={"mail": choice.mail, "sms": choice.sms, "texts_legal": choice.texts_legal})
    return preference


def _wrong(choice: Choice, user: User) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name in ("mail", "sms"):
        if getattr(choice, name) not in Manner.values:
            fields[name] = _("请从列出的方式中选择。")
    if not user.phone_verified_at:
        needed = _("要用短信接收，请先在「我的账号」验证手机号码。")
        fields |= {"sms": needed} if choice.sms != Manner.NONE else {}
        fields |= {"texts_legal": needed} if choice.texts_legal else {}
    if Manner.DIGEST in (choice.mail, choice.sms) and is_quiet(
        _on_some_day(choice.digest_at), since=choice.quiet_since, until=choice.quiet_until
    ):
        fields["digest_at"] = _("汇总时间在免打扰时段内，请选免打扰结束以后的时间。")
    return fields


def _on_some_day(time: dt.time) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 1, 1), time, SHANGHAI)
