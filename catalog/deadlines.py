"""How interfaces are checked and data is rated: the portal's own numbers, none of them set by law."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise as StrPromise
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

CYCLE_DAYS = {
    "real-time": 1,
    "daily": 1,
    "weekly": 7,
    "monthly": 31,
    "quarterly": 92,
    "half-yearly": 184,
    "yearly": 366,
}
"""Days within which data of an update cycle is brought up to date; an irregular one has none."""
SOON_DAYS = 7
"""From how many days before on an update is shown as due soon."""
LONG_LATE_DAYS = 30
"""More days late than this, and freshness counts for nothing."""


@dataclass(frozen=True, kw_only=True)
class QualityPart:
    """A part of the quality score and what it weighs; the weights together are a hundred."""

    code: str
    label: StrPromise
    weight: int


QUALITY_PARTS = (
    QualityPart(code="description", label=_("目录说明完整"), weight=20),
    QualityPart(code="items", label=_("信息项有说明和主键"), weight=20),
    QualityPart(code="rows", label=_("数据合格"), weight=20),
    QualityPart(code="freshness", label=_("按周期更新"), weight=25),
    QualityPart(code="corrections", label=_("没有未办结的疑义"), weight=15),
)
"""Ours; documented in docs/quality.md, which a test holds to this table."""
LEAST_ABSTRACT = 20
"""Characters below which an abstract says nothing."""
MOST_OPEN_CORRECTIONS = 3
"""So many open doubts, and that part counts for nothing."""

BY_CYCLE = 0
PULL_INTERVALS = (
    (BY_CYCLE, _("按目录的更新周期")),
    (5, _("每 5 分钟")),
    (15, _("每 15 分钟")),
    (60, _("每小时")),
    (360, _("每 6 小时")),
    (1440, _("每天")),
)
"""Minutes between two pulls, as a pull may choose."""
CYCLE_MINUTES = {
    "real-time": 5,
    "daily": 1440,
    "weekly": 7 * 1440,
    "monthly": 30 * 1440,
    "quarterly": 91 * 1440,
    "half-yearly": 182 * 1440,
    "yearly": 365 * 1440,
    "irregular": 1440,
}
"""What the update cycle of an entry is in minutes, for pulls that follow it."""


@dataclass(frozen=True, kw_only=True)
class Pulling:
    """``pauses``: minutes to the next try after one, two, three … failures in a row; the last holds from there on.
    ``times``: so many failures in a row are told. ``lease``: longer than a pull lasts. ``most_*``: what one may bring.
    """

    pauses: tuple[int, ...]
    times: int
    lease: dt.timedelta
    most_pages: int
    most_rows: int
    most_bytes: int
    most_seconds: float
    runs_kept: dt.timedelta


PULLING = Pulling(
    pauses=(2, 10, 30, 120, 360),
    times=3,
    lease=dt.timedelta(minutes=20),
    most_pages=2_000,
    most_rows=1_000_000,
    most_bytes=2 * 1024**3,
    most_seconds=600,
    runs_kept=dt.timedelta(days=180),
)
