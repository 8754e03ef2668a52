"""Pages: the domain's errors become pages that say what happened, what to do, and that nothing was lost."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from guiyang_data.errors import DomainError
from guiyang_data.faces.refusals import remember


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
