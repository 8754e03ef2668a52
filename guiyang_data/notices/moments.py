"""When a reminder may go: not in the quiet hours of whoever gets it, and in a digest at its hour. Shanghai's time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)


def is_quiet(at: dt.datetime, *, since: dt.time, until: dt.time) -> bool:
    """Whether ``at`` lies in the quiet hours, which may go over midnight; equal times mean that there are none.

    The first minute is quiet, the last is not.
    """
    clock = at.astimezone(SHANGHAI).time()
    if since <= until:
        return since <= clock < until
    return clock >= since or clock < until


def after_quiet(at: dt.datetime, *, since: dt.time, until: dt.time) -> dt.datetime:
    """``at``, or the end of the quiet hours it lies in."""
    return at_or_after(at, until) if is_quiet(at, since=since, until=until) else at


def at_or_after(at: dt.datetime, time: dt.time) -> dt.datetime:
    """The first moment from ``at`` on at which clocks in Shanghai show ``time``."""
    local = at.astimezone(SHANGHAI)
    today = dt.datetime.combine(local.date(), time, SHANGHAI)
    return (today if today >= local else today + DAY).astimezone(dt.UTC)
