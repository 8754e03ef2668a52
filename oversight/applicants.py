"""Telling the applicant of an overdue case that they may complain (第二十九条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.urls import reverse

from guiyang_data.statute.models import Clock
from requests_app.services import tell_applicants_overdue


def _tell_of_complaining(numbers: Sequence[str], at: dt.datetime) -> None:
    """The notice opens the complaint with agency, case and matter filled in."""
    new = reverse("oversight:complaint-new")
    tell_applicants_overdue(numbers, at, path_of=lambda number: f"{new}?case={number}")


Teller = Callable[[Sequence[str], dt.datetime], object]
TELLERS: Mapping[str, Teller] = {"open-reply": _tell_of_complaining, "reply-again": _tell_of_complaining}
"""By kind of clock: how the applicants of the cases with these numbers are told."""


def tell_applicants(clocks: Sequence[Clock], *, at: dt.datetime) -> None:
    """Tell the applicants, where a case has one outside the agencies."""
    numbers: dict[Teller, list[str]] = {}
    for clock in clocks:
        if clock.kind in TELLERS:
            numbers.setdefault(TELLERS[clock.kind], []).append(clock.number)
    for teller, cases in numbers.items():
        teller(cases, at)
