"""``manage.py portal`` itself on the embedded engines: the web answers, is kept alive, and ends with its parent."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from guiyang_data.web.demonstration.accounts import ACCOUNTS, PASSWORD
from tests.services.composed import ROOT, free_port, wait_until

pytestmark = pytest.mark.xdist_group("portal")


def status(port: int, path: str = "/healthz") -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        link.close()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of an installation with its tables made."""
    folder = tmp_path_factory.mktemp("installation")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUIYANG_", "DJANGO_"))}
    environment = {
        **kept,
        "DJANGO_SETTINGS_MODULE": "guiyang_data.settings.embedded",
        "GUIYANG_DATA_DIR": str(folder),
        "GUIYANG_PORT": str(free_port()),
        "GUIYANG_SWEEP_SECONDS": "1",
    }
    for command in (["migrate", "--noinput", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    return environment


class Portal:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.port = int(environment["GUIYANG_PORT"])
        self.folder = Path(environment["GUIYANG_DATA_DIR"])
        self.said = self.folder / "said.txt"
        with self.said.open("wb") as file:
            self.parent = subprocess.Popen(
                [sys.executable, "manage.py", "portal"],
                cwd=ROOT,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def child(self, name: str) -> int:
        path = self.folder / "processes" / f"{name}.pid"
        return int(path.read_text(encoding="ascii")) if path.exists() else 0

    def text(self) -> str:
        return self.said.read_text(encoding="utf-8")

    def members(self) -> list[int]:
        """Every process that works on this data folder, the parent apart."""
        mark = f"GUIYANG_PORTAL_OF={self.folder.resolve()}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def stop(self, number: signal.Signals) -> int:
        self.parent.send_signal(number)
        return self.parent.wait(timeout=25)


@pytest.fixture
def portal(installation: Mapping[str, str]) -> Iterator[Portal]:
    made = Portal(installation)
    try:
        wait_until(lambda: "平台已就绪" in made.text() or made.parent.poll() is not None, what="the portal")
        assert made.parent.poll() is None, made.text()
        yield made
    finally:
        if made.parent.poll() is None:
            made.parent.kill()
            made.parent.wait()
        for pid in made.members():
            os.kill(pid, signal.SIGKILL)


def test_the_portal_tells_its_address_and_ctrl_c_ends_everything(portal: Portal) -> None:
    # given
    wait_until(lambda: all(portal.child(name) for name in ("web", "worker", "beat")), what="three children")
    assert f"http://127.0.0.1:{portal.port}" in portal.text()
    assert PASSWORD in portal.text()
    assert all(f"  {account.username}（" in portal.text() for account in ACCOUNTS)
    assert status(portal.port) == 200

    # when
    code = portal.stop(signal.SIGINT)

    # then
    assert code == 0
    assert portal.members() == []
    assert status(portal.port) == 0


def test_the_worker_sweeps_and_a_killed_web_process_comes_back(portal: Portal) -> None:
    # given
    wait_until(lambda: status(portal.port, "/readyz") == 200, what="the first sweep")
    web = portal.child("web")

    # when
    os.kill(web, signal.SIGKILL)

    # then
    wait_until(lambda: portal.child("web") not in (0, web) and status(portal.port) == 200, what="the next web process")
    assert portal.parent.poll() is None


def test_after_kill_9_the_next_start_runs_one_of_each(portal: Portal, installation: Mapping[str, str]) -> None:
    # given
    first = {portal.child(name) for name in ("web", "worker", "beat")}
    portal.stop(signal.SIGKILL)

    # when
    second = Portal(installation)
    wait_until(lambda: "平台已就绪" in second.text(), what="the portal")

    # then
    try:
        assert first.isdisjoint(second.members())
        assert sum(" beat " in command for command in map(command_of, second.members())) == 1
    finally:
        assert second.stop(signal.SIGTERM) == 0
    assert second.members() == []


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_a_port_in_use_is_told_in_one_line(installation: Mapping[str, str]) -> None:
    # given
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        # when
        done = subprocess.run(
            [sys.executable, "manage.py", "portal"],
            cwd=ROOT,
            env={**installation, "GUIYANG_PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )

    # then
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert port in done.stderr
    assert "GUIYANG_PORT" in done.stderr
