"""Telling the applicant of an overdue case that they may complain (第二十九条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from django.urls import reverse

from guiyang_data.statute.models import Clock
from requests_app.services import tell_applicant_overdue


def _tell_of_complaining(number: str, at: dt.datetime) -> None:
    """The notice opens the complaint with agency, case and matter filled in."""
    tell_applicant_overdue(number, at, path=f"{reverse('oversight:complaint-new')}?case={number}")


TELLERS: Mapping[str, Callable[[str, dt.datetime], object]] = {
    "open-reply": _tell_of_complaining,
    "reply-again": _tell_of_complaining,
}
"""By kind of clock: how the applicant of the case with this number is told."""


def tell_applicant(clock: Clock, *, at: dt.datetime) -> None:
    """Tell the applicant, where the case has one outside the agencies."""
    teller = TELLERS.get(clock.kind)
    if teller is not None:
        teller(clock.number, at)
