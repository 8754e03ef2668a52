"""Telling the applicant of an overdue case that they may complain (第二十九条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from guiyang_data.statute.models import Clock
from requests_app.services import tell_applicant_overdue

TELLERS: Mapping[str, Callable[[str, dt.datetime], object]] = {
    "open-reply": tell_applicant_overdue,
    "reply-again": tell_applicant_overdue,
}
"""By kind of clock: how the applicant of the case with this number is told."""


def tell_applicant(clock: Clock, *, at: dt.datetime) -> None:
    """Tell the applicant, where the case has one outside the agencies."""
    teller = TELLERS.get(clock.kind)
    if teller is not None:
        teller(clock.number, at)
