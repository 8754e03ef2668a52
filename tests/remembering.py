"""What a factory made is made once: its acts are carried out, and where the same is asked for again from the same
database, what they wrote is written again, statement by statement.

Whether the database is the same is followed exactly: every statement that writes changes the state, which is one
number, and whatever is rolled back brings the earlier number back. So it is for the embedded engines alone; on
PostgreSQL sequences do not go back with a transaction, and there every act is carried out each time.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import pickle  # of our own objects, within one process
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ParamSpec, TypeVar

import pytest
from django.conf import UserSettingsHolder, settings
from django.db import connection, models
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.timekeeping import now
from tests.asking import Asked, heard_again, heard_aside
from tests.distributing import is_transactional

P = ParamSpec("P")
R = TypeVar("R")

MOST = 600
"""How many makings are remembered; the least recently used goes first."""
READS = ("SELECT", "EXPLAIN", "PRAGMA")
LASTS = 600
"""Seconds for which what is made is the same: a session that was begun so long ago has not ended."""
PLACES = ("ROWS_DIR", "DATA_DIR", "MEDIA_ROOT", "SEAL_DIR", "TIME_SHIFT_FILE")
"""Settings that say where things lie, or what time the faces have: no act asks them what to do."""

SIGN_IN = Client.force_login
_numbers = itertools.count(1)

Files = dict[str, tuple[int, int]]
Write = tuple[str, Any, bool]


@dataclass(frozen=True, kw_only=True)
class Made:
    """What one call did: ``after`` is the state it led to, ``given_back`` its value and arguments, pickled."""

    writes: list[Write]
    after: bytes
    given_back: bytes
    on_commit: list[tuple[Any, bool]]
    files: Path | None
    asked: Asked
    arguments_changed: bool


class Memory:
    """Follows the state of the database, and keeps what was made from which state."""

    def __init__(self) -> None:
        self.state = b""
        self.points: list[tuple[str, bytes]] = []
        """The state at the beginning of the transaction and at each savepoint in it."""
        self.log: list[Write] = []
        self.depth = 0
        self.is_listening = self.is_asked = False
        self.made: OrderedDict[tuple[Any, ...], Made] = OrderedDict()
        self.folder: TemporaryDirectory[str] | None = None

    # --- the state -----------------------------------------------------------------------------------

    def listen(self) -> None:
        """From here on, where the suite runs on the embedded engines."""
        if connection.vendor != "sqlite" or self.is_listening:
            return
        self.is_listening = True
        self.folder = TemporaryDirectory(prefix="guiyang-remembered-")
        self._notice_changed_code()
        Client.force_login = _sign_in  # type: ignore[method-assign]
        connection.execute_wrappers.append(self)
        connection._commit = self._ending(connection._commit, is_kept=True)
        connection._rollback = self._ending(connection._rollback, is_kept=False)
        connection._close = self._ending(connection._close, is_kept=False)

    def _notice_changed_code(self) -> None:
        """From where a test changes the portal's own code, everything is carried out."""
        change = pytest.MonkeyPatch.setattr

        def noticed(patch: pytest.MonkeyPatch, *given: Any, **named: Any) -> None:
            self.is_asked = False
            change(patch, *given, **named)

        pytest.MonkeyPatch.setattr = noticed  # type: ignore[method-assign]

    def _ending(self, end: Callable[[], None], *, is_kept: bool) -> Callable[[], None]:
        def ended() -> None:
            end()
            if self.points and not is_kept:
                self.state = self.points[0][1]
            self.points = []

        return ended

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(READS):
            return execute(sql, params, many, context)
        if many:
            params = list(params)
        result = execute(sql, params, many, context)  # what is refused writes nothing
        self._follow(sql, params)
        if self.depth:
            self.log.append((_as_sqlite_has_it(sql, params), params, many))
        return result

    def _follow(self, sql: str, params: Any) -> None:
        if sql.startswith("BEGIN"):
            self.points = [("", self.state)]
        elif sql.startswith("SAVEPOINT"):
            self.points.append((sql.split()[-1], self.state))
        elif sql.startswith(("RELEASE", "ROLLBACK TO")):
            at = max(n for n, (name, _state) in enumerate(self.points) if name == sql.split()[-1])
            if sql.startswith("RELEASE"):
                del self.points[at:]
            else:
                self.state = self.points[at][1]
                del self.points[at + 1 :]
        else:
            said = f"{sql}{params!r}".encode("utf-8", "surrogatepass")
            self.state = hashlib.blake2b(said, key=self.state, digest_size=32).digest()

    # --- making --------------------------------------------------------------------------------------

    def ready(self) -> bool:
        """Whether the database can be gone back to, and nobody counts what the factory asks."""
        return self.is_asked and self.is_listening and connection.in_atomic_block and not connection.queries_logged

    def make(self, how: Callable[..., R], given: tuple[Any, ...], named: Mapping[str, Any]) -> R:
        told = _pickled((given, named))
        if told is None:
            return how(*given, **named)
        key = (how.__module__, how.__qualname__, self.state, told, _surroundings(), _listing(settings.ROWS_DIR))
        found = self.made.get(key)
        if found is None:
            return self._carried_out(key, how, given, named)
        self.made.move_to_end(key)
        self._write_again(found)
        return _handed_over(found, given, named)

    def _carried_out(
        self, key: tuple[Any, ...], how: Callable[..., R], given: tuple[Any, ...], named: Mapping[str, Any]
    ) -> R:
        files, commits = _files(), len(connection.run_on_commit)
        with heard_aside() as asked, self._writing() as writes:
            result = how(*given, **named)
        given_back = _pickled((result, given, named))
        changed = {path for path, seen in _files().items() if files.get(path) != seen}
        if given_back is None or files.keys() - _files().keys() or any(_is_sealed(path) for path in changed):
            return result
        made = Made(
            writes=_without_idle_savepoints(writes),
            after=self.state,
            given_back=given_back,
            on_commit=[(then, robust) for _points, then, robust in connection.run_on_commit[commits:]],
            files=self._kept_files(changed),
            asked=asked,
            arguments_changed=_pickled((given, named)) != key[3],
        )
        self.made[key] = made
        if len(self.made) > MOST:
            _key, oldest = self.made.popitem(last=False)
            if oldest.files:
                shutil.rmtree(oldest.files)
        return result

    @contextmanager
    def _writing(self) -> Iterator[list[Write]]:
        """What is written meanwhile, in the end."""
        start, writes = len(self.log), []
        self.depth += 1
        try:
            yield writes
            writes.extend(self.log[start:])
        finally:
            self.depth -= 1
            if not self.depth:
                self.log = []

    def _write_again(self, made: Made) -> None:
        raw = connection.connection
        for sql, params, many in made.writes:
            if many:
                raw.executemany(sql, params)
            else:
                raw.execute(sql, params or ())
        self.state = made.after
        if self.depth:
            self.log += made.writes
        points = set(connection.savepoint_ids)
        connection.run_on_commit += [(points, then, robust) for then, robust in made.on_commit]
        if made.files:
            for name in _places():
                if (made.files / name).exists():
                    shutil.copytree(made.files / name, _places()[name], dirs_exist_ok=True)
        heard_again(made.asked)

    def _kept_files(self, changed: set[str]) -> Path | None:
        if not changed:
            return None
        assert self.folder
        folder = Path(self.folder.name) / str(next(_numbers))
        for path in changed:
            name, _slash, rest = path.partition("/")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(_places()[name] / rest, folder / path)
        return folder


