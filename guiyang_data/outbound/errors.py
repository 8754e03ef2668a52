"""Why a request to another host was not made, or came to nothing."""

from __future__ import annotations

from guiyang_data.errors import DomainError


class OutboundRefused(DomainError):
    """The portal does not make this request, or does not take this answer. Trying again changes nothing."""

    status = 422
    code = "outbound_refused"


class OutboundFailed(OutboundRefused):
    """The request was permitted, but the other side did not answer properly or in time. Trying again may help."""

    status = 502
    code = "outbound_failed"
