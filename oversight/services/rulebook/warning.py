"""Telling those who keep the calendar, once, that it ends near the due day of a running clock."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute.counting import FIXED_HOLIDAYS
from oversight.models import SweepRun
from oversight.rulebook.policies import KEEPERS
from oversight.rulebook.selectors import calendar_end


def warn_of_the_calendars_end(run: SweepRun, *, at: dt.datetime, on: dt.date) -> int:
    """Tell the keepers at the first sweep of a day, once for each year that ends so. Returns how many were told."""
    before = SweepRun.objects.filter(pk__lt=run.pk).order_by("-pk").values_list("on", flat=True).first()
    end = calendar_end(on) if before != on else None
    if end is None:
        return 0
    try:
        authority = municipal_authority()
    except Agency.DoesNotExist:
        return 0
    return tell_agency(
        authority,
        KEEPERS,
        key=f"calendar-ends:{end.year}",
        about=f"statute.calendaryear:{end.year}",
        kind="calendar",
        title=f"放假安排只录入到 {end.year} 年",
        body=f"已有在办期限的到期日临近或者超过 {end.year} 年底。{end.year + 1} 年的放假安排公布后，请尽快录入；"
        "在此之前，这些到期日为暂定。",
        path=reverse("oversight:calendar"),
        basis=FIXED_HOLIDAYS,
        at=at,
    )
