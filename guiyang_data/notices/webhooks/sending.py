"""Pushing what waits: several receivers at a time, each by one push after the other, through the guarded client."""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import transaction

from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices import attempts
from guiyang_data.notices.models import Push, Receiver
from guiyang_data.notices.webhooks.signing import headers
from guiyang_data.outbound.client import fetch
from guiyang_data.outbound.errors import OutboundRefused

PAUSES = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (10, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600)
)
"""After each attempt that failed; after the last of them, a little more than two days, it is given up."""
TIMEOUT_SECONDS = 8.0
WIDTH = 8
"""How many receivers are asked at the same time."""
GONE = 410
"""With this answer a receiver says that it wants no more."""
KEPT = dt.timedelta(days=30)
LONGEST_ANSWER = 200


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: a status with the beginning of its body, or why there is none."""

    status: int | None
    text: str

    @property
    def is_taken(self) -> bool:
        """Whether the receiver said that it has it (2xx)."""
        return self.status is not None and 200 <= self.status <= 299


def send_pushes(*, at: dt.datetime, most: int = 500) -> int:
    """Push what is due. A receiver that fails is not asked again in this run. Returns how many were taken."""
    waiting = Push.objects.filter(receiver__state=Receiver.State.ACTIVE, receiver__owner__is_active=True)
    queues: dict[int, deque[int]] = {}
    rows = Push.objects.filter(pk__in=attempts.due(waiting, at=at, most=most)).order_by("pk")
    for pk, receiver in rows.values_list("pk", "receiver"):
        queues.setdefault(receiver, deque()).append(pk)
    taken, until = 0, time.monotonic() + attempts.PATIENCE_SECONDS
    with ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="push") as pool:
        while queues and time.monotonic() < until:
            wave = list(_wave(queues, at))
            for push, answer in zip(wave, pool.map(lambda push: _ask(push, at), wave), strict=True):
                taken += _note(push, answer, at)
                if not answer.is_taken:
                    queues.pop(push.receiver_id, None)
    return taken


def _wave(queues: dict[int, deque[int]], at: dt.datetime) -> Iterator[Push]:
    """The next push of some receivers, held by this run; who has been asked goes to the end."""
    for receiver in list(queues)[:WIDTH]:
        queue = queues.pop(receiver)
        push = attempts.lease(Push.objects.select_related("receiver__owner"), queue.popleft(), at=at)
        if queue:
            queues[receiver] = queue
        if push is not None:
            yield push


def _ask(push: Push, at: dt.datetime) -> Answer:
    """Send it; no database is touched here, since this runs in a thread of its own."""
    receiver = push.receiver
    try:
        answer = fetch(
            receiver.url,
            allowed_hosts=[receiver.host],
            method="POST",
            content=push.body.encode(),
            headers=headers(push.message_id, int(at.timestamp()), push.body, receiver.secrets(at)),
            timeout=TIMEOUT_SECONDS,
            max_bytes=100_000,
            public_only=receiver.public_only,
        )
    except OutboundRefused as error:
        return Answer(status=None, text=error.message[:LONGEST_ANSWER])
    except InvalidToken:
        return Answer(status=None, text="密钥已不可用，请更换密钥。")
    text = answer.content[: 4 * LONGEST_ANSWER].decode("utf-8", "replace").replace("\x00", "")
    return Answer(status=answer.status, text=text[:LONGEST_ANSWER])


def _note(push: Push, answer: Answer, at: dt.datetime) -> bool:
    push.answer_status, push.answer = answer.status, answer.text
    push.save(update_fields=["answer_status", "answer"])
    if answer.is_taken:
        attempts.sent(push, at=at)
    elif answer.status == GONE:
        _stop(push, at)
    elif push.attempts > len(PAUSES):
        attempts.give_up(push, Push.Reason.UNREACHED, _said(answer))
    else:
        attempts.put_off(push, _said(answer), pause=PAUSES[push.attempts - 1], at=at)
    return answer.is_taken


def _said(answer: Answer) -> str:
    return answer.text if answer.status is None else f"HTTP {answer.status}"


@transaction.atomic
def _stop(push: Push, at: dt.datetime) -> None:
    attempts.give_up(push, Push.Reason.REFUSED, f"HTTP {GONE}")
    active = Receiver.objects.filter(pk=push.receiver_id, state=Receiver.State.ACTIVE)
    if active.update(state=Receiver.State.PAUSED):
        record(push.receiver, "pause-webhook", by=PLATFORM, at=at, payload={"answered": GONE})


def forget_old(*, at: dt.datetime) -> int:
    """Pushes are kept for thirty days; returns how many were dropped."""
    return Push.objects.filter(made_at__lt=at - KEPT).delete()[0]
