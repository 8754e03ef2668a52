"""Following a public request or data set; who follows counts as demand (第三条、第二十条第三款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices import following
from guiyang_data.notices.following import Followed
from guiyang_data.notices.models import Follow
from opendata.models import OpenDataset
from opendata.services import record_demand
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.workflow import REQUEST, REVIEW, RequestStatus

REQUEST_SUBJECT = OpenRequest._meta.label_lower
DATASET_SUBJECT = OpenDataset._meta.label_lower
REPLIES = {"agree": "同意", "agree-in-part": "部分同意", "refuse": "不同意"}
DECISIONS = {"uphold", "change", "require-new-reply"}
TOLD = {*REPLIES, "fulfil", "withdraw", *DECISIONS}
"""Events of which followers of a request hear."""


def followed_request(request: OpenRequest) -> Followed:
    """A request as it is followed. Raises ``RuleBroken`` where nothing more will happen to it."""
    if request.status == RequestStatus.WITHDRAWN:
        raise RuleBroken("这件申请已经撤回，不会再有进展。需要同样的数据，请提出您自己的申请。", basis=REQUEST)
    return Followed(
        subject=subject_of(request), title=request.title, path=request.get_absolute_url(), number=request.number
    )


def followed_dataset(dataset: OpenDataset) -> Followed:
    """A data set as it is followed."""
    return Followed(subject=subject_of(dataset), title=dataset.title, path=dataset.get_absolute_url())


@transaction.atomic
def follow(*, what: Followed, by: User, on: dt.date, at: dt.datetime) -> None:
    """Follow with an account, at once; doing it again changes nothing."""
    if following.follow(what, by=by, at=at):
        _count(what.subject, on)


@transaction.atomic
def confirm_following(*, token: str, on: dt.date, at: dt.datetime) -> Follow:
    """The owner of the address confirms by the link of the mail."""
    row, is_new = following.confirm(token, at=at)
    if is_new:
        _count(row.subject, on)
    return row


def _count(subject: str, on: dt.date) -> None:
    label, _colon, key = subject.partition(":")
    model = {REQUEST_SUBJECT: OpenRequest, DATASET_SUBJECT: OpenDataset}.get(label)
    entry = model._default_manager.filter(pk=key).values_list("entry", flat=True).first() if model else None
    if entry is not None:
        record_demand(entry_id=entry, on=on, followers=1)


def tell_of(event: Event, at: dt.datetime) -> int:
    """Tell a request's followers of an event of it or of its review; returns how many were told."""
    if event.verb in DECISIONS:
        return _tell_of_review(event, at)
    label, _colon, key = event.subject.partition(":")
    if label != REQUEST_SUBJECT:
        return 0
    request = OpenRequest.objects.select_related("agency").filter(pk=key).first()
    return _tell(request, event, at, *_words(request, event.verb)) if request is not None else 0


def _words(request: OpenRequest, verb: str) -> tuple[str, str]:
    named = f"您关注的申请 {request.number} "
    if verb == "fulfil":
        return f"{named}已经落实", "申请的数据已列入目录或者开放，在哪里可以看到，见页面。"
    if verb == "withdraw":
        return f"{named}已撤回", "由申请人撤回。需要同样的数据，可以提出您自己的申请。"
    outcome = REPLIES[verb]
    return f"{named}已答复：{outcome}", f"{request.agency.name}的答复：{outcome}。理由和下一步见页面。"


def _tell_of_review(event: Event, at: dt.datetime) -> int:
    key = event.subject.partition(":")[2]
    if not event.subject.startswith(ReviewApplication._meta.label_lower):
        return 0
    review = ReviewApplication.objects.select_related("reply__request__agency").filter(pk=key).first()
    if review is None:
        return 0
    request = review.reply.request
    result = review.get_outcome_display()
    title = f"您关注的申请 {request.number} 经复核：{result}"
    return _tell(request, event, at, title, f"复核 {review.number} 的结果：{result}。")


def _tell(request: OpenRequest, event: Event, at: dt.datetime, title: str, body: str) -> int:
    return following.tell_followers(
        request,
        occasion=f"{event.verb}:{event.pk}",
        title=title,
        body=body,
        path=request.get_absolute_url(),
        happened_at=event.at,
        at=at,
        basis=REVIEW if event.verb in DECISIONS else REQUEST,
        without=[request.applicant_id] if request.applicant_id else [],
    )
