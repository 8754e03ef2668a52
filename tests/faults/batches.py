"""Batches of replies: requests drafted together, approved, and what must be there once each has left by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from requests_app import services
from requests_app.models import OpenRequest, Reply, ReplyBatch
from requests_app.selectors import progress_of
from requests_app.services.delivering import AT_ONCE
from tests.faults.calendar_model import DAY
from tests.faults.eve import day
from tests.faults.model import LawModel
from tests.faults.town import REPLIES, Town

FEW, MANY = 3, AT_ONCE + 2
FILED_ON = day(3, 9)
ON = FILED_ON + DAY
DELIVERED = ("refuse", "agree", "agree-in-part")


def labels_of(number: int, size: int = MANY) -> list[str]:
    """What the requests of a batch are called."""
    return [f"b{number}-{place}" for place in range(size)]


def filed(town: Town, *labels: str, contact: str = "mail") -> list[int]:
    """Requests with one agency, by their ids."""
    for label in labels:
        town.file(label, "transport", contact, FILED_ON)
    return [town.requests[label].pk for label in labels]


def drafted(town: Town, ids: Iterable[int], outcome: str = "refuse") -> int:
    """The id of a batch of these requests, drafted by the steward."""
    clerk, text = town.people["transport-steward"], REPLIES[outcome]
    made = services.draft_together(request_ids=ids, by=clerk, text=text, on=FILED_ON, at=town.at(FILED_ON))
    return made.batch.pk


def batch_of(town: Town, number: int, size: int) -> int:
    """The id of a batch of so many requests, drafted by the steward."""
    return drafted(town, filed(town, *labels_of(number, size)))


def approved(town: Town, batch: int) -> int:
    """The same, approved by a second person: where it is large it waits for a worker."""
    services.deliver_together(batch_id=batch, by=town.people["transport-approver"], on=ON, at=town.at(ON))
    return batch


def live(model: LawModel, town: Town) -> None:
    """A city in which a batch that agrees to twelve requests waits for its worker, beside requests not in it.

    Whoever applied has an account and gave an address; each agreement starts a target of its own.
    """
    for side in (model, town):
        for label in labels_of(0):
            side.file(label, "transport", "both", FILED_ON)
        side.file("alone", "transport", "mail", FILED_ON)
        side.file("elsewhere", "health", "account", FILED_ON)
    approved(town, drafted(town, [town.requests[label].pk for label in labels_of(0)], "agree"))


def assert_each_left_once(requests: list[OpenRequest], *, letters: int = 1) -> None:
    """One delivered reply, one event, one letter by each way and one stopped clock for each of them."""
    subjects = [subject_of(request) for request in requests]
    once = Counter(subjects)
    replies = Reply.objects.filter(request__in=requests, delivered_on__isnull=False)
    assert Counter(subject_of(reply.request) for reply in replies.select_related("request")) == once
    events = Event.objects.filter(subject__in=subjects, verb__in=DELIVERED, refused=False)
    assert Counter(events.values_list("subject", flat=True)) == once
    told = Notice.objects.filter(subject__in=subjects, key__contains=":reply:1")
    assert Counter(told.values_list("subject", flat=True)) == Counter(subjects * letters)
    stopped = Clock.objects.filter(subject__in=subjects, kind="open-reply", stopped_by="done")
    assert Counter(stopped.values_list("subject", flat=True)) == once


def assert_ended_once(batch: int, *, delivered: int, left_out: int = 0) -> None:
    """The batch is done, its bar is full, and both who drafted and who approved it were told so, once."""
    row = ReplyBatch.objects.get(pk=batch)
    progress = progress_of(row)
    assert (row.status, progress.delivered, progress.left_out, progress.waiting) == (
        "delivered",
        delivered,
        left_out,
        0,
    )
    ends = Event.objects.filter(subject=subject_of(row), verb="end-delivery")
    assert [(len(end.payload["done"]), len(end.payload["left_out"])) for end in ends] == [(delivered, left_out)]
    told = Notice.objects.filter(subject=subject_of(row), key__contains=":delivered").select_related("recipient")
    assert row.ended_by is not None
    assert Counter(notice.recipient for notice in told) == Counter([row.drafted_by, row.ended_by])
    assert len({notice.title for notice in told}) == 1
    assert f"已送达 {delivered} 件" in told[0].title
