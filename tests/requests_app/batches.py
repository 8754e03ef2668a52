"""Many replies drafted together, approved, and delivered by a worker that may be killed."""

from __future__ import annotations

import datetime as dt

from requests_app import services
from requests_app.models import OpenRequest, ReplyBatch
from requests_app.policies import CodeHolder
from requests_app.services import Party
from requests_app.services.delivering import AT_ONCE
from tests.factories.requests import REFUSE, Cast, at, waiting

ON = dt.date(2026, 11, 10)
NOW = at(ON)
MINUTE = dt.timedelta(minutes=1)
MANY = AT_ONCE + 2


def drafted(play: Cast, number: int = MANY) -> ReplyBatch:
    """A batch of so many that waits for approval."""
    ids = [
        waiting(play, title=f"停车场余位（{place}）", party=Party(mail=f"a{place}@mail.example")).pk
        for place in range(number)
    ]
    return services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=NOW).batch


def approved(play: Cast, number: int = MANY) -> ReplyBatch:
    """The same, approved: it waits for the worker."""
    batch = drafted(play, number)
    return services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW).batch


def asked(batch: ReplyBatch) -> list[OpenRequest]:
    return list(OpenRequest.objects.filter(batch_items__batch=batch).order_by("pk"))


def withdraw(request: OpenRequest) -> None:
    holder = CodeHolder(actor_key="public", number=request.number)
    services.withdraw_request(request_id=request.pk, by=holder, on=ON, at=NOW)


class Killed(BaseException):
    """What a worker feels."""


class Dying:
    """A clock that ends its worker when it is asked for the so-manieth time."""

    def __init__(self, asked: int) -> None:
        self.left = asked

    def __call__(self) -> dt.datetime:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return NOW
