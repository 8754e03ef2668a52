"""Ask a web process over several connections at once: ``python -m bench.load PORT CONNECTIONS NUMBER COOKIE < paths``.

A process of its own, so that asking takes nothing from what is measured but a core. The paths come as a line of JSON;
with NUMBER 0 they are asked in turn until another line comes.
"""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bench.figures import percentile
from bench.ground import HOST_NAME, ROOT

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Seconds of each answer, and how many answers were not 200."""

    seconds: tuple[float, ...]
    refused: int

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return percentile(self.seconds, 0.5)

    @property
    def p95(self) -> float:
        """The time below which 95 of 100 answers came, in seconds."""
        return percentile(self.seconds, 0.95)


class Asking:
    """A load that runs beside something else, until it is ended."""

    def __init__(self, port: int, paths: Sequence[str], *, connections: int, number: int = 0, cookie: str = "") -> None:
        words = [sys.executable, "-m", "bench.load", str(port), str(connections), str(number), cookie]
        self._process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._say(json.dumps(list(paths)))

    def _say(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def ended(self) -> Answers:
        """Wait for the number of answers, or stop where there was none; what was answered."""
        said, _errors = self._process.communicate("stop\n")
        if self._process.returncode:
            raise RuntimeError("the load could not be made")
        answer = json.loads(said)
        return Answers(seconds=tuple(answer["seconds"]), refused=answer["refused"])


def asked(port: int, paths: Sequence[str], *, connections: int, number: int, cookie: str = "") -> Answers:
    """Ask ``number`` times in all, over ``connections`` at once, the paths in turn."""
    return Asking(port, paths, connections=connections, number=number, cookie=cookie).ended()


class _Connection(threading.Thread):
    def __init__(self, port: int, paths: Iterable[str], cookie: str, stop: threading.Event) -> None:
        super().__init__()
        self.port, self.paths, self.cookie, self.stop = port, paths, cookie, stop
        self.seconds: list[float] = []
        self.refused = 0

    def run(self) -> None:
        for path in self.paths:
            if self.stop.is_set():
                return
            began = time.perf_counter()
            status = self._ask(path)
            self.seconds.append(time.perf_counter() - began)
            self.refused += status != 200

    def _ask(self, path: str) -> int:
        link = http.client.HTTPConnection(HOST_NAME, self.port, timeout=TIMEOUT_SECONDS)
        try:
            link.request("GET", quote(path, safe="/?&=%"), headers={"Cookie": self.cookie} if self.cookie else {})
            answer = link.getresponse()
            answer.read()
            return answer.status
        finally:
            link.close()


def main() -> None:
    """Ask, and write what was answered as JSON."""
    port, connections, number, cookie = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    paths = json.loads(sys.stdin.readline())
    stop = threading.Event()
    share = [number // connections + (place < number % connections) for place in range(connections)]
    turns = [
        itertools.islice(itertools.cycle(paths), place, place + own * connections if number else None, connections)
        for place, own in enumerate(share)
    ]
    threads = [_Connection(port, own, cookie, stop) for own in turns]
    for thread in threads:
        thread.start()
    if not number:
        sys.stdin.readline()
        stop.set()
    for thread in threads:
        thread.join()
    seconds = [second for thread in threads for second in thread.seconds]
    json.dump({"seconds": seconds, "refused": sum(thread.refused for thread in threads)}, sys.stdout)


if __name__ == "__main__":
    main()
