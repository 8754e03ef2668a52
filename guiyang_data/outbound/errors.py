"""Why a request to another host was not made, or came to nothing."""

from __future__ import annotations

from enum import StrEnum

from guiyang_data.errors import DomainError


class Why(StrEnum):
    """What stood against a request, for whoever counts it; the message says it to people."""

    ADDRESS = "address"
    """The address is none, or the portal may not connect to it."""
    CONNECTION = "connection"
    """The name is not known, or nobody answers there."""
    TIME = "time"
    """No whole answer in time."""
    PROTOCOL = "protocol"
    """What came back is not HTTP, or broke off."""
    SIZE = "size"
    """The answer is larger than what may be taken."""
    PACKED = "packed"
    """The answer is packed although it was asked for plain."""


class OutboundRefused(DomainError):
    """The portal does not make this request, or does not take this answer. Trying again changes nothing."""

    status = 422
    code = "outbound_refused"

    def __init__(self, message: str, *, why: Why) -> None:
        super().__init__(message)
        self.why = why


class OutboundFailed(OutboundRefused):
    """The request was permitted, but the other side did not answer properly or in time. Trying again may help."""

    status = 502
    code = "outbound_failed"
