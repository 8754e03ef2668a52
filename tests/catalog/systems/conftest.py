"""A real server on this machine: an agency's system with interfaces that keep to their document, and others."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings

from guiyang_data.accounts.models import Agency
from tests.factories.accounts import City, city
from tests.factories.systems import openapi


@dataclass
class Served:
    """Where it listens, what it was asked, and what it answers at each path (replaceable)."""

    port: int
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers in self.asked]

    def url(self, path: str = "", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def give(self, path: str, body: object, *, status: int = 200, kind: str = "application/json") -> None:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.answers[path] = (status, kind, content)


class Handler(BaseHTTPRequestHandler):
    """``/slow``, ``/moved``, ``/packed``, ``/endless`` behave so; other paths answer what the test put there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        served: Served = self.server.served  # type: ignore[attr-defined]
        served.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        behaviour = getattr(self, f"answer_{self.path.strip('/').split('?')[0].split('/')[-1]}", None)
        if behaviour:
            behaviour()
            return
        status, kind, body = served.answers.get(self.path, (404, "text/plain", b"nothing"))
        self._send(status, body, {"content-type": kind})

    def answer_slow(self) -> None:
        time.sleep(2)
        self.close_connection = True

    def answer_moved(self) -> None:
        self._send(302, b"", {"location": "/stops"})

    def answer_packed(self) -> None:
        self._send(200, gzip.compress(b"[]"), {"content-encoding": "gzip", "content-type": "application/json"})

    def answer_endless(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            for _turn in range(3000):
                self.wfile.write(b"[1234567]" * 120)
        except OSError:
            self.close_connection = True

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The test output stays clean."""


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    """The system's server; the operator permits this machine's network."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    made = Served(port=listener.server_port)
    made.give("/stops", [{"id": 1, "name": "火车站"}])
    made.give("/openapi.json", openapi())
    listener.served = made  # type: ignore[attr-defined]
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    listener.shutdown()
    listener.server_close()
    thread.join()


@pytest.fixture
def town() -> City:
    return city()


@pytest.fixture
def agency(town: City) -> Agency:
    return town.transport
