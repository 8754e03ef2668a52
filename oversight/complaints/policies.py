"""Who sees a complaint and who handles it: its receiver itself, never its target (第二十九条)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Policy, Principal, acts_for, agencies_with, has_role, is_system
from guiyang_data.accounts.roles import Role
from oversight.complaints.models import Complaint, ComplaintReceipt, ComplaintStatement
from oversight.policies import ANSWERING, sight
from requests_app.policies import CodeHolder

HANDLERS = (Role.SUPERVISOR, Role.GOVERNMENT_APPROVER, Role.APPROVER)
"""Those who investigate and answer for the receiver."""


def is_complainant(user: Principal, complaint: Complaint) -> bool:
    """Whether the complaint is this person's own: by the account, or by the code."""
    if isinstance(user, CodeHolder):
        return user.number == complaint.number
    return isinstance(user, User) and complaint.complainant_id == user.pk


def is_concerned(user: Principal, complaint: Complaint) -> bool:
    """Whether the complaint is about this person's own agency, about themselves, or their own."""
    if not isinstance(user, User):
        return False
    if acts_for(user, complaint.agency_id):
        return True
    if complaint.official and user.display_name and user.display_name in complaint.official:
        return True
    author = complaint.complainant
    return author is not None and author.holder_key == user.holder_key


def handles(user: Principal, receipt: ComplaintReceipt) -> bool:
    """A handler of the agency that has it, who is in no way concerned."""
    return has_role(user, receipt.keeper_id, *HANDLERS) and not is_concerned(user, receipt.complaint)


def _works_on(user: Principal, receipt: ComplaintReceipt) -> bool:
    """A handler, or a system of the receiver; a system decides nothing."""
    if is_system(user):
        return acts_for(user, receipt.keeper_id) and not acts_for(user, receipt.complaint.agency_id)
    return handles(user, receipt)


def _receives(user: Principal, receipt: ComplaintReceipt) -> bool:
    return not receipt.is_outside and _works_on(user, receipt)


def _decides(user: Principal, receipt: ComplaintReceipt) -> bool:
    return not receipt.is_outside and handles(user, receipt)


def _hands_off(user: Principal, receipt: ComplaintReceipt) -> bool:
    """The keeper's supervisor; at a government, which has none, whoever decides for it."""
    keeps = has_role(user, receipt.keeper_id, Role.SUPERVISOR, Role.GOVERNMENT_APPROVER)
    return receipt.is_outside and keeps and not is_concerned(user, receipt.complaint)


def _gives_statement(user: Principal, statement: ComplaintStatement) -> bool:
    return has_role(user, statement.agency_id, *ANSWERING)


RECEIPT_POLICY = Policy(
    {
        "receive": _receives,
        "answer": _decides,
        "ask-question": _receives,
        "ask-statement": _receives,
        "add-note": _receives,
        "draft-finding": _decides,
        "transfer": _decides,
        "transfer-outside": _decides,
        "decline": _decides,
        "hand-off": _hands_off,
        "record-answer": _hands_off,
        "answer-question": lambda user, receipt: is_complainant(user, receipt.complaint),
        "withdraw": lambda user, receipt: is_complainant(user, receipt.complaint),
        "give-statement": lambda user, receipt: False,
        "read-matter": lambda user, receipt: _works_on(user, receipt) or _hands_off(user, receipt),
    }
)
"""What is done with one receipt. A statement is given on its own row: see ``STATEMENT_POLICY``."""

COMPLAINT_POLICY = Policy(
    {
        "file": lambda user, complaint: True,
        "withdraw": is_complainant,
        "answer-question": is_complainant,
    }
)
STATEMENT_POLICY = Policy({"give-statement": _gives_statement})


def _not_concerned(user: User) -> Q:
    """Complaints about another agency than one's own, and not one's own."""
    mine = agencies_with(user) | ({user.agency.pk} if user.agency else set())
    return ~Q(complaint__agency__in=mine) & ~Q(complaint__complainant=user.pk)


def visible_receipts(user: Principal, receipts: QuerySet[ComplaintReceipt]) -> QuerySet[ComplaintReceipt]:
    """Receipts ``user`` may know of: what their agency keeps or has passed on, what a superior or the city's
    supervision watches over (第四条). Whoever is complained about knows of none. What a complaint says is
    ``read-matter``.
    """
    if not isinstance(user, User) or not user.is_active or user.kind == User.Kind.PUBLIC:
        return receipts.none()
    if is_system(user):
        own = Q(keeper=user.agency.pk if user.agency else 0)
        return receipts.filter(own & _not_concerned(user))
    seen = sight(user)
    if seen.everywhere:
        return receipts.filter(_not_concerned(user))
    mine = agencies_with(user, *HANDLERS)
    known = receipts.model._default_manager.filter(
        Q(keeper__in=mine) | Q(transfers__from_agency__in=mine) | Q(keeper__superiors__in=seen.agencies)
    )
    return receipts.filter(_not_concerned(user), pk__in=known.values("pk"))


def visible_statements(user: Principal, statements: QuerySet[ComplaintStatement]) -> QuerySet[ComplaintStatement]:
    """Statements asked of the agencies ``user`` answers for."""
    return statements.filter(agency__in=agencies_with(user, *ANSWERING))


def visible_to(user: Principal, complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """One's own complaints: by the account, or by the code."""
    if isinstance(user, CodeHolder):
        return complaints.filter(number=user.number)
    if not isinstance(user, User) or not user.is_active:
        return complaints.none()
    return complaints.filter(complainant=user)
