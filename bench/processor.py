"""Processor time, which a busy machine does not change: of this process, and of its PostgreSQL where that runs here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from bench.figures import milliseconds

PROCESSOR = "processor_ms_of_portal_and_database"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Processor:
    """Seconds of processor that this process and the server's side of its connection have used since this was made."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._backend = Path(f"/proc/{cursor.fetchone()[0]}/stat")
        self._own, self._theirs = time.process_time(), self._of_backend()

    @property
    def spent(self) -> tuple[float, float]:
        """Of this process, and of the database; the latter 0 where its server is another machine."""
        return round(time.process_time() - self._own, 4), round(self._of_backend() - self._theirs, 4)

    def _of_backend(self) -> float:
        try:
            fields = self._backend.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def timed(act: Callable[[], object], rounds: int) -> tuple[list[float], dict[str, list[float]]]:
    """Milliseconds of each round, and as facts the mean processor time of a round."""
    act()  # the first one reads what later ones find in memory
    times, processor = [], Processor()
    for _round in range(rounds):
        began = time.perf_counter()
        act()
        times.append(milliseconds(time.perf_counter() - began))
    return times, {PROCESSOR: [milliseconds(seconds / rounds) for seconds in processor.spent]}
