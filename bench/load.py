"""Ask a web process over connections: ``python -m bench.load PORT CONNECTIONS NUMBER A_SECOND HEADERS < paths``.

A process of its own, so that asking takes nothing from what is measured but a core. The paths come as a line of JSON,
the headers as a JSON word; with NUMBER 0 they are asked in turn until another line comes, with A_SECOND 0 as fast as
answers come.
"""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bench.figures import percentile
from bench.ground import HOST_NAME, ROOT

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Seconds of each answer, how many answers were not 200, and by how many seconds asking fell behind its pace."""

    seconds: tuple[float, ...]
    refused: int
    behind: float = 0.0

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

    def __init__(
        self,
        port: int,
        paths: Sequence[str],
        *,
        connections: int,
        number: int = 0,
        cookie: str = "",
        headers: Mapping[str, str] | None = None,
        a_second: int = 0,
    ) -> None:
        sent = json.dumps(dict(headers or {}) | ({"Cookie": cookie} if cookie else {}))
        words = [sys.executable, "-m", "bench.load", *map(str, (port, connections, number, a_second)), sent]
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
        return Answers(seconds=tuple(answer["seconds"]), refused=answer["refused"], behind=answer["behind"])


def asked(
    port: int,
    paths: Sequence[str],
    *,
    connections: int,
    number: int,
    cookie: str = "",
    headers: Mapping[str, str] | None = None,
    a_second: int = 0,
) -> Answers:
    """Ask ``number`` times in all, over ``connections`` at once, the paths in turn; ``a_second``: at that pace."""
    said = {"connections": connections, "number": number, "cookie": cookie}
    return Asking(port, paths, **said, headers=headers, a_second=a_second).ended()  # type: ignore[arg-type]


class _Connection(threading.Thread):
    def __init__(
        self, port: int, paths: Iterable[str], headers: Mapping[str, str], stop: threading.Event, times: Iterable[float]
    ) -> None:
        super().__init__()
        self.port, self.paths, self.headers, self.stop, self.times = port, paths, headers, stop, times
        self.seconds: list[float] = []
        self.refused, self.behind = 0, 0.0

    def run(self) -> None:
        for path, due in zip(self.paths, self.times, strict=False):
            if self.stop.is_set():
                return
            if due:
                time.sleep(max(0.0, due - time.perf_counter()))
                self.behind = max(self.behind, time.perf_counter() - due)
            began = time.perf_counter()
            status = self._ask(path)
            self.seconds.append(time.perf_counter() - began)
            self.refused += status != 200

    def _ask(self, path: str) -> int:
        link = http.client.HTTPConnection(HOST_NAME, self.port, timeout=TIMEOUT_SECONDS)
        try:
            link.request("GET", quote(path, safe="/?&=%"), headers=dict(self.headers))
            answer = link.getresponse()
            answer.read()
            return answer.status
        finally:
            link.close()


def main() -> None:
    """Ask, and write what was answered as JSON."""
    port, connections, number, a_second = map(int, sys.argv[1:5])
    headers = json.loads(sys.argv[5])
    paths = json.loads(sys.stdin.readline())
    stop = threading.Event()
    share = [number // connections + (place < number % connections) for place in range(connections)]
    turns = [
        itertools.islice(itertools.cycle(paths), place, place + own * connections if number else None, connections)
        for place, own in enumerate(share)
    ]
    began = time.perf_counter()
    threads = [
        _Connection(port, own, headers, stop, _times(began, place, connections, a_second))
        for place, own in enumerate(turns)
    ]
    for thread in threads:
        thread.start()
    if not number:
        sys.stdin.readline()
        stop.set()
    for thread in threads:
        thread.join()
    seconds = [second for thread in threads for second in thread.seconds]
    told = {"refused": sum(thread.refused for thread in threads), "behind": max(thread.behind for thread in threads)}
    json.dump({"seconds": seconds, **told}, sys.stdout)


def _times(began: float, place: int, connections: int, a_second: int) -> Iterable[float]:
    """When each of one connection's questions is due; 0 where it is asked as soon as the last was answered."""
    if not a_second:
        return itertools.repeat(0.0)
    return (began + number / a_second for number in itertools.count(place, connections))


if __name__ == "__main__":
    main()
