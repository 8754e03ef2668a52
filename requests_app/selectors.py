"""Reading requests and reviews: by number, published, due, similar, and in numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import in_order
from guiyang_data.ledger.services import subject_of
from guiyang_data.search.like import like, tells
from guiyang_data.search.selectors import Hit, suggest
from guiyang_data.search.words import normalised
from guiyang_data.statute.cases import by_due_day
from guiyang_data.statute.models import Clock
from opendata.workflow import DatasetStatus
from requests_app.codes import code_fits
from requests_app.models import BatchItem, OpenRequest, Question, Reply, ReplyBatch, RequestLink, ReviewApplication
from requests_app.policies import CodeHolder, visible_reviews, visible_to
from requests_app.workflow import AGREED, OPEN, BatchStatus, RequestStatus, ReviewStatus

REQUEST_KINDS, DATA_KINDS = ("request",), ("dataset",)
MOST_OWN = 200
MOST_LINKED = 200
MOST_LIKE = 20
TYPED_AT_ONCE = 40
"""Characters above which a text was pasted, or is finished: its last word is no beginning of one."""
REPLY_PARTS = ("agency", "holder", "dataset")
"""What pages show of a reply besides itself."""
OPEN_CATALOGUE = "/catalog/open/"


# --- one case --------------------------------------------------------------------------------------


def holder_of(number: str, code: str) -> CodeHolder | None:
    """Whoever shows the right code of a request or a review; None where it does not fit."""
    wanted = number.strip().upper()
    model = ReviewApplication if wanted.startswith("FH-") else OpenRequest
    stored = model._default_manager.filter(number=wanted).values_list("code_hash", flat=True).first()
    # an unknown number costs the same comparison as a wrong code
    fits = code_fits(wanted, code, stored or "0" * 64)
    return CodeHolder(actor_key="public", number=wanted) if stored and fits else None


def belongs_to(user: User, number: str) -> bool:
    """Whether the request or review of this number was filed with this account."""
    if number.startswith("FH-"):
        return ReviewApplication.objects.filter(number=number, objector=user).exists()
    return OpenRequest.objects.filter(number=number, applicant=user).exists()


def with_relations(requests: QuerySet[OpenRequest]) -> QuerySet[OpenRequest]:
    """What pages of a request show besides itself."""
    return requests.select_related("agency", "entry", "entry__in_force", "applicant", "handler")


def with_reply_parts(replies: QuerySet[Reply]) -> QuerySet[Reply]:
    """Replies with what pages show of them, and of those they refer to."""
    return replies.select_related(*REPLY_PARTS).prefetch_related(_referred("refers_to"))


def _referred(path: str) -> Prefetch[str, QuerySet[Reply], str]:
    """Few replies refer to another: joined to every one, their tables take longer to plan than all the rest to read."""
    return Prefetch(path, Reply.objects.select_related("request", *REPLY_PARTS))


def reviews_with_relations(reviews: QuerySet[ReviewApplication]) -> QuerySet[ReviewApplication]:
    """What pages of a review show besides itself."""
    joined = reviews.select_related(
        "reply__request__agency",
        "reply__drafted_by",
        "same_as",
        "objector",
        "decided_by",
        *(f"reply__{part}" for part in REPLY_PARTS),
    )
    return joined.prefetch_related(_referred("reply__refers_to"))


def published_requests() -> QuerySet[OpenRequest]:
    """Every request, for what its public page shows (第二十一条). Private fields stay unread."""
    return OpenRequest.objects.select_related("agency").defer("purpose", "mail_encrypted", "phone_encrypted")


def published_reviews() -> QuerySet[ReviewApplication]:
    """Reviews whose result was fed back; names are hidden unless wanted."""
    return reviews_with_relations(ReviewApplication.objects.filter(status=ReviewStatus.DECIDED))


def delivered_replies(request: OpenRequest) -> QuerySet[Reply]:
    """Replies that were fed back, newest round first."""
    return with_reply_parts(request.replies.filter(delivered_on__isnull=False)).order_by("-round")


def draft_of(request: OpenRequest) -> Reply | None:
    """The reply of the present round while it is a draft."""
    drafts = Reply.objects.filter(request=request, round=request.round, delivered_on=None)
    return drafts.select_related("agency", "drafted_by", "batch").first()


def decided_on_same_reply(review: ReviewApplication) -> QuerySet[ReviewApplication]:
    """Decided objections to the same reply: only they allow declining a new one."""
    return ReviewApplication.objects.filter(reply=review.reply_id, status=ReviewStatus.DECIDED).exclude(pk=review.pk)


def directly_linked(request: OpenRequest) -> QuerySet[OpenRequest]:
    """Requests that somebody linked with this one."""
    links = RequestLink.objects.filter(undone_at=None)
    onward, back = links.filter(first=request).values("second"), links.filter(second=request).values("first")
    return OpenRequest.objects.filter(Q(pk__in=onward) | Q(pk__in=back)).select_related("agency").order_by("pk")


def linked_to(request: OpenRequest) -> list[OpenRequest]:
    """Requests linked with this one, over others too, in the order they were filed in."""
    known, frontier = {request.pk}, {request.pk}
    while frontier and len(known) <= MOST_LINKED:
        touching = RequestLink.objects.filter(Q(first__in=frontier) | Q(second__in=frontier), undone_at=None)
        frontier = {pk for pair in touching.values_list("first", "second") for pk in pair} - known
        known |= frontier
    others = OpenRequest.objects.filter(pk__in=known - {request.pk})
    return list(others.select_related("agency").order_by("pk"))


def like_ones_waiting(request: OpenRequest, *, besides: Iterable[int] = ()) -> list[OpenRequest]:
    """Requests like this one that wait for a reply by the same agency, most like first."""
    filters = {"agency_code": request.agency.code, "status": RequestStatus.WAITING.value}
    hits = like(f"{request.title} {request.description}", kinds=REQUEST_KINDS, limit=MOST_LIKE + 1, filters=filters)
    place = {hit.key: number for number, hit in enumerate(hits)}
    rows = OpenRequest.objects.filter(number__in=place, agency=request.agency_id, status=RequestStatus.WAITING)
    found = rows.exclude(pk__in={request.pk, *besides}).select_related("agency")
    return sorted(found, key=lambda row: place[row.number])[:MOST_LIKE]


def waiting_reply_of(batch: ReplyBatch) -> Reply | None:
    """A reply of the batch that still waits for a second person: any of them shows the papers they share."""
    replies = batch.replies.filter(delivered_on=None, request__status=RequestStatus.IN_APPROVAL)
    return replies.select_related("request__agency", "agency", "batch").order_by("request_id").first()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the delivery of a batch is, in replies."""

    total: int
    delivered: int
    left_out: int

    @property
    def waiting(self) -> int:
        """Neither delivered nor left out yet."""
        return self.total - self.delivered - self.left_out


