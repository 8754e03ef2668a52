"""The tables of the matrix, one text file for each part of the portal.

A row is ``route  key  method  letters``: the route as ``reverse`` knows it, the key of the object in ``world`` that
its address names, and one letter for every column of ``people.COLUMNS``:

``.`` answered (200), or carried out · ``+`` led on to another page · ``L`` led to sign-in · ``1`` no account or token
(401) · ``3`` seen, not allowed (403) · ``4`` not seen (404) · ``5`` this address knows no such method (405) ·
``9`` allowed, but not in this state (409) · ``2`` what was sent is incomplete (422), asked before the act asks who
may · ``0`` not readable (400) · ``m`` not this kind of content (415) · ``g`` gone (410) · ``*`` ready or not (200 or
503), as the machine is · ``-`` not asked: services hold no session, so pages know them as anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table."""

    route: str
    key: str
    method: str
    letters: str

    @property
    def is_api(self) -> bool:
        """Whether the answer is for programs: services are asked too."""
        return "-api:" in self.route or self.route in {"oauth-token", "schema"}

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.key}"


def rows() -> list[Row]:
    """Every row of every table."""
    return [row for path in sorted(FOLDER.glob("*.txt")) for row in _rows_of(path)]


def _rows_of(path: Path) -> Iterator[Row]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            route, key, method, letters = line.split()
            yield Row(route=route, key=key, method=method, letters=letters)
