"""Mail and SMS. The demonstration's own gateways keep what was sent, and a page shows it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from guiyang_data.accounts.models import GatewayMessage
from guiyang_data.notices.models import Sending
from guiyang_data.notices.refusals import Refused
from guiyang_data.outbound.client import fetch
from guiyang_data.outbound.errors import OutboundRefused
from guiyang_data.timekeeping import now

NEVER = frozenset({400, 404, 410, 413, 422})
"""Answers of an SMS gateway after which the same message will never be taken; all others may pass."""


class SmsGateway(Protocol):
    """Sends a text message. Raises ``Refused`` where it never will, ``OSError`` where trying again may help."""

    def send(self, *, to: str, text: str, message_id: str) -> None: ...


class DemonstrationSms:
    """Keeps the message instead of sending it."""

    def send(self, *, to: str, text: str, message_id: str) -> None:
        GatewayMessage.objects.create(
            channel=GatewayMessage.Channel.SMS, recipient=to, body=text, message_id=message_id, sent_at=now()
        )


class HttpSms:
    """Hands messages to the city's gateway: POST of JSON ``{to, text, id}`` with a bearer token; 2xx is taken.

    The gateway tells repeats apart by ``id``. Where the address or the token is set up wrongly, messages wait.
    """

    def send(self, *, to: str, text: str, message_id: str) -> None:
        url = settings.SMS_GATEWAY_ADDRESS
        try:
            answer = fetch(
                url,
                allowed_hosts=[urlsplit(url).netloc],
                method="POST",
                json={"to": to, "text": text, "id": message_id},
                headers={"Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}", "Idempotency-Key": message_id},
                timeout=10,
                max_bytes=100_000,
            )
        except OutboundRefused as error:
            raise OSError(error.message) from error
        if answer.status in NEVER:
            raise Refused(Sending.Reason.REFUSED, f"HTTP {answer.status}")
        if not answer.is_success:
            raise OSError(f"HTTP {answer.status}")


class FileSms:
    """Writes each message as a line of JSON into ``outbox/sms.jsonl`` of the data folder, for another program."""

    def send(self, *, to: str, text: str, message_id: str) -> None:
        folder = Path(settings.DATA_DIR) / "outbox"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = {"id": message_id, "to": to, "text": text, "at": now().isoformat()}
        with os.fdopen(
            os.open(folder / "sms.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


class DemonstrationMail(BaseEmailBackend):
    """Keeps mail instead of sending it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for address in message.recipients():
                GatewayMessage.objects.create(
                    channel=GatewayMessage.Channel.MAIL,
                    recipient=address,
                    title=str(message.subject),
                    body=str(message.body),
                    message_id=message.extra_headers.get("Message-ID", ""),
                    sent_at=now(),
                )
        return len(email_messages)
