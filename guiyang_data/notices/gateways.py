"""Mail and SMS. The demonstration's own gateways keep what was sent, and a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from guiyang_data.accounts.models import GatewayMessage
from guiyang_data.timekeeping import now


class SmsGateway(Protocol):
    """Sends a text message. Raises ``OSError`` where it cannot; the outbox tries again."""

    def send(self, *, to: str, text: str, message_id: str) -> None: ...


class DemonstrationSms:
    """Keeps the message instead of sending it."""

    def send(self, *, to: str, text: str, message_id: str) -> None:
        GatewayMessage.objects.create(
            channel=GatewayMessage.Channel.SMS, recipient=to, body=text, message_id=message_id, sent_at=now()
        )


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
