"""``verify_ledger`` names the first row that does not hold, whoever changed it and wherever."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from guiyang_data.ledger import guards, sealing
from guiyang_data.ledger.hashing import digest
from guiyang_data.ledger.models import Access, ChainHead, Event, Seal, SealMember
from guiyang_data.ledger.sealing import seal_values
from guiyang_data.ledger.services import PLATFORM, event_values, open_access, record
from guiyang_data.ledger.verification import verify

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def seals(settings: object, tmp_path: Path) -> Path:
    settings.SEAL_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def sealed(seals: Path) -> list[Event]:
    """Six events of two cases and a reading, under two seals."""
    events = [record(f"case:{n % 2 + 1}", "act", by=PLATFORM, at=AT, payload={"n": n}) for n in range(4)]
    open_access(by=PLATFORM, at=AT, resource="entry:1", purpose="核验")
    sealing.seal(at=AT)
    events += [record(f"case:{n % 2 + 1}", "act", by=PLATFORM, at=AT, payload={"n": n}) for n in range(4, 6)]
    sealing.seal(at=AT + MINUTE)
    return events


@pytest.fixture
def intruder() -> Iterator[None]:
    """Somebody who may do anything in the database."""
    guards.drop_guards(connection)
    yield
    guards.raise_guards(connection)


def fault() -> str:
    found = verify()
    return f"{found.place}: {found.reason}" if found else ""


@pytest.mark.usefixtures("sealed")
def test_an_untouched_ledger_holds(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_ledger")
    assert capsys.readouterr().out.strip() == "the ledger holds: 6 events under 2 seals"


@pytest.mark.usefixtures("intruder")
def test_a_changed_payload_is_named_and_the_command_fails(sealed: list[Event]) -> None:
    Event.objects.filter(pk=sealed[2].pk).update(payload={"n": 77})
    with pytest.raises(CommandError, match=rf"event {sealed[2].pk} \(case:1 #2\): its content does not give its hash"):
        call_command("verify_ledger")


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize(
    "change", [{"actor": "user:9"}, {"refused": True}, {"at": AT + MINUTE}, {"basis": "x"}, {"verb": "other"}]
)
def test_every_part_of_an_event_is_under_its_hash(sealed: list[Event], change: dict[str, object]) -> None:
    Event.objects.filter(pk=sealed[0].pk).update(**change)
    assert fault().startswith(f"event {sealed[0].pk} (case:1 #1)")


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize("with_members", [False, True])
def test_a_row_changed_with_its_hash_and_all_that_follow_is_found_by_the_seal(
    sealed: list[Event], with_members: bool
) -> None:
    # given somebody who recomputes the whole chain and its head, and the hashes beside the seal
    previous = ""
    for event in Event.objects.filter(subject="case:1").order_by("sequence"):
        event.payload = {"n": event.payload["n"] + 100}
        event.previous_hash = previous
        previous = event.hash = digest(event_values(event), previous)
        event.save()
    ChainHead.objects.filter(pk="case:1").update(hash=previous)
    if with_members:
        for event in Event.objects.filter(subject="case:1"):
            SealMember.objects.filter(kind="event", row=event.pk).update(hash=event.hash)
    # then the first changed row is named, or at least its seal
    named = f"event {sealed[0].pk}: is not the row that seal 1 was put on"
    assert fault() == ("seal 1: a row under it was changed, added or taken away" if with_members else named)


@pytest.mark.usefixtures("intruder")
def test_a_deleted_row_leaves_a_gap(sealed: list[Event]) -> None:
    Event.objects.filter(pk=sealed[2].pk).delete()
    assert fault() == f"event {sealed[4].pk} (case:1 #3): expected #2: a row before it is missing"


@pytest.mark.usefixtures("intruder")
def test_a_cut_tail_is_seen_at_the_chain_head(sealed: list[Event]) -> None:
    Event.objects.filter(pk=sealed[4].pk).delete()
    assert fault() == "chain case:1: its tail was cut or its head was changed"


@pytest.mark.usefixtures("intruder")
def test_a_tail_cut_together_with_its_head_is_seen_by_the_seal(sealed: list[Event]) -> None:
    Event.objects.filter(pk=sealed[4].pk).delete()
    ChainHead.objects.filter(pk="case:1").update(sequence=2, hash=sealed[2].hash)
    assert fault() == f"event {sealed[4].pk}: lies under seal 2 and is gone"


@pytest.mark.usefixtures("intruder")
def test_two_swapped_rows_are_named(sealed: list[Event]) -> None:
    first, second = sealed[0], sealed[2]
    Event.objects.filter(pk=first.pk).update(sequence=90)
    Event.objects.filter(pk=second.pk).update(sequence=1)
    Event.objects.filter(pk=first.pk).update(sequence=2)
    assert fault() == f"event {second.pk} (case:1 #1): does not follow the row before it"


@pytest.mark.usefixtures("intruder", "sealed")
def test_a_changed_reading_is_named() -> None:
    Access.objects.update(purpose="其他")
    assert fault() == f"access {Access.objects.get().pk}: is not the row that seal 1 was put on"


@pytest.mark.usefixtures("intruder", "sealed")
def test_readings_that_were_swapped_inserted_or_taken_away_are_found() -> None:
    # given another sealed reading
    other = open_access(by=PLATFORM, at=AT, resource="entry:2", purpose="核对")
    sealing.seal(at=AT + 2 * MINUTE)
    first = Access.objects.get(resource="entry:1")
    # when one takes the contents of the other
    Access.objects.filter(pk=first.pk).update(resource=other.resource, purpose=other.purpose)
    assert fault() == f"access {first.pk}: is not the row that seal 1 was put on"
    # when one is put under a seal afterwards
    Access.objects.filter(pk=first.pk).update(resource="entry:1", purpose="核验")
    assert fault() == ""
    added = open_access(by=PLATFORM, at=AT, resource="entry:3", purpose="补记")
    SealMember.objects.create(seal=Seal.objects.get(number=3), kind="access", row=added.pk, leaf=1)
    assert fault() == "seal 3: a row under it was changed, added or taken away"
    # when one is taken away
    SealMember.objects.filter(row=added.pk, kind="access").delete()
    Access.objects.filter(pk=first.pk).delete()
    assert fault() == f"access {first.pk}: lies under seal 1 and is gone"


def _change_root() -> None:
    Seal.objects.filter(number=1).update(root="0" * 64)


def _change_signature() -> None:
    Seal.objects.filter(number=1).update(signature="00" * 64)


def _forge_seal() -> None:
    """Everything recomputed, but without the key."""
    forged = Seal.objects.get(number=2)
    forged.count = 99
    forged.hash = digest(seal_values(forged), forged.previous_hash)
    forged.save()


def _take_seal_away() -> None:
    SealMember.objects.filter(seal__number=1).delete()
    Seal.objects.filter(number=1).delete()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_change_root, "seal 1: its content does not give its hash"),
        (_change_signature, "seal 1: its signature does not hold"),
        (_forge_seal, "seal 2: its signature does not hold"),
        (_take_seal_away, "seal 2: does not follow the seal before it"),
    ],
)
@pytest.mark.usefixtures("intruder", "sealed")
def test_a_changed_seal_is_named(change: Callable[[], None], expected: str) -> None:
    change()
    assert fault() == expected


@pytest.mark.usefixtures("sealed")
def test_a_changed_file_outside_the_database_is_named(seals: Path) -> None:
    # given
    path = seals / "2026-03.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    path.write_text("\n".join([lines[0], json.dumps(json.loads(lines[1]) | {"hash": "0" * 64})]), encoding="utf-8")
    # then
    assert fault() == "2026-03.jsonl line 2: seal 2 differs in the database"


@pytest.mark.usefixtures("intruder", "sealed")
def test_the_last_seal_taken_away_with_its_rows_is_seen_by_the_file_outside() -> None:
    # given somebody who removes the last minute from the database without a trace there
    rows = list(SealMember.objects.filter(seal__number=2).values_list("row", flat=True))
    SealMember.objects.filter(seal__number=2).delete()
    Seal.objects.filter(number=2).delete()
    Event.objects.filter(pk__in=rows).delete()
    for subject in ("case:1", "case:2"):
        last = Event.objects.filter(subject=subject).order_by("-sequence").first()
        assert last is not None
        ChainHead.objects.filter(pk=subject).update(sequence=last.sequence, hash=last.hash)
    # then
    assert fault() == "2026-03.jsonl line 2: seal 2 differs in the database"


@pytest.mark.usefixtures("sealed")
def test_a_file_outside_that_lost_a_seal_is_named(seals: Path) -> None:
    path = seals / "2026-03.jsonl"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert fault() == "seal 2: is missing from the files outside the database"


@pytest.mark.usefixtures("sealed")
def test_a_line_outside_that_is_no_seal_is_named(seals: Path) -> None:
    with (seals / "2026-03.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    assert fault() == "2026-03.jsonl line 3: is no seal"