def progress_of(batch: ReplyBatch) -> Progress:
    """How many of the drafted replies were delivered, and how many were left out since."""
    results = [item.result for item in batch.items.all() if item.was_drafted]
    return Progress(
        total=len(results),
        delivered=results.count(BatchItem.Result.DELIVERED),
        left_out=results.count(BatchItem.Result.LEFT_OUT),
    )


def late_of(batch: ReplyBatch) -> list[Reply]:
    """The replies that were delivered with the batch, and after their own due day."""
    delivered = {item.request_id for item in batch.items.all() if item.result == BatchItem.Result.DELIVERED}
    return [reply for reply in batch.replies.all() if reply.request_id in delivered and reply.is_late]


def batches_to_approve(batches: QuerySet[ReplyBatch]) -> QuerySet[ReplyBatch]:
    """Of these, those of which replies wait for a second person, with ``waiting``: how many."""
    held = Q(replies__request__status=RequestStatus.IN_APPROVAL, replies__delivered_on=None)
    found = batches.filter(status=BatchStatus.IN_APPROVAL).annotate(waiting=Count("replies", filter=held))
    return found.filter(waiting__gt=0).select_related("drafted_by", "agency").order_by("pk")


def silent_reviews(on: dt.date) -> list[int]:
    """Ids of reviews that nobody accepted or declined within five working days."""
    waiting = ReviewApplication.objects.filter(status=ReviewStatus.SUBMITTED).order_by("pk")
    subjects = {subject_of(review): review.pk for review in waiting.only("pk")}
    # by subject, of which there is an index: the few that wait, and not every clock that is late
    late = Clock.objects.filter(subject__in=subjects, kind="review-acceptance", stopped_on=None, due_on__lt=on)
    return sorted({subjects[subject] for subject in late.values_list("subject", flat=True)})


