"""Every address of the portal, as the resolver knows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

ACTING = ("post", "put", "patch", "delete")


@dataclass(frozen=True, kw_only=True)
class Route:
    """``name`` with its namespaces (``-`` where the pattern has none); ``methods`` that its view carries out."""

    name: str
    methods: frozenset[str]


@cache
def routes() -> tuple[Route, ...]:
    """Every pattern below the root."""
    return tuple(_below(get_resolver(), ()))


def _below(resolver: URLResolver, namespaces: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _below(pattern, (*namespaces, *([pattern.namespace] if pattern.namespace else [])))
        else:
            yield Route(name=":".join((*namespaces, pattern.name or "-")), methods=_methods(pattern))


def _methods(pattern: URLPattern) -> frozenset[str]:
    callback: Any = pattern.callback
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is None or view.__name__ == "RedirectView":
        return frozenset({"GET"})
    acting = {name.upper() for name in ACTING if hasattr(view, name) and name in view.http_method_names}
    if view.__module__.startswith("allauth."):
        acting -= {"PUT"}
    return frozenset(acting | {"GET"})
