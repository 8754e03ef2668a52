"""Notices whose mail a server took, and what is counted of those that came back."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.models import Agency
from guiyang_data.notices import services
from guiyang_data.notices.models import Delivery, ReturnCount
from guiyang_data.notices.sending import send_waiting
from tests.notices import bounces

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
ADDRESS = "bounces@data.guiyang.example"
SUBJECT = "requests_app.openrequest:12"
LOST = bounces.LOST


def told(agency: Agency, key: str = "reply:12", mail: str = LOST) -> Delivery:
    services.tell_address(
        mail=mail,
        key=key,
        about=SUBJECT,
        kind="open-request",
        title="您的申请已答复",
        body="同意开放。",
        path="/requests/GY-1/",
        agency=agency,
        at=AT,
    )
    return Delivery.objects.select_related("notice").get(notice__key=key)


def sent(agency: Agency, key: str = "reply:12") -> Delivery:
    """A notice whose mail a server took."""
    delivery = told(agency, key)
    send_waiting(at=AT)
    delivery.refresh_from_db()
    assert delivery.state == "sent"
    return delivery


def counted() -> dict[str, int]:
    return dict(ReturnCount.objects.values_list("outcome", "number"))
