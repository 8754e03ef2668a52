"""What differs between two revisions of an entry (第十三条第一款): elements and information items, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from catalog.models import EntryRevision, InformationItem
from catalog.services import ELEMENTS

ITEM_PARTS = (
    *("name", "data_type", "length", "unit", "meaning", "required"),
    *("is_key", "code_list", "is_unique", "minimum", "maximum", "pattern", "check_digits"),
    *("reference_code", "reference_item", "sensitivity", "grade", "collector"),
)


class Kind(Enum):
    """What happened to an element or an item, as the page says it in words."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def words(self) -> str:
        """The word beside the sign."""
        return {"added": _("新增"), "removed": _("删去"), "changed": _("改动")}[self.value]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One element before and after, as it is shown."""

    name: str
    label: str
    before: str
    after: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class ItemChange:
    """One information item: added or removed whole, or its parts that changed."""

    code: str
    name: str
    kind: Kind
    parts: list[Change] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Everything that differs, in the order of the form."""

    before: EntryRevision
    after: EntryRevision
    elements: list[Change]
    items: list[ItemChange]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not self.elements and not self.items

    @property
    def summary(self) -> str:
        """``目录内容改动 2 处；信息项新增 1 项、改动 3 项``."""
        said = [_("目录内容改动 %(count)d 处") % {"count": len(self.elements)}] if self.elements else []
        counted = [(kind, sum(item.kind is kind for item in self.items)) for kind in Kind]
        words = [f"{kind.words} {count} {_('项')}" for kind, count in counted if count]
        if words:
            said.append(_("信息项") + "、".join(words))
        return "；".join(said) or _("内容相同")


def compare(before: EntryRevision, after: EntryRevision) -> Difference:
    """What ``after`` says otherwise than ``before``; two queries for the items of both."""
    elements = [change for name in ELEMENTS if (change := _change(before, after, name)) is not None]
    return Difference(before=before, after=after, elements=elements, items=list(_items(before, after)))


def _change(before: models.Model, after: models.Model, name: str) -> Change | None:
    was, now = shown(before, name), shown(after, name)
    if was == now:
        return None
    kind = Kind.ADDED if not was else Kind.REMOVED if not now else Kind.CHANGED
    label = str(after._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return Change(name=name, label=label, before=was, after=now, kind=kind)


def shown(row: models.Model, name: str) -> str:
    """A value as people read it."""
    display = getattr(row, f"get_{name}_display", None)
    value: Any = display() if display is not None else getattr(row, name)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value).strip()


def _items(before: EntryRevision, after: EntryRevision) -> Iterable[ItemChange]:
    was, now = _by_code(before), _by_code(after)
    for code, item in now.items():
        if code not in was:
            yield ItemChange(code=code, name=item.name, kind=Kind.ADDED)
            continue
        parts = [change for part in ITEM_PARTS if (change := _change(was[code], item, part)) is not None]
        if parts:
            yield ItemChange(code=code, name=item.name, kind=Kind.CHANGED, parts=parts)
    for code, item in was.items():
        if code not in now:
            yield ItemChange(code=code, name=item.name, kind=Kind.REMOVED)


def _by_code(revision: EntryRevision) -> Mapping[str, InformationItem]:
    return {item.code: item for item in revision.items.select_related("collector")}
