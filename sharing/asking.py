"""What an address asks of a table of rows, for pages and API alike: fields, filters, sort, page.

``f_<code>=value`` looks for a value (text: contained on pages, equal over the API; ``>=5`` and the like compare),
``filter=<code>:<operator>:<value>`` names the operator and may be repeated (``in`` takes values between commas),
``sort=<code>`` or ``-<code>`` (several between commas), ``fields=<code>,<code>``, ``page``, ``page_size``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from guiyang_data.errors import RuleBroken
from guiyang_data.faces.text import thousands
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import Filter

PER_PAGE = 50
MOST_A_PAGE = 1000
MOST_PAGES_BACK = 1_000_000
PREFIX = "f_"
_COMPARED = re.compile(r"(>=|<=|>|<|=)(.+)", re.DOTALL)
_OPERATORS = {">=": "ge", "<=": "le", ">": "gt", "<": "lt", "=": "eq"}
_WORDS = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥"}


class Asked:
    """An address taken apart. ``columns``: all that the reader may see; other codes are passed on, to be refused."""

    def __init__(self, address: QueryDict, columns: Sequence[Column], *, contains: bool = True) -> None:
        self.columns = {column.code: column for column in columns}
        self.contains = contains
        self.texts = {
            name.removeprefix(PREFIX): text.strip()
            for name, text in address.items()
            if name.startswith(PREFIX) and isinstance(text, str) and text.strip()
        }
        self.named = [text for text in address.getlist("filter") if text.strip()]
        self.sort = [part.strip() for part in address.get("sort", "").split(",") if part.strip()]
        self.fields = [part.strip() for part in address.get("fields", "").split(",") if part.strip()] or None
        self.purpose = address.get("purpose", "").strip()[:500]
        self.case_number = address.get("case", "").strip()[:120]
        self.page = _whole(address.get("page"), 1, MOST_PAGES_BACK)
        self.page_size = _whole(address.get("page_size"), PER_PAGE, MOST_A_PAGE)

    @property
    def offset(self) -> int:
        """Rows before the asked page."""
        return (self.page - 1) * self.page_size

    def filters(self) -> list[Filter]:
        """Every filter asked for. Raises RuleBroken where one cannot be taken apart."""
        return [self._by_text(code, text) for code, text in self.texts.items()] + [_named(one) for one in self.named]

    def _by_text(self, code: str, text: str) -> Filter:
        column = self.columns.get(code)
        compared = _COMPARED.fullmatch(text)
        if compared and not (column and column.data_type.is_text):
            return Filter(code, _OPERATORS[compared[1]], compared[2].strip())
        inside = self.contains and column is not None and column.data_type.is_text
        return Filter(code, "contains" if inside else "eq", text)

    def address(self, **changed: Any) -> str:
        """The address with something changed; empty values leave it. A changed filter or sort starts at page 1."""
        known: dict[str, Any] = {PREFIX + code: text for code, text in self.texts.items()}
        known |= {"filter": self.named, "sort": ",".join(self.sort), "fields": ",".join(self.fields or [])}
        known |= {"purpose": self.purpose, "case": self.case_number}
        known |= changed
        return "?" + urlencode({name: value for name, value in known.items() if value}, doseq=True)

    def kept(self) -> list[tuple[str, str]]:
        """What the filter form carries on besides its own fields."""
        known = [("sort", ",".join(self.sort)), ("purpose", self.purpose), ("case", self.case_number)]
        return [(name, value) for name, value in known if value] + [("filter", text) for text in self.named]

    def headers(self) -> list[dict[str, Any]]:
        """Columns as parts/table.html wants them."""
        return [
            {
                "name": column.name,
                "code": column.code,
                "type_label": column.data_type.label,
                "numeric": column.data_type.is_numeric,
                "sorted": self._sorted(column.code),
                "sort_url": self.address(sort=f"-{column.code}" if self.sort == [column.code] else column.code),
                "filter_name": f"{PREFIX}{column.code}",
                "filter_value": self.texts.get(column.code, ""),
            }
            for column in self.columns.values()
            if self.fields is None or column.code in self.fields
        ]

    def _sorted(self, code: str) -> str:
        if len(self.sort) != 1:
            return ""
        return {code: "asc", f"-{code}": "desc"}.get(self.sort[0], "")

    def chips(self) -> list[dict[str, str]]:
        """Set filters, each with the way to take it off."""
        chips = [
            {"label": self._name(code), "text": text, "remove_url": self.address(**{PREFIX + code: ""})}
            for code, text in self.texts.items()
        ]
        for one in self.named:
            code, operator, value = [*one.split(":", 2), "", ""][:3]
            rest = [other for other in self.named if other != one]
            text = f"{_WORDS.get(operator, operator)} {value}"
            chips.append({"label": self._name(code), "text": text, "remove_url": self.address(filter=rest)})
        return chips

    def _name(self, code: str) -> str:
        return self.columns[code].name if code in self.columns else code

    def pager(self, total: int) -> dict[str, str]:
        """Neighbouring pages."""
        last = max(1, -(-total // self.page_size))
        return {
            "previous_url": self.address(page=self.page - 1) if self.page > 1 else "",
            "next_url": self.address(page=self.page + 1) if self.page < last else "",
            "text": _("第 %(page)s 页，共 %(last)s 页") % {"page": thousands(self.page), "last": thousands(last)},
        }


def _named(text: str) -> Filter:
    parts = text.split(":", 2)
    if len(parts) != 3:
        raise RuleBroken(f"筛选条件「{text[:60]}」不能识别。请写成「字段名:比较方式:值」，例如 length:ge:10。")
    code, operator, value = parts
    return Filter(code, operator, value.split(",") if operator == "in" else value)


def _whole(text: str | None, otherwise: int, most: int) -> int:
    if not text or not (text.isascii() and text.isdigit()) or not int(text[:9]):
        return otherwise
    return min(int(text[:9]), most)
