"""What happens without anyone's act on a request: silence becomes acceptance, promises show themselves kept.

Whoever follows a request hears of its replies and reviews here, each event once. The delivery of a batch whose worker
fell silent is taken up again.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from guiyang_data.attachments.services import forget_drafts
from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.following import forget_unconfirmed
from requests_app.corrections import mending
from requests_app.selectors import kept_promises, silent_reviews
from requests_app.services import accept_by_silence, following, fulfil, requeue_stale_deliveries
from requests_app.tasks import queue_delivery

FOLLOWED = {"approve", "publish"}
"""An approved catalogue revision lists an entry, a published version opens it."""


def lapse(at: dt.datetime, on: dt.date) -> int:
    """Called by the sweep before it looks at clocks; idempotent. Returns how many reviews were accepted by silence."""
    return sum(accept_by_silence(review_id=pk, on=on, at=at) for pk in silent_reviews(on))


def react(at: dt.datetime, on: dt.date) -> int:
    """Called by the sweep; idempotent. Returns how many promises showed themselves kept."""
    follow("requests_app.followers", verbs=following.TOLD, handle=lambda event: following.tell_of(event, at))
    follow("requests_app.corrections", verbs=mending.FOLLOWED, handle=lambda event: mending.handle(event, at, on))
    forget_unconfirmed(at=at)
    forget_drafts(at=at)
    for batch in requeue_stale_deliveries(at):
        queue_delivery(batch)
    # the cursor moves with the effects, or not at all; it also keeps two sweeps apart
    with transaction.atomic():
        news: list[Event] = []
        follow("requests_app", verbs=FOLLOWED, handle=news.append)
        return keep_promises(at, on) if news else 0


def keep_promises(at: dt.datetime, on: dt.date) -> int:
    """Record as fulfilled every agreed request whose entry is now really listed, or really open."""
    promises = kept_promises()
    for pk, link in promises:
        fulfil(request_id=pk, by=PLATFORM, link=link, note="", on=on, at=at)
    return len(promises)
