"""Many revisions in one act: each goes its next step, with a record of its own; what cannot says why (ours)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog import policies
from catalog.models import ConfidentialityReview, EntryRevision
from catalog.selectors import needs_review
from catalog.selectors.drafting import personal_items
from catalog.services.confidentiality import ask_confidentiality_review, decide_confidentiality_review
from catalog.services.deciding import approve, pass_review, submit
from catalog.services.rules import require_complete
from catalog.workflow import COMPILE, CONFIDENTIALITY, REVIEW, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, RuleBroken, WrongState
from guiyang_data.statute.law import Article

MOST_TOGETHER = 100
STEPS = {RevisionStatus.IN_REVIEW.value: pass_review, RevisionStatus.IN_APPROVAL.value: approve}
Scope = ConfidentialityReview.Scope


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What became of one of them: where it stands now, or why it did not move."""

    revision: EntryRevision
    error: DomainError | None = None

    @property
    def done(self) -> bool:
        """Whether it went its next step."""
        return self.error is None


@transaction.atomic
def decide_together(*, revision_ids: Sequence[int], by: User, at: dt.datetime, opinion: str = "") -> list[Decided]:
    """Pass the review of those that wait for it, approve those that wait for approval (第十一条第三款).

    Each is the single act, with its own record and notices; one that is refused leaves the others as they are.
    """
    return [
        _one(revision, lambda one: _next_step(one, by, at, opinion))
        for revision in _revisions(_wanted(revision_ids, basis=REVIEW))
    ]


@transaction.atomic
def send_on_together(*, revision_ids: Sequence[int], by: User, at: dt.datetime) -> list[Decided]:
    """Let drafts and what was sent back go on: to the confidentiality review, and after it to the authority.

    As in ``decide_together`` (第十一条第二款、第二十四条). What is missing is said before a second person is asked.
    """
    return [
        _one(revision, lambda one: _send_on(one, by, at))
        for revision in _revisions(_wanted(revision_ids, basis=COMPILE))
    ]


@transaction.atomic
def pass_confidentiality_together(
    *, review_ids: Sequence[int], by: User, at: dt.datetime, opinion: str = ""
) -> list[Decided]:
    """Find of many at once that they may be shared (第二十四条), as in ``decide_together``.

    What holds personal items, and what is to be opened, is looked at by itself.
    """
    wanted = _wanted(review_ids, basis=CONFIDENTIALITY)
    found = ConfidentialityReview.objects.select_related("revision__entry__provider").in_bulk(wanted)
    reviews = {found[pk].revision_id: found[pk] for pk in wanted if pk in found}

    def step(revision: EntryRevision) -> EntryRevision:
        review_id = reviews[revision.pk].pk
        done = decide_confidentiality_review(review_id=review_id, passed=True, by=by, at=at, opinion=opinion)
        _require_plain(done)
        return done.revision

    return [_one(review.revision, step) for review in reviews.values()]


def _wanted(ids: Sequence[int], *, basis: Article) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    if not wanted or len(wanted) > MOST_TOGETHER:
        message = f"请选择 1 到 {MOST_TOGETHER} 份目录一并办理。"
        raise RuleBroken(message, basis=basis, fields={"chosen": message})
    return wanted


def _revisions(wanted: Sequence[int]) -> list[EntryRevision]:
    found = EntryRevision.objects.select_related("entry__provider").in_bulk(wanted)
    return [found[pk] for pk in wanted if pk in found]


def _one(revision: EntryRevision, step: Callable[[EntryRevision], EntryRevision]) -> Decided:
    try:
        with transaction.atomic():
            return Decided(revision=step(revision))
    except DomainError as error:
        return Decided(revision=revision, error=error)


def _next_step(revision: EntryRevision, by: User, at: dt.datetime, opinion: str) -> EntryRevision:
    step = STEPS.get(revision.status)
    if step is None:
        raise WrongState(f"这份目录现在是「{_state(revision)}」，不在待审核、待审定之列。", basis=REVIEW)
    return step(revision_id=revision.pk, by=by, at=at, opinion=opinion)


def _send_on(revision: EntryRevision, by: User, at: dt.datetime) -> EntryRevision:
    if revision.status not in WORKFLOW["submit"].sources:
        raise WrongState(f"这份目录现在是「{_state(revision)}」，不在编制之中。", basis=COMPILE)
    policies.require(by, "submit", revision)
    if not needs_review(revision):
        return submit(revision_id=revision.pk, by=by, at=at)
    require_complete(revision, reviewed=False)
    return ask_confidentiality_review(revision_id=revision.pk, scope=Scope.SHARING, by=by, at=at).revision


def _require_plain(review: ConfidentialityReview) -> None:
    """Raise RuleBroken, and so take it back, unless the review may be decided together with others."""
    if review.scope != Scope.SHARING:
        raise RuleBroken("向社会开放的保密审查涉及脱敏方案，请打开这一份单独审查。", basis=CONFIDENTIALITY)
    personal = personal_items(review.revision)
    if personal:
        named = "、".join(personal[:5])
        raise RuleBroken(f"其中有涉及个人的信息项：{named}。请打开这一份单独审查。", basis=CONFIDENTIALITY)


def _state(revision: EntryRevision) -> str:
    return str(WORKFLOW.states[revision.status])
