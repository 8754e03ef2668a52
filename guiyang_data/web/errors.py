"""An address that leads nowhere: a page for people, the API's own shape of error for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found

NOT_FOUND = {"code": "not_found", "message": "没有这个接口地址。请对照接口文档 /api/v1/schema/ 更正。", "basis": ""}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address nobody answers to."""
    if request.path.startswith("/api/"):
        return JsonResponse(NOT_FOUND, status=404, json_dumps_params={"ensure_ascii": False})
    return page_not_found(request, exception)
