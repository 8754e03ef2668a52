"""What a grant lets through in a minute and in a day, counted in its one row by statements that cannot race."""

from __future__ import annotations

import datetime as dt

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from guiyang_data.errors import LimitReached
from sharing.models import ReadingUse, SharingGrant
from sharing.workflow import OWN_DUTIES

DAY_SECONDS = 86_400


def count_call(grant: SharingGrant, *, at: dt.datetime) -> None:
    """Count one call of this minute. Raises LimitReached where the minute is full."""
    minute = at.replace(second=0, microsecond=0)
    if not (_count(grant, minute) or (_begin(grant, at, minute) and _count(grant, minute))):
        raise LimitReached(
            f"这一授权每分钟最多读取 {grant.calls_per_minute} 次，本分钟已经用完。请在下一分钟再读取。",
            retry_after=60 - at.second,
            basis=OWN_DUTIES,
        )


def _count(grant: SharingGrant, minute: dt.datetime) -> int:
    room = ReadingUse.objects.filter(grant=grant).filter(~Q(minute=minute) | Q(calls__lt=grant.calls_per_minute))
    calls = Case(When(minute=minute, then=F("calls") + 1), default=Value(1))
    return room.update(calls=calls, minute=minute)


def _begin(grant: SharingGrant, at: dt.datetime, minute: dt.datetime) -> bool:
    """The grant's row, made where this is its first call."""
    ReadingUse.objects.get_or_create(grant=grant, defaults={"day": timezone.localdate(at), "minute": minute})
    return True


def count_rows(grant: SharingGrant, rows: int, *, at: dt.datetime) -> None:
    """Count rows of this day before they leave. Raises LimitReached where they are more than the day has left."""
    if not rows or grant.rows_per_day is None:
        return
    day = timezone.localdate(at)
    if rows > grant.rows_per_day:
        raise _day_full(grant, at)
    room = ReadingUse.objects.filter(grant=grant).filter(~Q(day=day) | Q(rows__lte=grant.rows_per_day - rows))
    total = Case(When(day=day, then=F("rows") + rows), default=Value(rows))
    if not room.update(rows=total, day=day):
        raise _day_full(grant, at)


def rows_left(grant: SharingGrant, *, at: dt.datetime) -> int | None:
    """Rows that may still leave today; None where there is no limit."""
    if grant.rows_per_day is None:
        return None
    used = ReadingUse.objects.filter(grant=grant, day=timezone.localdate(at)).values_list("rows", flat=True).first()
    return max(grant.rows_per_day - (used or 0), 0)


def _day_full(grant: SharingGrant, at: dt.datetime) -> LimitReached:
    wall = timezone.localtime(at)
    seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
    return LimitReached(
        f"这一授权每天最多读取 {grant.rows_per_day:,} 行，今天余下的不够本次读取。请缩小范围，或者明天再读取。",
        retry_after=DAY_SECONDS - seconds,
        basis=OWN_DUTIES,
    )
