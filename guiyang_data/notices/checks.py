"""What of the settings of the outbox cannot work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_NAME = 24
"""Of the address before its ``@``: with the plus, the number of the sending and its signature it stays below 64."""


def check_bounce_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Where mails come back to is a plain address, with room for what is put behind its name."""
    address = settings.BOUNCE_ADDRESS
    if not address:
        return []
    name = address.rpartition("@")[0]
    try:
        validate_email(address)
    except ValidationError:
        name = ""
    if name and "+" not in name and len(name) <= LONGEST_NAME:
        return []
    hint = (
        f"Name a plain address such as bounces@data.example.gov.cn, without a plus, {LONGEST_NAME} signs before the @."
    )
    return [Error("GUIYANG_BOUNCE_ADDRESS is no address that mails can come back to.", hint=hint, id="notices.E001")]
