"""A Redis and a PostgreSQL of one's own, to be stopped, emptied and killed without asking anybody."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2
import redis

from tests.services.composed import free_port, wait_until


class OwnRedis:
    """A Redis that writes nothing to disk: what it held is lost with it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["redis-server", *options, "--dir", str(self.folder)], stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self.answers, what="the Redis of this test")

    def answers(self) -> bool:
        with contextlib.closing(redis.Redis.from_url(self.url)) as link, contextlib.suppress(redis.RedisError):
            return bool(link.ping())
        return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None

    def empty(self) -> None:
        with contextlib.closing(redis.Redis.from_url(self.url)) as link:
            link.flushall()


class OwnPostgres:
    """A PostgreSQL cluster in a folder, run by the user ``postgres`` where this process is root."""

    def __init__(self) -> None:
        # not below pytest's folders, which are for their owner alone
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="guiyang-faults-")), free_port()
        self.data, self.log = self.folder / "cluster", self.folder / "postgres.log"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.programs = newest[-1] if newest else Path(shutil.which("initdb") or "/usr/bin/initdb").parent

    def run(self, program: str, *words: str) -> None:
        """One of PostgreSQL's own programs."""
        as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_owner, str(self.programs / program), *words], cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Make the cluster and start it."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run(
            "initdb", "--pgdata", str(self.data), "--auth", "trust", "--username", "postgres", "--encoding", "UTF8"
        )
        self.run("pg_ctl", *self._control("start"))

    def _control(self, what: str, *more: str) -> list[str]:
        options = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        return ["--pgdata", str(self.data), "--log", str(self.log), "-o", options, "--wait", what, *more]

    def crash_and_come_back(self) -> None:
        """As after a fall of the machine: nobody is asked to finish, the log is replayed at the start."""
        self.run("pg_ctl", *self._control("restart", "--mode", "immediate"))

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", *self._control("stop", "--mode", "immediate"))
        shutil.rmtree(self.folder, ignore_errors=True)

    def waits_for_a_lock(self, database: str) -> bool:
        """Whether some transaction of this database waits for a row that another holds."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
        with contextlib.closing(psycopg2.connect(self.url)) as link, link.cursor() as cursor:
            cursor.execute(query, [database])
            row = cursor.fetchone()
            return bool(row and row[0])
