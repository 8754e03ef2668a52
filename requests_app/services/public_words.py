"""What everyone will read of a case holds no number by which a person is known.

A request, a reply, an objection and a result of a review are public at once, also in feeds and exports: whoever
writes a number of a person into one is told before it is sent. What only the agency reads may hold it.
"""

from __future__ import annotations

from collections.abc import Mapping

from guiyang_data.attachments.inspection.findings import WORDS
from guiyang_data.personal import masked, numbers_in

MOST_NAMED = 3
"""How many numbers one message points at; the others are found when it is sent again."""


def numbers_told(published: Mapping[str, str]) -> dict[str, str]:
    """What to take out of texts that will be public, by field name; the numbers are named masked."""
    found = {field: list(dict.fromkeys(numbers_in(text)))[:MOST_NAMED] for field, text in published.items()}
    return {field: _words(numbers) for field, numbers in found.items() if numbers}


def _words(numbers: list[tuple[str, str]]) -> str:
    named = "、".join(f"{WORDS[kind]} {masked(number)}" for kind, number in numbers)
    return f"这里写的内容会向社会公开，请删去其中的{named}。"
