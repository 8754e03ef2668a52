"""Keeps web, worker and beat running under one parent, and leaves nothing behind.

Each child leads a process group of its own, so that it is ended together with what it has started. A
child that dies is started again, later each time. Children carry a mark in their environment, by which
the next start finds and ends whatever a killed parent left: two beats would double every sweep.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from django.utils.translation import gettext as _

MARK = "GUIYANG_PORTAL_OF"
"""Environment variable of every child: the data folder it works on."""
GRACE_SECONDS = 10.0
LEFTOVER_SECONDS = 4.0
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 60.0
TURN_SECONDS = 0.2
CHUNKS_PER_TURN = 16  # a child that never stops writing must not keep the parent from its signals
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class CannotStart(Exception):
    """The portal cannot start; the message is the one line to show."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A process to keep running."""

    name: str
    command: tuple[str, ...]


def portal_programs(*, host: str, port: int, data_dir: Path) -> tuple[Program, ...]:
    """Web, worker and beat, with the options that the deployment's containers use too."""
    python = sys.executable
    celery = (python, "-m", "celery", "--app", "guiyang_data.celery")
    web = ("--bind", f"{host}:{port}", "--workers", "2", "--threads", "4", "--timeout", "120", "--no-control-socket")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    (data_dir / "beat").mkdir(parents=True, exist_ok=True)
    schedule = str(data_dir / "beat" / "schedule")
    return (
        Program(name="web", command=(python, "-m", "gunicorn", "guiyang_data.wsgi:application", *web)),
        Program(name="worker", command=(*celery, "worker", "--pool", "prefork", "--concurrency", "2", *quiet)),
        Program(name="beat", command=(*celery, "beat", "--schedule", schedule, "--pidfile", "")),
    )


@dataclass
class Child:
    """One program as it runs: its process, how often it died in a row, when to start it again."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0
    unfinished_line: bytes = field(default=b"", repr=False)


def end_with_parent(parent: int) -> None:
    """Runs in the new child: the kernel ends it when the parent is gone, even by ``kill -9`` (Linux)."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # gone before the kernel knew
            os._exit(1)


def kill_group(leader: int, signal_number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal_number)


def leftovers(data_dir: Path) -> list[int]:
    """Processes that an earlier portal on this data folder has left (on a system with /proc)."""
    mark = f"{MARK}={data_dir}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or gone meanwhile
            if int(folder.name) != os.getpid() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def end_leftovers(data_dir: Path) -> int:
    """End what an earlier portal left, gently and then for certain; how many there were."""
    first = leftovers(data_dir)
    until = time.monotonic() + LEFTOVER_SECONDS
    for number, patience in ((signal.SIGTERM, until), (signal.SIGKILL, until + LEFTOVER_SECONDS)):
        for pid in leftovers(data_dir):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while leftovers(data_dir) and time.monotonic() < patience:
            time.sleep(TURN_SECONDS)
    return len(first)


@contextmanager
def only_parent(data_dir: Path) -> Iterator[None]:
    """The lock of a running portal on its data folder; the kernel frees it however the parent ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "portal.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(
                _("平台已在运行（进程 %(pid)s），数据目录同为 %(folder)s。请先结束它，或用 GUIYANG_DATA_DIR 另设目录。")
                % {"pid": file.read().strip(), "folder": data_dir}
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def require_free_port(host: str, port: int) -> None:
    """Raises ``CannotStart`` where another program listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refusal:
            raise CannotStart(
                _("端口 %(port)s 无法使用（%(reason)s）。请结束占用它的程序，或用 GUIYANG_PORT 另设端口。")
                % {"port": port, "reason": refusal.strerror}
            ) from None