MEMORY = Memory()


def remembered(how: Callable[P, R]) -> Callable[P, R]:
    """A factory whose acts are carried out once for each state of the database and each set of arguments."""

    @functools.wraps(how)
    def made(*given: P.args, **named: P.kwargs) -> R:
        return MEMORY.make(how, given, named) if MEMORY.ready() else how(*given, **named)

    return made


@remembered
def _session_of(user: User, backend: str | None) -> SimpleCookie[str]:
    client = Client()
    SIGN_IN(client, user, backend)
    return client.cookies


def _sign_in(client: Client, user: User, backend: str | None = None) -> None:
    """``force_login``; a client that nobody has signed in with before begins with a session that is remembered."""
    if settings.SESSION_COOKIE_NAME in client.cookies:
        SIGN_IN(client, user, backend)
    else:
        client.cookies.update(_session_of(user, backend))


def before_a_test(item: pytest.Item) -> None:
    """The portal's code is as it stands. Where others commit beside the test, nobody knows the state."""
    MEMORY.listen()
    marker = item.get_closest_marker("django_db")
    MEMORY.is_asked = not (marker and is_transactional(item, marker))
    if not MEMORY.is_asked:
        MEMORY.state = secrets.token_bytes(32)


def after_a_test() -> None:
    """Where no row is left that tells of files, they go. Readers keep tables open: no place is used twice."""
    if connection.in_atomic_block:
        return
    for place in (settings.MEDIA_ROOT, settings.DATA_DIR / "landing"):
        shutil.rmtree(place, ignore_errors=True)
    if settings.ROWS_DIR.exists():
        shutil.rmtree(settings.ROWS_DIR)
        settings.ROWS_DIR = settings.DATA_DIR / f"rows-{next(_numbers)}"


