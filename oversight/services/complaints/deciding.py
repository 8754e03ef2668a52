"""Answering a complaint, refusing it with reasons, and the breach it leads to (第二十九条、第三十条)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.errors import WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.statute import clocks
from oversight.complaints.models import FOUND, ComplaintReceipt, Outcome
from oversight.models import Breach, Finding
from oversight.services.complaints.locking import COMPLAINT_CLOCK, begin, refuse, words
from oversight.services.complaints.telling import tell_complainant
from oversight.workflow import COMPLAIN, FINDINGS, RECEIPTS, ReceiptStatus


@transaction.atomic
def answer_complaint(
    *,
    receipt_id: int,
    by: User,
    outcome: str,
    result: str,
    on: dt.date,
    at: dt.datetime,
    item: int | None = None,
) -> ComplaintReceipt:
    """Feed the result back to the complainant, with reasons and what was ordered; the clock stops.

    ``item``: the item of 第三十条 under which a founded complaint falls. A draft finding is made under it, which a
    person confirms or not.
    """
    receipt = begin(receipt_id, by, "answer")
    if outcome not in Outcome.values:
        refuse(receipt, "answer", {"outcome": _("请选择调查结论。")})
    said = words(receipt, "answer", "result", result, _("请写明查明的事实、理由和怎样处理，"))
    if item is not None:
        _require_item(receipt, item, "answer")
        if outcome not in FOUND:
            message = _("不属实的投诉举报没有违规情形。请不选情形，或者更正结论。")
            refuse(receipt, "answer", {"item": message})
    receipt.status, receipt.outcome, receipt.item = RECEIPTS.target("answer", receipt.status), outcome, item
    _close(receipt, said, by, on, at, ["outcome", "item"])
    payload = {"outcome": outcome, "item": item, "on": on.isoformat()}
    record(receipt, "answer", by=by, at=at, basis=COMPLAIN, payload=payload)
    if item is not None:
        _draft(receipt, item, by, at, "answer")
    _feed_back(receipt, _("处理结果"), str(Outcome(outcome).label), at)
    return receipt


@transaction.atomic
def decline_complaint(*, receipt_id: int, by: User, reasons: str, on: dt.date, at: dt.datetime) -> ComplaintReceipt:
    """Refuse what is not within the regulation, with reasons; without cause it would be item 8 of 第三十条."""
    receipt = begin(receipt_id, by, "decline")
    said = words(receipt, "decline", "reasons", reasons, _("请写明为什么不属于条例范围，以及可以向谁提出，"))
    receipt.status = RECEIPTS.target("decline", receipt.status)
    _close(receipt, said, by, on, at, [])
    record(receipt, "decline", by=by, at=at, basis=COMPLAIN, payload={"on": on.isoformat()})
    _feed_back(receipt, _("不予受理"), _("请打开页面查看理由"), at)
    return receipt


def _close(receipt: ComplaintReceipt, said: str, by: User, on: dt.date, at: dt.datetime, fields: list[str]) -> None:
    clock = clocks.stop(receipt, COMPLAINT_CLOCK, on=on, at=at, by=by)
    receipt.result_encrypted = encrypt(said)
    receipt.decided_by, receipt.decided_at, receipt.decided_on = by, at, on
    receipt.due_on = clock.due_on if clock else None
    receipt.save(
        update_fields=["status", "result_encrypted", "decided_by", "decided_at", "decided_on", "due_on", *fields]
    )


def _feed_back(receipt: ComplaintReceipt, what: str, short: str, at: dt.datetime) -> None:
    tell_complainant(
        receipt.complaint,
        f"decided:{receipt.pk}",
        title=_("您的投诉举报 %(number)s：%(what)s") % {"number": receipt.complaint.number, "what": what},
        body=_("%(agency)s：%(short)s。请打开页面查看全文。") % {"agency": receipt.receiver_name, "short": short},
        at=at,
    )


@transaction.atomic
def draft_complaint_finding(*, receipt_id: int, by: User, item: int, at: dt.datetime) -> Finding:
    """Draft a finding under an item of 第三十条 against the agency complained about, for a person to confirm."""
    receipt = begin(receipt_id, by, "draft-finding")
    if receipt.status == ReceiptStatus.ANSWERED and receipt.outcome not in FOUND:
        message = _("调查结论是不属实，没有可以认定的违规情形。")
        raise WrongState(message, basis=FINDINGS["confirm"].basis, subject=subject_of(receipt), verb="draft-finding")
    _require_item(receipt, item, "draft-finding")
    receipt.item = item
    finding = _draft(receipt, item, by, at, "draft-finding")
    receipt.save(update_fields=["item"])
    return finding


def _require_item(receipt: ComplaintReceipt, item: int, verb: str) -> None:
    """One of the nine items, and none against those the regulation does not bind (第三十二条)."""
    agency = receipt.complaint.agency
    if item not in Breach.values:
        refuse(receipt, verb, {"item": _("请选择第三十条的情形。")})
    if not agency.is_bound:
        message = _("%(agency)s参照执行条例，不能依照第三十条认定。") % {"agency": agency.name}
        refuse(receipt, verb, {"item": message}, message)


def _draft(receipt: ComplaintReceipt, item: int, by: User, at: dt.datetime, verb: str) -> Finding:
    """The draft, once for an item."""
    agency = receipt.complaint.agency
    finding, new = Finding.objects.get_or_create(
        complaint=receipt, item=item, agency=agency, defaults={"drafted_at": at}
    )
    if not new:
        message = _("这件投诉举报已经草拟过这一情形的认定，请在「违规情形认定」中办理。")
        raise WrongState(message, basis=FINDINGS["confirm"].basis, subject=subject_of(receipt), verb=verb)
    payload = {"receipt": receipt.pk, "number": receipt.complaint.number, "item": item, "agency": agency.code}
    record(finding, "draft", by=by, at=at, basis=FINDINGS["confirm"].basis, payload=payload)
    record(receipt, "draft-finding", by=by, at=at, basis=FINDINGS["confirm"].basis, payload={"finding": finding.pk})
    return finding
