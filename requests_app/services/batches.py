"""Like requests answered together (第二十一条第一款): one text; a reply, an event, a notice and a stopped clock each.

Whoever changed meanwhile (withdrawn, transferred, answered) is left out and named; the others go on. Drafting and
sending back are here, delivering is in ``delivering``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.faces.faster import with_who_was_faster
from guiyang_data.ledger.services import record
from guiyang_data.notices.services import tell, tell_agency
from requests_app import policies
from requests_app.models import BatchItem, OpenRequest, ReplyBatch
from requests_app.selectors import draft_of
from requests_app.services.parties import give_papers, refuse_if
from requests_app.services.public_words import numbers_told
from requests_app.services.replies import ReplyText, put_back, put_draft
from requests_app.services.reply_text import REFER
from requests_app.services.requests import lock_request
from requests_app.workflow import BATCH_WORKFLOW, REQUEST, RequestStatus

MOST_TOGETHER = 100
"""How many requests one text may answer: they are drafted in one transaction, in about two seconds."""
FEWEST_TOGETHER = 2
LONGEST_ADDITION = 500
LONGEST_REASONS = 5000
PLACES: dict[str, Callable[[OpenRequest], str]] = {
    "【编号】": lambda request: request.number,
    "【数据】": lambda request: request.title,
}
"""What stands in the common text for the number and the data of each request."""
_Result = BatchItem.Result


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A request that the act did not reach, and why."""

    request: OpenRequest
    why: str


@dataclass(frozen=True, kw_only=True)
class Together:
    """What became of each request: done, or left out with the reason."""

    batch: ReplyBatch
    done: tuple[OpenRequest, ...]
    left_out: tuple[LeftOut, ...]


def fitted(text: ReplyText, request: OpenRequest, addition: str = "") -> ReplyText:
    """The common text as it reads for one request: its number and data put in, its own words at the end."""

    def put_in(words: str) -> str:
        for place, value in PLACES.items():
            words = words.replace(place, value(request))
        return words

    reasons = "\n".join(part for part in (put_in(text.reasons).strip(), addition.strip()) if part)
    return replace(
        text,
        reasons=reasons,
        agreed_part=put_in(text.agreed_part),
        ground_basis=put_in(text.ground_basis),
        why_still_closed=put_in(text.why_still_closed),
    )


@transaction.atomic
def draft_together(
    *,
    request_ids: Iterable[int],
    by: User,
    text: ReplyText,
    on: dt.date,
    at: dt.datetime,
    additions: Mapping[int, str] | None = None,
    entry: CatalogEntry | None = None,
    papers: Iterable[Attachment] = (),
) -> Together:
    """Draft one text as the reply to each of these requests of one agency; a second person delivers them.

    ``additions``: words for one request alone, by its id. ``entry`` as for ``draft_reply``. Files belong to the batch
    and are shown with each of its replies. Raises ``RuleBroken`` where nothing at all could be drafted.
    """
    additions = additions or {}
    requests = list(OpenRequest.objects.filter(pk__in=set(request_ids)).select_related("agency").order_by("pk"))
    refuse_if(_wrong_choice(requests) | _wrong_words(text, requests, additions), _basis(text))
    agency = _agency_of(requests, by)
    if entry is not None and entry.provider_id != agency.pk:
        refuse_if({"entry": "请选择本机关的目录条目。"}, REQUEST)
    batch = ReplyBatch.objects.create(agency=agency, drafted_by=by, drafted_at=at, **text.stored())

    def draft(request: OpenRequest) -> None:
        words = fitted(text, request, additions.get(request.pk, ""))
        put_draft(request, by=by, text=words, at=at, entry=entry, batch=batch)

    result = _each(batch, requests, draft, _why_not_drafted)
    if not result.done:
        raise nothing_left(result.left_out, "没有可以起草的", "requests")
    BatchItem.objects.bulk_create(_items(result, additions))
    give_papers(papers, batch)
    record(batch, "draft-together", by=by, at=at, basis=REQUEST, payload=payload_of(result))
    tell_agency(
        agency,
        ["approver"],
        key=f"batch:{batch.pk}:draft",
        about=batch,
        kind="open-request",
        title=f"请审批 {len(result.done)} 件开放申请的一并答复：{result.done[0].title}",
        path=batch.get_absolute_url(),
        basis=REQUEST,
        at=at,
    )
    return result


@transaction.atomic
def return_together(*, batch_id: int, by: User, reasons: str, at: dt.datetime) -> Together:
    """Send every reply of the batch that still waits back with reasons (or take back one's own); the clocks go on."""
    batch = lock_batch(batch_id)
    policies.BATCH_POLICY.require(by, "return-together", batch)
    batch.status = next_batch_state(batch, "return-together")
    refuse_if({} if reasons.strip() else {"reasons": "请写明退回的理由，方便起草人修改。"}, REQUEST)

    def put(request: OpenRequest) -> None:
        put_back(request, by=by, reasons=reasons, at=at)

    result = _each(batch, drafted_of(batch), put, why_gone)
    _remember(result, _Result.RETURNED)
    batch.return_reasons, batch.ended_by, batch.ended_at = reasons.strip(), by, at
    batch.save(update_fields=["status", "ended_by", "ended_at", "return_reasons"])
    record(batch, "return-together", by=by, at=at, basis=REQUEST, payload=payload_of(result))
    tell(
        [batch.drafted_by],
        agency=batch.agency,
        about=batch,
        kind="open-request",
        key=f"batch:{batch.pk}:returned",
        title=f"{len(result.done)} 件开放申请的一并答复被退回",
        body=batch.return_reasons,
        path=batch.get_absolute_url(),
        basis=REQUEST,
        at=at,
    )
    return result


# --- each request on its own -------------------------------------------------------------------------


