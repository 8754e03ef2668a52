"""Telling the parties of a complaint, in the transaction of the act. A notice says nothing of what was complained."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from guiyang_data.accounts.models import Agency
from guiyang_data.notices.services import tell, tell_address, tell_agency
from oversight.complaints.models import Complaint, ComplaintReceipt
from oversight.complaints.policies import HANDLERS
from oversight.workflow import COMPLAIN

KIND = "complaint"


def tell_complainant(complaint: Complaint, occasion: str, *, title: str, body: str, at: dt.datetime) -> None:
    """Tell whoever complained: in their account, and at the address they gave. The anonymous look themselves."""
    key, account = f"{complaint.number}:{occasion}", complaint.complainant
    said = {"about": complaint, "kind": KIND, "title": title, "body": body, "basis": COMPLAIN, "at": at}
    said["agency"] = _keeper(complaint)
    if account is not None:
        tell([account], key=key, path=complaint.get_absolute_url(), **said)  # type: ignore[arg-type]
    mail = "" if account is not None and account.email == complaint.mail else complaint.mail
    if mail or complaint.phone:
        path = f"{reverse('oversight:complaint-track')}?number={complaint.number}"
        tell_address(mail=mail, phone=complaint.phone, key=f"{key}:address", path=path, **said)  # type: ignore[arg-type]


def _keeper(complaint: Complaint) -> Agency | None:
    """Who answers for the notices of a complaint: whoever keeps it for its first receiver, never its target."""
    receipt = complaint.receipts.select_related("keeper").order_by("pk").first()
    return receipt.keeper if receipt else None


def tell_keeper(receipt: ComplaintReceipt, occasion: str, *, title: str, at: dt.datetime, body: str = "") -> None:
    """Tell those who handle it."""
    tell_agency(
        receipt.keeper,
        HANDLERS,
        key=f"{receipt.complaint.number}:{receipt.pk}:{occasion}",
        about=receipt,
        kind=KIND,
        title=title,
        body=body,
        path=receipt.get_absolute_url(),
        basis=COMPLAIN,
        systems=False,
        at=at,
    )
