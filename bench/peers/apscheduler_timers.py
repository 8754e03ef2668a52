"""Timers that are all due, in APScheduler's own store: ``apscheduler_timers.py DATABASE COUNT SCHEDULERS``.

Each timer writes one row. Tells, as JSON, how long it took and how many rows there were in the end.
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import sys
import threading
import time

import psycopg2
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

PATIENCE_SECONDS = 300
ADDRESS = "PEER_DATABASE_URL"
_own = threading.local()


def fire(number: int) -> None:
    """What one timer does: one row, in a transaction."""
    if not hasattr(_own, "link"):
        _own.link = psycopg2.connect(os.environ[ADDRESS])
    with _own.link, _own.link.cursor() as cursor:
        cursor.execute("INSERT INTO peer_fired (timer) VALUES (%s)", [number])


def _scheduler(address: str) -> BackgroundScheduler:
    store = SQLAlchemyJobStore(url=address.replace("postgres://", "postgresql://", 1), tablename="peer_timers")
    executors = {"default": ThreadPoolExecutor(2)}
    return BackgroundScheduler(
        jobstores={"default": store}, executors=executors, job_defaults={"misfire_grace_time": None}, timezone="UTC"
    )


def _run(address: str, ready: multiprocessing.synchronize.Barrier, stop: multiprocessing.synchronize.Event) -> None:
    # the job store keeps a function by its name, and nothing beside it
    os.environ[ADDRESS] = address
    scheduler = _scheduler(address)
    ready.wait()
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def _count(link: psycopg2.extensions.connection, what: str) -> int:
    with link, link.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {what}")  # noqa: S608  one of two constants
        return int(cursor.fetchone()[0])


def main() -> None:
    """Fill the store, let it run out, tell."""
    address, count, schedulers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    link = psycopg2.connect(address)
    with link, link.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS peer_fired; DROP TABLE IF EXISTS peer_timers")
        cursor.execute("CREATE TABLE peer_fired (timer bigint)")
    filling = _scheduler(address)
    filling.start(paused=True)
    past = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    for number in range(count):
        filling.add_job("apscheduler_timers:fire", "date", run_date=past, args=[number])
    filling.shutdown()
    time.sleep(1.1)
    ready, stop = multiprocessing.Barrier(schedulers + 1), multiprocessing.Event()
    running = [multiprocessing.Process(target=_run, args=(address, ready, stop)) for _ in range(schedulers)]
    for process in running:
        process.start()
    ready.wait()
    began = time.monotonic()
    while _count(link, "peer_timers") and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.1)
    while _count(link, "peer_fired") < count and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.1)
    seconds = time.monotonic() - began
    stop.set()
    for process in running:
        process.join()
    print(json.dumps({"seconds": round(seconds, 2), "timers": count, "rows": _count(link, "peer_fired")}))


if __name__ == "__main__":
    main()
