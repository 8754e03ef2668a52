"""What the apps below have to do because of what happened in others: each follows the ledger by a cursor of its own.

An app takes part by having a module ``reactions`` with ``react(at, on)`` or ``react(at)``, idempotent; one with long
jobs queues there again what was left lying. ``lapse(at, on)``, where there is one, comes before the clocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db import DatabaseError
from django.utils.module_loading import module_has_submodule
from kombu.exceptions import OperationalError

from guiyang_data.errors import DomainError

FAILURES = (DatabaseError, DomainError, OperationalError)
"""What a reaction may end in without stopping the others; the last is a broker that does not answer."""


def _nothing(at: dt.datetime, on: dt.date) -> None:
    """For an app in which nothing happens by the mere passing of time."""


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """An app's reaction, called at each sweep with the moment and the date.

    ``lapse``: what the passing of a day brings about by itself, called before the clocks are looked at, so that a duty
    that ended in silence is not also reported as overdue.
    """

    name: str
    react: Callable[[dt.datetime, dt.date], Any]
    lapse: Callable[[dt.datetime, dt.date], Any] = _nothing


def _modules() -> Iterator[tuple[str, ModuleType]]:
    for config in apps.get_app_configs():
        if config.name != "oversight" and config.module and module_has_submodule(config.module, "reactions"):
            yield config.label, import_module(f"{config.name}.reactions")


def _with_date(react: Callable[..., Any]) -> Callable[[dt.datetime, dt.date], Any]:
    """The same reaction taking the moment and the date, whether or not it asks for the date."""
    if len(signature(react).parameters) > 1:
        return react
    return lambda at, on: react(at)


def reactions() -> tuple[Reaction, ...]:
    """Every app's reaction in the order of the installed apps: the lower ones first."""
    return tuple(
        Reaction(name=label, react=_with_date(module.react), lapse=getattr(module, "lapse", _nothing))
        for label, module in _modules()
        if hasattr(module, "react")
    )