def _handed_over(made: Made, given: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    """The value, and the arguments as the call left them."""
    result, given_then, named_then = pickle.loads(made.given_back)  # noqa: S301
    pairs = [*zip(given, given_then, strict=True), *((named[name], named_then[name]) for name in named)]
    for held, then in pairs:
        if made.arguments_changed:
            _renew(held, then)
        if result is then:
            result = held
    return result


def _renew(held: Any, then: Any) -> None:
    if isinstance(held, models.Model):
        held.__dict__.clear()
        held.__dict__.update(then.__dict__)
    elif isinstance(held, list | tuple):
        for one, other in zip(held, then, strict=True):
            _renew(one, other)
    elif is_dataclass(held):
        for each in fields(held):
            _renew(getattr(held, each.name), getattr(then, each.name))


def _pickled(what: Any) -> bytes | None:
    try:
        return pickle.dumps(what)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None


def _as_sqlite_has_it(sql: str, params: Any) -> str:
    """The statement as Django hands it to SQLite, whose parameters are written otherwise."""
    if params is None:
        return sql
    if isinstance(params, Mapping):
        return sql % {name: f":{name}" for name in params}
    return FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")


def _without_idle_savepoints(writes: list[Write]) -> list[Write]:
    """Nothing was rolled back: the savepoints were for nothing."""
    if any(sql.startswith("ROLLBACK") for sql, _params, _many in writes):
        return writes
    return [one for one in writes if not one[0].startswith(("SAVEPOINT", "RELEASE"))]


def _surroundings() -> tuple[Any, ...]:
    """What else an act may ask: settings that were changed, and the time, which a test may have moved."""
    said: list[tuple[str, str]] = []
    holder = settings._wrapped
    while isinstance(holder, UserSettingsHolder):
        said += [(name, repr(value)) for name, value in vars(holder).items() if name.isupper() and name not in PLACES]
        holder = holder.default_settings
    return (*said, now().timestamp() // LASTS)


# --- files ---------------------------------------------------------------------------------------------


def _places() -> dict[str, Path]:
    """Where acts leave files, by a name."""
    return {
        "rows": Path(settings.ROWS_DIR),
        "files": Path(settings.MEDIA_ROOT),
        "landing": Path(settings.DATA_DIR) / "landing",
        "seals": Path(settings.SEAL_DIR),
    }


def _is_sealed(path: str) -> bool:
    return path.startswith("seals/")


def _files() -> Files:
    return {
        f"{name}/{file.relative_to(place)}": (file.stat().st_size, file.stat().st_mtime_ns)
        for name, place in _places().items()
        for file in place.rglob("*")
        if file.is_file()
    }


def _listing(place: Path | str) -> tuple[tuple[str, int], ...]:
    """Files of rows that are there already; what is written into a table depends on what it holds."""
    top = Path(place)
    if not top.is_dir():
        return ()
    return tuple(sorted((str(file.relative_to(top)), file.stat().st_size) for file in top.rglob("*") if file.is_file()))