class Supervisor:
    """Runs programs until a signal says stop. ``say`` takes one finished line of text."""

    def __init__(
        self, programs: Sequence[Program], *, data_dir: Path, say: Callable[[str], None], grace: float = GRACE_SECONDS
    ) -> None:
        self.children = [Child(program=program) for program in programs]
        self.data_dir = data_dir.resolve()
        self.say = say
        self.grace = grace
        self.stop_signals = 0
        self.outputs = selectors.DefaultSelector()
        self.width = max((len(program.name) for program in programs), default=0)

    def run(
        self,
        *,
        before: Callable[[], None] = lambda: None,
        ready: Callable[[], bool] = lambda: False,
        announce: Callable[[], None] = lambda: None,
    ) -> None:
        """Start everything and stay until SIGINT, SIGTERM or SIGHUP; then end every child.

        ``before`` runs once leftovers are gone and may raise ``CannotStart``; ``announce`` runs once
        as soon as ``ready`` says so.
        """
        with only_parent(self.data_dir):
            ended = end_leftovers(self.data_dir)
            if ended:
                self.say(_("已结束上次运行遗留的 %(count)s 个进程。") % {"count": ended})
            before()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self.on_stop_signal)
            try:
                while not self.stop_signals:
                    self.keep_running()
                    if ready():
                        announce()
                        ready = lambda: False  # noqa: E731
                    self.pass_on_output(TURN_SECONDS)
            finally:
                self.end_all()

    def on_stop_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_signals += 1

    # --- starting --------------------------------------------------------------------------------

    def keep_running(self) -> None:
        """Start what is due to start; notice what has died and set its next start."""
        moment = time.monotonic()
        for child in self.children:
            if child.process is None:
                if moment >= child.start_at:
                    self.start(child)
            elif child.process.poll() is not None:
                self.bury(child, moment)

    def start(self, child: Child) -> None:
        parent = os.getpid()
        child.process = subprocess.Popen(  # noqa: S603  our own programs, no shell
            child.program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment(os.environ),
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(parent),
        )
        child.started_at = time.monotonic()
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self.outputs.register(child.process.stdout, selectors.EVENT_READ, child)
        self.pid_file(child).parent.mkdir(exist_ok=True)
        self.pid_file(child).write_text(str(child.process.pid), encoding="ascii")

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        return {**own, MARK: str(self.data_dir), "PYTHONUNBUFFERED": "1"}

    def pid_file(self, child: Child) -> Path:
        """Where an operator finds the process number of a child."""
        return self.data_dir / "processes" / f"{child.program.name}.pid"

    def bury(self, child: Child, moment: float) -> None:
        """A child has died: end what it started, and start it again after a pause that grows with each death."""
        if child.process is None:
            return
        code = child.process.returncode
        self.let_go(child)
        child.deaths = 1 if moment - child.started_at > SETTLED_SECONDS else child.deaths + 1
        pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** (child.deaths - 1))
        child.start_at = moment + pause
        self.say(
            _("%(name)s 已退出（%(code)s），%(pause).0f 秒后重新启动。")
            % {"name": child.program.name, "code": code, "pause": pause}
        )

    def let_go(self, child: Child) -> None:
        """Kill what is left of a finished child's group, pass on its last words, forget it."""
        if child.process is None:
            return
        kill_group(child.process.pid, signal.SIGKILL)
        if child.process.stdout is not None:
            self.read_lines(child)
            with suppress(KeyError):
                self.outputs.unregister(child.process.stdout)
            child.process.stdout.close()
        self.pid_file(child).unlink(missing_ok=True)
        child.process = None

    # --- what children say ------------------------------------------------------------------------

    def pass_on_output(self, seconds: float) -> None:
        for key, _events in self.outputs.select(seconds):
            self.read_lines(key.data)

    def read_lines(self, child: Child) -> None:
        """Pass on every finished line a child has written, with its name in front."""
        if child.process is None or child.process.stdout is None:
            return
        with suppress(BlockingIOError):
            for _turn in range(CHUNKS_PER_TURN):
                chunk = os.read(child.process.stdout.fileno(), 65536)
                if not chunk:
                    with suppress(KeyError):
                        self.outputs.unregister(child.process.stdout)
                    return
                *lines, child.unfinished_line = (child.unfinished_line + chunk).split(b"\n")
                for line in lines:
                    self.say(f"{child.program.name:<{self.width}} | {line.decode('utf-8', 'replace')}")

    # --- ending -----------------------------------------------------------------------------------

    def end_all(self) -> None:
        """Ask every child to end, wait for the grace (a second signal cuts it short), then kill the groups."""
        asked = self.stop_signals
        for child in self.children:
            if child.process is not None:
                with suppress(ProcessLookupError):
                    child.process.terminate()  # the leader alone: it ends its own workers in order
        until = time.monotonic() + self.grace
        while any(child.process and child.process.poll() is None for child in self.children):
            if time.monotonic() > until or self.stop_signals > asked:
                break
            self.pass_on_output(TURN_SECONDS)
        for child in self.children:
            if child.process is not None:
                kill_group(child.process.pid, signal.SIGKILL)
                child.process.wait()
                self.let_go(child)
        self.outputs.close()
