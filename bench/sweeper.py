"""A sweep as a process of its own: ``python -m bench.sweeper`` waits for a line, sweeps until nothing is due, tells.

Several runs, as beat would start one each minute: a run that has lasted its time is followed by the next at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import django

from bench.ground import ROOT
from guiyang_data.garbage import settle


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweeper did: seconds until its last rung, and how many there were."""

    seconds: float
    clocks: int
    rungs: int
    failures: int
    processor: tuple[float, float]
    """Seconds of processor of the sweeper, and of its side of the database."""


class Sweeper:
    """A sweeper that is ready, and begins when it is told."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "bench.sweeper"]
        self._process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None or self._process.stdout.readline() != "ready\n":
            raise RuntimeError("the sweeper did not start")

    def begin(self) -> None:
        """Start sweeping."""
        if self._process.stdin is not None:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def ended(self) -> Swept:
        """Wait for its end."""
        said, _errors = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("the sweeper failed")
        return Swept(**json.loads(said))


@contextmanager
def sweepers(number: int) -> Iterator[list[Sweeper]]:
    """So many, all ready."""
    yield [Sweeper() for _ in range(number)]


def main() -> None:
    """Sweep when told to, until a run finds nothing."""
    django.setup()
    sweep = import_module("oversight.services").sweep
    keeping = import_module("guiyang_data.timekeeping")
    import_module("guiyang_data.urls")  # a worker has swept before, and knows the pages it names
    processor = import_module("bench.processor").Processor()
    settle()  # as every process of a worker does
    print("ready", flush=True)
    sys.stdin.readline()
    clocks = rungs = failures = 0
    began = ended = time.perf_counter()
    while True:
        run = sweep(at=keeping.now(), on=keeping.today())
        failures += run.failures
        if not run.clocks:
            break
        clocks, rungs, ended = clocks + run.clocks, rungs + run.rungs, time.perf_counter()
    counted = {"clocks": clocks, "rungs": rungs, "failures": failures}
    json.dump({"seconds": ended - began, "processor": processor.spent, **counted}, sys.stdout)


if __name__ == "__main__":
    main()
