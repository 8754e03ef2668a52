"""Rows of a file as entries to compile: what each states, with what is wrong in it by row and column."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Category
from catalog.services.import_files import SourceRow
from catalog.services.import_words import ITEM_TARGETS
from catalog.services.rules import ItemSpec

SHOWN = 60
LOOKS_ALIKE = "只差全角半角、空格、大小写，或者字母 O 和数字 0，按不同的条目导入，请核对"
SENSITIVITY, PROPOSED = "item_sensitivity", "proposed"
"""How items are marked of which the file does not say it: as the portal proposes by their names, or all as 非敏感."""
DEFAULTED = ("category", "sharing_type", "update_cycle", "field", "is_open")
"""Elements for which an import has a default."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong in a cell. ``fatal``: the row cannot be imported; else a default is taken."""

    line: int
    column: str
    value: str
    message: str
    fatal: bool


@dataclass
class DraftRow:
    """An entry to compile, or what a repeat says about one. ``key`` recognises it at the next import.

    ``said``: elements that the file states; ``elements``: with defaults for what it does not, as a new entry has them.
    ``items``: what it states of each information item, None where it says nothing about them.
    ``proposed``: by its name, the sensitivity of each item that is personal by name or check digits, where the file
    does not say it; a new item has it where ``takes_proposals``.
    ``resource_code``: the code the portal gave the entry, where the row is a record of this agency's own catalogue;
    such a row states the whole entry, and ``keeps_code`` where a new entry is to have it again.
    ``repeats``: the line that says word for word the same.
    """

    line: int
    said: dict[str, Any] = dataclasses.field(default_factory=dict)
    elements: dict[str, Any] = dataclasses.field(default_factory=dict)
    items: list[dict[str, Any]] | None = None
    proposed: dict[str, str] = dataclasses.field(default_factory=dict)
    takes_proposals: bool = True
    key: str = ""
    key_column: str = ""
    resource_code: str = ""
    keeps_code: bool = False
    words: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)
    repeats: int | None = None

    @property
    def title(self) -> str:
        """What the entry is called; empty where the row does not say."""
        return str(self.said.get("title", ""))

    @property
    def is_whole(self) -> bool:
        """Whether what the row leaves blank is meant to be blank."""
        return bool(self.resource_code)

    @property
    def is_refused(self) -> bool:
        """Whether something stands against importing it."""
        return any(problem.fatal for problem in self.problems)

    def left_to_defaults(self) -> list[str]:
        """The elements that a new entry takes from the defaults of the import."""
        return [name for name in DEFAULTED if name not in self.said] + [SENSITIVITY] * bool(self.proposed)

    def specs(self) -> list[ItemSpec]:
        """The items as a new entry has them."""
        return [self.spec(said) for said in self.items or ()]

    def spec(self, said: Mapping[str, Any]) -> ItemSpec:
        """An item as a new one is."""
        taken = self.proposed.get(said["name"], "") if self.takes_proposals else ""
        return ItemSpec(**{"sensitivity": taken, **said}) if taken else ItemSpec(**said)

    def blame(self, column: str, value: str, message: str, *, fatal: bool = False, line: int | None = None) -> None:
        """Tell what is wrong in a cell."""
        shown = value if len(value) <= SHOWN else value[:SHOWN] + "……"
        where = self.line if line is None else line
        self.problems.append(Problem(line=where, column=column, value=shown, message=message, fatal=fatal))


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What rows are read against. ``categories``: by code and by name. ``agencies``: code -> name, of the portal.

    ``collectors``: id by code and by name, of those that may collect an information item; None for the provider.
    """

    provider_code: str
    categories: Mapping[str, Category]
    agencies: Mapping[str, str]
    collectors: Mapping[str, int | None]


class Grouping:
    """Tells which rows of a table are about one record: its own, and those below that name further parts of it.

    ``part``: the target that names a part, ``inner``: what is said of each; of an entry the information items.
    """

    def __init__(
        self, columns: Mapping[str, str], *, part: str = "items", inner: Collection[str] = ITEM_TARGETS
    ) -> None:
        self._item = columns.get(part, "")
        self._outer = [column for target, column in columns.items() if target not in inner]

    def groups(self, rows: Sequence[SourceRow]) -> Any:
        """The rows, those of one entry together."""
        group: list[SourceRow] = []
        for row in rows:
            if group and not self._goes_on(group[0], row):
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def _goes_on(self, first: SourceRow, row: SourceRow) -> bool:
        """Whether a row says nothing of an entry but what the first row of it said; merged cells come as blank ones."""
        if row.line == first.line:
            return True
        if not (self._item and row.cells.get(self._item) and first.cells.get(self._item)) or row.cells == first.cells:
            return False
        return all(row.cells.get(column, "") in ("", first.cells.get(column, "")) for column in self._outer)
