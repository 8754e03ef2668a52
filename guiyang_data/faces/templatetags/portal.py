"""Tags and filters every template has (registered as built-in): clocks, articles, dates, tables.

Values that are absent give an empty text; the words never depend on colour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import Page
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guiyang_data.faces import articles, cells, icons, text
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Delivery
from guiyang_data.notices.undelivered import failures_about, masked_address, missed_by
from guiyang_data.timekeeping import now

register = template.Library()
MOST_FAILURES = 5
"""Of one case on its page; the list has all."""
MOST_MISSED = 20
"""Of those told to one person of one case, whose few addresses are named once each."""


@register.inclusion_tag("parts/clock.html")
def clock_face(face: object, ending: str = "") -> dict[str, object]:
    """The clock as a bar; ``ending`` finishes the sentence after the due time, such as 「反馈结果」."""
    return {"face": face, "ending": ending}


@register.simple_tag
def clock_line(face: object) -> SafeString:
    """The clock in the cell of a list."""
    return cells.clock_line(face)


@register.inclusion_tag("parts/undelivered.html", takes_context=True)
def undelivered(context: Mapping[str, Any], case: Model, parts: Iterable[str] = ()) -> dict[str, object]:
    """What of a case did not arrive, for those of the agency on whose behalf it was said; else nothing.

    ``parts``: the ledger's names of what else belongs to it (the revisions of an entry).
    """
    found = failures_about(context["request"].user, subject_of(case), *parts)[:MOST_FAILURES]
    return {"failures": [{"delivery": one, "address": masked_address(one)} for one in found]}


@register.inclusion_tag("parts/not_reached.html", takes_context=True)
def not_reached(context: Mapping[str, Any], case: Model) -> dict[str, object]:
    """At which addresses somebody of the public was not told of their own case, each once; else nothing.

    For pages, or parts of them, that only they see.
    """
    found: dict[tuple[str, str], Delivery] = {}
    for one in missed_by(context["request"].user, subject_of(case))[:MOST_MISSED]:
        found.setdefault((one.channel, masked_address(one)), one)
    return {"missed": [{"delivery": one, "address": address} for (_way, address), one in found.items()]}


@register.filter
def clock_icon(state: str) -> SafeString:
    """The icon of a clock's state."""
    return icons.icon(icons.CLOCK_ICONS[state])


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon from ``guiyang_data.faces.icons``, silent for screen readers."""
    return icons.icon(name)


@register.simple_tag
def article_tag(citation: object) -> SafeString | str:
    """The cited article, linked to the law map where it is one of the regulation."""
    return _article(str(citation or ""))


@lru_cache(maxsize=512)
def _article(citation: str) -> SafeString | str:
    words = articles.short_citation(citation)
    if not words:
        return ""
    kind = "article article--long" if len(words) > 14 else "article"
    address = articles.law_map_address(words)
    if not address:
        return format_html('<span class="{}">{}</span>', kind, words)
    return format_html('<a class="{}" href="{}">{}</a>', kind, address, words)


@register.filter
def zh_date(day: dt.date | None, form: str = "") -> str:
    """「11月25日（周三）」; with the argument "year" the year in front."""
    return text.zh_date(day, with_year=form == "year") if day else ""


@register.filter
def zh_datetime(moment: dt.datetime | None, form: str = "") -> str:
    """「11月15日 09:10」; with the argument "year" the year in front. A bare date shows no time."""
    if not moment:
        return ""
    if not isinstance(moment, dt.datetime):
        return text.zh_date(moment, with_year=form == "year")
    return text.zh_datetime(moment, with_year=form == "year")


@register.filter
def ago(moment: dt.datetime | None) -> str:
    """How long ago, as people say it; from a week on the date."""
    return text.ago(moment, now=now()) if moment else ""


@register.filter
def thousands(number: Any) -> str:
    """「788,412」."""
    return "" if number in (None, "") else text.thousands(number)


@register.filter
def file_size(size: int | None) -> str:
    """「12.4 MB」."""
    return "" if size is None else text.file_size(size)


@register.filter
def days(number: int | None) -> str:
    """「4 天」."""
    return "" if number is None else text.days(number)


@register.filter
def minutes(length: dt.timedelta) -> int:
    """A length of time in whole minutes, rounded up."""
    return -(-length // dt.timedelta(minutes=1)) if length else 0


@register.filter
def cell_text(value: object) -> str:
    """A value as the tables write it."""
    return text.cell_text(value)


@register.simple_tag
def table_rows(rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[Any]) -> SafeString:
    """The rows of parts/table.html."""
    return cells.table_body(rows, columns)


@register.filter
def chart_rows(chart: Mapping[str, Any]) -> list[tuple[object, list[object]]]:
    """The numbers of a chart by its axis: (label, the value of each series)."""
    series = [line["values"] for line in chart["series"]]
    return [(label, [values[index] for values in series]) for index, label in enumerate(chart["x"])]


@register.filter
def percent_of(done: float | None, total: float | None) -> int:
    """Whole percent of what is done, never above 100; 0 while the total is unknown."""
    return min(100, int(100 * (done or 0) / total)) if total else 0


@register.simple_tag
def page_links(page: Page) -> Iterable[int | str]:
    """Page numbers to link: the ends, the neighbours, and an ellipsis between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag
def vendor_url(name: str) -> str:
    """The address of a third-party file put under static/vendor at set-up, or empty while it is not there.

    Pages work without it, so a missing file must never break one.
    """
    try:
        return staticfiles_storage.url(f"vendor/{name}")
    except ValueError:
        return ""


@register.filter
def error_fields(form: Any) -> list[tuple[str, str, str]]:
    """What is wrong in a form, in its order: (label, message, id of the input to go to)."""
    found = []
    for field in form:
        target = field.id_for_label or (f"{field.auto_id}_0" if field.use_fieldset else field.auto_id)
        found += [(str(field.label), str(message), "" if field.is_hidden else target) for message in field.errors]
    return found


@register.filter
def or_unfilled(value: object) -> object:
    """The value, or 「未填写」 where there is none; zero is a value."""
    return gettext("未填写") if value is None or value == "" else value
