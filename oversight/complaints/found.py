"""Complaints of one receiver as pages and API both begin with them: found where they are in sight, with the acts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from oversight.complaints.models import ComplaintReceipt, ComplaintStatement
from oversight.complaints.policies import RECEIPT_POLICY
from oversight.complaints.selectors import receipts_in_sight, statements_in_sight
from oversight.workflow import RECEIPTS

NO_BUTTON = ("answer-question", "give-statement", "withdraw", "transfer-outside")
"""What complainants and the agency concerned do, and what follows from another act."""


def find_receipt(user: User, pk: int) -> ComplaintReceipt:
    """The receipt, where ``user`` may know of it."""
    found = receipts_in_sight(user).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有这件投诉举报，或者它由其他机关办理。请从「投诉举报」列表重新打开。"))
    return found


def find_statement(user: User, pk: int) -> ComplaintStatement:
    """What an agency is asked to explain, where ``user`` answers for it."""
    found = statements_in_sight(user).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有这个事项，或者它要求其他机关说明。请从「要求本机关说明」列表重新打开。"))
    return found


def receipt_acts(user: User, receipt: ComplaintReceipt, base: str = "") -> list[Act]:
    """What ``user`` may do with it now."""
    base = base or receipt.get_absolute_url()
    return acts(
        user,
        receipt,
        status=receipt.status,
        workflow=RECEIPTS,
        policy=RECEIPT_POLICY,
        url=lambda verb: f"{base}{verb}/",
        hidden=NO_BUTTON,
    )
