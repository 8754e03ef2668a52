"""Complaining, and withdrawing a complaint (第二十九条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.protection import encrypt
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import adopt
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import PUBLIC, Actor, record, subject_of
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from oversight.complaints.cases import case_is_known
from oversight.complaints.models import Complaint, ComplaintReceipt, Concern
from oversight.complaints.policies import COMPLAINT_POLICY
from oversight.complaints.receivers import (
    MOST_RECEIVERS,
    Receiver,
    agencies_complained_about,
    chosen_receivers,
    hands_off,
)
from oversight.services.complaints.locking import COMPLAINT_CLOCK, LEAST_WORDS, lock_complaint
from oversight.services.complaints.telling import tell_complainant, tell_keeper
from oversight.workflow import COMPLAIN, RECEIPTS, UNANSWERED, ReceiptStatus
from requests_app.codes import code_hash, new_code
from requests_app.services import Party

PREFIX = "TS"
LONGEST_MATTER = 5000


@dataclass(frozen=True, kw_only=True)
class FiledComplaint:
    """A filed complaint and its secret code, which is shown once and stored only as a hash."""

    complaint: Complaint
    code: str


@transaction.atomic
def file_complaint(
    *,
    by: Actor,
    agency: Agency,
    concern: str,
    matter: str,
    to: Sequence[str],
    on: dt.date,
    at: dt.datetime,
    official: str = "",
    other_receiver: str = "",
    case_number: str = "",
    party: Party | None = None,
    anonymous: bool = False,
    papers: Iterable[Attachment] = (),
    code: str = "",
) -> FiledComplaint:
    """Complain about an agency or one of its officials, to one or several receivers (第二十九条).

    ``to``: keys of ``receivers_for``; ``other_receiver``: an organ outside the portal, named freely. An anonymous
    complaint keeps no account, no name and no address, whoever sends it. Raises ``RuleBroken`` with ``fields``.
    """
    party = Party() if anonymous or party is None else party
    receivers = chosen_receivers(agency, list(to), other_receiver)
    wrong = _wrong(agency, concern, matter, official, case_number) | _wrong_receivers(to, receivers, other_receiver)
    if wrong := wrong | party.check():
        message = _("有内容需要补充或者更正，您填写的内容都还在。")
        raise RuleBroken(message, basis=COMPLAIN, fields=wrong)
    code, number = code or new_code(), next_number(PREFIX, on.year)
    complaint = Complaint.objects.create(
        number=number,
        code_hash=code_hash(number, code),
        complainant=None if anonymous else _account(by),
        anonymous=anonymous,
        agency=agency,
        official_encrypted=encrypt(official.strip()) if official.strip() else "",
        concern=concern,
        matter_encrypted=encrypt(matter.strip()),
        case_number=case_number.strip().upper(),
        submitted_at=at,
        submitted_on=on,
        **party.stored(),
    )
    adopt(list(papers), subject_of(complaint))
    _begin(complaint, receivers, PUBLIC if anonymous else by, on, at)
    return FiledComplaint(complaint=complaint, code=code)


def _account(by: Actor) -> User | None:
    """The account it belongs to: only one of the public, never a clerk's or a system's."""
    return by if isinstance(by, User) and by.kind == User.Kind.PUBLIC else None


def _wrong(agency: Agency, concern: str, matter: str, official: str, case_number: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not Agency.objects.filter(agencies_complained_about(), pk=agency.pk).exists():
        wrong["agency"] = _("请选择本市的行政机关或者有公共管理职能的组织。")
    if concern not in Concern.values:
        wrong["concern"] = _("请选择最接近的情形。")
    if not LEAST_WORDS <= len(matter.strip()) <= LONGEST_MATTER:
        wrong["matter"] = _("请写明什么时间、什么事、怎样不依法履行职责，%(least)d 到 %(most)d 个字。") % {
            "least": LEAST_WORDS,
            "most": LONGEST_MATTER,
        }
    if len(official.strip()) > 60:
        wrong["official"] = _("请只写姓名、科室或者职务，60 个字以内。")
    if not case_is_known(case_number):
        wrong["case_number"] = _("没有这个编号的事项，请对照回执检查；不清楚编号可以不填。")
    return wrong


def _wrong_receivers(to: Sequence[str], receivers: list[Receiver], other: str) -> dict[str, str]:
    if not receivers:
        return {"to": _("请选择至少一个接收投诉举报的机关。")}
    if len(receivers) > MOST_RECEIVERS:
        return {"to": _("一次最多选择 %(most)d 个接收机关。") % {"most": MOST_RECEIVERS}}
    if len(receivers) != len(set(to)) + bool(other.strip()):
        return {
            "to": _("所选的机关不能接收对这个机关的投诉举报，请重新选择上级行政机关、监察机关或者市大数据主管部门。")
        }
    return {}


def _begin(complaint: Complaint, receivers: list[Receiver], by: Actor, on: dt.date, at: dt.datetime) -> None:
    payload = {
        "about": complaint.agency.code,
        "concern": complaint.concern,
        "to": [receiver.agency.code if receiver.agency else receiver.name for receiver in receivers],
        "anonymous": complaint.anonymous,
    }
    record(complaint, "file", by=by, at=at, basis=COMPLAIN, payload=payload)
    due_on = on
    for receiver in receivers:
        due_on = _receive(complaint, receiver, by, on, at)
    names = "、".join(receiver.name for receiver in receivers)
    tell_complainant(
        complaint,
        "filed",
        title=_("已收到您的投诉举报 %(number)s") % {"number": complaint.number},
        body=_("由%(names)s办理，最迟 %(due)s 24:00 前反馈处理结果（服务目标）。")
        % {"names": names, "due": show(due_on)},
        at=at,
    )


def _receive(complaint: Complaint, receiver: Receiver, by: Actor, on: dt.date, at: dt.datetime) -> dt.date:
    """One receiver's own row and clock; outside the portal, that of whoever hands it off."""
    keeper = receiver.agency or hands_off(complaint.agency)
    receipt = ComplaintReceipt.objects.create(
        complaint=complaint,
        capacity=receiver.capacity,
        agency=receiver.agency,
        outside_name="" if receiver.agency else receiver.name,
        keeper=keeper,
        status=ReceiptStatus.SUBMITTED if receiver.agency else ReceiptStatus.TO_HAND_OFF,
    )
    clock = clocks.start(
        COMPLAINT_CLOCK,
        receipt,
        on=on,
        at=at,
        by=by,
        owed_by=keeper,
        number=complaint.number,
        title=receipt.title,
        path=receipt.get_absolute_url(),
    )
    tell_keeper(
        receipt,
        "filed",
        title=_("收到投诉举报 %(number)s") % {"number": complaint.number},
        body="" if receiver.agency else _("请转送%(name)s，并登记转送情况。") % {"name": receiver.name},
        at=at,
    )
    return clock.due_on


