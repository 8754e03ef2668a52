"""Each minute, what has no seal yet goes under one: in the database and in a file outside it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from guiyang_data.ledger import sealing, tasks
from guiyang_data.ledger.models import Event, Seal, SealMember
from guiyang_data.ledger.selectors import last_seal, sealed_events
from guiyang_data.ledger.services import PLATFORM, open_access, record

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def seals(settings: object, tmp_path: Path) -> Path:
    settings.SEAL_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def test_nothing_recorded_gives_no_seal(seals: Path) -> None:
    assert sealing.seal(at=AT) is None
    assert not Seal.objects.exists()
    assert not list(seals.iterdir())


def test_events_and_readings_go_under_one_seal_with_the_heads_of_their_chains() -> None:
    # given
    record("case:1", "file", by=PLATFORM, at=AT)
    last = record("case:1", "reply", by=PLATFORM, at=AT)
    open_access(by=PLATFORM, at=AT, resource="entry:1")
    # when
    made = sealing.seal(at=AT)
    # then
    assert made is not None
    assert (made.number, made.count) == (1, 3)
    assert made.heads == {"case:1": {"sequence": 2, "hash": last.hash}}


def test_sealing_twice_seals_every_row_once() -> None:
    # given
    record("case:1", "file", by=PLATFORM, at=AT)
    # when
    first, second = sealing.seal(at=AT), sealing.seal(at=AT)
    # then
    assert first is not None
    assert second is None
    assert SealMember.objects.count() == 1


def test_a_row_that_was_committed_late_under_a_smaller_id_is_sealed_by_the_next_seal() -> None:
    # given a row with a high id under a seal
    record("case:1", "file", by=PLATFORM, at=AT)
    sealing.seal(at=AT)
    late = Event.objects.get(subject="case:1")
    # when one with a smaller id appears after it
    Event.objects.create(
        id=late.pk - 1, subject="case:0", sequence=1, verb="file", actor="platform", at=AT, hash="1" * 64
    )
    made = sealing.seal(at=AT + dt.timedelta(minutes=1))
    # then
    assert made is not None
    assert list(SealMember.objects.filter(seal=made).values_list("row", flat=True)) == [late.pk - 1]


def test_each_seal_follows_the_one_before_and_stands_in_the_file_of_its_month(seals: Path) -> None:
    record("case:1", "file", by=PLATFORM, at=AT)
    first = sealing.seal(at=AT)
    record("case:1", "reply", by=PLATFORM, at=AT)
    second = sealing.seal(at=AT.replace(month=4))
    assert first is not None
    assert second is not None
    assert second.previous_hash == first.hash
    assert last_seal() == second
    assert json.loads((seals / "2026-03.jsonl").read_text(encoding="utf-8"))["hash"] == first.hash
    assert json.loads((seals / "2026-04.jsonl").read_text(encoding="utf-8"))["hash"] == second.hash
    assert "PUBLIC KEY" in (seals / "public-key.pem").read_text(encoding="ascii")


def test_who_follows_the_seals_sees_carried_out_acts_once_and_refused_ones_never() -> None:
    # given
    record("case:1", "file", by=PLATFORM, at=AT)
    record("case:1", "reply", by=PLATFORM, at=AT, refused=True)
    first = sealing.seal(at=AT)
    assert first is not None
    # then
    assert [event.verb for event in sealed_events(after_seal=0, up_to_seal=1)] == ["file"]
    assert not sealed_events(after_seal=first.number, up_to_seal=9).exists()
    assert not sealed_events(after_seal=0, up_to_seal=1, verbs={"withdraw"}).exists()


def test_a_seal_whose_sealer_was_killed_before_writing_it_outside_is_written_by_the_next(seals: Path) -> None:
    # given a seal that only the database has
    record("case:1", "file", by=PLATFORM, at=AT)
    sealing.seal(at=AT)
    for file in seals.iterdir():
        file.unlink()
    # when
    assert sealing.seal(at=AT) is None
    # then
    assert json.loads((seals / "2026-03.jsonl").read_text(encoding="utf-8"))["number"] == 1
    assert sealing.write_outside() == 0


def test_the_task_and_the_command_seal(capsys: pytest.CaptureFixture[str]) -> None:
    record("case:1", "file", by=PLATFORM, at=AT)
    assert tasks.seal() == 1
    call_command("seal_ledger")
    assert capsys.readouterr().out.strip() == "nothing to seal"
