"""Telephones, the codes that are sent to them, and the entrance that asks for both."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from guiyang_data.accounts import services
from guiyang_data.accounts.models import GatewayMessage, User
from tests.accounts.conftest import AT

MINUTE = dt.timedelta(minutes=1)
NUMBER = "13800000001"
OTHER = "13900000002"


class SilentGateway:
    """A gateway behind which nobody answers."""

    def send(self, **_given: str) -> None:
        raise ConnectionError


SILENT = f"{__name__}.SilentGateway"


def sent_code() -> str:
    """The code in the newest text message."""
    found = re.search(r"\d{6}", GatewayMessage.objects.filter(channel="sms").latest("id").body)
    assert found is not None
    return found[0]


def wrong_code() -> str:
    """Six digits that were not sent."""
    return "000000" if sent_code() != "000000" else "111111"


def with_phone(user: User, number: str = NUMBER) -> User:
    """The account, with this number proved."""
    services.send_phone_code(by=user, phone=number, at=AT)
    return services.verify_phone(by=user, code=sent_code(), at=AT)


def ask(client: Client, number: str = NUMBER, **more: str) -> Any:
    """What the page of the number answers."""
    return client.post(reverse("accounts:phone-sign-in"), {"phone": number, **more})


def answer(client: Client, code: str = "", **more: Any) -> Any:
    """What the page of the code answers."""
    return client.post(reverse("accounts:phone-sign-in-code"), {"code": code or sent_code()}, **more)