def kept_promises() -> list[tuple[int, str]]:
    """Agreed requests whose entry is now really in the open catalogue, or really open: (id, where that can be seen)."""
    rows = OpenRequest.objects.filter(status__in=[status.value for status in AGREED], entry__isnull=False)
    agreed = rows.annotate(agreed_to=_agreed_to()).order_by("pk")
    listed = agreed.filter(agreed_to="list", entry__in_force__is_open=True)
    opened = agreed.filter(agreed_to="open", entry__dataset__status=DatasetStatus.PUBLISHED)
    opened = opened.filter(entry__dataset__current__isnull=False).select_related("entry__dataset")
    return [(request.pk, OPEN_CATALOGUE) for request in listed] + [
        (request.pk, request.entry.dataset.get_absolute_url()) for request in opened if request.entry
    ]


def _agreed_to() -> Coalesce:
    """What the newest delivered reply, or the review that changed it, agreed to."""
    replies = Reply.objects.filter(request=OuterRef("pk"), delivered_on__isnull=False).order_by("-round")
    changed = ReviewApplication.objects.filter(
        reply__request=OuterRef("pk"), reply__round=OuterRef("round"), changed_to__in=["open", "list"]
    )
    return Coalesce(
        Subquery(changed.order_by("-decided_at").values("changed_to")[:1]),
        Subquery(replies.values("agreed_to")[:1]),
        output_field=CharField(),
    )


# --- lists of work -----------------------------------------------------------------------------------


def for_list(requests: Iterable[int]) -> list[OpenRequest]:
    """Requests with what lists show of them, in the order of these ids.

    A list is put in order by ids alone: to sort thousands of whole rows for a page of thirty costs much more.
    """
    pks = list(requests)
    shown = ("number", "title", "status", "agency", "agency__short_name")
    rows = OpenRequest.objects.select_related("agency").only(*shown).in_bulk(pks)
    return [rows[pk] for pk in pks if pk in rows]


def clocks_by_case(cases: Iterable[OpenRequest | ReviewApplication]) -> dict[str, Clock]:
    """For each case number the clock that a list shows: the running one that is due first, else the last stopped."""
    subjects = [subject_of(case) for case in cases]
    clocks = Clock.objects.filter(subject__in=subjects).select_related("owed_by", "rule")
    shown: dict[str, Clock] = {}
    for clock in sorted(clocks, key=prominence):
        shown[clock.number] = clock
    return shown


def prominence(clock: Clock) -> tuple[bool, int, int]:
    """How much a clock matters on its case: running before stopped, then what is due first, then the latest."""
    return clock.is_running, -clock.due_on.toordinal() if clock.is_running else 0, clock.pk


def own_requests(user: User) -> QuerySet[OpenRequest]:
    """What this account asked for: where a question waits for an answer (``is_asked``) first, then by due day."""
    asked = Question.objects.filter(request=OuterRef("pk"), answered_at=None)
    rows = visible_to(user, published_requests()).filter(applicant=user)
    due = by_due_day(rows).annotate(is_asked=Exists(asked) & Q(status__in=[status.value for status in OPEN]))
    return due.order_by("-is_asked", *due.query.order_by)


