"""Passing a complaint on: to the organ that is competent, and out of the portal (第二十九条). The clock goes on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.ledger.services import record
from guiyang_data.statute import clocks
from oversight.complaints.models import ComplaintReceipt, ComplaintTransfer, Outcome
from oversight.complaints.receivers import Receiver, chosen_receivers, hands_off
from oversight.services.complaints.locking import COMPLAINT_CLOCK, begin, refuse, words
from oversight.services.complaints.telling import tell_complainant, tell_keeper
from oversight.workflow import COMPLAIN, RECEIPTS


@transaction.atomic
def transfer_complaint(
    *,
    receipt_id: int,
    by: User,
    to: str,
    reasons: str,
    on: dt.date,
    at: dt.datetime,
    other_receiver: str = "",
) -> ComplaintReceipt:
    """Hand the complaint to the organ that is competent, with reasons; the clock goes on, the days of each are kept.

    ``to``: a key of ``receivers_for``, or empty with ``other_receiver``: an organ outside the portal.
    """
    receipt = begin(receipt_id, by, "transfer")
    complaint = receipt.complaint
    found = chosen_receivers(complaint.agency, [to] if to else [], other_receiver)
    said = words(receipt, "transfer", "reasons", reasons, _("请写明为什么由对方处理，投诉举报人能看到，"))
    refuse(receipt, "transfer", _wrong(receipt, found))
    receiver, leaving = found[0], receipt.keeper
    verb = "transfer" if receiver.agency else "transfer-outside"
    receipt.status = RECEIPTS.target(verb, receipt.status)
    ComplaintTransfer.objects.create(
        receipt=receipt, from_agency=leaving, to_name=receiver.name, reasons=said, by=by, transferred_on=on
    )
    receipt.capacity, receipt.agency = receiver.capacity, receiver.agency
    receipt.outside_name = "" if receiver.agency else receiver.name
    receipt.keeper = receiver.agency or hands_off(complaint.agency)
    receipt.received_by = receipt.received_at = None
    receipt.save(update_fields=["status", "capacity", "agency", "outside_name", "keeper", "received_by", "received_at"])
    _hand_on(receipt, leaving.code, by, on, at, verb)
    return receipt


def _wrong(receipt: ComplaintReceipt, found: list[Receiver]) -> dict[str, str]:
    if len(found) != 1:
        return {"to": _("请选择一个有权处理的机关。")}
    receiver = found[0]
    if receiver.agency is not None:
        rows = ComplaintReceipt.objects.filter(complaint=receipt.complaint, agency=receiver.agency)
        if rows.exists():
            return {"to": _("%(name)s已经收到这件投诉举报，请另选。") % {"name": receiver.name}}
    before = receipt.transfers.filter(from_agency__name=receiver.name)
    if before.exists():
        return {"to": _("%(name)s已经移送过这件投诉举报，不能移送回去，请另选。") % {"name": receiver.name}}
    return {}


def _hand_on(receipt: ComplaintReceipt, leaving: str, by: User, on: dt.date, at: dt.datetime, verb: str) -> None:
    clock = clocks.lock_running(receipt, COMPLAINT_CLOCK)
    if clock is not None and clock.owed_by_id != receipt.keeper_id:
        clocks.hand_on(clock, to=receipt.keeper, on=on, at=at, by=by)
    to = receipt.agency.code if receipt.agency else receipt.outside_name
    record(receipt, verb, by=by, at=at, basis=COMPLAIN, payload={"from": leaving, "to": to})
    number = receipt.complaint.number
    tell_keeper(receipt, f"transferred:{receipt.receiver_name}", title=_("移送来的投诉举报 %s") % number, at=at)
    tell_complainant(
        receipt.complaint,
        f"transferred:{receipt.pk}:{to}",
        title=_("您的投诉举报 %(number)s 已移送%(name)s") % {"number": number, "name": receipt.receiver_name},
        body=_("办理期限不变，不重新计算。请打开页面查看理由。"),
        at=at,
    )


@transaction.atomic
def hand_off_complaint(
    *, receipt_id: int, by: User, handed_to: str, on: dt.date, at: dt.datetime, sent_on: dt.date | None = None
) -> ComplaintReceipt:
    """Record that the letter went to an organ outside the portal: to whom, on which day, by whom.

    The keeper's part is done with it, so its clock stops on ``on``.
    """
    receipt = begin(receipt_id, by, "hand-off")
    sent_on = sent_on or on
    fields: dict[str, str] = {}
    if not handed_to.strip():
        fields["handed_to"] = _("请写明交给了谁，例如「收发室」或者经办人的科室。")
    if not receipt.complaint.submitted_on <= sent_on <= on:
        fields["sent_on"] = _("转送日期应当在收到投诉举报之日以后、今天以前。")
    refuse(receipt, "hand-off", fields)
    receipt.status = RECEIPTS.target("hand-off", receipt.status)
    receipt.handed_off_to, receipt.handed_off_by, receipt.handed_off_on = handed_to.strip(), by, sent_on
    receipt.save(update_fields=["status", "handed_off_to", "handed_off_by", "handed_off_on"])
    clocks.stop(receipt, COMPLAINT_CLOCK, on=on, at=at, by=by)
    payload = {"to": receipt.outside_name, "on": sent_on.isoformat()}
    record(receipt, "hand-off", by=by, at=at, basis=COMPLAIN, payload=payload)
    tell_complainant(
        receipt.complaint,
        f"handed-off:{receipt.pk}",
        title=_("您的投诉举报 %(number)s 已转送%(name)s")
        % {"number": receipt.complaint.number, "name": receipt.outside_name},
        body=_("该机关不在平台上办理，由它自行调查处理并反馈；平台收到它的处理结果后会登记并通知您。"),
        at=at,
    )
    return receipt


@transaction.atomic
def record_outside_answer(
    *, receipt_id: int, by: User, outcome: str, result: str, on: dt.date, at: dt.datetime
) -> ComplaintReceipt:
    """Record the answer of an organ outside the portal when it comes, and pass it to the complainant."""
    receipt = begin(receipt_id, by, "record-answer")
    if outcome not in Outcome.values:
        refuse(receipt, "record-answer", {"outcome": _("请选择对方的结论。")})
    said = words(receipt, "record-answer", "result", result, _("请写明对方的处理结果，"))
    receipt.status = RECEIPTS.target("record-answer", receipt.status)
    receipt.outcome, receipt.result_encrypted = outcome, encrypt(said)
    receipt.decided_by, receipt.decided_at, receipt.decided_on = by, at, on
    receipt.save(update_fields=["status", "outcome", "result_encrypted", "decided_by", "decided_at", "decided_on"])
    payload = {"outcome": outcome, "on": on.isoformat()}
    record(receipt, "record-answer", by=by, at=at, basis=COMPLAIN, payload=payload)
    tell_complainant(
        receipt.complaint,
        f"decided:{receipt.pk}",
        title=_("您的投诉举报 %(number)s：处理结果") % {"number": receipt.complaint.number},
        body=_("已收到%(name)s的处理结果，请打开页面查看。") % {"name": receipt.outside_name},
        at=at,
    )
    return receipt
