"""The case a complaint is about: found by its number, and what an overdue request fills in (第二十九条)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.statute.counting import show
from guiyang_data.statute.selectors import clocks_of
from oversight.complaints.models import Concern
from requests_app.models import OpenRequest, ReviewApplication

REQUEST_PREFIX, REVIEW_PREFIX = "GY-", "FH-"
LONGEST_NUMBER = 60


def case_is_known(number: str) -> bool:
    """Whether there is a request or review of this number, where it looks like one.

    Numbers of other cases are taken as written: whether they exist is not for the public to learn here.
    """
    wanted = number.strip().upper()
    if wanted.startswith(REQUEST_PREFIX):
        return OpenRequest.objects.filter(number=wanted).exists()
    if wanted.startswith(REVIEW_PREFIX):
        return ReviewApplication.objects.filter(number=wanted).exists()
    return len(wanted) <= LONGEST_NUMBER


def case_path(number: str) -> str:
    """The public page of a request or a review; empty for other cases."""
    if number.startswith(REQUEST_PREFIX):
        found: OpenRequest | ReviewApplication | None = OpenRequest.objects.filter(number=number).first()
    elif number.startswith(REVIEW_PREFIX):
        found = ReviewApplication.objects.filter(number=number).first()
    else:
        found = None
    return found.get_absolute_url() if found else ""


@dataclass(frozen=True, kw_only=True)
class Prefilled:
    """What one step from a case fills in."""

    case_number: str
    agency: Agency
    concern: str
    matter: str


def prefilled(number: str, *, today: dt.date) -> Prefilled | None:
    """What is known of the case: whose it is, what is late since when. None for an unknown number."""
    wanted = number.strip().upper()
    case: OpenRequest | ReviewApplication | None
    if wanted.startswith(REVIEW_PREFIX):
        case = ReviewApplication.objects.select_related("reply__request").filter(number=wanted).first()
        agency, title = municipal_authority(), case.reply.request.title if case else ""
    else:
        case = OpenRequest.objects.select_related("agency").filter(number=wanted).first()
        if case is None:
            return None
        agency, title = case.agency, case.title
    if case is None:
        return None
    late = next((clock for clock in clocks_of(case) if clock.is_running and clock.due_on < today), None)
    if late is None:
        matter, concern = "", ""
    else:
        concern = Concern.OVERDUE.value
        matter = _("%(start)s提出的 %(number)s「%(title)s」，应于 %(due)s 24:00 前%(duty)s，至今没有办理。") % {
            "start": show(late.started_on),
            "number": wanted,
            "title": title,
            "due": show(late.due_on),
            "duty": late.definition.duty,
        }
    return Prefilled(case_number=wanted, agency=agency, concern=concern, matter=matter)


def reading_number(text: str) -> str:
    """The number of a reading as its own page gave it; empty where it is none. Nothing is looked up by it."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
