"""Who sees which request or review, and who may do what with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import (
    Policy,
    Principal,
    acts_for,
    agencies_below,
    agencies_with,
    has_role,
    is_operator,
    is_staff_member,
    is_system,
)
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import NamedActor, subject_of
from requests_app.models import OpenRequest, Reply, ReplyBatch, RequestTransfer, ReviewApplication

WORKERS = (Role.DATA_STEWARD, Role.APPROVER)
OVERSEERS = (Role.MUNICIPAL_AUTHORITY, Role.REVIEWER, Role.SUPERVISOR)
"""At the municipal authority: they see every case (第四条、第二十一条第二款、第二十九条)."""
ABOVE = (Role.SUPERVISOR, Role.GOVERNMENT_APPROVER, Role.APPROVER)
"""In a superior agency: they see the cases of those below."""
REPLYING_VERBS = {"draft-reply", "return-draft", "agree", "agree-in-part", "refuse", "confirm-findings"}


@dataclass(frozen=True, kw_only=True)
class CodeHolder(NamedActor):
    """Somebody of the public who showed the secret code of ``number``. Made by ``selectors.holder_of`` alone."""

    number: str


# --- requests ------------------------------------------------------------------------------------


def is_applicant(user: Principal, request: OpenRequest) -> bool:
    """Whether the request is this person's own: by the account, or by the code."""
    if isinstance(user, CodeHolder):
        return user.number == request.number
    return isinstance(user, User) and request.applicant_id == user.pk


def works_on(user: Principal, request: OpenRequest) -> bool:
    """Stewards, approvers and systems of the agency that holds it, and whoever was given the case there."""
    if has_role(user, request.agency_id, *WORKERS):
        return True
    if is_system(user):
        return acts_for(user, request.agency_id)
    if not isinstance(user, User) or not acts_for(user, request.agency_id):
        return False
    return has_role(user, request.agency_id, Role.MUNICIPAL_AUTHORITY) or user.has_perm(
        "requests_app.handle_request", request
    )


def _approves(user: Principal, request: OpenRequest) -> bool:
    """An approver of the agency who did not draft the reply."""
    if not isinstance(user, User) or not has_role(user, request.agency_id, Role.APPROVER):
        return False
    drafts = Reply.objects.filter(request=request, round=request.round, delivered_on=None)
    draft = drafts.select_related("drafted_by").first()
    return draft is None or draft.drafted_by.holder_key != user.holder_key


def _leads(user: Principal, request: OpenRequest) -> bool:
    return has_role(user, request.agency_id, Role.APPROVER)


def _nobody(user: Principal, obj: Any) -> bool:
    """Done only as part of another act (the result of a review, the delivery of a batch)."""
    return False


def _anyone(user: Principal, obj: Any) -> bool:
    return True


def _reads_papers(user: Principal, request: OpenRequest) -> bool:
    if is_applicant(user, request) or works_on(user, request) or decides_reviews(user):
        return True
    replied = request.replies.filter(delivered_on__isnull=False, agency__in=agencies_with(user))
    return isinstance(user, User) and is_staff_member(user) and replied.exists()


REQUEST_POLICY = Policy(
    {
        "file": _anyone,
        "draft-reply": works_on,
        "agree": _approves,
        "agree-in-part": _approves,
        "refuse": _approves,
        "return-draft": works_on,
        "inspect-papers": works_on,
        "confirm-findings": works_on,
        "clean-paper": works_on,
        "remove-paper": works_on,
        "fulfil": lambda user, request: is_operator(user) or works_on(user, request),
        "ask-question": works_on,
        "answer-question": is_applicant,
        "transfer": works_on,
        "assign-handler": _leads,
        "link": works_on,
        "unlink": works_on,
        "reply-anew": works_on,
        "withdraw": is_applicant,
        "order-agreement": _nobody,
        "order-refusal": _nobody,
        "order-new-reply": _nobody,
        "apply-review": _anyone,
        "see-contact": lambda user, request: is_applicant(user, request) or works_on(user, request),
        "read-papers": _reads_papers,
    }
)


def visible_to(user: Principal, requests: QuerySet[OpenRequest]) -> QuerySet[OpenRequest]:
    """Requests whose whole case ``user`` may read; what everyone may read is ``selectors.published_requests``."""
    if isinstance(user, CodeHolder):
        return requests.filter(number=user.number)
    if not isinstance(user, User) or not user.is_active:
        return requests.none()
    if not is_staff_member(user):
        return requests.filter(applicant=user)
    if oversees_all(user):
        return requests
    mine = agencies_with(user) or {user.agency.pk if user.agency else 0}
    answers = mine | below(user)
    # the few that lie elsewhere now are named one by one: a condition with a query inside reads every request there is,
    # and one about something else than the agency keeps the list from being counted in the index alone
    own = OpenRequest.objects.filter(applicant=user).exclude(agency__in=answers).values_list("pk", flat=True)
    handed_on = RequestTransfer.objects.filter(from_agency__in=mine).exclude(request__agency__in=answers)
    replied = Reply.objects.filter(agency__in=mine).exclude(request__agency__in=answers)
    named = [rows.order_by().values_list("request", flat=True) for rows in (handed_on, replied)]
    elsewhere = set(own.order_by().union(*named))
    return requests.filter(Q(agency__in=answers) | Q(pk__in=elsewhere))


