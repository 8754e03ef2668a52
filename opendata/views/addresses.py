"""Addresses that keep the state of a list or table."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest


def without(request: HttpRequest, *names: str) -> str:
    """This address without some parameters, from its first page."""
    kept = [(key, value) for key, value in request.GET.items() if key not in {*names, "page"} and value]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def with_values(request: HttpRequest, **values: str) -> str:
    """This address with some parameters set, from its first page; an empty value takes one away."""
    kept = {key: value for key, value in request.GET.items() if key != "page" and value} | values
    return f"{request.path}?{urlencode({key: value for key, value in kept.items() if value})}"
