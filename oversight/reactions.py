"""What the apps below have to do because of what happened in others: each follows the ledger by a cursor of its own.

An app takes part by having a module ``reactions`` with ``react(at, on)``, idempotent; one with long jobs also has
``requeue_stale(at)``, which gives the ids of jobs that were left lying.
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
from django.utils.module_loading import module_has_submodule

JOBS = {"catalog": "catalog.run_load", "opendata": "opendata.publish"}
"""The task that carries on a job of each app."""


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """An app's reaction, called at each sweep with the moment and the date."""

    name: str
    react: Callable[[dt.datetime, dt.date], Any]


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
    found = [(label, getattr(module, "react", None)) for label, module in _modules()]
    return tuple(Reaction(name=label, react=_with_date(react)) for label, react in found if react is not None)


def stale_jobs(at: dt.datetime) -> list[tuple[str, int]]:
    """``(task name, job id)`` of every job that was left lying, ready to be queued again."""
    found: list[tuple[str, int]] = []
    for label, module in _modules():
        requeue = getattr(module, "requeue_stale", None)
        if requeue is not None and label in JOBS:
            found += [(JOBS[label], job) for job in requeue(at)]
    return found
