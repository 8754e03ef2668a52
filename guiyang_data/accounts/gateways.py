"""The check of a person's identity by the body that keeps the register. The demonstration has its own."""

from __future__ import annotations

from typing import Protocol

from guiyang_data.accounts.models import GatewayMessage
from guiyang_data.timekeeping import now

NOBODY = "查无此人"
"""The name that the demonstration's gateway finds nobody under, so that a refusal can be seen."""


class IdentityGateway(Protocol):
    """Says whether a name and an identity number belong together. Raises ``OSError`` where nobody answers."""

    def matches(self, *, name: str, id_number: str, reference: str) -> bool: ...


class DemonstrationIdentity:
    """Agrees to every well-formed number, but not to the name ``NOBODY``; keeps no number, only its two ends."""

    def matches(self, *, name: str, id_number: str, reference: str) -> bool:
        agreed = name != NOBODY
        GatewayMessage.objects.create(
            channel=GatewayMessage.Channel.IDENTITY,
            recipient=f"{id_number[:3]}{'*' * 11}{id_number[-4:]}",
            title="实名核验",
            body="核验一致" if agreed else "核验不一致",
            message_id=reference,
            sent_at=now(),
        )
        return agreed
