"""What a grant lets through in a minute and in a day, counted in its one row by statements that cannot race."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone

from guiyang_data.errors import LimitReached
from sharing.models import ReadingUse, SharingGrant
from sharing.workflow import OWN_DUTIES

DAY_SECONDS = 86_400


class RowsUsedUp(LimitReached):
    """The rows of the day are used up. The call itself could be made."""


def require_call_left(grant: SharingGrant, *, at: dt.datetime) -> None:
    """Raise LimitReached where the minute was full when ``grant`` was asked for, so that nothing is looked for.

    Counts nothing; what races past here stops at ``count_call``.
    """
    use: ReadingUse | None = getattr(grant, "use", None)
    if use is not None and use.minute == _minute(at) and use.calls >= grant.calls_per_minute:
        raise _minute_full(grant, at)


def is_full_noted(grant: SharingGrant, *, at: dt.datetime) -> bool:
    """Whether it was written down, when ``grant`` was asked for, that its calls of this minute are used up."""
    use: ReadingUse | None = getattr(grant, "use", None)
    return use is not None and use.noted == _minute(at)


def note_full(grant: SharingGrant, *, at: dt.datetime) -> bool:
    """Note that it is written down; False where somebody did it meanwhile."""
    unnoted = ReadingUse.objects.filter(grant=grant.pk).exclude(noted=_minute(at))
    return bool(unnoted.update(noted=_minute(at)))


def require_rows_left(grant: SharingGrant | None, *, at: dt.datetime) -> None:
    """Raise RowsUsedUp where no row of the day was left when ``grant`` was asked for, so that nothing is looked for.

    Else a refusal would say that there are rows, and its absence that there are none.
    """
    use: ReadingUse | None = getattr(grant, "use", None)
    if grant is None or use is None or grant.rows_per_day is None:
        return
    if use.day == timezone.localdate(at) and use.rows >= grant.rows_per_day:
        raise _day_full(grant, at)


def count_use(grant: SharingGrant, *, rows: int, at: dt.datetime) -> None:
    """Count one call and its rows, before they leave. Raises LimitReached where minute or day are full."""
    counts_rows = bool(rows) and grant.rows_per_day is not None
    if not _counted(_BOTH if counts_rows else _CALL, grant, rows, at):
        # the first call of the grant, or one of the two is full: told by counting one after the other
        count_call(grant, at=at)
        count_rows(grant, rows, at=at)


def count_call(grant: SharingGrant, *, at: dt.datetime) -> None:
    """Count one call of this minute. Raises LimitReached where the minute is full."""
    if not (_counted(_CALL, grant, 0, at) or (_begin(grant, at) and _counted(_CALL, grant, 0, at))):
        raise _minute_full(grant, at)


def count_rows(grant: SharingGrant, rows: int, *, at: dt.datetime) -> None:
    """Count rows of this day before they leave. Raises LimitReached where they are more than the day has left."""
    if rows and grant.rows_per_day is not None and not _counted(_ROWS, grant, rows, at):
        raise _day_full(grant, at)


_MORE_CALLS = "calls = CASE WHEN minute = %(minute)s THEN calls + 1 ELSE 1 END, minute = %(minute)s"
_MORE_ROWS = '"rows" = CASE WHEN day = %(day)s THEN "rows" + %(rows)s ELSE %(rows)s END, day = %(day)s'
_ROOM_OF_MINUTE = "(minute <> %(minute)s OR calls < %(calls)s)"
_ROOM_OF_DAY = '%(rows)s <= %(most)s AND (day <> %(day)s OR "rows" <= %(most)s - %(rows)s)'


def _statement(more: str, room: str) -> str:
    # as text, since every call of a system asks it: to put it together from expressions cost more than to count
    return f"UPDATE {ReadingUse._meta.db_table} SET {more} WHERE grant_id = %(grant)s AND {room}"  # noqa: S608


_CALL = _statement(_MORE_CALLS, _ROOM_OF_MINUTE)
_ROWS = _statement(_MORE_ROWS, _ROOM_OF_DAY)
_BOTH = _statement(f"{_MORE_CALLS}, {_MORE_ROWS}", f"{_ROOM_OF_MINUTE} AND {_ROOM_OF_DAY}")


def _counted(statement: str, grant: SharingGrant, rows: int, at: dt.datetime) -> bool:
    """Whether there was room for it; a grant that was never used has no row yet."""
    told = {
        "grant": grant.pk,
        "minute": connection.ops.adapt_datetimefield_value(_minute(at)),
        "calls": grant.calls_per_minute,
        "day": connection.ops.adapt_datefield_value(timezone.localdate(at)),
        "rows": rows,
        "most": grant.rows_per_day,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        return bool(cursor.rowcount)


def _minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


def _begin(grant: SharingGrant, at: dt.datetime) -> bool:
    """The grant's row, made where this is its first call."""
    ReadingUse.objects.get_or_create(grant=grant, defaults={"day": timezone.localdate(at), "minute": _minute(at)})
    return True


def rows_left(grant: SharingGrant, *, at: dt.datetime) -> int | None:
    """Rows that may still leave today; None where there is no limit."""
    if grant.rows_per_day is None:
        return None
    used = ReadingUse.objects.filter(grant=grant, day=timezone.localdate(at)).values_list("rows", flat=True).first()
    return max(grant.rows_per_day - (used or 0), 0)


def minute_in_words(grant: SharingGrant) -> str:
    """That the calls of this minute are used up."""
    return f"每分钟最多读取 {grant.calls_per_minute} 次，本分钟已经用完"


def _minute_full(grant: SharingGrant, at: dt.datetime) -> LimitReached:
    return LimitReached(
        f"这一授权{minute_in_words(grant)}。请在下一分钟再读取。",
        retry_after=60 - at.second,
        basis=OWN_DUTIES,
    )


def _day_full(grant: SharingGrant, at: dt.datetime) -> RowsUsedUp:
    wall = timezone.localtime(at)
    seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
    return RowsUsedUp(
        f"这一授权每天最多读取 {grant.rows_per_day:,} 行，今天余下的不够本次读取。请缩小范围，或者明天再读取。",
        retry_after=DAY_SECONDS - seconds,
        basis=OWN_DUTIES,
    )
