"""A real server on this machine that answers in every way the client must cope with."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Server:
    """Where it listens and what it was asked."""

    port: int
    asked: list[dict[str, object]] = field(default_factory=list)

    @property
    def hosts(self) -> list[str]:
        return [f"127.0.0.1:{self.port}", f"localhost:{self.port}"]

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    """Each path is one behaviour."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        self.server.asked.append(  # type: ignore[attr-defined]
            {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
        )
        getattr(self, f"answer_{self.path.strip('/').split('?')[0]}")()

    do_POST = do_PUT = do_HEAD = do_GET

    def answer_plain(self) -> None:
        self._send(200, json.dumps({"ok": "好"}).encode())

    def answer_missing(self) -> None:
        self._send(404, b"nothing")

    def answer_redirect(self) -> None:
        self.send_response(302)
        self.send_header("location", "/plain")
        self.send_header("content-length", "0")
        self.end_headers()

    def answer_large(self) -> None:
        self._send(200, b"x" * 5000)

    def answer_endless(self) -> None:
        self.send_response(200)
        self.send_header("connection", "close")
        self.end_headers()
        try:
            for _turn in range(1000):
                self.wfile.write(b"y" * 1000)
        except OSError:
            self.close_connection = True

    def answer_packed(self) -> None:
        self._send(200, gzip.compress(b"0" * 1_000_000), {"content-encoding": "gzip"})

    def answer_silent(self) -> None:
        time.sleep(3)
        self.close_connection = True

    def answer_dripping(self) -> None:
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
            for _turn in range(60):
                self.wfile.write(b"z")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def answer_garbage(self) -> None:
        self.wfile.write(b"this is not http\r\n\r\n")
        self.close_connection = True

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The test output stays clean."""


def _serve(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    if context:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    server = Server(port=listener.server_port)
    listener.asked = server.asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    listener.shutdown()
    listener.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from _serve()


@pytest.fixture
def permitted(settings: object) -> None:
    """The operator names this machine as a network that may be asked."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]  # type: ignore[attr-defined]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for the name ``localhost`` only, with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from _serve(context)
