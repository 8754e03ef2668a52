#!/usr/bin/env python3
"""Check an export of the portal's ledger without the portal: Python's standard library, and ``openssl``.

    python3 verify_export.py export.jsonl --public-key public-key.pem --outside 2026-11.jsonl

Every row's content must give its hash, every chain must be whole, the rows under a seal must give its Merkle root, and
the seal's signature must hold under the public key. With ``--outside``, the files that the portal writes outside its
database (or copies kept elsewhere since) must say the same of every seal. The first thing that does not hold is named,
and the exit code says what kind of fault it is; docs/operating.md lists the codes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HOLDS = 0
UNREADABLE = 3
ROW_CHANGED, ROW_MISSING, ROW_ADDED, ROW_ORDER, CHAIN_BROKEN, HEAD_CHANGED = 10, 11, 12, 13, 14, 15
ROOT_WRONG, SEAL_CHANGED, SEAL_MISSING, SIGNATURE_WRONG, KEY_WRONG = 20, 21, 22, 23, 24
OUTSIDE_DIFFERS, OUTSIDE_CUT = 25, 26
NO_OPENSSL = 30

FORMAT = "guiyang-ledger-1"
SEALED = ("number", "root", "count", "heads", "algorithm", "sealed_at")
CHAIN_ORDER = {"event": 0, "access": 1}
VERIFY = {
    "Ed25519": ["-rawin"],
    "SM2": ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
}


class Fault(Exception):
    """The first thing that does not hold."""

    def __init__(self, code: int, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.code = code


# --- hashes ------------------------------------------------------------------------------------------


def digest(values: Any, previous: str = "") -> str:
    """SHA-256 of a row chained to the one before it: canonical JSON has sorted keys and no blanks."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous.encode("ascii") + b"\n" + text.encode()).hexdigest()


def leaf(row_hash: str) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(row_hash)).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[str]) -> str:
    level = [leaf(one) for one in hashes]
    while len(level) > 1:
        pairs = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex() if level else hashlib.sha256(b"").hexdigest()


def root_by_path(row_hash: str, path: Iterable[tuple[str, str]]) -> str:
    found = leaf(row_hash)
    for side, neighbour in path:
        other = bytes.fromhex(neighbour)
        found = node(other, found) if side == "left" else node(found, other)
    return found.hex()


# --- the file ----------------------------------------------------------------------------------------


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of an export but its last, which must hold their number and checksum."""
    checksum, number, waiting = hashlib.sha256(), 0, b""
    with path.open("rb") as file:
        for raw in file:
            if waiting:
                checksum.update(waiting)
                number += 1
                yield parsed(waiting, number)
            waiting = raw
    end = parsed(waiting or b"{}", number + 1)
    if end.get("kind") != "end":
        raise Fault(UNREADABLE, f"line {number + 1}", "the file has no end line: it was cut off")
    if end.get("lines") != number or end.get("sha256") != checksum.hexdigest():
        raise Fault(UNREADABLE, "end line", "the file is not as it was written, though every row and seal holds")


def parsed(raw: bytes, number: int) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise Fault(UNREADABLE, f"line {number}", "is no JSON object")
    return line


def by_seal(lines: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each seal with the rows that follow it."""
    seal: dict[str, Any] | None = None
    rows: list[dict[str, Any]] = []
    for line in lines:
        if line.get("kind") == "seal":
            if seal is not None:
                yield seal, rows
            seal, rows = line, []
        elif line.get("kind") in CHAIN_ORDER and seal is not None:
            rows.append(line)
        else:
            raise Fault(UNREADABLE, f"a line of kind {line.get('kind')!r}", "stands where no such line belongs")
    if seal is not None:
        yield seal, rows


# --- rows --------------------------------------------------------------------------------------------


def name_of(row: dict[str, Any]) -> str:
    values = row["values"]
    if row["kind"] == "event":
        return f"event {row['row']} ({values['subject']} #{values['sequence']})"
    return f"access {row['row']} (reading {values['reading']} {values['phase']})"


def check_row(row: dict[str, Any]) -> None:
    if row["kind"] == "access" and row["values"].get("id") != row["row"]:
        raise Fault(ROW_CHANGED, name_of(row), "its number is not that of its content")
    if digest(row["values"], row.get("previous_hash", "")) != row["hash"]:
        raise Fault(ROW_CHANGED, name_of(row), "its content does not give the hash it was sealed with")


