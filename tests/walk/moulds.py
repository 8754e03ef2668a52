"""Cities that are made once for a run of the suite and copied for each portal that a test starts.

Making the tables and the demonstration takes longer than many a test; ``make run`` and the migrations themselves are
tried where they are the subject (tests/services).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2


class Moulds:
    """What the workers of a run share: by kind of city a data folder, and a database where there is a server."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self.server = server
        self.mine: list[Path] = []

    def copy(self, *, content: bool, to: Path, database: str, make: Callable[[Path, str], None]) -> None:
        """Fill the empty folder ``to``, and make ``database``; ``make`` makes the mould where nobody has yet."""
        mould = self.folder / ("city" if content else "people")
        with self._alone():
            if not mould.exists():
                self._make(mould, make)
            shutil.copytree(mould, to, dirs_exist_ok=True)
            if self.server:
                self._on_server(f'CREATE DATABASE "{database}" TEMPLATE "{self._name(mould)}"')

    def _make(self, mould: Path, make: Callable[[Path, str], None]) -> None:
        unfinished = mould.with_name(f"{mould.name}-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        if self.server:
            self._on_server(f'DROP DATABASE IF EXISTS "{self._name(mould)}" WITH (FORCE)')
            self._on_server(f'CREATE DATABASE "{self._name(mould)}"')
        self.mine.append(mould)
        make(unfinished, self._name(mould))
        unfinished.rename(mould)

    def clear_away(self) -> None:
        """Take away what this worker made; who still wants it makes it again."""
        with self._alone():
            for mould in self.mine:
                shutil.rmtree(mould, ignore_errors=True)
                if self.server:
                    self._on_server(f'DROP DATABASE IF EXISTS "{self._name(mould)}" WITH (FORCE)')

    def _name(self, mould: Path) -> str:
        return f"guiyang_mould_{hashlib.sha256(str(mould).encode()).hexdigest()[:12]}"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _on_server(self, statement: str) -> None:
        with contextlib.closing(psycopg2.connect(self.server)) as link:
            link.autocommit = True
            link.cursor().execute(statement)
