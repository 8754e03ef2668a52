"""A real mail server and a real HTTP receiver beside the tests, which take or refuse as they are told."""

from __future__ import annotations

import email
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings


@dataclass
class Post:
    """What it took, and what it says to whom. ``answers``: the line for RCPT by address; all others are taken."""

    answers: dict[str, str] = field(default_factory=dict)
    at_the_end: str = "250 Message accepted for delivery"
    taken: list[Message] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        self.asked.append(address)
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        if self.at_the_end.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.original_content or b"", policy=default))
        return self.at_the_end


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def post(settings: LazySettings) -> Iterator[Post]:
    handler = Post()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """A real HTTP server. ``answers``: the statuses of the next requests (0: says nothing); then 200 for ever."""

    port: int
    answers: list[int] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.asked.append(Asked(method=self.command, path=self.path, headers=headers, body=body))
        status = receiver.answers.pop(0) if receiver.answers else 200
        if not status:
            receiver.over.wait(10)
            self.close_connection = True
            return
        said = b"thank you"
        self.send_response(status)
        if status in {301, 302, 307}:
            self.send_header("location", receiver.url("/elsewhere"))
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """The test output stays clean."""


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    """A receiver on this machine, which the operator permits to be asked."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    listener.daemon_threads = True
    made = Receiver(port=listener.server_port)
    listener.receiver = made  # type: ignore[attr-defined]
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.over.set()
    listener.shutdown()
    listener.server_close()
    thread.join()
