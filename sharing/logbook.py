"""The log of readings narrowed down: whose it is, what is looked for in it, and the same as days of use (第十七条)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import names_of_actors
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from guiyang_data.tables.conversion import add_guard
from sharing.models import SharingGrant, Taking, UsageDay
from sharing.named_rights import called_in_log
from sharing.selectors import ReadingLine, reading_lines, readings

ENTRY = f"{CatalogEntry._meta.label_lower}:"
MOST_CHOICES = 300
AT_ONCE = 500
DAYS_DRAWN = 31
MOST_DAYS_DRAWN = 100


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for: names as the log has them, days of Guiyang both included."""

    resource: str = ""
    agency: str = ""
    actor: str = ""
    grant: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    def any(self) -> bool:
        """Whether anything is looked for."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, kw_only=True)
class Logbook:
    """One log: opened readings, and the days of use counted from them."""

    opened: QuerySet[Access]
    usage: QuerySet[UsageDay]

    def narrowed(self, wanted: Wanted) -> Logbook:
        """What is looked for in it."""
        same = {name: getattr(wanted, name) for name in ("resource", "agency", "actor") if getattr(wanted, name)}
        opened, usage = self.opened.filter(**same), self.usage.filter(**same)
        if wanted.grant:
            opened, usage = opened.filter(grant=wanted.grant), usage.filter(access=wanted.grant)
        if wanted.kind:
            opened, usage = opened.filter(query__kind=wanted.kind), usage.filter(kind=wanted.kind)
        if wanted.since:
            opened, usage = opened.filter(at__gte=_midnight(wanted.since)), usage.filter(day__gte=wanted.since)
        if wanted.until:
            after = wanted.until + dt.timedelta(days=1)
            opened, usage = opened.filter(at__lt=_midnight(after)), usage.filter(day__lte=wanted.until)
        return replace(self, opened=opened, usage=usage)

    @property
    def rows(self) -> QuerySet[Access]:
        """Both rows of every reading that is looked for: its beginning and its end."""
        return Access.objects.filter(reading__in=self.opened.order_by().values("reading"))


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def taken_by(agency: Agency) -> Logbook:
    """What an agency read."""
    return Logbook(opened=readings(agency=agency), usage=UsageDay.objects.filter(agency=agency.code))


def given_by(agency: Agency) -> Logbook:
    """What others read of an agency's data."""
    own = CatalogEntry.objects.filter(provider=agency)
    named = [f"{ENTRY}{pk}" for pk in own.values_list("pk", flat=True)]
    return Logbook(
        opened=readings(entries=own).exclude(agency=agency.code),
        usage=UsageDay.objects.filter(resource__in=named).exclude(agency=agency.code),
    )


def of_entry(entry: CatalogEntry) -> Logbook:
    """What was read of an entry."""
    return Logbook(
        opened=readings(entries=CatalogEntry.objects.filter(pk=entry.pk)),
        usage=UsageDay.objects.filter(resource=subject_of(entry)),
    )


def through(access: SharingGrant | Taking) -> Logbook:
    """What was read through a grant or taking."""
    return Logbook(opened=readings(through=access), usage=UsageDay.objects.filter(access=subject_of(access)))


# --- what can be looked for ------------------------------------------------------------------------------


def choices(usage: QuerySet[UsageDay]) -> dict[str, list[tuple[str, str]]]:
    """What a log can be narrowed by, from the days of use: entries, agencies, readers, grants. Seven queries."""

    def different(name: str) -> list[str]:
        return list(usage.order_by(name).values_list(name, flat=True).distinct()[:MOST_CHOICES])

    resources, agencies, actors = different("resource"), different("agency"), different("actor")
    titles = CatalogEntry.objects.filter(pk__in=[_number(one) for one in resources if one.startswith(ENTRY)])
    entries = [
        (f"{ENTRY}{pk}", title or code)
        for pk, code, title in titles.values_list("pk", "resource_code", "in_force__title")
    ]
    known = dict(Agency.objects.filter(code__in=agencies).values_list("code", "name"))
    named = names_of_actors(actors)
    return {
        "resource": entries,
        "agency": [(code, known[code]) for code in agencies if code in known],
        "actor": [(key, named[key]) for key in actors if key in named],
        "grant": [(one, called_in_log(one)) for one in different("access") if one],
    }


def _number(subject: str) -> int:
    return int(subject.rpartition(":")[2])


# --- as a file -------------------------------------------------------------------------------------------


def lines_of(opened: QuerySet[Access]) -> Iterator[ReadingLine]:
    """Every line, newest first, read some at a time."""
    some: list[Access] = []
    for row in opened.iterator(chunk_size=AT_ONCE):
        some.append(row)
        if len(some) == AT_ONCE:
            yield from reading_lines(some)
            some = []
    yield from reading_lines(some)


def csv_of(opened: QuerySet[Access]) -> Iterator[bytes]:
    """The log as CSV for a spreadsheet: texts that it would take for formulas are guarded."""
    heads = [_("读取编号"), _("时间"), _("读取人"), _("读取机关"), _("数据"), _("授权"), _("用途"), _("办件编号")]
    heads += [_("方式"), _("信息项"), _("数据版本"), _("筛选"), _("行数"), _("结束时间"), _("结果")]
    yield "\ufeff".encode() + _csv_line(heads)
    for line in lines_of(opened):
        yield _csv_line(_cells(line))


def _cells(line: ReadingLine) -> Iterable[Any]:
    ended = timezone.localtime(line.ended_at).strftime("%Y-%m-%d %H:%M:%S") if line.ended_at else ""
    return [
        line.reading,
        timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M:%S"),
        line.who,
        line.agency,
        line.title,
        line.grant and called_in_log(line.grant),
        line.purpose,
        line.case_number,
        line.way,
        "、".join(line.items),
        line.version,
        line.filters,
        "" if line.rows is None else line.rows,
        ended,
        line.outcome or _("没有结束记录"),
    ]


def _csv_line(cells: Iterable[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(add_guard(str("" if cell is None else cell)) for cell in cells)
    return text.getvalue().encode()


# --- drawn -----------------------------------------------------------------------------------------------


def drawn_from(wanted: Wanted, today: dt.date) -> tuple[dt.date, dt.date]:
    """The days that are drawn: those looked for, else the last month; never more than fit a drawing."""
    until = wanted.until or today
    since = wanted.since or until - dt.timedelta(days=DAYS_DRAWN - 1)
    return max(since, until - dt.timedelta(days=MOST_DAYS_DRAWN - 1)), until
