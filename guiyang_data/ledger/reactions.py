"""What the log does by the mere passing of time: a reading whose process died is closed (第十七条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial

from django.conf import settings

from guiyang_data.ledger.followers import follow_readings
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import Ended, closing_row

BROKEN_OFF = "未传完：进程中断，送出的行数不详"


def react(at: dt.datetime) -> int:
    """Called by the sweep: readings that began too long ago to be running end in the log as what they are.

    Each is looked at once, by the seal it lies under. An export that does run so long is stopped: it asks at every
    batch whether its reading is still open.
    """
    too_long_ago = at - dt.timedelta(seconds=settings.LONGEST_READING_SECONDS)
    return follow_readings("ledger.unfinished", handle=partial(_close, at=at), sealed_before=too_long_ago)


def _close(rows: Sequence[Access], *, at: dt.datetime) -> None:
    opened = {row.reading: row for row in rows if row.phase == Access.Phase.OPENED}
    ended = Access.objects.filter(reading__in=opened, phase=Access.Phase.CLOSED).values_list("reading", flat=True)
    for reading in ended:
        opened.pop(reading)
    ends = [closing_row(row, at=at, ended=Ended(rows=None, outcome=BROKEN_OFF)) for row in opened.values()]
    # who ends by itself at this very moment has written the true end
    Access.objects.bulk_create(ends, ignore_conflicts=True)
