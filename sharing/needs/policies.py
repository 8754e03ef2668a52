"""Who files a data need, who confirms whose it is, who answers it, and who sees it (第四条)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.policies import compiles_for, same_person
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Policy, Principal, has_role, is_operator
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import municipal_authority, municipal_government
from sharing.models import DataNeed, NeedAssignment
from sharing.needs.workflow import NeedStatus
from sharing.policies import decides_for, delivers_for, seen_between, working_agencies, works_for

SETTLERS = (Role.MUNICIPAL_AUTHORITY, Role.GOVERNMENT_APPROVER)


def settling_agency(requester: Agency) -> Agency:
    """Who confirms whose it is: the municipal authority; of its own needs the municipal government (ours)."""
    authority = municipal_authority()
    return municipal_government() if requester.pk == authority.pk else authority


def settles_needs_of(user: Principal, requester: Agency) -> bool:
    """Whether ``user`` is an officer of the agency that confirms whose the needs of ``requester`` are."""
    agency = settling_agency(requester)
    role = Role.MUNICIPAL_AUTHORITY if agency.is_authority else Role.GOVERNMENT_APPROVER
    return has_role(user, agency, role)


def _settles(user: Principal, need: DataNeed) -> bool:
    """Officers who did not file it, under whichever account."""
    return settles_needs_of(user, need.requester) and not same_person(need.submitted_by, user)


def _answers(user: Principal, need: DataNeed) -> bool:
    """An answer is the agency's word, as a reply is; never of whoever filed the need."""
    return delivers_for(user, need.provider_id) and not same_person(need.submitted_by, user)


def _names_entry(user: Principal, need: DataNeed) -> bool:
    return _answers(user, need) if need.status == NeedStatus.ASSIGNED else _settles(user, need)


def _drafts(user: Principal, need: DataNeed) -> bool:
    """Whoever acts for the responsible agency; the answer itself is its approver's."""
    return decides_for(user, need.provider_id)


def _reads_papers(user: Principal, need: DataNeed) -> bool:
    """Both agencies, and the officers who confirm whose it is: what is attached is more than the need tells others."""
    if works_for(user, need.requester_id) or (need.provider_id is not None and works_for(user, need.provider_id)):
        return True
    return settles_needs_of(user, need.requester)


def reads_answer_papers(user: Principal, asked: NeedAssignment) -> bool:
    """Before the answer those of the agency that gives it, then both agencies and who confirms."""
    if works_for(user, asked.agency_id):
        return True
    given = bool(asked.answer)
    return given and (works_for(user, asked.need.requester_id) or settles_needs_of(user, asked.need.requester))


def sees_draft(user: Principal, asked: NeedAssignment) -> bool:
    """An answer that is prepared and not given yet is its own agency's."""
    return asked.drafted_at is not None and works_for(user, asked.agency_id)


def _is_its_requester(user: Principal, need: DataNeed) -> bool:
    return decides_for(user, need.requester_id)


def _is_the_portal(user: Principal, need: DataNeed) -> bool:
    return is_operator(user)


NEED_POLICY = Policy(
    {
        "file-need": decides_for,
        "assign-need": _settles,
        "reject-need": _settles,
        "cover-need": _names_entry,
        "reassign-need": _settles,
        "draft-need-answer": _drafts,
        "undertake-need": _answers,
        "deny-need": _answers,
        "link-need": lambda user, need: need.provider is not None and compiles_for(user, need.provider),
        "read-papers": _reads_papers,
        "contest-need": _is_its_requester,
        "withdraw-need": _is_its_requester,
        "meet-need": _is_the_portal,
        "find-withheld": _is_the_portal,
        "loosen-need": _is_the_portal,
    }
)


def visible_needs(user: Principal, needs: QuerySet[DataNeed]) -> QuerySet[DataNeed]:
    """Who needs it, whom it was put to, also those that denied it, and whoever supervises one of them."""
    parties = seen_between(user, DataNeed.objects.all(), provider="provider", requester="requester")
    asked = NeedAssignment.objects.filter(agency__in=working_agencies(user))
    return needs.filter(Q(pk__in=parties.values("pk")) | Q(pk__in=asked.values("need")))
