"""An export proves itself to a third party: ``scripts/verify_export.py`` names what was done to it, with a code."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from guiyang_data.ledger import sealing
from guiyang_data.ledger.checks import check_signer
from guiyang_data.ledger.hashing import digest, merkle_root
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM, close_access, open_access, record
from guiyang_data.ledger.signing import Ed25519Signer, SM2Signer, new_sm2_key

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SCRIPT = Path(settings.BASE_DIR) / "scripts" / "verify_export.py"
Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def seals(settings: Any, tmp_path: Path) -> Path:
    settings.SEAL_DIR = tmp_path / "seals"
    return tmp_path / "seals"


@pytest.fixture
def recorded() -> None:
    """Under three seals: acts on two subjects, a reading of two agencies through one grant each."""
    for minute in range(3):
        at = AT + minute * MINUTE
        for case in (1, 2):
            record(f"case:{case}", "act", by=PLATFORM, at=at, payload={"minute": minute, "share": 0.5, "名": "值"})
        for grant in (7, 8):
            opened = open_access(
                by=PLATFORM, at=at, resource="entry:1", grant=f"sharing.sharinggrant:{grant}", purpose="核验"
            )
            close_access(opened, at=at, rows=3)
        sealing.seal(at=at)


def exported(path: Path, **options: Any) -> Lines:
    call_command("export_ledger", str(path), **options)
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def written(path: Path, lines: Lines) -> Path:
    """The lines as somebody writes them who knows the format: the end line is right again."""
    body = b"".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        for line in lines[:-1]
    )
    end = {"kind": "end", "lines": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    path.write_bytes(body + json.dumps(end).encode() + b"\n")
    return path


def checked(export: Path, seals: Path, *, key: Path | None = None, outside: bool = True) -> tuple[int, str]:
    """Run the script as a third party does: a Python without the portal's packages."""
    words = [sys.executable, "-I", "-S", str(SCRIPT), str(export), "--public-key", str(key or seals / "public-key.pem")]
    if outside:
        words += ["--outside", *map(str, sorted(seals.glob("*.jsonl")))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.mark.usefixtures("recorded")
def test_an_untouched_export_holds_and_its_making_is_recorded(tmp_path: Path, seals: Path) -> None:
    exported(tmp_path / "export.jsonl")
    assert checked(tmp_path / "export.jsonl", seals) == (0, "holds: 18 rows under 3 seals")
    assert Event.objects.filter(subject="ledger:exports", verb="export-ledger").count() == 1


# --- what somebody may do to an export -----------------------------------------------------------------


def rows(lines: Lines) -> Lines:
    return [line for line in lines if line["kind"] in {"event", "access"}]


def of_seal(lines: Lines, number: int) -> tuple[int, int]:
    """Where a seal's line stands, and where the next one does."""
    starts = [place for place, line in enumerate(lines) if line["kind"] in {"seal", "end"}]
    return starts[number - 1], starts[number]


def edit_event(lines: Lines) -> None:
    lines[of_seal(lines, 2)[0] + 1]["values"]["payload"]["minute"] = 99


def edit_reading(lines: Lines) -> None:
    lines[of_seal(lines, 2)[0] + 3]["values"]["purpose"] = "其他"


def edit_reading_and_hash(lines: Lines) -> None:
    row = lines[of_seal(lines, 2)[0] + 3]
    row["values"]["purpose"] = "其他"
    row["hash"] = digest(row["values"])


def delete_row(lines: Lines) -> None:
    del lines[of_seal(lines, 2)[0] + 1]


def delete_last_rows(lines: Lines) -> None:
    del lines[-4:-1]


def swap_rows(lines: Lines) -> None:
    first = of_seal(lines, 2)[0] + 3
    one, other = lines[first], lines[first + 1]
    one["leaf"], other["leaf"] = other["leaf"], one["leaf"]
    lines[first], lines[first + 1] = other, one


def insert_row(lines: Lines) -> None:
    at = of_seal(lines, 3)[1]
    added = json.loads(json.dumps(lines[at - 1]))
    added["row"] += 1
    added["leaf"] += 1
    added["values"]["id"] += 1
    added["hash"] = digest(added["values"])
    lines.insert(at, added)


def delete_event_and_renumber(lines: Lines) -> None:
    """An event taken out, the leaves and the count of its seal put right."""
    start, end = of_seal(lines, 2)
    del lines[start + 1]
    for line in lines[start + 1 : end - 1]:
        line["leaf"] -= 1
    lines[start]["count"] -= 1


def rebuild_chain(lines: Lines) -> None:
    """Every event of a subject recomputed, but not the seals."""
    previous = ""
    for row in rows(lines):
        if row["kind"] == "event" and row["values"]["subject"] == "case:1":
            row["values"]["payload"]["minute"] += 100
            row["previous_hash"] = previous
            previous = row["hash"] = digest(row["values"], previous)


def rebuild_all(lines: Lines, sign: Callable[[str], str] | None = None) -> None:
    """Everything recomputed up to the hashes of the seals; signed where there is a key."""
    rebuild_chain(lines)
    previous = ""
    for number in (1, 2, 3):
        start, end = of_seal(lines, number)
        seal, members = lines[start], lines[start + 1 : end]
        for row in members:
            if row["kind"] == "event":
                subject, sequence = row["values"]["subject"], row["values"]["sequence"]
                seal["chain_heads"][subject] = {"sequence": sequence, "hash": row["hash"]}
        seal["root"], seal["heads"] = merkle_root([row["hash"] for row in members]), digest(seal["chain_heads"])
        seal["previous_hash"] = previous
        kept = ("number", "root", "count", "heads", "algorithm", "sealed_at")
        previous = seal["hash"] = digest({name: seal[name] for name in kept}, previous)
        seal["signature"] = sign(seal["hash"]) if sign else seal["signature"]


def stolen_key(lines: Lines) -> None:
    rebuild_all(lines, lambda text: Ed25519Signer(settings.SEAL_KEY).sign(text.encode()))


def other_key(lines: Lines) -> None:
    forger = Ed25519Signer("somebody else")
    rebuild_all(lines, lambda text: forger.sign(text.encode()))
    lines[0]["public_keys"]["Ed25519"] = forger.public_key_pem()


def cut_last_seal(lines: Lines) -> None:
    start, end = of_seal(lines, 3)
    del lines[start:end]


def cut_middle_seal(lines: Lines) -> None:
    start, end = of_seal(lines, 2)
    del lines[start:end]


def edit_seal(lines: Lines) -> None:
    lines[of_seal(lines, 2)[0]]["sealed_at"] = "2026-03-02T01:31:30.000000+00:00"


def edit_heads(lines: Lines) -> None:
    lines[of_seal(lines, 2)[0]]["chain_heads"]["case:1"]["sequence"] = 9


def edit_signature(lines: Lines) -> None:
    lines[of_seal(lines, 2)[0]]["signature"] = "00" * 64


def skip_in_chain(lines: Lines) -> None:
    """An event that claims to be a later one of its subject, its hash put right."""
    row = lines[of_seal(lines, 2)[0] + 1]
    row["values"]["sequence"] = 5
    row["hash"] = digest(row["values"], row["previous_hash"])


TAMPERING: list[tuple[Callable[[Lines], None], int, str]] = [
    (edit_event, 10, "event {7} (case:1 #2): its content"),
    (edit_reading, 10, "access {9} (reading "),
    (edit_reading_and_hash, 20, "seal 2: its rows do not give its root"),
    (delete_row, 11, "seal 2, leaf 0: the row that lay here is gone"),
    (delete_last_rows, 11, "seal 3, leaf 3: the row that lay here is gone"),
    (swap_rows, 13, "access {9} (reading "),
    (insert_row, 12, "access +1 (reading "),
    (delete_event_and_renumber, 20, "seal 2: its rows do not give its root"),
    (rebuild_chain, 20, "seal 1: its rows do not give its root"),
    (rebuild_all, 23, "seal 1: its signature does not hold"),
    (other_key, 24, "header: the public key of the export is not the one given"),
    (stolen_key, 25, "seal 1: the file outside says otherwise"),
    (cut_last_seal, 26, "seal 3: stands in the file outside and is missing from the export"),
    (cut_middle_seal, 14, "event {13} (case:1 #3): expected #2"),
    (edit_seal, 21, "seal 2: its content does not give its hash"),
    (edit_heads, 15, "seal 2: its heads of chains"),
    (edit_signature, 23, "seal 2: its signature does not hold"),
    (skip_in_chain, 14, "event {7} (case:1 #5): expected #2"),
]


@pytest.mark.usefixtures("recorded")
def test_each_kind_of_tampering_has_its_code_and_names_the_first_bad_row(tmp_path: Path, seals: Path) -> None:
    whole = exported(tmp_path / "export.jsonl")
    numbers = {place: str(row["row"]) for place, row in enumerate(rows(whole), start=1)}
    last = str(int(numbers[18]) + 1)
    found = {}
    for tamper, *_ in TAMPERING:
        lines = json.loads(json.dumps(whole))
        tamper(lines)
        found[tamper.__name__] = checked(written(tmp_path / f"{tamper.__name__}.jsonl", lines), seals)
    for tamper, code, place in TAMPERING:
        words = place.replace("+1", last)
        for number in (7, 9, 13):
            words = words.replace(f"{{{number}}}", numbers[number])
        actual, text = found[tamper.__name__]
        assert (tamper.__name__, actual) == (tamper.__name__, code), text
        assert text.startswith(f"DOES NOT HOLD ({code}) {words}"), (tamper.__name__, text)


@pytest.mark.usefixtures("recorded")
def test_a_file_that_was_cut_or_a_file_outside_that_was_changed_is_named(tmp_path: Path, seals: Path) -> None:
    # given
    export = tmp_path / "export.jsonl"
    exported(export)
    whole = export.read_bytes()
    # a copy that broke off, one with a changed byte in the checksum, one that is nothing
    for broken in (whole[:-200], whole.replace(b'"sha256": "', b'"sha256": "0', 1), b"{", b""):
        export.write_bytes(broken)
        assert checked(export, seals)[0] == 3, broken[-80:]
    # the file outside edited, and with a line taken out
    export.write_bytes(whole)
    month = seals / "2026-03.jsonl"
    kept = month.read_text(encoding="utf-8").splitlines()
    month.write_text("\n".join([kept[0], json.dumps(json.loads(kept[1]) | {"hash": "0" * 64}), kept[2]]), "utf-8")
    assert checked(export, seals) == (25, "DOES NOT HOLD (25) seal 2: the file outside says otherwise")
    month.write_text("\n".join([kept[0], kept[2]]), encoding="utf-8")
    assert checked(export, seals) == (26, "DOES NOT HOLD (26) seal 2: is missing from the files outside")


@pytest.mark.usefixtures("recorded")
def test_a_party_proves_its_own_rows_without_showing_anothers(tmp_path: Path, seals: Path) -> None:
    # when
    lines = exported(tmp_path / "own.jsonl", grant=7)
    # then nothing in it speaks of the other's, not even the subjects under the same seals
    assert {row["values"]["grant"] for row in rows(lines)} == {"sharing.sharinggrant:7"}
    text = (tmp_path / "own.jsonl").read_text(encoding="utf-8")
    assert "sharinggrant:8" not in text
    assert "case:" not in text
    assert checked(tmp_path / "own.jsonl", seals) == (0, "holds: 6 rows under 3 seals")
    # a row that was changed with its hash, or put under another seal, leads to no root
    row = rows(lines)[0]
    row["values"]["rows"] = 1
    row["hash"] = digest(row["values"])
    code, said = checked(written(tmp_path / "changed.jsonl", lines), seals)
    assert code == 20
    assert f"access {row['row']}" in said


def test_seals_of_both_algorithms_are_checked_by_openssl(settings: Any, tmp_path: Path, seals: Path) -> None:
    # given a city that went over to SM2
    record("case:1", "act", by=PLATFORM, at=AT)
    sealing.seal(at=AT)
    settings.SEAL_KEY_PAIR = new_sm2_key()
    settings.SEAL_ALGORITHM = "SM2"
    record("case:1", "act", by=PLATFORM, at=AT + MINUTE)
    made = sealing.seal(at=AT + MINUTE)
    assert made is not None
    assert made.algorithm == "SM2"
    call_command("verify_ledger")
    # when the newer day is checked with the SM2 key
    lines = exported(tmp_path / "export.jsonl")
    del lines[slice(*of_seal(lines, 1))]
    lines[0]["after"] = made.previous_hash
    export = written(tmp_path / "newer.jsonl", lines)
    key = seals / "public-key-sm2.pem"
    assert checked(export, seals, key=key, outside=False)[0] == 0
    # then a signature by another SM2 key does not hold
    lines[of_seal(lines, 1)[0]]["signature"] = SM2Signer(new_sm2_key()).sign(made.hash.encode())
    assert checked(written(export, lines), seals, key=key, outside=False)[0] == 23
    # and the whole, of both, with the keys it brings
    words = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "export.jsonl")]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_a_key_that_does_not_fit_is_named_before_anything_is_sealed(settings: Any) -> None:
    assert check_signer() == []
    settings.SEAL_ALGORITHM = "SM2"
    for key, words in (
        ("", "no key that manage.py make_seal_key printed"),
        (new_sm2_key()[:64] + new_sm2_key()[64:], "halves"),
    ):
        settings.SEAL_KEY_PAIR = key
        (error,) = check_signer()
        assert words in str(error.msg)
    settings.SEAL_ALGORITHM = "RSA"
    assert "Ed25519 or SM2" in str(check_signer()[0].msg)


def test_an_sm2_signature_holds_for_its_message_alone() -> None:
    signer = SM2Signer(new_sm2_key())
    signature = signer.sign(b"seal")
    assert signer.verify(b"seal", signature)
    assert not signer.verify(b"other", signature)
    assert not signer.verify(b"seal", "zz")
    assert not SM2Signer(new_sm2_key()).verify(b"seal", signature)
