"""Delivering the replies of a batch (第二十一条第一款): approved once by a second person, then each on its own.

Few are delivered with the approval itself. Many are delivered by a worker, one transaction each, so that the page shows
how far it is and a worker that is killed leaves nothing half done: the next one goes on with those that still wait.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence

from django.db import DatabaseError, transaction
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.errors import DomainError, NotAllowed, RuleBroken
from guiyang_data.ledger.services import PLATFORM, Actor, record
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell
from requests_app import policies
from requests_app.checks import in_the_way, paper_checks
from requests_app.models import BatchItem, OpenRequest, ReplyBatch
from requests_app.selectors import draft_of, late_of, waiting_reply_of
from requests_app.services.batches import (
    LeftOut,
    Together,
    drafted_of,
    lock_batch,
    next_batch_state,
    nothing_left,
    payload_of,
    why_gone,
)
from requests_app.services.replies import deliver_reply
from requests_app.services.reply_text import require_treatment_said
from requests_app.services.requests import lock_request
from requests_app.workflow import BATCH_WORKFLOW, REQUEST, BatchStatus

logger = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

AT_ONCE = 10
"""So many replies are delivered with the approval itself, in a moment; more by a worker, with a bar."""
SILENT = dt.timedelta(minutes=5)
"""How long the worker may see to no reply before it counts as gone."""
UNFETCHED = dt.timedelta(minutes=2)
"""How long an approved batch may wait for a worker before its message counts as lost."""
MOST_TRIES = 3
GIVEN_UP = "平台几次都没有送达，草稿还在，请在它的页面单独批准送达"
_Result = BatchItem.Result


@transaction.atomic
def deliver_together(*, batch_id: int, by: User, on: dt.date, at: dt.datetime) -> Together:
    """Approve the delivery of every reply of the batch that still waits: each stops its own clock, on its own day.

    By a second person. Up to ``AT_ONCE`` are delivered here; with more the batch is ``delivering`` and ``run_delivery``
    goes on. Raises ``RuleBroken`` where none of them can be delivered, a paper they share is not cleared, or their text
    does not say why treating the data would not do.
    """
    batch = lock_batch(batch_id)
    _require_second_person(batch, by)
    policies.BATCH_POLICY.require(by, "deliver-together", batch)
    batch.status = next_batch_state(batch, "deliver-together")
    requests = drafted_of(batch)
    _require_something(batch, requests)
    batch.ended_by, batch.approved_at = by, at
    batch.save(update_fields=["status", "ended_by", "approved_at"])
    payload = {"requests": [request.number for request in requests]}
    record(batch, "deliver-together", by=by, at=at, basis=REQUEST, payload=payload)
    if len(requests) > AT_ONCE:
        return Together(batch=batch, done=(), left_out=())
    for request in requests:
        _deliver_one(batch, request.pk, on=on, at=at)
    _end(batch, by=by, at=at)
    return delivered_of(batch)


def run_delivery(batch_id: int, *, at: dt.datetime, clock: Clock | None = None) -> ReplyBatch:
    """Deliver what still waits of an approved batch. Called by the worker, never in a transaction; safe to repeat.

    The day of each delivery is the day on which it really happens, as ``clock`` tells it; without it that of ``at``.
    """
    clock = clock or (lambda: at)
    batch = _claim(batch_id, at=at)
    if batch is None:
        return ReplyBatch.objects.get(pk=batch_id)
    for request in drafted_of(batch):
        moment = clock()
        try:
            _deliver_one(batch, request.pk, on=timezone.localdate(moment), at=moment)
        except DatabaseError:
            # the others go on; this one is tried again with the next message
            logger.exception("reply to %s of batch %s could not be delivered", request.pk, batch.pk)
            continue
        _show_life(batch, at=clock())
    return _end_in_the_background(batch_id, at=clock())


@transaction.atomic
def requeue_stale_deliveries(at: dt.datetime) -> list[int]:
    """Batches whose worker fell silent, or whose message was lost, wait again; returns them for the caller to queue.

    A reply that keeps breaking its worker is left out after the third time, and named.
    """
    running = ReplyBatch.objects.filter(status=BatchStatus.DELIVERING)
    for batch in running.filter(seen_at__lt=at - SILENT).select_for_update(of=("self",)).order_by("pk"):
        if batch.tries >= MOST_TRIES:
            _give_up_on_the_next(batch)
            batch.tries = 0
        batch.seen_at = None
        batch.save(update_fields=["seen_at", "tries"])
    lost = running.filter(seen_at=None, approved_at__lt=at - UNFETCHED)
    return list(lost.order_by("pk").values_list("pk", flat=True))


# --- what stands against it --------------------------------------------------------------------------


def _require_second_person(batch: ReplyBatch, by: User) -> None:
    if batch.drafted_by.holder_key == by.holder_key:
        raise NotAllowed(
            "这些答复由您起草，应当由另一位审批人批准送达。草稿没有改动。", basis=REQUEST, verb="deliver-together"
        )


def _require_something(batch: ReplyBatch, requests: Sequence[OpenRequest]) -> None:
    require_treatment_said(batch)
    waiting = waiting_reply_of(batch)
    words = in_the_way(check for check in paper_checks(waiting) if check.is_shared) if waiting else ""
    if words:
        raise RuleBroken(words, basis=REQUEST, fields={"papers": words})
    left_out: list[LeftOut] = []
    for request in requests:
        why = _why_not(batch, request)
        if not why:
            return
        left_out.append(LeftOut(request=request, why=why))
    raise nothing_left(left_out, "没有等待送达的答复")


def _why_not(batch: ReplyBatch, request: OpenRequest) -> str:
    reason = why_gone(batch, request)
    draft = None if reason else draft_of(request)
    return in_the_way(paper_checks(draft)) if draft is not None else reason


# --- each on its own ---------------------------------------------------------------------------------


@transaction.atomic
def _deliver_one(batch: ReplyBatch, request_id: int, *, on: dt.date, at: dt.datetime) -> None:
    """One reply, and what became of it: both, or neither. The lock on the request keeps two workers apart."""
    request = lock_request(request_id)
    item = BatchItem.objects.get(batch=batch, request=request)
    if item.result != _Result.DRAFTED or batch.ended_by is None:
        return
    item.why = _why_not(batch, request)
    if not item.why:
        item.why = _delivered_or_why(request, batch.ended_by, on, at)
    item.result, item.why = (_Result.LEFT_OUT, item.why[:300]) if item.why else (_Result.DELIVERED, "")
    item.save(update_fields=["result", "why"])


def _delivered_or_why(request: OpenRequest, by: User, on: dt.date, at: dt.datetime) -> str:
    try:
        deliver_reply(request_id=request.pk, by=by, on=on, at=at)  # a savepoint of its own
    except DomainError as refusal:
        return refusal.message
    return ""


def _give_up_on_the_next(batch: ReplyBatch) -> None:
    """The reply at which worker after worker stopped: the first that still waits."""
    item = batch.items.filter(result=_Result.DRAFTED).order_by("request_id").first()
    if item is not None:
        item.result, item.why = _Result.LEFT_OUT, GIVEN_UP
        item.save(update_fields=["result", "why"])


# --- the batch ---------------------------------------------------------------------------------------


@transaction.atomic
def _claim(batch_id: int, *, at: dt.datetime) -> ReplyBatch | None:
    """The batch, marked as in this worker's hands; None where it is done, or another worker shows signs of life."""
    batch = lock_batch(batch_id)
    if batch.status != BatchStatus.DELIVERING or batch.seen_at is not None:
        return None
    batch.seen_at = at
    batch.tries += 1
    batch.save(update_fields=["seen_at", "tries"])
    return batch


