"""How the granted data of the demonstration is used: lookups for cases by day, and one night that is flagged."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from guiyang_data.ledger import sealing
from guiyang_data.tables.query import Filter
from guiyang_data.web.demonstration.catalogue import staff_of
from sharing.models import SharingGrant
from sharing.reading import read_page
from sharing.watching.services import watch

DAYS = 14
HOURS = (9, 10, 11, 14, 15, 16)
NIGHT = 3
"""So many days ago somebody read through the night."""
NIGHT_CALLS = 36


def build(*, at: dt.datetime) -> int:
    """Read as the requesting agency does, each reading committed by itself, then seal and look; how many readings."""
    grant = (
        SharingGrant.objects.filter(title="最低生活保障对象", source__isnull=False)
        .select_related("entry", "grantee")
        .first()
    )
    if grant is None:
        return 0
    by = staff_of(grant.grantee, at=at).steward
    first = read_page(by=by, entry=grant.entry, access=grant, at=_on(at, DAYS, 9, 5), purpose="核对接口", limit=40).page
    numbers = [str(row[first.codes.index("id_number")]) for row in first.rows]
    made = 1
    for back in range(DAYS, 0, -1):
        moments = [_on(at, back, hour, 7 * back % 60) for hour in HOURS] if _on(at, back, 9, 0).weekday() < 5 else []
        if back == NIGHT:
            moments += [_on(at, back, 23, call % 60) for call in range(NIGHT_CALLS)]
        for moment in moments:
            wanted = [Filter("id_number", "eq", numbers[made % len(numbers)])]
            case = f"YLJZ-{moment:%Y}-{made:04}"
            read_page(by=by, entry=grant.entry, access=grant, at=moment, filters=wanted, case_number=case, limit=10)
            made += 1
    sealing.seal(at=at)
    watch(at=at)
    return made


def _on(at: dt.datetime, back: int, hour: int, minute: int) -> dt.datetime:
    """A moment so many days before, in Guiyang."""
    wall = timezone.localtime(at) - dt.timedelta(days=back)
    return wall.replace(hour=hour, minute=minute, second=0, microsecond=0)
