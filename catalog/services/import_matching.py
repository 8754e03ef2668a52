"""Which column of a foreign catalogue is which element: by its name, else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from catalog.services.import_files import SourceTable
from catalog.services.import_values import as_cycle, as_data_type, as_day, as_opening, as_sharing_type
from catalog.services.import_words import element_named

Named = Callable[[str], tuple[str, int] | None]
"""What a header names, and how usual the name is (0 the most)."""

ADDRESS = re.compile(r"https?://\S+")
PHONE = re.compile(r"0\d{2,3}-?\d{7,8}|1\d{10}")
RESOURCE_CODE = re.compile(r"[1-3]\d{5,}/\d+")
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
LETTERS = re.compile(r"[\u4e00-\u9fff]")
LONGEST_NAME, SHORTEST_ABSTRACT = 40, 20
"""A column of names has fewer signs on the average, a column of abstracts more."""
SHARE = 0.8
"""How much of a column must look like a thing for the column to be taken as it."""


def _is_day(text: str) -> bool:
    return as_day(text) is not None


def _in_full(text: str) -> bool:
    """Not a number or a single sign, which may mean anything where no name says what: a place in a row, yes or no."""
    return len(text) > 1 and not text.isdigit()


CONTENT: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("source_key", ADDRESS.fullmatch),
    ("resource_code", RESOURCE_CODE.fullmatch),
    ("provider_code", CREDIT_CODE.fullmatch),
    ("contact_phone", PHONE.fullmatch),
    ("update_cycle", lambda text: as_cycle(text)),
    ("opening", lambda text: _in_full(text) and as_opening(text) is not None),
    ("sharing_type", lambda text: _in_full(text) and as_sharing_type(text)),
    ("item_data_type", lambda text: _in_full(text) and as_data_type(text)),
    ("published_on", _is_day),
    ("updated_on", _is_day),
)
"""What a value of a column without a known name would have to look like; each element is given once."""


def propose(table: SourceTable, remembered: Mapping[str, str] | None = None) -> dict[str, str]:
    """For each column the element it is taken as, or empty; each element at most once.

    ``remembered``: what was decided for a file with the same columns before.
    """
    if remembered and set(remembered) == set(table.columns):
        return {column: remembered[column] for column in table.columns}
    mapping = by_name(table.columns, element_named)
    for column in table.columns:
        if not mapping[column]:
            mapping[column] = by_content(table.values(column), set(mapping.values()), CONTENT)
    if "title" not in mapping.values():
        _guess_title(table, mapping)
    return mapping


def by_name(columns: Sequence[str], named: Named) -> dict[str, str]:
    """For each column what its name says, or empty; of several that name the same the most usual one."""
    mapping = dict.fromkeys(columns, "")
    best: dict[str, tuple[int, str]] = {}
    for column in columns:
        target, place = named(column) or ("", 0)
        if target and (target not in best or place < best[target][0]):
            best[target] = (place, column)
    if "opening" not in best and "opening_condition" in best:
        # where nothing else says whether, the condition does: 无条件开放, 不予开放
        best["opening"] = best.pop("opening_condition")
    for target, (_place, column) in best.items():
        mapping[column] = target
    return mapping


def _guess_title(table: SourceTable, mapping: dict[str, str]) -> None:
    """Names are short and hardly one twice; the longest text beside them tells what is in it."""
    texts = {column: table.values(column) for column in table.columns if not mapping[column]}
    written = {column: values for column, values in texts.items() if values and _in_words(values)}
    names = [
        column
        for column, values in written.items()
        if len(set(values)) > SHARE * len(values) and mean(map(len, values)) <= LONGEST_NAME
    ]
    if not names:
        return
    mapping[names[0]] = "title"
    others = {column: mean(map(len, values)) for column, values in written.items() if column != names[0]}
    longest = max(others, key=lambda column: others[column], default="")
    if longest and others[longest] >= SHORTEST_ABSTRACT and "abstract" not in mapping.values():
        mapping[longest] = "abstract"


def _in_words(values: Sequence[str]) -> bool:
    return sum(1 for value in values if len(LETTERS.findall(value)) > 1) >= SHARE * len(values)


def by_content(values: Sequence[str], taken: set[str], known: Sequence[tuple[str, Callable[[str], object]]]) -> str:
    """What a column holds, by what most of its values look like; of what is not taken yet, or empty."""
    if not values:
        return ""
    for target, fits in known:
        if target not in taken and sum(1 for value in values if fits(value)) >= SHARE * len(values):
            return target
    return ""