def _each(
    batch: ReplyBatch,
    requests: Sequence[OpenRequest],
    act: Callable[[OpenRequest], None],
    why_not: Callable[[ReplyBatch, OpenRequest], str],
) -> Together:
    """Do the act to every request in a savepoint of its own, in the order of their ids, so that none wait crosswise."""
    done: list[OpenRequest] = []
    left_out: list[LeftOut] = []
    for known in requests:
        try:
            with transaction.atomic():
                request = lock_request(known.pk)
                why = why_not(batch, request)
                if not why:
                    act(request)
        except (NotAllowed, WrongState) as refusal:
            why = refusal.message
        if why:
            left_out.append(LeftOut(request=request, why=why))
        else:
            done.append(request)
    return Together(batch=batch, done=tuple(done), left_out=tuple(left_out))


def _why_not_drafted(batch: ReplyBatch, request: OpenRequest) -> str:
    if request.agency_id != batch.agency_id:
        return f"由{request.agency.name}答复"
    return "" if request.status == RequestStatus.WAITING else f"状态为「{request.get_status_display()}」"


def why_gone(batch: ReplyBatch, request: OpenRequest) -> str:
    """Why the reply to this request no longer waits in the batch; empty where it does."""
    if request.agency_id != batch.agency_id:
        return f"已转给{request.agency.name}"
    if request.status != RequestStatus.IN_APPROVAL:
        return f"状态为「{request.get_status_display()}」"
    draft = draft_of(request)
    return "" if draft is not None and draft.batch_id == batch.pk else "已经另行起草答复"


# --- the batch ---------------------------------------------------------------------------------------


def lock_batch(batch_id: int) -> ReplyBatch:
    """The batch, locked until the act commits."""
    rows = ReplyBatch.objects.select_for_update(of=("self",)).select_related("agency", "drafted_by", "ended_by")
    return rows.get(pk=batch_id)


def next_batch_state(batch: ReplyBatch, verb: str) -> str:
    """The state that ``verb`` leads to. Where a colleague was faster, the refusal says who, when and with what."""
    try:
        return BATCH_WORKFLOW.target(verb, batch.status)
    except WrongState as refusal:
        steps = ("deliver-together", "return-together")
        raise with_who_was_faster(refusal, batch, BATCH_WORKFLOW, steps) from refusal


def drafted_of(batch: ReplyBatch) -> list[OpenRequest]:
    """The requests of the batch whose replies were drafted and are neither delivered, returned nor left out."""
    items = batch.items.filter(result=_Result.DRAFTED)
    return list(OpenRequest.objects.filter(pk__in=items.values("request")).order_by("pk"))


def _agency_of(requests: Sequence[OpenRequest], by: User) -> Agency:
    own = [request for request in requests if policies.REQUEST_POLICY.may(by, "draft-reply", request)]
    if not own:
        policies.REQUEST_POLICY.require(by, "draft-reply", requests[0])
    return own[0].agency


def _items(result: Together, additions: Mapping[int, str]) -> list[BatchItem]:
    drafted = [
        BatchItem(batch=result.batch, request=request, addition=additions.get(request.pk, "").strip())
        for request in result.done
    ]
    return drafted + [
        BatchItem(
            batch=result.batch, request=one.request, was_drafted=False, result=_Result.LEFT_OUT, why=one.why[:300]
        )
        for one in result.left_out
    ]


def _remember(result: Together, reached: str) -> None:
    result.batch.items.filter(request__in=result.done).update(result=reached)
    for one in result.left_out:
        result.batch.items.filter(request=one.request).update(result=_Result.LEFT_OUT, why=one.why[:300])


def payload_of(result: Together) -> dict[str, list[str]]:
    """Who was reached and who was not, as the event of an act keeps it."""
    return {
        "done": [request.number for request in result.done],
        "left_out": [one.request.number for one in result.left_out],
    }


def nothing_left(left_out: Sequence[LeftOut], words: str, field: str = "") -> RuleBroken:
    """The refusal of an act that would reach none of them, naming the first with why."""
    why = "；".join(f"{one.request.number} {one.why}" for one in left_out[:5])
    message = f"选中的申请里{words}：{why}。" if field else f"这一批里已经{words}：{why}。"
    return RuleBroken(message, basis=REQUEST, fields={field: message} if field else {})


def _basis(text: ReplyText) -> object:
    return text.basis(text.check())


def _wrong_choice(requests: Sequence[OpenRequest]) -> dict[str, str]:
    if len(requests) < FEWEST_TOGETHER:
        return {"requests": f"请至少选择 {FEWEST_TOGETHER} 件申请；只有一件的，请在它的页面起草答复。"}
    if len(requests) > MOST_TOGETHER:
        return {"requests": f"一次最多一并答复 {MOST_TOGETHER} 件，现在选了 {len(requests)} 件。请分几次办理。"}
    return {}


def _wrong_words(text: ReplyText, requests: Sequence[OpenRequest], additions: Mapping[int, str]) -> dict[str, str]:
    wrong = text.check()
    if text.outcome == REFER:
        wrong["outcome"] = "一并答复请直接写明结论；引用已作出的答复，请逐件起草。"
    for request in requests:
        addition = additions.get(request.pk, "")
        if len(addition.strip()) > LONGEST_ADDITION:
            wrong["additions"] = f"{request.number} 的补充请写在 {LONGEST_ADDITION} 个字以内。"
        elif told := numbers_told({"additions": addition}):
            wrong["additions"] = f"{request.number} 的补充：{told['additions']}"
        elif len(fitted(text, request, addition).reasons) > LONGEST_REASONS:
            wrong["reasons"] = f"{request.number} 的答复连同补充超过 {LONGEST_REASONS} 个字，请精简。"
    return wrong