@transaction.atomic
def withdraw_complaint(
    *, complaint_id: int, by: Principal, on: dt.date, at: dt.datetime, reasons: str = ""
) -> Complaint:
    """The complainant withdraws from every receiver that has not answered; a breach already found stays."""
    complaint = lock_complaint(complaint_id)
    COMPLAINT_POLICY.require(by, "withdraw", complaint)
    rows = ComplaintReceipt.objects.select_for_update(of=("self",)).select_related("keeper", "complaint")
    receipts = [row for row in rows.filter(complaint=complaint).order_by("pk") if row.status in UNANSWERED]
    if not receipts:
        raise WrongState(
            _("这件投诉举报已经办结或者撤回，不能再撤回。"),
            basis=COMPLAIN,
            subject=subject_of(complaint),
            verb="withdraw",
        )
    complaint.withdrawn_at = at
    complaint.save(update_fields=["withdrawn_at"])
    payload = {"has_reasons": bool(reasons.strip()), "receivers": len(receipts)}
    record(complaint, "withdraw", by=by, at=at, basis=COMPLAIN, payload=payload)  # type: ignore[arg-type]
    for receipt in receipts:
        receipt.status = RECEIPTS.target("withdraw", receipt.status)
        receipt.save(update_fields=["status"])
        clocks.stop(receipt, COMPLAINT_CLOCK, on=on, at=at, by=by, cause=Clock.Stop.WITHDRAWN)  # type: ignore[arg-type]
        record(receipt, "withdraw", by=by, at=at, basis=COMPLAIN)  # type: ignore[arg-type]
        title = _("投诉举报人撤回了 %(number)s") % {"number": complaint.number}
        tell_keeper(receipt, "withdrawn", title=title, at=at)
    return complaint
