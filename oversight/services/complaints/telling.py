"""Telling the parties of a complaint, in the transaction of the act. A notice says nothing of what was complained."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from guiyang_data.notices.services import Telling, tell_agency, tell_all
from oversight.complaints.models import Complaint, ComplaintReceipt
from oversight.complaints.policies import HANDLERS
from oversight.workflow import COMPLAIN

KIND = "complaint"


def tell_complainant(complaint: Complaint, occasion: str, *, title: str, body: str, at: dt.datetime) -> None:
    """Tell whoever complained: in their account, and at the address they gave. The anonymous look themselves."""
    key, account, receipt = f"{complaint.number}:{occasion}", complaint.complainant, _first_receipt(complaint)
    said: dict[str, Any] = {"about": complaint, "kind": KIND, "title": title, "body": body, "basis": COMPLAIN}
    if receipt is not None:
        said |= {"agency": receipt.keeper, "desk_path": receipt.get_absolute_url()}
    letters = []
    if account is not None:
        letters.append(Telling(recipients=(account,), key=key, path=complaint.get_absolute_url(), **said))
    mail = "" if account is not None and account.email == complaint.mail else complaint.mail
    if mail or complaint.phone:
        path = f"{reverse('oversight:complaint-track')}?number={complaint.number}"
        letters.append(Telling(mail=mail, phone=complaint.phone, key=f"{key}:address", path=path, **said))
    tell_all(letters, at=at)


def _first_receipt(complaint: Complaint) -> ComplaintReceipt | None:
    """Whoever keeps it for its first receiver answers for the notices of a complaint; its target never does."""
    return complaint.receipts.select_related("keeper").order_by("pk").first()


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
