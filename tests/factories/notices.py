"""Addresses that notices are pushed to, and notices that could not be delivered, without any network."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.notices import services
from guiyang_data.notices.models import Delivery, Push, Receiver
from guiyang_data.notices.webhooks.signing import new_secret
from tests.remembering import remembered

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)


@remembered
def webhook(owner: User, *, name: str = "调度系统", state: str = "active", port: int = 9) -> Receiver:
    """An address of ``owner`` on this machine."""
    return Receiver.objects.create(
        owner=owner,
        name=name,
        url=f"http://127.0.0.1:{port}/hook",
        host=f"127.0.0.1:{port}",
        secret_encrypted=encrypt(new_secret()),
        state=state,
        made_at=AT,
    )


@remembered
def push(receiver: Receiver, *, state: str = "failed", number: int = 1) -> Push:
    """An event for it, given up unless another state is named."""
    return Push.objects.create(
        receiver=receiver,
        message_id=f"msg_{receiver.pk}_{number}",
        kind="open-request",
        title="新的开放申请",
        body="{}",
        made_at=AT,
        next_attempt_at=AT,
        attempts=10,
        state=state,
        answer_status=500,
        answer="Internal Server Error",
    )


@remembered
def undelivered(agency: Agency, *, about: str = "requests_app.openrequest:12", number: int = 1) -> Delivery:
    """A legal notice of an agency whose mail was refused for good."""
    services.tell_address(
        mail="someone@mail.example",
        key=f"undelivered:{number}",
        about=about,
        kind="open-request",
        title="您的开放申请已答复",
        path="/requests/",
        agency=agency,
        at=AT,
    )
    delivery = Delivery.objects.get(notice__key=f"undelivered:{number}")
    delivery.state, delivery.reason, delivery.failed_at = "failed", "refused", AT
    delivery.last_error, delivery.attempts = "550 5.1.1 no such user", 1
    delivery.save()
    return delivery
