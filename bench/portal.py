"""The portal's web process as docker-compose.yml starts it, and people who are signed in to it."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import yaml
from django.conf import settings
from django.test import Client

from bench.ground import HOST_NAME, ROOT
from guiyang_data.accounts.models import User

PATIENCE_SECONDS = 60.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST_NAME, 0))
        return int(probe.getsockname()[1])


def _command() -> list[str]:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return shlex.split(services["web"]["command"])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST_NAME}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def web() -> Iterator[int]:
    """The web process on the database of this process; its port. Ended with everything it started."""
    port = _free_port()
    environment = os.environ | {
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    process = subprocess.Popen(
        _command(),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the web process does not answer")
            time.sleep(0.2)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=40)


def cookie_of(user: User) -> str:
    """The header by which the portal knows a signed-in person."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
