"""Pages: the domain's errors become pages that say what happened, what to do, and that nothing was lost."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from guiyang_data.errors import DomainError
from guiyang_data.faces.refusals import remember

API = "/api/"


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
        if request.path_info.startswith(API):
            body = {"code": "invalid", "message": "请求的地址不能识别，请对照接口文档更正。", "basis": ""}
            return JsonResponse(body, status=400)
        raise BadRequest("zero byte in the address")
