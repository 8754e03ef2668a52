"""Which tests marked ``engine`` run again on PostgreSQL and Redis: enough to put there all that the others put too.

A run on the embedded engines notes what each of them asks of the database (GUIYANG_ASKED names the folder); one on
PostgreSQL and Redis reads it. Without the folder every one of them runs again.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler

from tests.distributing import is_transactional

TIMES = 1
"""How many of the tests that ask the same thing ask it on the second engines too. An engine that takes a kind of
statement takes it from everybody.
"""
OVERHEAD = 40
"""What a test costs beside its statements, in statements."""
ALIKE = tuple(
    (re.compile(found), put)
    for found, put in (
        (r"\b(LIMIT|OFFSET) \d+", r"\1"),
        (r"%s(?:, %s)+", "%s"),
        (r"\(%s\)(?:, ?\(%s\))+", "(%s)"),
        (r"(SELECT %s)(?: UNION ALL \1)+", r"\1"),
        (r"(\([^()]*\))(?: OR \1)+", r"\1"),
        (r"(WHEN \([^()]*\) THEN \S+)(?: \1)+", r"\1"),
    )
)
"""What differs only because a list, a page or a number of rows is longer."""
NO_QUESTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
KIND_OF_KEY = re.compile(r":\d+:([^:\d]{0,40})")


@dataclass
class Asked:
    """What one test put to the database: each kind of statement once, and how many there were."""

    kinds: set[int] = field(default_factory=set)
    statements: int = 0


class Notes:
    """What is asked while a test runs, its fixtures included."""

    listening: ClassVar[Notes | None] = None

    def __init__(self) -> None:
        self.by_test: dict[str, Asked] = {}
        self.now = Asked()
        """Of the test that runs."""

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Hear every statement, and of every lock, which SQLite's statements leave out."""
        without, others = SQLCompiler.as_sql, Notes.listening

        def as_sql(compiler: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
            made, query = without(compiler, *args, **kwargs), compiler.query
            if query.select_for_update:
                how = (query.select_for_update_of, query.select_for_update_nowait, query.select_for_update_skip_locked)
                self.now.kinds.add(number_of(f"{kind_of(made[0])} FOR UPDATE {how}"))
            return made

        SQLCompiler.as_sql = as_sql  # type: ignore[method-assign]
        connection.execute_wrappers.append(self)
        Notes.listening = self
        try:
            yield
        finally:
            Notes.listening = others
            connection.execute_wrappers.remove(self)
            SQLCompiler.as_sql = without  # type: ignore[method-assign]

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(NO_QUESTION):
            return execute(sql, params, many, context)
        kind = f"{kind_of(sql)}{_given(sql, params)}"
        self.now.kinds.add(number_of(kind))
        self.now.statements += 1
        try:
            return execute(sql, params, many, context)
        except Exception as error:
            self.now.kinds.add(number_of(f"{kind} {type(error).__name__}"))
            raise

    def write(self, folder: Path, worker: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        said = {name: [asked.statements, *sorted(asked.kinds)] for name, asked in self.by_test.items()}
        (folder / f"{worker}.json").write_text(json.dumps(said), encoding="utf-8")


@contextmanager
def heard_aside() -> Iterator[Asked]:
    """What is asked meanwhile, by itself too."""
    notes, aside = Notes.listening, Asked()
    if notes is None:
        yield aside
        return
    before, notes.now = notes.now, aside
    try:
        yield aside
    finally:
        notes.now = before
        heard_again(aside)


def heard_again(asked: Asked) -> None:
    """Count what was asked before for what is noted now as well."""
    if Notes.listening is not None:
        Notes.listening.now.kinds |= asked.kinds
        Notes.listening.now.statements += asked.statements


@cache
def kind_of(sql: str) -> str:
    """The statement as it is for the shortest list."""
    for found, put in ALIKE:
        sql = found.sub(put, sql)
    return sql


@cache
def number_of(kind: str) -> int:
    return int.from_bytes(hashlib.blake2b(kind.encode(), digest_size=6).digest(), "big")


def _given(sql: str, params: Any) -> str:
    """The types that are compared, which PostgreSQL minds, and what the cache keeps, which is Redis's there."""
    if not params or not isinstance(params, list | tuple):
        return ""
    if '"cache"' in sql:
        return " ".join(sorted({found[1] for one in params if (found := KIND_OF_KEY.match(str(one)))}))
    if not sql.startswith("SELECT"):
        return ""
    return " ".join(sorted({type(one).__name__ for one in params}))


def name_of(item: pytest.Item) -> str:
    """The same in every run, whatever xdist adds."""
    return f"{item.location[0]}::{item.location[2]}"


def noted_in(folder: Path) -> dict[str, Asked]:
    """What the workers of a run noted."""
    return {
        name: Asked(set(kinds), statements)
        for file in sorted(folder.glob("*.json"))
        for name, (statements, *kinds) in json.loads(file.read_text(encoding="utf-8")).items()
    }


def enough(asked: Mapping[str, Asked], times: int = TIMES) -> set[str]:
    """As few and cheap tests as ask all that is asked, each kind ``times`` where so many ask it."""
    wanted = {
        kind: min(times, asking) for kind, asking in Counter(k for one in asked.values() for k in one.kinds).items()
    }
    chosen: set[str] = set()
    queue = [(-_worth(one, wanted), name) for name, one in asked.items()]
    heapq.heapify(queue)
    while queue:
        _before, name = heapq.heappop(queue)
        worth = _worth(asked[name], wanted)
        if not worth:
            continue
        if queue and (-worth, name) > queue[0]:
            heapq.heappush(queue, (-worth, name))
            continue
        chosen.add(name)
        for kind in asked[name].kinds:
            wanted[kind] -= 1
    return chosen


def _worth(one: Asked, wanted: Mapping[int, int]) -> float:
    return sum(wanted[kind] > 0 for kind in one.kinds) / (one.statements + OVERHEAD)


def runs_again_anyway(item: pytest.Item) -> bool:
    """Whether something else than its statements matters: what happens at once, processes, limits of an engine."""
    marker = item.get_closest_marker("django_db")
    engine = item.get_closest_marker("engine")
    return bool(not marker or is_transactional(item, marker) or (engine and engine.kwargs.get("always")))


class Noting:
    """Writes down, in a run on the embedded engines, what each test marked ``engine`` asks."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notes, self.meanwhile = folder, Notes(), ExitStack()

    def pytest_sessionstart(self) -> None:
        self.meanwhile.enter_context(self.notes.hearing())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.notes.now = Asked()
        result = yield
        if item.get_closest_marker("engine"):
            self.notes.by_test[name_of(item)] = self.notes.now
        return result

    def pytest_sessionfinish(self) -> None:
        self.meanwhile.close()
        if self.notes.by_test:
            self.notes.write(self.folder, os.environ.get("PYTEST_XDIST_WORKER", "alone"))


class Choosing:
    """Leaves out, in a run on PostgreSQL and Redis, whoever puts nothing to them that others do not put too."""

    def __init__(self, folder: Path) -> None:
        self.noted = noted_in(folder)
        self.chosen = enough(self.noted)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        left_out = {item for item in items if self._adds_nothing(item)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]

    def _adds_nothing(self, item: pytest.Item) -> bool:
        name = name_of(item)
        return name in self.noted and name not in self.chosen and not runs_again_anyway(item)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        kinds = len({kind for one in self.noted.values() for kind in one.kinds})
        terminalreporter.write_line(
            f"{len(self.chosen)} of {len(self.noted)} tests put all {kinds} kinds of statements to these engines"
        )


def watching() -> Noting | Choosing | None:
    """What this run does with GUIYANG_ASKED, the folder in which one run tells another what its tests ask."""
    named = os.environ.get("GUIYANG_ASKED")
    if not named:
        return None
    return Choosing(Path(named)) if os.environ.get("GUIYANG_TEST_DATABASE_URL") else Noting(Path(named))
