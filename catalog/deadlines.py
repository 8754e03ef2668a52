"""How interfaces are checked: the portal's own numbers, none of them set by law."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

INTERVALS = (
    (15, _("每 15 分钟")),
    (60, _("每小时")),
    (360, _("每 6 小时")),
    (1440, _("每天")),
)
"""Minutes between two checks, as an interface may choose."""


@dataclass(frozen=True, kw_only=True)
class Checking:
    """``times``: so many checks in a row must find an interface broken before anybody is told. ``again``: the time to
    the next while it is broken and nobody has been told. ``lease``: how long a check keeps other workers off; longer
    than the slowest lasts. ``checks_kept``, ``days_kept``: how long single checks, and days, are kept.
    """

    times: int
    again: dt.timedelta
    lease: dt.timedelta
    checks_kept: dt.timedelta
    days_kept: dt.timedelta


CHECKING = Checking(
    times=3,
    again=dt.timedelta(minutes=10),
    lease=dt.timedelta(minutes=10),
    checks_kept=dt.timedelta(days=60),
    days_kept=dt.timedelta(days=400),
)
SHOWN_DAYS = 30
"""Days of history on a page."""
