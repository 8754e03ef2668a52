"""The parent of web, worker and beat, with real processes: simple programs here, the portal itself beside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PARENT = """
import sys
from pathlib import Path
import django
from django.conf import settings
settings.configure(USE_I18N=False)
from guiyang_data.web.processes import CannotStart, Program, Supervisor
folder = Path(sys.argv[1])
pairs = zip(sys.argv[2::2], sys.argv[3::2])
programs = [Program(name=name, command=("/bin/sh", "-c", script)) for name, script in pairs]
try:
    Supervisor(programs, data_dir=folder, say=lambda text: print(text, flush=True), grace=3).run()
except CannotStart as refusal:
    sys.exit(str(refusal))
"""
# a shell that starts a process of its own, notes both numbers, and stays
NOTING = 'sleep 600 & echo "$$ $!" >> "{folder}/started-{name}"; wait'


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.05)


class Family:
    """A parent with children ``one`` and ``two``, each of which has a child of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parents: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        programs = [word for name in ("one", "two") for word in (name, NOTING.format(folder=self.folder, name=name))]
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(self.folder), *programs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.parents.append(parent)
        return parent

    def started(self, name: str) -> list[tuple[int, int]]:
        """(child, grandchild) of every start of ``name`` so far, in order."""
        path = self.folder / f"started-{name}"
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        return [(int(line.split()[0]), int(line.split()[1])) for line in lines]

    def running(self) -> list[int]:
        return [pid for name in ("one", "two") for pair in self.started(name) for pid in pair if alive(pid)]

    def wait_for_starts(self, *, one: int, two: int) -> None:
        wait_until(lambda: len(self.started("one")) >= one and len(self.started("two")) >= two)

    def clear_away(self) -> None:
        for parent in self.parents:
            if parent.poll() is None:
                parent.kill()
            parent.communicate()
        for pid in self.running():
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    made = Family(tmp_path)
    yield made
    made.clear_away()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_every_child_and_what_it_started(family: Family, stop: signal.Signals) -> None:
    # given
    parent = family.start()
    family.wait_for_starts(one=1, two=1)
    assert len(family.running()) == 4

    # when
    parent.send_signal(stop)

    # then
    assert parent.wait(timeout=10) == 0
    assert family.running() == []
    assert not list((family.folder / "processes").iterdir())


def test_a_child_that_dies_is_started_again_and_its_own_children_are_ended(family: Family) -> None:
    # given
    family.start()
    family.wait_for_starts(one=1, two=1)
    child, grandchild = family.started("one")[0]

    # when
    os.kill(child, signal.SIGKILL)

    # then
    family.wait_for_starts(one=2, two=1)
    assert not alive(grandchild)
    assert family.started("one")[1][0] != child
    assert len(family.started("two")) == 1
    assert len(family.running()) == 4


def test_the_pause_before_a_restart_grows_with_each_death(tmp_path: Path) -> None:
    # given a program that ends at once
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), "short", "echo hello"],
        stdout=subprocess.PIPE,
        text=True,
    )

    # when
    said: list[str] = []
    while sum("已退出" in line for line in said) < 2:
        line = parent.stdout.readline() if parent.stdout else ""
        assert line, f"the parent ended after {said}"
        said.append(line)
    parent.send_signal(signal.SIGINT)
    parent.communicate(timeout=10)

    # then its lines carry its name, and the second pause is longer
    assert said.count("short | hello\n") == 2
    deaths = [line for line in said if "已退出" in line]
    assert "1 秒后" in deaths[0]
    assert "2 秒后" in deaths[1]


def test_a_killed_parent_leaves_nothing_that_doubles_the_work_of_the_next(family: Family) -> None:
    # given a parent killed outright, and a grandchild that outlives it
    first = family.start()
    family.wait_for_starts(one=1, two=1)
    before = family.running()
    first.kill()
    first.wait()

    # when
    family.start()
    family.wait_for_starts(one=2, two=2)

    # then
    assert [pid for pid in before if alive(pid)] == []
    assert len(family.running()) == 4


def test_a_second_parent_on_the_same_data_folder_is_refused_in_one_line(family: Family) -> None:
    # given
    first = family.start()
    family.wait_for_starts(one=1, two=1)

    # when
    second = family.start()
    _, refusal = second.communicate(timeout=10)

    # then
    assert second.returncode == 1
    assert len(refusal.strip().splitlines()) == 1
    assert f"进程 {first.pid}" in refusal
    assert len(family.running()) == 4
    assert len(family.started("one")) == 1
