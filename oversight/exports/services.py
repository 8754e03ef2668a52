"""Asking for an export of the whole ledger, releasing or refusing it, and taking it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.selectors import holders, municipal_authority
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger import exporting
from guiyang_data.ledger.services import record
from guiyang_data.notices.services import tell
from oversight.exports.policies import EXPORT_POLICY, KEEPERS
from oversight.models import LedgerExport
from oversight.workflow import LEDGER_EXPORTS, SUPERVISE, ProposalStatus

GONE = "没有这份导出。请从「记录导出」页面重新打开。"


@transaction.atomic
def ask_export(*, by: User, at: dt.datetime, since: dt.date, until: dt.date, purpose: str) -> LedgerExport:
    """Ask for all that was recorded on these days, for a second person to release."""
    EXPORT_POLICY.require(by, "ask-export")
    wrong = {}
    if until < since:
        wrong["until"] = _("截止日期不能早于起始日期。")
    if since > timezone.localdate(at):
        wrong["since"] = _("起始日期不能晚于今天。")
    if not purpose.strip():
        wrong["purpose"] = _("请写明用途。")
    if wrong:
        raise RuleBroken(_("请按提示核对。您填写的内容没有丢失。"), basis=SUPERVISE, fields=wrong)
    export = LedgerExport.objects.create(
        since=since, until=until, purpose=purpose.strip(), proposed_by=by, proposed_at=at
    )
    payload = {"since": since.isoformat(), "until": until.isoformat(), "purpose": export.purpose}
    record(export, "ask-export", by=by, at=at, basis=SUPERVISE, payload=payload)
    others = holders(municipal_authority(), [role.value for role in KEEPERS])
    _tell([user for user in others if EXPORT_POLICY.may(user, "release-export", export)], export, "ask", at)
    return export


@transaction.atomic
def release_export(*, export_id: int, by: User, at: dt.datetime) -> LedgerExport:
    """A second person releases it: both may take the file from now on."""
    return _decide(export_id, "release-export", by=by, at=at)


@transaction.atomic
def refuse_export(*, export_id: int, by: User, at: dt.datetime, reasons: str) -> LedgerExport:
    """Refuse it, with reasons."""
    if not reasons.strip():
        message = _("请写明理由。没有理由不能办理这一事项。")
        raise RuleBroken(message, basis=SUPERVISE, fields={"reasons": message})
    return _decide(export_id, "refuse-export", by=by, at=at, reasons=reasons.strip())


def _decide(export_id: int, verb: str, *, by: User, at: dt.datetime, reasons: str = "") -> LedgerExport:
    export = _locked(export_id)
    EXPORT_POLICY.require(by, verb, export)
    export.status = LEDGER_EXPORTS.target(verb, export.status)
    export.decided_by, export.decided_at, export.reasons = by, at, reasons
    export.save(update_fields=["status", "decided_by", "decided_at", "reasons"])
    record(export, verb, by=by, at=at, basis=SUPERVISE, payload={"reasons": reasons} if reasons else {})
    if export.proposed_by is not None and export.proposed_by != by:
        _tell([export.proposed_by], export, verb, at)
    return export


def _locked(export_id: int) -> LedgerExport:
    rows = LedgerExport.objects.select_for_update(of=("self",)).select_related("proposed_by")
    export = rows.filter(pk=export_id).first()
    if export is None:
        raise NotSeen(GONE)
    return export


@transaction.atomic
def take_export(*, export_id: int, by: User, at: dt.datetime) -> Iterator[bytes]:
    """The lines of a released export; that it was taken is recorded before the first leaves."""
    export = _locked(export_id)
    EXPORT_POLICY.require(by, "take-export", export)
    if export.status != ProposalStatus.CONFIRMED:
        raise WrongState(_("这份导出还没有由另一个人核定，不能下载。"), basis=SUPERVISE, verb="take-export")
    record(export, "take-export", by=by, at=at, basis=SUPERVISE)
    period = exporting.Period(since=_midnight(export.since), until=_midnight(export.until + dt.timedelta(days=1)))
    return exporting.whole(period, at=at)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _tell(recipients: list[User], export: LedgerExport, occasion: str, at: dt.datetime) -> None:
    what = {"ask": _("请核定记录的导出"), "release-export": _("记录的导出已核定")}.get(occasion, _("记录的导出已退回"))
    tell(
        recipients,
        about=export,
        kind="ledger-export",
        key=f"ledger-export:{export.pk}:{occasion}",
        title=f"{what}：{export.since.isoformat()} 至 {export.until.isoformat()}",
        body=export.reasons or export.purpose,
        path=export.get_absolute_url(),
        basis=SUPERVISE,
        at=at,
    )