def check_order(seal: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Leaves without a gap, and rows in the order in which they are sealed: events before readings, by number."""
    place = (-1, -1)
    for expected, row in enumerate(rows):
        if row["leaf"] > expected:
            raise Fault(ROW_MISSING, f"seal {seal['number']}, leaf {expected}", "the row that lay here is gone")
        if row["leaf"] < expected or expected >= seal["count"]:
            raise Fault(ROW_ADDED, name_of(row), f"seal {seal['number']} was not put on this row")
        mine = (CHAIN_ORDER[row["kind"]], row["row"])
        if mine <= place:
            raise Fault(ROW_ORDER, name_of(row), "stands behind a row that was sealed after it")
        place = mine
    if len(rows) < seal["count"]:
        raise Fault(ROW_MISSING, f"seal {seal['number']}, leaf {len(rows)}", "the row that lay here is gone")


class Chains:
    """The events of every subject, each following the one before. The first that is seen may have a number above 1."""

    def __init__(self) -> None:
        self._ends: dict[str, tuple[int, str]] = {}

    def follow(self, row: dict[str, Any]) -> None:
        subject, sequence = row["values"]["subject"], row["values"]["sequence"]
        known = self._ends.get(subject, (0, "") if sequence == 1 else (sequence - 1, row["previous_hash"]))
        if sequence != known[0] + 1:
            raise Fault(CHAIN_BROKEN, name_of(row), f"expected #{known[0] + 1}: a row before it is missing")
        if row["previous_hash"] != known[1]:
            raise Fault(CHAIN_BROKEN, name_of(row), "does not follow the row before it")
        self._ends[subject] = (sequence, row["hash"])

    def check_heads(self, seal: dict[str, Any]) -> None:
        heads = seal.get("chain_heads", {})
        if digest(heads) != seal["heads"]:
            raise Fault(HEAD_CHANGED, f"seal {seal['number']}", "its heads of chains are not those that were sealed")
        for subject, head in heads.items():
            if self._ends.get(subject) != (head["sequence"], head["hash"]):
                raise Fault(HEAD_CHANGED, f"chain {subject}", f"does not end where seal {seal['number']} says")


def check_whole(seal: dict[str, Any], rows: list[dict[str, Any]], chains: Chains) -> None:
    check_order(seal, rows)
    # a second pass: events of one subject follow one another by sequence, whatever their ids
    for row in rows:
        check_row(row)
    events = [row for row in rows if row["kind"] == "event"]
    for row in sorted(events, key=lambda row: (row["values"]["subject"], row["values"]["sequence"])):
        chains.follow(row)
    if root_of(row["hash"] for row in rows) != seal["root"]:
        raise Fault(ROOT_WRONG, f"seal {seal['number']}", "its rows do not give its root")
    chains.check_heads(seal)


def check_chosen(seal: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        check_row(row)
        if root_by_path(row["hash"], row["path"]) != seal["root"]:
            raise Fault(ROOT_WRONG, name_of(row), f"its path does not lead to the root of seal {seal['number']}")


# --- seals -------------------------------------------------------------------------------------------


class Seals:
    """Seals one after the other: content, place, signature, and what the files outside say."""

    def __init__(self, header: dict[str, Any], key: Path | None, outside: dict[int, str] | None) -> None:
        self._whole = header["scope"] == "whole"
        self._keys = dict(header["public_keys"])
        self._first = 0
        self._last: tuple[int, str] | None = None
        self._after = header.get("after", "")
        self._outside = outside
        if key is not None:
            self._trust(key.read_text(encoding="ascii"))

    def _trust(self, pem: str) -> None:
        if pem.strip() not in {known.strip() for known in self._keys.values()}:
            raise Fault(KEY_WRONG, "header", "the public key of the export is not the one given")
        self._keys = {name: known for name, known in self._keys.items() if known.strip() == pem.strip()}

    def check(self, seal: dict[str, Any]) -> None:
        place = f"seal {seal['number']}"
        if digest({name: seal[name] for name in SEALED}, seal["previous_hash"]) != seal["hash"]:
            raise Fault(SEAL_CHANGED, place, "its content does not give its hash")
        self._follow(seal, place)
        if seal["algorithm"] not in self._keys:
            raise Fault(KEY_WRONG, place, f"was signed with {seal['algorithm']}, for which no trusted key is given")
        if not signature_holds(seal, self._keys[seal["algorithm"]]):
            raise Fault(SIGNATURE_WRONG, place, "its signature does not hold")
        if self._outside is not None and self._outside.get(seal["number"], seal["hash"]) != seal["hash"]:
            raise Fault(OUTSIDE_DIFFERS, place, "the file outside says otherwise")

    def _follow(self, seal: dict[str, Any], place: str) -> None:
        number, previous = self._last or (seal["number"] - 1, self._after)
        if self._whole and (seal["number"] != number + 1 or seal["previous_hash"] != previous):
            raise Fault(SEAL_MISSING, place, "does not follow the seal before it")
        if not self._whole and seal["number"] <= number and self._last:
            raise Fault(SEAL_MISSING, place, "stands behind a later seal")
        self._first = self._first or seal["number"]
        self._last = (seal["number"], seal["hash"])

    def check_end(self) -> None:
        """What the files outside have after the first seal of a whole export must be in it, and the reverse."""
        if self._outside is None or not self._whole or self._last is None:
            return
        beyond = [number for number in self._outside if number > self._last[0]]
        if beyond:
            raise Fault(OUTSIDE_CUT, f"seal {min(beyond)}", "stands in the file outside and is missing from the export")
        for number in range(self._first, self._last[0] + 1):
            if number not in self._outside:
                raise Fault(OUTSIDE_CUT, f"seal {number}", "is missing from the files outside")


def signature_holds(seal: dict[str, Any], pem: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        key, message, signature = (Path(folder) / name for name in ("key.pem", "message", "signature"))
        key.write_text(pem, encoding="ascii")
        message.write_bytes(seal["hash"].encode("ascii"))
        try:
            signature.write_bytes(bytes.fromhex(seal["signature"]))
        except ValueError:
            return False
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), *VERIFY.get(seal["algorithm"], [])]
        files = ["-in", str(message), "-sigfile", str(signature)]
        done = subprocess.run([*command, *files], capture_output=True, check=False)  # noqa: S603  of our own words
        return done.returncode == 0


def read_outside(paths: list[Path]) -> dict[int, str] | None:
    """The hash of every seal by its number, from the files the portal writes outside its database."""
    found: dict[int, str] = {}
    for path in paths:
        for number, raw in enumerate(path.read_bytes().splitlines(), start=1):
            line = parsed(raw, number)
            if not {"number", "hash"} <= line.keys():
                raise Fault(UNREADABLE, f"{path.name} line {number}", "is no seal")
            if found.setdefault(line["number"], line["hash"]) != line["hash"]:
                raise Fault(OUTSIDE_DIFFERS, f"seal {line['number']}", "the files outside contradict one another")
    return found if paths else None


# --- all of it ---------------------------------------------------------------------------------------


def verify(export: Path, key: Path | None, outside: list[Path]) -> tuple[int, int]:
    """Raise the first fault; return how many seals and rows hold."""
    lines = read(export)
    header = next(lines, {})
    if header.get("kind") != "header" or header.get("format") != FORMAT:
        raise Fault(UNREADABLE, "line 1", f"is no header of the format {FORMAT}")
    seals, chains, counted = Seals(header, key, read_outside(outside)), Chains(), [0, 0]
    for seal, rows in by_seal(lines):
        if header["scope"] == "whole":
            check_whole(seal, rows, chains)
        else:
            check_chosen(seal, rows)
        seals.check(seal)
        counted[0] += 1
        counted[1] += len(rows)
    seals.check_end()
    return counted[0], counted[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--public-key", type=Path, help="the city's public key, from where you trust it (PEM)")
    parser.add_argument("--outside", type=Path, nargs="*", default=[], help="files of seals kept outside the database")
    asked = parser.parse_args()
    if shutil.which("openssl") is None:
        return say("openssl is not installed: signatures cannot be checked", NO_OPENSSL)
    try:
        seals, rows = verify(asked.export, asked.public_key, asked.outside)
    except Fault as fault:
        return say(f"DOES NOT HOLD ({fault.code}) {fault}", fault.code)
    except (KeyError, TypeError, ValueError, OSError) as error:
        return say(f"DOES NOT HOLD ({UNREADABLE}) the file is not readable as an export: {error!r}", UNREADABLE)
    say(f"holds: {rows} rows under {seals} seals")
    if asked.public_key is None:
        say("note: the public key was taken from the export itself; give --public-key for proof of who signed")
    if not asked.outside:
        say("note: without --outside nothing shows that the newest seals were not left out")
    return HOLDS


def say(text: str, code: int = HOLDS) -> int:
    """One line for whoever asked: what holds on the one stream, what does not on the other."""
    (sys.stderr if code else sys.stdout).write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
