"""How what was told arrived: in the page, by mail and message in numbers, by webhook address by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Channel, Delivery, Notice, Push, Receiver, Sending
from guiyang_data.notices.services import systems_key
from guiyang_data.notices.webhooks.planning import message_id
from sharing.models import ChangeEvent, ChangeSubscription
from sharing.subscriptions.telling import occasion, words

MOST_PUSHES = 20


@dataclass(frozen=True, kw_only=True)
class PushLine:
    """One webhook: to which address of the agency's systems, and how it stands."""

    address: str
    state: str
    state_label: str
    attempts: int
    answer: str


@dataclass(kw_only=True)
class EventLine:
    """One event with how it arrived. ``mails``: (channel, state, how many)."""

    event: ChangeEvent
    words: str
    readers: int = 0
    mails: list[tuple[str, str, int]] = field(default_factory=list)
    pushes: list[PushLine] = field(default_factory=list)


def events_of(subscription: ChangeSubscription) -> QuerySet[ChangeEvent]:
    """What a subscription was told, the newest first."""
    rows = ChangeEvent.objects.filter(subscription=subscription).order_by("-pk")
    return rows.select_related("version", "subscription__agency", "subscription__entry")


def event_lines(subscription: ChangeSubscription, events: Sequence[ChangeEvent]) -> list[EventLine]:
    """The events of one page with how each arrived. Four queries, however many."""
    lines = {subject_of(event): EventLine(event=event, words=words(event)) for event in events}
    told = Notice.objects.filter(subject__in=lines, recipient__isnull=False).order_by()
    for subject, number in told.values_list("subject").annotate(Count("pk")):
        lines[subject].readers = number
    sent = Delivery.objects.filter(notice__subject__in=lines).order_by("channel", "state")
    for subject, channel, state, number in sent.values_list("notice__subject", "channel", "state").annotate(
        Count("pk")
    ):
        lines[subject].mails.append((str(Channel(channel).label), str(Sending.State(state).label), number))
    pushes = _pushes(subscription, events)
    for event in events:
        lines[subject_of(event)].pushes = pushes[event.pk]
    return list(lines.values())


def _pushes(subscription: ChangeSubscription, events: Sequence[ChangeEvent]) -> dict[int, list[PushLine]]:
    """The pushes to the agency's systems; what its people have pushed to themselves is theirs alone."""
    receivers = Receiver.objects.filter(owner__service_account__agency=subscription.agency).order_by("pk")
    ids = {
        message_id(receiver, systems_key(f"{occasion(event)}:{subscription.agency.code}")): event.pk
        for receiver in receivers.values_list("pk", flat=True)
        for event in events
    }
    found: dict[int, list[PushLine]] = defaultdict(list)
    for push in Push.objects.filter(message_id__in=ids).select_related("receiver").order_by("pk"):
        lines = found[ids[push.message_id]]
        if len(lines) < MOST_PUSHES:
            answer = f"HTTP {push.answer_status}" if push.answer_status else push.last_error
            lines.append(
                PushLine(
                    address=push.receiver.name,
                    state=push.state,
                    state_label=push.get_state_display(),
                    attempts=push.attempts,
                    answer=answer,
                )
            )
    return found