def below(user: User) -> set[int]:
    """Agencies whose cases ``user`` supervises: of the county for its authority, of the subordinates for a superior."""
    return agencies_below(superiors=agencies_with(user, *ABOVE), counties=agencies_with(user, Role.COUNTY_AUTHORITY))


def _municipal_authorities() -> QuerySet[Agency]:
    return Agency.objects.filter(is_authority=True, level=Agency.Level.MUNICIPAL)


def oversees_all(user: User) -> bool:
    """Whether ``user`` watches over every agency, for the municipal authority."""
    mine = agencies_with(user, *OVERSEERS)
    return bool(mine) and _municipal_authorities().filter(pk__in=mine).exists()


# --- replies drafted together --------------------------------------------------------------------


def answers_for(user: Principal, agency: Agency | int) -> bool:
    """Stewards, approvers and systems of an agency: those who draft its replies, alone or together."""
    return has_role(user, agency, *WORKERS) or (is_system(user) and acts_for(user, agency))


def _approves_batch(user: Principal, batch: ReplyBatch) -> bool:
    """An approver of the agency who did not draft it."""
    if not isinstance(user, User) or not has_role(user, batch.agency_id, Role.APPROVER):
        return False
    return batch.drafted_by.holder_key != user.holder_key


def _works_on_batch(user: Principal, batch: ReplyBatch) -> bool:
    return answers_for(user, batch.agency_id) or (isinstance(user, User) and user.pk == batch.drafted_by_id)


BATCH_POLICY = Policy(
    {
        "deliver-together": _approves_batch,
        "end-delivery": _nobody,
        "return-together": _works_on_batch,
    }
)


def visible_batches(user: Principal, batches: QuerySet[ReplyBatch]) -> QuerySet[ReplyBatch]:
    """Replies drafted together that ``user`` may read: a draft is its agency's own matter."""
    if not isinstance(user, User) or not user.is_active:
        return batches.none()
    if is_system(user):
        return batches.filter(agency=user.agency)
    own = agencies_with(user, *WORKERS)
    return batches.filter(Q(agency__in=own) | Q(drafted_by=user)) if is_staff_member(user) else batches.none()


# --- reviews -------------------------------------------------------------------------------------


def decides_reviews(user: Principal) -> bool:
    """Whether this person is a reviewer of the municipal authority (第二十一条第二款)."""
    mine = agencies_with(user, Role.REVIEWER)
    return bool(mine) and _municipal_authorities().filter(pk__in=mine).exists()


def took_part(user: Principal, reply: Reply) -> bool:
    """Whether this person, under any of their accounts, drafted, returned or approved the reply."""
    if not isinstance(user, User):
        return False
    events = Event.objects.filter(subject=subject_of(reply.request), verb__in=REPLYING_VERBS, refused=False)
    keys = set(events.values_list("actor", flat=True))
    ids = {int(key.removeprefix("user:")) for key in keys if key.startswith("user:")}
    ids |= {pk for pk in (reply.drafted_by_id, reply.approved_by_id) if pk}
    return user.holder_key in {other.holder_key for other in User.objects.filter(pk__in=ids)}


def _reviews(user: Principal, review: ReviewApplication) -> bool:
    return decides_reviews(user) and not took_part(user, review.reply)


def is_objector(user: Principal, review: ReviewApplication) -> bool:
    """Whether the objection is this person's own."""
    if isinstance(user, CodeHolder):
        own_request = review.by_applicant and user.number == review.reply.request.number
        return own_request or user.number == review.number
    return isinstance(user, User) and review.objector_id == user.pk


def _answers_for_reply(user: Principal, review: ReviewApplication) -> bool:
    agency = review.reply.agency_id
    return has_role(user, agency, *WORKERS) or (is_system(user) and acts_for(user, agency))


REVIEW_POLICY = Policy(
    {
        "accept": _reviews,
        "accept-by-silence": lambda user, review: is_operator(user),
        "decline": _reviews,
        "change": _reviews,
        "require-new-reply": _reviews,
        "uphold": _reviews,
        "submit-statement": _answers_for_reply,
        "withdraw-review": is_objector,
        "see-contact": lambda user, review: is_objector(user, review) or decides_reviews(user),
        "read-papers": lambda user, review: (
            is_objector(user, review) or decides_reviews(user) or _answers_for_reply(user, review)
        ),
    }
)


def visible_reviews(user: Principal, reviews: QuerySet[ReviewApplication]) -> QuerySet[ReviewApplication]:
    """Reviews whose whole case ``user`` may read; the published results are ``selectors.published_reviews``."""
    if isinstance(user, CodeHolder):
        own = Q(number=user.number) | Q(by_applicant=True, reply__request__number=user.number)
        return reviews.filter(own)
    if not isinstance(user, User) or not user.is_active:
        return reviews.none()
    if not is_staff_member(user):
        return reviews.filter(objector=user)
    if oversees_all(user):
        return reviews
    mine = agencies_with(user) or {user.agency.pk if user.agency else 0}
    return reviews.filter(Q(objector=user) | Q(reply__agency__in=mine | below(user)))
