"""What stands on a page dozens or hundreds of times, written out here: a template for each takes ten times as long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guiyang_data.faces import icons
from guiyang_data.faces.text import cell_text

LONGEST_SHOWN = 40
"""Longer texts are cut, with the whole on hover and focus."""
SHORT_TEXT = 8
"""Texts of data no longer than this stay on one line: a table may be wider than its page, a name is not broken."""


def table_body(rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[Any]) -> SafeString:
    """The ``tr`` of parts/table.html; rows are sequences in column order or mappings by code, cells as said there."""
    codes = [part_of(column, "code") for column in columns]
    found = [_cells(row, codes) for row in rows]
    openings = [_opening(column, place, found) for place, column in enumerate(columns)]
    nothing = format_html('<span class="table__none" aria-label="{}">—</span>', gettext("空"))
    # every part below is escaped where it is made, and joined as plain text: hundreds of cells stand on a page
    lines = (
        "".join(f"{opening}{_inside(cell, nothing)}</td>" for opening, cell in zip(openings, cells, strict=True))
        for cells in found
    )
    return SafeString("\n".join(f"<tr>{line}</tr>" for line in lines))


def clock_line(face: Any) -> SafeString:
    """A clock in the cell of a list; the same ``face`` as parts/clock.html."""
    due = face.due_text
    if face.state == "late":
        due = gettext("应于 %(due)s") % {"due": due}
    provisional = format_html(' · <span title="{}">{}</span>', face.provisional_reason, gettext("暂定"))
    target = format_html('<span class="clock-line__due">{}</span>', gettext("服务目标，非法定期限"))
    return format_html(
        '<span class="clock-line clock-line--{}"><span class="clock-line__headline">{}{}</span>'
        '<span class="clock-line__due">{}{}</span>{}</span>',
        face.state,
        icons.icon(icons.CLOCK_ICONS[face.state]),
        face.headline,
        due,
        provisional if face.provisional else "",
        "" if face.statutory else target,
    )


def part_of(column: Any, name: str) -> Any:
    """What a column, a mapping or an object, says under a name; None where it says nothing."""
    return column.get(name) if isinstance(column, Mapping) else getattr(column, name, None)


def _cells(row: Mapping[str, Any] | Sequence[Any], codes: Sequence[str]) -> Sequence[Any]:
    return [row.get(code) for code in codes] if isinstance(row, Mapping) else row


def _opening(column: Any, place: int, rows: Sequence[Sequence[Any]]) -> SafeString:
    name, unit = part_of(column, "name"), part_of(column, "unit")
    label = f"{name}（{unit}）" if unit else name
    if part_of(column, "numeric"):
        return format_html('<td data-label="{}" class="numeric">', label)
    kind = str(part_of(column, "type_label") or "")
    is_short = kind and all(len(str(cell)) <= SHORT_TEXT for row in rows for cell in row[place : place + 1])
    if "日期" in kind or is_short:
        return format_html('<td data-label="{}" class="nowrap">', label)
    if kind:
        return format_html('<td data-label="{}" class="table__words">', label)
    return format_html('<td data-label="{}">', label)


def _inside(cell: Any, nothing: SafeString) -> str:
    is_link = isinstance(cell, Mapping)
    words = cell_text(cell.get("text") if is_link else cell)
    said = words if hasattr(words, "__html__") else escape(words)
    if is_link and cell.get("url"):
        return f'<a href="{escape(str(cell["url"]))}">{said}</a>'
    if not words:
        return nothing
    if len(words) > LONGEST_SHOWN:
        return f'<span class="cut" tabindex="0" title="{said}">{said}</span>'
    return said
