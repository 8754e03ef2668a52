"""A holder as the public sees one: recognised by whoever knows who it is, and no more."""

from __future__ import annotations

LONGEST_PERSON = 4


def masked_name(name: str) -> str:
    """「张**」 for a person, 「贵阳****公司」 for what has a longer name."""
    text = name.strip()
    if len(text) <= LONGEST_PERSON:
        return text[:1] + "*" * max(len(text) - 1, 1)
    return f"{text[:2]}****{text[-2:]}"
