"""Like requests of one agency, and one text drafted for them."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.models import User
from requests_app import services
from requests_app.models import OpenRequest
from requests_app.services import Party, ReplyText, Together
from tests.factories.requests import REFUSE, Cast, at, waiting

ON = dt.date(2026, 11, 10)
NOW = at(ON)


def three(play: Cast) -> list[OpenRequest]:
    """Three requests that wait, each filed a day later and with an address of its own."""
    return [
        waiting(
            play,
            title=f"停车场余位（{number}）",
            on=dt.date(2026, 11, 3 + number),
            party=Party(mail=f"a{number}@mail.example"),
        )
        for number in range(3)
    ]


def together(
    play: Cast, requests: list[OpenRequest], text: ReplyText = REFUSE, by: User | None = None, **given: object
) -> Together:
    """Drafted together by the steward."""
    ids = [request.pk for request in requests]
    return services.draft_together(request_ids=ids, by=by or play.steward, text=text, on=ON, at=NOW, **given)


def fresh(requests: list[OpenRequest]) -> list[OpenRequest]:
    return list(OpenRequest.objects.filter(pk__in=[request.pk for request in requests]).order_by("pk"))
