"""The code by which everybody verifies a document. Nobody guesses it; only its keyed hash finds the document."""

from __future__ import annotations

import hashlib
import secrets

from guiyang_data.accounts.protection import blind_index, blind_indexes

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without characters that are mistaken for one another when copied by hand."""
GROUPS, GROUP_LENGTH = 4, 5


def new_code() -> str:
    """A fresh code such as ``7K3MA-9QXPB-2HTWC-R4D6E`` (99 bits)."""
    return spelled("".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)))


def plain(code: str) -> str:
    """The code as it counts: without dashes and spaces, in capitals."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def spelled(code: str) -> str:
    """The code as it is shown and printed, however it was typed: capitals in groups with dashes."""
    signs = plain(code)
    return "-".join(signs[at : at + GROUP_LENGTH] for at in range(0, len(signs), GROUP_LENGTH))


def code_index(code: str) -> str:
    """What is stored for a code."""
    return blind_index(_of_code(code))


def code_indexes(code: str) -> list[str]:
    """What is looked for, whenever it was stored."""
    return blind_indexes(_of_code(code))


def _of_code(code: str) -> str:
    return f"edocument-code:{plain(code)}"


def holder_index(text: str) -> str:
    """What is stored for a holder's name or number: blanks and width do not count."""
    return blind_index(_of_holder(text)) if text.strip() else ""


def holder_indexes(text: str) -> list[str]:
    """What is looked for, whenever it was stored."""
    return blind_indexes(_of_holder(text))


def _of_holder(text: str) -> str:
    return f"edocument-holder:{''.join(text.split())}"


def row_key_index(text: bytes) -> str:
    """What is stored for the key of a document's row, written as JSON."""
    return blind_index(_of_row_key(text))


def row_key_indexes(text: bytes) -> list[str]:
    """What is looked for, whenever it was stored."""
    return blind_indexes(_of_row_key(text))


def _of_row_key(text: bytes) -> str:
    # the keyed index tells no capitals apart, keys do
    return f"edocument-row:{hashlib.sha256(text).hexdigest()}"
