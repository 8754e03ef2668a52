"""Telling both sides of a report, in the transaction of the act. A notice quotes neither the doubt nor any row."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from guiyang_data.accounts.models import User
from guiyang_data.notices.services import Telling, tell_agency, tell_all
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.workflow import CORRECT
from requests_app.policies import WORKERS

KIND = "correction"


def tell_provider(report: CorrectionReport, occasion: str, *, title: str, at: dt.datetime, body: str = "") -> None:
    """Tell those of the provider who check it."""
    tell_agency(
        report.provider,
        WORKERS,
        key=f"{report.number}:{occasion}",
        about=report,
        kind=KIND,
        title=title,
        body=body,
        path=report.work_path,
        basis=CORRECT,
        at=at,
    )


def tell_reporter(report: CorrectionReport, occasion: str, *, title: str, body: str, at: dt.datetime) -> None:
    """Tell whoever reported it: in their account, at the address they gave, or the agency whose system it was."""
    key, account = f"{report.number}:{occasion}", report.reporter
    said: dict[str, Any] = {"about": report, "kind": KIND, "title": title, "body": body, "basis": CORRECT}
    said |= {"agency": report.provider, "desk_path": report.work_path}
    letters = []
    if report.agency is not None:
        people = () if account is None or account.kind == User.Kind.SYSTEM else (account,)
        letters.append(Telling(recipients=people, to_agency=report.agency, key=key, path=report.work_path, **said))
    elif account is not None:
        letters.append(Telling(recipients=(account,), key=key, path=report.get_absolute_url(), **said))
    mail = "" if account is not None and account.email == report.mail else report.mail
    if mail or report.phone:
        path = f"{reverse('requests_app:track-correction')}?number={report.number}"
        letters.append(Telling(mail=mail, phone=report.phone, key=f"{key}:address", path=path, **said))
    tell_all(letters, at=at)
