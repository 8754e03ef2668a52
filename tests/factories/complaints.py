"""Complaints in every state, made by the services. Fixed days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import PUBLIC
from oversight import services
from oversight.complaints.models import ComplaintQuestion, ComplaintReceipt, ComplaintStatement
from oversight.complaints.receivers import receivers_for
from oversight.services import FiledComplaint
from requests_app.services import Party
from tests.factories.accounts import staff
from tests.factories.oversight import Cast
from tests.factories.statute import MONDAY, at
from tests.remembering import remembered

COMPLAINED_ON = MONDAY
ANSWER_DUE = dt.date(2026, 3, 17)
"""Fifteen days later, a Tuesday far from any holiday."""
NAMED = Party(name="陈小满", mail="chen@example.cn", phone="13800000000")
MATTER = "三月一日的申请至今没有答复，经办人电话里说不想办。"
RESULT = "经查，承办科室没有按期答复，已责成三日内答复申请人。"


def key(agency: Agency) -> str:
    """The choice that names an agency as a receiver."""
    return f"agency:{agency.pk}"


def to_outside(about: Agency) -> str:
    """The choice of the first organ outside the portal."""
    return next(receiver.key for receiver in receivers_for(about) if receiver.agency is None)


@remembered
def filed_complaint(people: Cast, *, by: Any = PUBLIC, on: dt.date = COMPLAINED_ON, **given: Any) -> FiledComplaint:
    """A complaint about the transport department to its superior, the municipal government, with its code."""
    values = {
        "agency": people.town.transport,
        "concern": "overdue",
        "matter": MATTER,
        "to": [key(people.town.government)],
        "on": on,
        "at": at(on),
    }
    return services.file_complaint(by=by, **{**values, **given})


def receipt_of(filed: FiledComplaint) -> ComplaintReceipt:
    """Its first receiver's row."""
    return filed.complaint.receipts.select_related("complaint__agency", "agency", "keeper").order_by("pk")[0]


@remembered
def submitted(people: Cast, **given: Any) -> ComplaintReceipt:
    """A complaint that waits at the municipal government."""
    return receipt_of(filed_complaint(people, **{"party": NAMED, **given}))


@remembered
def investigating(people: Cast, **given: Any) -> ComplaintReceipt:
    """The same, registered by the government's approver."""
    receipt = submitted(people, **given)
    return services.receive_complaint(receipt_id=receipt.pk, by=people.government, at=at(COMPLAINED_ON, 11))


@remembered
def answered(people: Cast, outcome: str = "founded", item: int | None = None, **given: Any) -> ComplaintReceipt:
    """The same, answered two days later."""
    receipt, day = investigating(people, **given), COMPLAINED_ON + dt.timedelta(days=2)
    return services.answer_complaint(
        receipt_id=receipt.pk, by=people.government, outcome=outcome, result=RESULT, item=item, on=day, at=at(day)
    )


@remembered
def to_hand_off(people: Cast, **given: Any) -> ComplaintReceipt:
    """A complaint to an organ outside the portal, waiting at the municipal authority."""
    return submitted(people, **{"to": [to_outside(people.town.transport)], **given})


@remembered
def handed_off(people: Cast, **given: Any) -> ComplaintReceipt:
    """The same, sent."""
    receipt = to_hand_off(people, **given)
    return services.hand_off_complaint(
        receipt_id=receipt.pk,
        by=people.supervisor,
        handed_to="办公室收文，机要交换",
        on=COMPLAINED_ON,
        at=at(COMPLAINED_ON, 12),
    )


@remembered
def asked(people: Cast, receipt: ComplaintReceipt) -> ComplaintQuestion:
    """A question to the complainant."""
    return services.ask_complainant(
        receipt_id=receipt.pk, by=people.government, text="是哪一天打的电话？", at=at(COMPLAINED_ON, 13)
    )


@remembered
def statement_asked(people: Cast, receipt: ComplaintReceipt) -> ComplaintStatement:
    """A statement asked of the transport department."""
    return services.ask_statement(
        receipt_id=receipt.pk,
        by=people.government,
        matter="请说明三月以来开放申请的答复情况。",
        at=at(COMPLAINED_ON, 13),
    )


@remembered
def overdue_receipt(people: Cast) -> ComplaintReceipt:
    """A complaint to the county's government that nobody looked at until its target ran out; not swept yet."""
    return submitted(people, agency=people.town.county_department, to=[key(people.town.county_government)])


def handler_of(agency: Agency) -> User:
    """Somebody who decides for a receiver."""
    return staff(agency, Role.SUPERVISOR)
