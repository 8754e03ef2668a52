"""Several at once, each with a database connection of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, connections, transaction

from guiyang_data.ledger import guards, sealing
from guiyang_data.ledger.models import ChainHead, Event, Seal, SealMember
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.ledger.verification import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
THREADS = 4


@pytest.fixture(autouse=True)
def seals(settings: object, tmp_path: Path) -> None:
    settings.SEAL_DIR = tmp_path  # type: ignore[attr-defined]


def at_once(act: Callable[[int], object]) -> list[object]:
    """Run ``act`` in several threads that start together."""
    start = Barrier(THREADS)

    def run(number: int) -> object:
        try:
            start.wait()
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_appends_to_one_chain_at_once_stand_one_after_the_other() -> None:
    # when
    at_once(lambda n: [record("case:1", f"act-{n}", by=PLATFORM, at=AT, payload={"i": i}) for i in range(5)])
    # then
    sequences = list(Event.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, THREADS * 5 + 1))
    assert ChainHead.objects.get(pk="case:1").sequence == THREADS * 5
    assert verify() is None


def test_acts_on_the_same_two_subjects_at_once_do_not_wait_for_each_other_for_ever() -> None:
    def act(_number: int) -> None:
        with transaction.atomic():
            for subject in ("case:1", "case:2"):
                record(subject, "act", by=PLATFORM, at=AT)

    at_once(act)
    assert Event.objects.count() == THREADS * 2
    assert verify() is None


def test_sealers_at_once_seal_every_row_exactly_once() -> None:
    # given
    for n in range(20):
        record(f"case:{n}", "file", by=PLATFORM, at=AT)
    # when
    at_once(lambda _n: sealing.seal(at=AT))
    # then
    assert SealMember.objects.count() == 20
    assert Seal.objects.count() == 1
    assert verify() is None


def test_after_the_tables_were_emptied_the_guards_stand_again() -> None:
    assert guards.missing_guards(connection) == []
