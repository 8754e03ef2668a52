"""What most tests of a module begin with, made once: real acts, after which each test goes on from the same place.

The database is taken back to it by a savepoint, the folder of rows and the objects are copied, so that no test sees
what another did. Tests of the module that do not ask for it come after the others, and find the database without it.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

NAME = "kept_for_the_module"


class Kept:
    """``made``: what it is; it lies in a transaction that lasts until ``leave``."""

    now: Kept | None = None

    def __init__(self, make: Callable[[], Any], rows: Path, blocker: DjangoDbBlocker) -> None:
        self.rows, self.blocker, self.around = rows, blocker, ExitStack()
        with blocker.unblock():
            self.around.enter_context(transaction.atomic())
            Kept.now = self
            with override_settings(ROWS_DIR=rows):
                self.made = make()

    def leave(self) -> None:
        """Take it out of the database; nobody can have it afterwards."""
        Kept.now = None
        with self.blocker.unblock():
            transaction.set_rollback(True)
            self.around.close()
        shutil.rmtree(self.rows)


def kept(make: Callable[[], Any], name: str = "scene") -> tuple[Any, Any]:
    """The two fixtures of a module: one makes it once, the other, ``name``, gives each test its own copy."""

    @pytest.fixture(scope="module", name=NAME)
    def for_the_module(
        django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Kept]:
        leave_what_is_kept()
        found = Kept(make, tmp_path_factory.mktemp("rows"), django_db_blocker)
        yield found
        if Kept.now is found:
            found.leave()

    @pytest.fixture(name=name)
    def for_a_test(kept_for_the_module: Kept, db: None, settings: Any, tmp_path: Path) -> Iterator[Any]:
        assert Kept.now is kept_for_the_module
        settings.ROWS_DIR = shutil.copytree(kept_for_the_module.rows, tmp_path / "kept-rows")
        yield copy.deepcopy(kept_for_the_module.made)
        shutil.rmtree(settings.ROWS_DIR)

    return for_the_module, for_a_test


def leave_what_is_kept(item: pytest.Item | None = None) -> None:
    """Before a test that does not begin with it."""
    if Kept.now is not None and (item is None or not begins_with_kept(item)):
        Kept.now.leave()


def begins_with_kept(item: pytest.Item) -> bool:
    return NAME in getattr(item, "fixturenames", ())
