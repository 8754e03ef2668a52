"""The code by which everybody verifies a document. Nobody guesses it; only its keyed hash finds the document."""

from __future__ import annotations

import secrets

from guiyang_data.accounts.protection import blind_index

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
    """What is stored for a code and looked for."""
    return blind_index(f"edocument-code:{plain(code)}")


def holder_index(text: str) -> str:
    """What is stored for a holder's name or number and looked for: blanks and width do not count."""
    return blind_index(f"edocument-holder:{''.join(text.split())}") if text.strip() else ""
