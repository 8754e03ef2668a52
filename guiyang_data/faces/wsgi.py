"""Requests whose addresses are UTF-8, whatever they call their encoding: it is that of their content alone.

The library reads the address by it before anything of the portal runs. Among the names that it takes are those of
archives, which broke every page, and encodings that write a zero byte without one.
"""

from __future__ import annotations

from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Its content is read as UTF-8 too; ``EncodingMiddleware`` refuses what is sent in another."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Handler(WSGIHandler):
    """The library's own, but for its requests."""

    request_class = Request


def application() -> Handler:
    """What a web server calls; as ``get_wsgi_application`` makes it."""
    django.setup(set_prefix=False)
    return Handler()
