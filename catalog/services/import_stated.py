"""A mapping that a person wrote down: which column is which element, in whatever words they have for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.services.import_words import SYNONYMS, TARGETS
from catalog.workflow import COMPILE
from guiyang_data.errors import RuleBroken
from guiyang_data.tables.columns import header_key

NOT_IMPORTED = ("", "ignore", "skip", "不导入", "email", "data_volume", "views", "downloads")
"""What means that a column is left out; some are what portals tell and the guide has no element for."""


def stated_mapping(stated: Mapping[str, Any], columns: Sequence[str], proposed: Mapping[str, str]) -> dict[str, str]:
    """The mapping for a file: what was stated, and for other columns what was proposed.

    ``stated``: column -> element, or element -> column where no key is a column of the file. An element is named by
    its own name, its Chinese label, or another name it is known by; empty leaves a column out.
    Raises RuleBroken, naming it, for words that name no element, and for a column that the file has not and that is not
    to be left out.
    """
    if stated and _is_turned_round(stated, columns):
        stated = {str(column): element for element, column in stated.items() if column}
    said = {column: _element(column, words) for column, words in stated.items()}
    foreign = [column for column, element in said.items() if element and column not in columns]
    if foreign:
        raise _refused(
            f"对应关系里写了文件没有的列：{'、'.join(foreign)}。文件的列是：{'、'.join(columns)}。请改正后重新导入。"
        )
    taken = set(said.values()) - {""}
    return {
        column: said[column] if column in said else ("" if proposed.get(column) in taken else proposed.get(column, ""))
        for column in columns
    }


def _is_turned_round(stated: Mapping[str, Any], columns: Sequence[str]) -> bool:
    return not any(key in columns for key in stated) and any(str(value) in columns for value in stated.values())


def _element(column: str, words: Any) -> str:
    if words is None or header_key(str(words)) in NOT_IMPORTED:
        return ""
    found = ELEMENTS_BY_WORD.get(header_key(str(words)))
    if found is None:
        raise _refused(
            f"对应关系里「{column}」对应的「{words}」不是目录的要素。可以写：{'、'.join(TARGETS)}；留空表示不导入。"
        )
    return found


def _by_word() -> dict[str, str]:
    others = {header_key(word): element for element, words in SYNONYMS.items() for word in words}
    labels = {header_key(label.split("（")[0]): element for element, label in TARGETS.items()}
    return others | labels | {element: element for element in TARGETS}


ELEMENTS_BY_WORD = _by_word()


def _refused(message: str) -> RuleBroken:
    return RuleBroken(message, basis=COMPILE, fields={"mapping": message})
