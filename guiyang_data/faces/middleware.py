"""Pages: the domain's errors become pages that say what happened, what to do, and that nothing was lost."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from guiyang_data.errors import DomainError
from guiyang_data.faces.refusals import remember

API = "/api/"
PLAIN = {"utf-8", "ascii"}
READ_AS_TEXT = {"application/x-www-form-urlencoded", "multipart/form-data", "application/json"}
"""Kinds of content that are read by the encoding that their sender names; others are taken as they come."""


class DomainErrorMiddleware:
    """Maps 403, 404, 409 and 422 of the domain to their pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        remember(exception, request)
        context = {"message": exception.message, "basis": exception.basis, "fields": exception.fields}
        return render(request, f"{exception.status}.html", context, status=exception.status)


class ZeroByteMiddleware:
    """Refuses an address with a zero byte (400): PostgreSQL takes no text that holds one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" not in request.path_info and "%00" not in request.META.get("QUERY_STRING", ""):
            return self.get_response(request)
        return _refused(request, "请求的地址不能识别，请对照接口文档更正。")


class EncodingMiddleware:
    """Refuses forms and JSON that are sent in another encoding than UTF-8 (400), rather than to garble them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        named = (request.content_params or {}).get("charset", "")
        if request.content_type not in READ_AS_TEXT or not _is_foreign(named):
            return self.get_response(request)
        return _refused(request, "内容不是 UTF-8 编码，没有接收。请改用 UTF-8 发送。")


def _is_foreign(named: str) -> bool:
    """Whether it is an encoding that is known, and another than UTF-8."""
    try:
        return bool(named) and codecs.lookup(named).name not in PLAIN
    except (LookupError, ValueError):
        return False


def _refused(request: HttpRequest, message: str) -> HttpResponse:
    if request.path_info.startswith(API):
        return JsonResponse({"code": "invalid", "message": message, "basis": ""}, status=400)
    raise BadRequest(message)
