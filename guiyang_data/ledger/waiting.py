"""How long the ledger has waited for its seals, and from when on nothing is read any more (第十七条).

Without seals the log could be changed unseen. So readings stop where nothing was sealed, or no seal was written outside
the database, for as long as the settings allow; with the next seal they go on by themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings

from guiyang_data.errors import Unavailable
from guiyang_data.ledger.models import Access, Event, Seal, SealMember

LAST_WRITTEN = "last-written"
"""The file beside the seals that holds the number of the last one written outside the database."""
_before_the_portal: ContextVar[bool] = ContextVar("before_the_portal", default=False)


def waiting_for_seal_since() -> dt.datetime | None:
    """When the first row was written that comes after all that is sealed; None where nothing waits.

    A cheap answer for monitoring, from the ends of two indexes: a row that committed out of order is
    not seen here. The sealer itself looks at every row.
    """
    moments = []
    for kind, model in ((SealMember.Kind.EVENT, Event), (SealMember.Kind.ACCESS, Access)):
        sealed = SealMember.objects.filter(kind=kind).order_by("-row").values_list("row", flat=True).first()
        moments.append(model.objects.filter(pk__gt=sealed or 0).order_by("pk").values_list("at", flat=True).first())
    return min((moment for moment in moments if moment), default=None)


def last_written() -> int:
    """The number of the last seal that stands in the file outside; 0 before the first."""
    marker = Path(settings.SEAL_DIR) / LAST_WRITTEN
    return int(marker.read_text(encoding="ascii") or 0) if marker.exists() else 0


def unwritten_since() -> dt.datetime | None:
    """When the first seal was made that is not in the file outside yet; None where all are."""
    return Seal.objects.filter(number__gt=last_written()).order_by("number").values_list("sealed_at", flat=True).first()


class Patience:
    """Until when readings may go on: asked of the database again only when that moment has come.

    What waits now will have waited too long then, and what comes later not before.
    """

    def __init__(self) -> None:
        self.until: dt.datetime | None = None

    def ends_before(self, at: dt.datetime) -> bool:
        """Whether something has waited for its seal, or for the file outside, too long by ``at``."""
        if self.until is None or at > self.until:
            moments = [at, waiting_for_seal_since(), unwritten_since()]
            oldest = min(moment for moment in moments if moment is not None)
            self.until = oldest + dt.timedelta(seconds=settings.READINGS_STOP_UNSEALED_SECONDS)
        return at > self.until


patience = Patience()


def require_sealed(at: dt.datetime) -> None:
    """Raise Unavailable where the log was not sealed for so long that nothing may be read."""
    if not settings.READINGS_STOP_UNSEALED_SECONDS or _before_the_portal.get() or not patience.ends_before(at):
        return
    hours = settings.READINGS_STOP_UNSEALED_SECONDS / 3600
    raise Unavailable(
        f"读取记录已超过 {hours:g} 小时没有封存，不能证明记录没有改动，所以暂停提供数据，没有提供任何一行。"
        "大数据主管部门已收到通知，恢复封存后可以照常读取，请稍后重试。",
        basis="《贵阳市政府数据共享开放条例》第十七条",
    )


@contextmanager
def before_the_portal() -> Iterator[None]:
    """What happened before the portal ran is entered with its own days, and sealed together in the end."""
    entering = _before_the_portal.set(True)
    try:
        yield
    finally:
        _before_the_portal.reset(entering)
