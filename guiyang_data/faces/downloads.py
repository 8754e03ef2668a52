"""Files that leave the portal, streamed, under a Chinese name."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header


def stream(parts: Iterator[bytes], *, name: str, media_type: str) -> StreamingHttpResponse:
    """A download of ``parts`` as ``name``."""
    response = StreamingHttpResponse(parts, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
