"""Numbers by which a person is known: whether a text is one, where a text holds some, and how one is shown masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stdnum import luhn
from stdnum.cn import ric

RESIDENT_ID, MOBILE, BANK_CARD = "resident-id", "mobile", "bank-card"

_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)} | {0xFF0B: "+", 0xFF0D: "-", 0x3000: " ", 0xFF38: "X"}
"""Full-width digits and signs, as Chinese input methods write them."""
_PROVINCES = {str(code) for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55))}
_PROVINCES |= {"61", "62", "63", "64", "65", "71", "81", "82", "83"}
"""What the number of a card begins with (GB/T 2260)."""
_LEAST_DIGITS = re.compile(r"\d[\d -]{9,}")
"""Nothing shorter is a number of a person; most cells end here."""
_EDGE, _END = r"(?<![0-9A-Za-z_.])", r"(?!\.?[0-9A-Za-z_])"
_RESIDENT = re.compile(rf"{_EDGE}\d{{17}}[\dXx]{_END}")
_MOBILE = re.compile(rf"{_EDGE}(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{{4}}){{2}}{_END}")
_CARD = re.compile(rf"{_EDGE}[3-6]\d{{3}}(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?{_END}")


def is_resident_id(text: str) -> bool:
    """Whether a number can be on somebody's card: a province and a day of birth that exist, the right last character.

    Of the region no more is asked: it is that of the registration, and its code may be younger than its holder.
    """
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text) or text[:2] not in _PROVINCES:
        return False
    try:
        ric.get_birth_date(text)
    except ValueError:
        return False
    return bool(ric.calc_check_digit(text) == text[-1])


def is_mobile(text: str) -> bool:
    """A mobile number of the mainland, with or without its country code."""
    return re.fullmatch(r"(\+?86[- ]?)?1[3-9]\d{9}", text) is not None


def is_bank_card(text: str) -> bool:
    """Sixteen to nineteen digits that pass the check of payment cards."""
    return re.fullmatch(r"[3-6]\d{15,18}", text) is not None and bool(luhn.is_valid(text))


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    (RESIDENT_ID, _RESIDENT, lambda found: is_resident_id(found.upper())),
    (BANK_CARD, _CARD, lambda found: is_bank_card(re.sub(r"[ -]", "", found))),
    (MOBILE, _MOBILE, lambda found: True),
)


def numbers_in(text: str) -> Iterator[tuple[str, str]]:
    """``(kind, number as written)`` for every number of a person in a text; full-width digits count as well."""
    plain = text if text.isascii() else text.translate(_NARROW)
    if not _LEAST_DIGITS.search(plain):
        return
    for kind, pattern, holds in _KINDS:
        taken: list[str] = []
        for match in pattern.finditer(plain):
            if holds(match[0]):
                taken.append(match[0])
                yield kind, match[0]
        for number in taken:
            plain = plain.replace(number, "·")


def masked(number: str) -> str:
    """A number as it may be shown: its first three and last two characters."""
    return number[:3] + "*" * max(len(number) - 5, 1) + number[-2:]


def text_masked(text: str) -> str:
    """A text with every number of a person in it masked."""
    shown = text.translate(_NARROW)
    for _kind, number in numbers_in(text):
        shown = shown.replace(number, masked(number))
    return shown
