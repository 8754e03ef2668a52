"""The confidentiality review by a second person (第二十四条): recorded before anything is shared or opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from catalog import policies
from catalog.models import ConfidentialityReview, EntryRevision
from catalog.services.locking import day_of, lock_revision, note, stop_clock
from catalog.workflow import CONFIDENTIALITY, CONFIDENTIALITY_WORKFLOW, WORKFLOW, ReviewOutcome, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import Actor
from guiyang_data.notices.services import tell, tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock

KIND = "confidentiality-review"


@transaction.atomic
def ask_confidentiality_review(
    *,
    revision_id: int,
    scope: str,
    by: User,
    at: dt.datetime,
    plan: Mapping[str, Any] | None = None,
    path: str = "",
) -> ConfidentialityReview:
    """Ask a second person of the agency whether the revision may be shared, or opened (第二十四条).

    ``plan``: what the review is to judge beside the items (an opening plan). ``path``: the page on which it is
    decided, where that is not the catalogue's own.
    """
    revision = lock_revision(revision_id)
    policies.require(by, "ask-confidentiality", revision)
    WORKFLOW.target("ask-confidentiality", revision.status)
    if scope == ConfidentialityReview.Scope.OPENING and revision.status != RevisionStatus.IN_FORCE:
        raise WrongState("目录公布之后才能就开放提请保密审查。请先完成目录的审核和审定。", basis=CONFIDENTIALITY)
    if not revision.items.exists():
        message = "还没有信息项，无法审查。请先填写信息项。"
        raise RuleBroken(message, basis=CONFIDENTIALITY, fields={"items": message})
    if revision.confidentiality_reviews.filter(scope=scope, outcome=ReviewOutcome.WAITING).exists():
        raise WrongState("已经提请过保密审查，正在等待结论，不必重复提请。", basis=CONFIDENTIALITY)
    review = ConfidentialityReview.objects.create(
        revision=revision,
        scope=scope,
        asked_by=by,
        asked_at=at,
        plan=dict(plan or {}),
        substance=revision.substance,
    )
    _start(review, revision, by=by, at=at, path=path or review.get_absolute_url())
    note(revision, "ask-confidentiality", WORKFLOW, by=by, at=at, payload={"scope": scope, "review": review.pk})
    return review


def _start(review: ConfidentialityReview, revision: EntryRevision, *, by: User, at: dt.datetime, path: str) -> None:
    title = f"保密审查（{review.get_scope_display()}）：{revision.title}"
    clocks.start(
        KIND,
        review,
        on=day_of(at),
        at=at,
        by=by,
        owed_by=revision.entry.provider,
        number=revision.entry.resource_code,
        title=title,
        path=path,
    )
    tell_agency(
        revision.entry.provider,
        [Role.APPROVER],
        key=f"catalog-confidentiality:{review.pk}",
        about=review,
        kind="catalog",
        title=title,
        body="请审查其中有无国家秘密、商业秘密和个人隐私，作出可以或者不可以的结论。",
        path=path,
        at=at,
        basis=CONFIDENTIALITY,
    )


@transaction.atomic
def decide_confidentiality_review(
    *, review_id: int, passed: bool, by: User, at: dt.datetime, opinion: str = ""
) -> ConfidentialityReview:
    """Decide a confidentiality review; never by who asked or compiled. A refusal needs its reasons (第二十四条)."""
    review = _lock(review_id)
    verb = "pass-confidentiality" if passed else "refuse-confidentiality"
    _second_person(review, by)
    policies.require(by, verb, review)
    outcome = CONFIDENTIALITY_WORKFLOW.target(verb, review.outcome)
    if not passed and not opinion.strip():
        message = "审查不通过的，请写明理由，编制人才能据此修改。"
        raise RuleBroken(message, basis=CONFIDENTIALITY, fields={"opinion": message, "reasons": message})
    review.outcome, review.opinion, review.decided_by, review.decided_at = outcome, opinion.strip(), by, at
    review.save(update_fields=["outcome", "opinion", "decided_by", "decided_at"])
    stop_clock(review, KIND, by=by, at=at)
    revision = review.revision
    payload = {"scope": review.scope, "review": review.pk}
    note(revision, verb, CONFIDENTIALITY_WORKFLOW, by=by, at=at, payload=payload)
    tell(
        [review.asked_by],
        agency=revision.entry.provider,
        about=review,
        kind="catalog",
        key=f"catalog-confidentiality-decided:{review.pk}",
        title=f"保密审查结论：{revision.title}（{review.get_outcome_display()}）",
        body=review.opinion,
        path=revision.get_absolute_url(),
        at=at,
        basis=CONFIDENTIALITY,
    )
    return review


def _lock(review_id: int) -> ConfidentialityReview:
    revision_id = ConfidentialityReview.objects.filter(pk=review_id).values_list("revision", flat=True).first()
    if revision_id is None:
        raise NotSeen("没有找到这份保密审查，或者您不能查看。请返回待办重新选择。")
    revision = lock_revision(revision_id)
    reviews = ConfidentialityReview.objects.select_for_update(of=("self",)).select_related("asked_by")
    review = reviews.get(pk=review_id)
    review.revision = revision
    return review


def _second_person(review: ConfidentialityReview, by: User) -> None:
    """Say plainly why, instead of a bare refusal, to an approver who asked or compiled."""
    if policies.same_person(review.asked_by, by) or policies.wrote(by, review.revision):
        raise NotAllowed(
            "保密审查须由提请人和编制、修改过的人以外的第二人作出。请交由本机关其他审批人办理。",
            basis=CONFIDENTIALITY,
            subject=f"catalog.catalogentry:{review.revision.entry_id}",
            verb="pass-confidentiality",
        )


def void_reviews(revision: EntryRevision, *, by: Actor, at: dt.datetime) -> None:
    """What was judged has changed: a review not decided yet ends, and one decided no longer counts."""
    reviews = revision.confidentiality_reviews.filter(outcome__in=[ReviewOutcome.WAITING, ReviewOutcome.PASSED])
    for review in reviews.exclude(substance=revision.substance if revision.is_open_for_work else ""):
        waiting = review.outcome == ReviewOutcome.WAITING
        review.outcome = CONFIDENTIALITY_WORKFLOW.target("void-confidentiality", review.outcome)
        review.save(update_fields=["outcome"])
        if waiting:
            stop_clock(review, KIND, by=by, at=at, cause=Clock.Stop.SUPERSEDED)
        payload = {"scope": review.scope, "review": review.pk}
        note(revision, "void-confidentiality", CONFIDENTIALITY_WORKFLOW, by=by, at=at, payload=payload)
