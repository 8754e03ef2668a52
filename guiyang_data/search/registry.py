"""Who feeds the index: an upper app registers its kind once, in its ``AppConfig.ready``, for the reindex command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Document:
    """What is put into the index.

    ``facets``: plain values (text, number, truth) by name. ``weight``: above zero, 1 is usual.
    ``is_public`` has no default on purpose: its owner must say who may find it.
    """

    kind: str
    key: str
    title: str
    url: str
    is_public: bool
    updated_at: dt.datetime
    summary: str = ""
    body: str = ""
    agency_code: str = ""
    facets: Mapping[str, str | int | bool] = field(default_factory=dict)
    weight: float = 1.0


Iterate = Callable[[], Iterable[Document]]
_kinds: dict[str, Iterate] = {}


def register(kind: str, iterate: Iterate) -> None:
    """Name the function that yields every document of a kind as it should stand in the index now."""
    if _kinds.get(kind, iterate) is not iterate:
        raise ValueError(f"search kind {kind!r} is registered twice")
    _kinds[kind] = iterate


def registered() -> dict[str, Iterate]:
    """All kinds with their functions, by name."""
    return dict(sorted(_kinds.items()))