def _show_life(batch: ReplyBatch, *, at: dt.datetime) -> None:
    """The worker got past a reply: it lives, and whatever stopped those before it lies behind."""
    ReplyBatch.objects.filter(pk=batch.pk, status=BatchStatus.DELIVERING).update(seen_at=at, tries=0)


@transaction.atomic
def _end_in_the_background(batch_id: int, *, at: dt.datetime) -> ReplyBatch:
    batch = lock_batch(batch_id)
    still_waits = batch.items.filter(result=_Result.DRAFTED).exists()
    if batch.status != BatchStatus.DELIVERING or still_waits:
        return batch
    _end(batch, by=PLATFORM, at=at)
    _tell(batch, at)
    return batch


def _end(batch: ReplyBatch, *, by: Actor, at: dt.datetime) -> None:
    batch.status = BATCH_WORKFLOW.target("end-delivery", batch.status)
    batch.ended_at = at
    batch.save(update_fields=["status", "ended_at"])
    record(batch, "end-delivery", by=by, at=at, basis=REQUEST, payload=payload_of(delivered_of(batch)))


def delivered_of(batch: ReplyBatch) -> Together:
    """What became of each request since the delivery was approved."""
    items = list(batch.items.filter(was_drafted=True).select_related("request__agency").order_by("request_id"))
    return Together(
        batch=batch,
        done=tuple(item.request for item in items if item.result == _Result.DELIVERED),
        left_out=tuple(
            LeftOut(request=item.request, why=item.why) for item in items if item.result == _Result.LEFT_OUT
        ),
    )


def _tell(batch: ReplyBatch, at: dt.datetime) -> None:
    """Whoever approved it has left the page long ago, and whoever drafted it goes on with what was left out."""
    result = delivered_of(batch)
    late = len(late_of(batch))
    after_the_day = f"（其中 {late} 件逾期）" if late else ""
    missed = f"，{len(result.left_out)} 件没有送达" if result.left_out else ""
    tell(
        [user for user in (batch.ended_by, batch.drafted_by) if user is not None],
        about=batch,
        kind="open-request",
        key=f"batch:{batch.pk}:delivered",
        title=f"一并答复已送达 {len(result.done)} 件{after_the_day}{missed}",
        body="\n".join(f"没有送达：{one.request.number} {one.why}" for one in result.left_out),
        path=batch.get_absolute_url(),
        basis=REQUEST,
        at=at,
        agency=batch.agency,
        weight=Weight.REMINDER,
    )
