"""The portal's own signature over a record of a document: over its content and provenance together."""

from __future__ import annotations

from typing import Protocol

from guiyang_data.ledger.hashing import canonical
from guiyang_data.ledger.signing import holds, signer


class Signed(Protocol):
    """A record that says what of it is signed."""

    signature: str
    signature_algorithm: str

    def statement(self) -> dict[str, object]: ...


def sign_record(row: Signed) -> None:
    """Put the signature into the row, which is complete but for it."""
    hand = signer()
    row.signature, row.signature_algorithm = hand.sign(canonical(row.statement())), hand.algorithm


def record_holds(row: Signed) -> bool:
    """Whether the row says what was signed, by the installation's key of the algorithm that signed it."""
    return holds(canonical(row.statement()), row.signature, row.signature_algorithm)