def own_reviews(user: User) -> QuerySet[ReviewApplication]:
    """What this account objected to, what is due first on top."""
    rows = visible_reviews(user, ReviewApplication.objects.filter(objector=user))
    return by_due_day(reviews_with_relations(rows))


# --- while filing --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Similar:
    """What is like the data somebody is about to ask for."""

    requests: tuple[Hit, ...]
    datasets: tuple[Hit, ...]

    def __bool__(self) -> bool:
        return bool(self.requests or self.datasets)


def similar_to(text: str, *, more: str = "", is_typing: bool = False, limit: int = 3) -> Similar:
    """Public requests and data sets like ``text``: never in the way of filing.

    ``more`` (a description) fills up what ``text`` (a title) leaves free; it never drives out what the title found.
    """
    found = _similar_to(text, is_typing=is_typing, limit=limit)
    if not more.strip() or (len(found.requests) >= limit and len(found.datasets) >= limit):
        return found
    wider = _similar_to(f"{text} {more}", limit=limit)
    return Similar(
        requests=_filled_up(found.requests, wider.requests, limit),
        datasets=_filled_up(found.datasets, wider.datasets, limit),
    )


def _filled_up(found: tuple[Hit, ...], wider: tuple[Hit, ...], limit: int) -> tuple[Hit, ...]:
    known = {hit.key for hit in found}
    return (*found, *(hit for hit in wider if hit.key not in known))[:limit]


def _similar_to(text: str, *, is_typing: bool = False, limit: int = 3) -> Similar:
    at_once = is_typing and len(text) <= TYPED_AT_ONCE
    if len(text.strip()) < 2 or (at_once and not tells(text)):
        return Similar(requests=(), datasets=())
    return Similar(
        requests=_alike(text, REQUEST_KINDS, limit, at_once=at_once),
        datasets=_alike(text, DATA_KINDS, limit, at_once=at_once),
    )


def _alike(text: str, kinds: Iterable[str], limit: int, *, at_once: bool) -> tuple[Hit, ...]:
    """Titles that hold every word typed so far, filled up with what is like them."""
    typed = suggest(text, kinds=list(kinds), limit=limit) if at_once else ()
    if len(typed) >= limit:
        return typed
    wider = like(text, kinds=list(kinds), limit=limit, by_title=kinds == REQUEST_KINDS)
    return _filled_up(typed, wider, limit)


def agencies_asked() -> QuerySet[Agency]:
    """Agencies that can be asked, those of the city first: who holds data of its own (第二条、第三十二条)."""
    agencies = Agency.objects.filter(is_active=True).exclude(level=Agency.Level.OUTSIDE)
    return in_order(agencies.exclude(kind=Agency.Kind.SUPERVISORY))


def filed_with(number: str) -> list[OpenRequest]:
    """The request of a number with all that were filed with it, in the order of their numbers; empty if unknown."""
    joint = OpenRequest.objects.filter(number=number).values("joint")
    together = Q(number=number) | Q(joint__in=joint)
    return list(published_requests().filter(together).order_by("pk"))


def same_title(title: str) -> str:
    """A title as it counts for being the same: without spaces and marks, in one form of letters."""
    return "".join(sign for sign in normalised(title) if sign.isalnum())


def still_open_alike(
    title: str, *, agencies: Iterable[Agency], user: User | None, numbers: Iterable[str]
) -> list[OpenRequest]:
    """This person's own requests for the same at the same agency that wait for a reply: by account, or this visit."""
    own = Q(number__in=list(numbers)) | (Q(applicant=user) if user is not None else Q())
    waiting = published_requests().filter(own, status__in=[status.value for status in OPEN], agency__in=list(agencies))
    wanted = same_title(title)
    return [row for row in waiting.order_by("-pk")[:MOST_OWN] if same_title(row.title) == wanted]
