"""Reading requests and reviews: by number, published, due, similar, and in numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.services import subject_of
from guiyang_data.search.selectors import Hit, find, suggest
from guiyang_data.statute.deadlines import NEAR_DAYS
from guiyang_data.statute.models import Clock
from opendata.workflow import DatasetStatus
from requests_app.codes import code_fits
from requests_app.models import OpenRequest, Reply, ReviewApplication
from requests_app.policies import CodeHolder
from requests_app.workflow import AGREED, ReviewStatus

REQUEST_CLOCKS = ("open-reply", "reply-again", "open-fulfilment")
REVIEW_CLOCKS = ("review-acceptance", "review-result")
DATA_KINDS = ("dataset",)
OPEN_CATALOGUE = "/catalog/open/"
CORE_OF_NAME = re.compile(r"^(贵阳市|市|县|区)|(发展管理局|管理委员会|管理局|委员会|监督局|局|委|办|厅|中心|人民政府)$")


# --- one case --------------------------------------------------------------------------------------


def holder_of(number: str, code: str) -> CodeHolder | None:
    """Whoever shows the right code of a request or a review; None where it does not fit."""
    wanted = number.strip().upper()
    model = ReviewApplication if wanted.startswith("FH-") else OpenRequest
    stored = model._default_manager.filter(number=wanted).values_list("code_hash", flat=True).first()
    # an unknown number costs the same comparison as a wrong code
    fits = code_fits(wanted, code, stored or "0" * 64)
    return CodeHolder(actor_key="public", number=wanted) if stored and fits else None


def with_relations(requests: QuerySet[OpenRequest]) -> QuerySet[OpenRequest]:
    """What pages of a request show besides itself."""
    return requests.select_related("agency", "entry", "entry__in_force", "applicant", "handler")


def reviews_with_relations(reviews: QuerySet[ReviewApplication]) -> QuerySet[ReviewApplication]:
    """What pages of a review show besides itself."""
    return reviews.select_related(
        "reply__request__agency", "reply__agency", "reply__drafted_by", "same_as", "objector", "decided_by"
    )


def published_requests() -> QuerySet[OpenRequest]:
    """Every request, for what its public page shows (第二十一条). Private fields stay unread."""
    return OpenRequest.objects.select_related("agency").defer("purpose", "mail_encrypted", "phone_encrypted")


def published_reviews() -> QuerySet[ReviewApplication]:
    """Reviews whose result was fed back; names are hidden unless wanted."""
    return reviews_with_relations(ReviewApplication.objects.filter(status=ReviewStatus.DECIDED))


def delivered_replies(request: OpenRequest) -> QuerySet[Reply]:
    """Replies that were fed back, newest round first."""
    return request.replies.filter(delivered_on__isnull=False).select_related("agency").order_by("-round")


def draft_of(request: OpenRequest) -> Reply | None:
    """The reply of the present round while it is a draft."""
    drafts = Reply.objects.filter(request=request, round=request.round, delivered_on=None)
    return drafts.select_related("agency", "drafted_by", "returned_by").first()


def decided_on_same_reply(review: ReviewApplication) -> QuerySet[ReviewApplication]:
    """Decided objections to the same reply: only they allow declining a new one."""
    return ReviewApplication.objects.filter(reply=review.reply_id, status=ReviewStatus.DECIDED).exclude(pk=review.pk)


def silent_reviews(on: dt.date) -> list[int]:
    """Ids of reviews that nobody accepted or declined within five working days."""
    late = Clock.objects.filter(kind="review-acceptance", stopped_on=None, due_on__lt=on).values("number")
    waiting = ReviewApplication.objects.filter(status=ReviewStatus.SUBMITTED, number__in=late)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


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


def _soonest(model_label: str, kinds: Iterable[str]) -> Subquery:
    key = Concat(Value(f"{model_label}:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    clocks = Clock.objects.annotate(key=key).filter(subject=F("key"), kind__in=list(kinds), stopped_on=None)
    return Subquery(clocks.order_by("due_on").values("due_on")[:1])


def by_due_day(requests: QuerySet[OpenRequest]) -> QuerySet[OpenRequest]:
    """With ``due_on`` of the running clock, soonest first; what has no clock comes last, newest first."""
    due = requests.annotate(due_on=_soonest("requests_app.openrequest", REQUEST_CLOCKS))
    return due.order_by(F("due_on").asc(nulls_last=True), "-submitted_at", "-pk")


def reviews_by_due_day(reviews: QuerySet[ReviewApplication]) -> QuerySet[ReviewApplication]:
    """The same for reviews."""
    due = reviews.annotate(due_on=_soonest("requests_app.reviewapplication", REVIEW_CLOCKS))
    return due.order_by(F("due_on").asc(nulls_last=True), "-submitted_at", "-pk")


def standing_filter(state: str, today: dt.date) -> Q:
    """A condition over ``due_on``: ``late``, ``near``, ``on_time`` (the rest that runs) or ``ended``."""
    near = today + dt.timedelta(days=NEAR_DAYS)
    return {
        "late": Q(due_on__lt=today),
        "near": Q(due_on__gte=today, due_on__lte=near),
        "on_time": Q(due_on__gt=near),
        "ended": Q(due_on=None),
    }.get(state, Q())


def counts_by_standing(annotated: QuerySet[Any], today: dt.date) -> dict[str, int]:
    """How many stand how, in one query."""
    states = ("late", "near", "on_time", "ended")
    return annotated.order_by().aggregate(
        **{state: Count("pk", filter=standing_filter(state, today)) for state in states}
    )


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


# --- while filing --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Similar:
    """What is like the data somebody is about to ask for."""

    requests: tuple[Hit, ...]
    datasets: tuple[Hit, ...]

    def __bool__(self) -> bool:
        return bool(self.requests or self.datasets)


def similar_to(text: str, *, is_typing: bool = False, limit: int = 3) -> Similar:
    """Public requests and data sets like ``text``: never in the way of filing."""
    if len(text.strip()) < 2:
        return Similar(requests=(), datasets=())
    if is_typing and (typed := Similar(requests=_typed(text, ("request",)), datasets=_typed(text, DATA_KINDS))):
        return typed
    return Similar(
        requests=find(text, kinds=["request"], limit=limit).hits,
        datasets=find(text, kinds=DATA_KINDS, limit=limit).hits,
    )


def _typed(text: str, kinds: Iterable[str], limit: int = 3) -> tuple[Hit, ...]:
    return suggest(text, kinds=list(kinds), limit=limit)


def agencies_asked() -> QuerySet[Agency]:
    """Agencies that can be asked: those that hold data of their own (第二条、第三十二条)."""
    agencies = Agency.objects.filter(is_active=True).exclude(level=Agency.Level.OUTSIDE)
    return agencies.exclude(kind=Agency.Kind.SUPERVISORY).order_by("level", "code")


def suggested_agencies(text: str, *, limit: int = 3) -> list[Agency]:
    """Who probably holds the data: named in the words, or the publisher of what is like it."""
    votes: Counter[str] = Counter()
    if len(text.strip()) >= 2:
        for hit in find(text, kinds=["dataset", "request"], limit=20).hits:
            votes[hit.agency_code] += 2 if hit.kind == "dataset" else 1
    agencies = {agency.code: agency for agency in agencies_asked()}
    for agency in agencies.values():
        core = CORE_OF_NAME.sub("", CORE_OF_NAME.sub("", agency.short_name))
        if agency.name in text or agency.short_name in text:
            votes[agency.code] += 20
        elif len(core) >= 2 and core in text:
            votes[agency.code] += 5
    ranked = [agencies[code] for code, _votes in votes.most_common() if code in agencies]
    return ranked[:limit]


# --- numbers -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """How replies were kept in a year. Shares always stand beside their numbers."""

    year: int
    filed: int
    replied: int
    on_time: int
    late: int
    overdue_now: int
    agreed: int
    refused: int
    median_days: float | None

    @property
    def on_time_percent(self) -> int | None:
        """Whole percent of delivered replies that were on time; None without a reply."""
        return int(100 * self.on_time / self.replied) if self.replied else None


def statistics(year: int, *, today: dt.date, agency: Agency | None = None) -> Statistics:
    """The year's requests (by day of filing) and their first replies, of one agency or of all. Four queries."""
    filed = OpenRequest.objects.filter(submitted_on__year=year)
    replies = Reply.objects.filter(request__submitted_on__year=year, round=1, delivered_on__isnull=False)
    overdue = Clock.objects.filter(kind="open-reply", stopped_on=None, due_on__lt=today)
    if agency is not None:
        filed, replies = filed.filter(agency=agency), replies.filter(agency=agency)
        overdue = overdue.filter(owed_by=agency)
    counts = replies.aggregate(
        replied=Count("pk"),
        late=Count("pk", filter=Q(delivered_on__gt=F("due_on"))),
        refused=Count("pk", filter=Q(outcome=Reply.Outcome.REFUSE)),
    )
    days = [
        (delivered - submitted).days
        for delivered, submitted in replies.values_list("delivered_on", "request__submitted_on")
        if delivered is not None
    ]
    return Statistics(
        year=year,
        filed=filed.count(),
        replied=counts["replied"],
        on_time=counts["replied"] - counts["late"],
        late=counts["late"],
        overdue_now=overdue.count(),
        agreed=counts["replied"] - counts["refused"],
        refused=counts["refused"],
        median_days=median(days) if days else None,
    )
