"""What every act on a complaint begins with: the row locked, the policy asked, the words there."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guiyang_data.accounts.policies import Principal
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import subject_of
from oversight.complaints.models import Complaint, ComplaintReceipt
from oversight.complaints.policies import RECEIPT_POLICY
from oversight.workflow import COMPLAIN, RECEIPTS

LEAST_WORDS = 10
"""Characters below which a reason says nothing."""
COMPLAINT_CLOCK = "complaint"


def lock_complaint(complaint_id: int) -> Complaint:
    """The complaint, locked until the act commits."""
    rows = Complaint.objects.select_for_update(of=("self",)).select_related("agency", "complainant")
    return rows.get(pk=complaint_id)


def begin(receipt_id: int, by: Principal, verb: str) -> ComplaintReceipt:
    """The receipt, locked, where ``by`` may do ``verb`` on it and its state allows it."""
    rows = ComplaintReceipt.objects.select_for_update(of=("self",))
    related = rows.select_related("agency", "keeper", "complaint__agency", "complaint__complainant")
    receipt = related.get(pk=receipt_id)
    RECEIPT_POLICY.require(by, verb, receipt)
    RECEIPTS.target(verb, receipt.status)
    return receipt


def refuse(receipt: ComplaintReceipt, verb: str, fields: dict[str, str], message: str = "") -> None:
    """Raise the form's refusal (422) where something is wrong."""
    if not fields:
        return
    raise RuleBroken(
        message or _("有内容需要补充或者更正，您填写的内容都还在。"),
        basis=COMPLAIN,
        fields=fields,
        subject=subject_of(receipt),
        verb=verb,
    )


def words(receipt: ComplaintReceipt, verb: str, field: str, text: str, message: str) -> str:
    """The text, stripped; refused where it says too little."""
    said = text.strip()
    if len(said) < LEAST_WORDS:
        hint = _("%(message)s至少 %(least)d 个字。") % {"message": message, "least": LEAST_WORDS}
        refuse(receipt, verb, {field: hint})
    return said


def says_who(complaint: Complaint, text: str) -> bool:
    """Whether ``text`` names the complainant: by name, address or telephone."""
    known = (complaint.name, complaint.mail, complaint.phone)
    return any(len(one.strip()) > 1 and one.strip() in text for one in known)
