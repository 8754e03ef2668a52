"""Many revisions in one act: each goes its next step, with a record of its own; what cannot says why (ours)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.models import EntryRevision
from catalog.services.deciding import approve, pass_review
from catalog.workflow import REVIEW, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, RuleBroken, WrongState

MOST_TOGETHER = 100
STEPS = {RevisionStatus.IN_REVIEW.value: pass_review, RevisionStatus.IN_APPROVAL.value: approve}


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
    wanted = list(dict.fromkeys(revision_ids))
    if not wanted or len(wanted) > MOST_TOGETHER:
        message = f"请选择 1 到 {MOST_TOGETHER} 份目录一并办理。"
        raise RuleBroken(message, basis=REVIEW, fields={"chosen": message})
    found = EntryRevision.objects.select_related("entry__provider").in_bulk(wanted)
    return [_decide(found[pk], by, at, opinion) for pk in wanted if pk in found]


def _decide(revision: EntryRevision, by: User, at: dt.datetime, opinion: str) -> Decided:
    try:
        with transaction.atomic():
            return Decided(revision=_next_step(revision, by, at, opinion))
    except DomainError as error:
        return Decided(revision=revision, error=error)


def _next_step(revision: EntryRevision, by: User, at: dt.datetime, opinion: str) -> EntryRevision:
    step = STEPS.get(revision.status)
    if step is None:
        state = WORKFLOW.states[revision.status]
        raise WrongState(f"这份目录现在是「{state}」，不在待审核、待审定之列。", basis=REVIEW)
    return step(revision_id=revision.pk, by=by, at=at, opinion=opinion)
