"""Secret codes that stand for an applicant without an account. Only a keyed hash is stored."""

from __future__ import annotations

import secrets

from guiyang_data.accounts.protection import blind_index, is_index_of

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without characters that are mistaken for one another when read out or copied by hand."""
GROUPS, GROUP_LENGTH = 3, 4


def new_code() -> str:
    """A fresh code such as ``7K3M-9QXP-2HTW`` (59 bits)."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def code_hash(number: str, code: str) -> str:
    """What is stored for a code: bound to its case number, so that equal codes do not look equal."""
    return blind_index(_hashed(number, code))


def _hashed(number: str, code: str) -> str:
    return f"{number}:{plain(code)}"


def plain(code: str) -> str:
    """The code as it counts: without dashes and spaces, in capitals."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def spelled(code: str) -> str:
    """The code as it is shown and printed, however it was typed: capitals in groups with dashes."""
    signs = plain(code)
    return "-".join(signs[at : at + GROUP_LENGTH] for at in range(0, len(signs), GROUP_LENGTH))


def code_fits(number: str, code: str, stored: str) -> bool:
    """Whether ``code`` opens the case, compared in constant time."""
    return bool(stored) and is_index_of(stored, _hashed(number, code))
