"""Numbers whose last sign checks the others, a column at a time by Arrow.

Every kind is one sum: each sign stands for some points, each place has its weight, and the sum leaves a certain rest.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

AT_ONCE = 16_384
FEWEST_NUMBERS = 3
SHARE_OF_NUMBERS = 0.8
"""Real files have some broken numbers; of other numbers one in ten passes by chance."""
_REAL_DAY = (
    r"(?:(?:18|19|20)\d{2}"
    r"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
    r"|(?:(?:18|19|20)(?:0[48]|[2468][048]|[13579][26])|2000)0229)"
)
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class CheckDigits(enum.StrEnum):
    """Which kind of number a text must be."""

    RESIDENT_ID = "resident-id"
    CREDIT_CODE = "credit-code"
    BANK_CARD = "bank-card"

    @property
    def label(self) -> str:
        """What the number is called."""
        return _RULES[self].label

    @property
    def reason(self) -> str:
        """Why a text is refused that is none."""
        return _RULES[self].reason


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """``steps``: what is added to a sign at its place before its points are looked up."""

    label: str
    reason: str
    shape: str
    points: dict[int, int]
    weights: Sequence[int]
    steps: Sequence[int]
    modulus: int
    rest: int


_RULES = {
    # GB 11643-1999: 18 signs with the day of birth; regions come and go, and are not asked
    CheckDigits.RESIDENT_ID: _Rule(
        label="居民身份证号码",
        reason="不是有效的居民身份证号码（位数、出生日期或者校验码不对）",
        shape=rf"\A\d{{6}}{_REAL_DAY}\d{{3}}[\dX]\z",
        points={ord(sign): value for value, sign in enumerate("0123456789X")},
        weights=(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1),
        steps=(0,) * 18,
        modulus=11,
        rest=1,
    ),
    # GB 32100-2015: who registered, what kind, region, body, check sign
    CheckDigits.CREDIT_CODE: _Rule(
        label="统一社会信用代码",
        reason="不是有效的统一社会信用代码（位数、字符或者校验码不对）",
        shape=rf"\A[{_LETTERS}]{{2}}\d{{6}}[{_LETTERS}]{{10}}\z",
        points={ord(sign): value for value, sign in enumerate(_LETTERS)},
        weights=(1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1),
        steps=(0,) * 18,
        modulus=31,
        rest=0,
    ),
    # ISO/IEC 7812: every second digit from the right counts double; the points of a doubled one stand ten further on
    CheckDigits.BANK_CARD: _Rule(
        label="银行卡号",
        reason="不是有效的银行卡号（位数或者校验码不对）",
        shape=r"\A[1-9]\d{15,18}\z",
        points={ord("0") + digit: digit for digit in range(10)}
        | {ord("0") + 10 + digit: sum(divmod(2 * digit, 10)) for digit in range(10)},
        weights=(1,) * 20,
        steps=(10, 0) * 10,
        modulus=10,
        rest=0,
    ),
}
SIGNS = 256


def _weighed(rule: _Rule) -> pa.Int32Array:
    """What a sign adds to the sum at each place: at ``place * 256 + sign``."""
    places = zip(rule.weights, rule.steps, strict=True)
    return pa.array(
        [weight * rule.points.get(sign + step, 0) for weight, step in places for sign in range(SIGNS)], pa.int32()
    )


_WEIGHED = {kind: _weighed(rule) for kind, rule in _RULES.items()}


def holds(kind: CheckDigits, text: pa.StringArray) -> pa.BooleanArray:
    """Which texts are numbers of this kind; a null is none."""
    shaped = pc.fill_null(pc.match_substring_regex(text, pattern=_RULES[kind].shape), fill_value=False)
    numbers = text.filter(shaped)
    if not len(numbers):
        return shaped
    parts = [_sums_up(kind, numbers.slice(start, AT_ONCE)) for start in range(0, len(numbers), AT_ONCE)]
    right = pa.concat_arrays(parts)
    return right if len(right) == len(text) else pc.replace_with_mask(shaped, shaped, right)


def _sums_up(kind: CheckDigits, numbers: pa.StringArray) -> pa.BooleanArray:
    rule, count = _RULES[kind], len(numbers)
    width = len(rule.weights)
    signs = _signs(pc.ascii_lpad(numbers, width=width, padding="0"), width)
    points = _WEIGHED[kind].take(pc.add(signs.cast(pa.uint16()), _places(width, count)))
    ends = pc.cumulative_sum(points).take(pa.arange(width - 1, width * count, width))
    sums = pc.subtract(ends, pa.concat_arrays([pa.array([0], pa.int32()), ends.slice(0, count - 1)]))
    whole = pc.multiply(pc.divide(sums, rule.modulus), rule.modulus)
    return pc.equal(pc.subtract(sums, whole), rule.rest)


def _signs(texts: pa.StringArray, width: int) -> pa.UInt8Array:
    """The signs of ASCII texts of one width, one after the other."""
    fixed = texts.cast(pa.binary()).cast(pa.binary(width))
    return pa.UInt8Array.from_buffers(
        pa.uint8(), len(fixed) * width, [None, fixed.buffers()[1]], offset=fixed.offset * width
    )


def _places(width: int, count: int) -> pa.UInt16Array:
    """Where the signs of each place begin in what they add, for so many numbers."""
    return _tiled(width).slice(0, width * count)


@cache
def _tiled(width: int) -> pa.UInt16Array:
    places = b"".join((place * SIGNS).to_bytes(2, sys.byteorder) for place in range(width))
    return pa.UInt16Array.from_buffers(pa.uint16(), width * AT_ONCE, [None, pa.py_buffer(places * AT_ONCE)])


def proposed_check(values: Sequence[str]) -> CheckDigits | None:
    """The kind of number that nearly all filled cells of a column are, None where there is none."""
    filled = [value.strip() for value in values if value.strip()]
    texts = pa.array(filled, pa.string())
    least = max(FEWEST_NUMBERS, SHARE_OF_NUMBERS * len(filled))
    return next((kind for kind in CheckDigits if (pc.sum(holds(kind, texts)).as_py() or 0) >= least), None)
