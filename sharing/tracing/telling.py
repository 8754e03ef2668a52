"""What a person is told of the readings that touched them: never of others, and not before a deferral ends."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from catalog.models import CatalogEntry, InformationItem
from guiyang_data.accounts.models import Agency, Person
from guiyang_data.accounts.protection import decrypt
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import subject_of
from guiyang_data.personal import numbers_in
from sharing.edocuments.ways import TOLD
from sharing.identities import subject_indexes
from sharing.log_writing import UNREAD
from sharing.models import Deferral, Found, ReadingTrace, SharingGrant, Taking, TracedSubject
from sharing.named_rights import rights_by_name
from sharing.tracing.writing import VERIFY
from sharing.workflow import DeferralStatus

_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]{0,39}")
"""A case number that is nothing but a number; words may name somebody else."""
_LONG_NUMBER = re.compile(r"\d{11,}")
OWN_DATA = "提供机关管理本机关的数据"
"""Why a provider reads without a right: it keeps the data, and makes documents of it."""
WAYS = {VERIFY: "核验", "page": "查询", "csv": "下载", "excel": "下载", "json": "下载", "diff": "接收数据变化"}


def traces_of(person: Person, *, on: dt.date) -> QuerySet[ReadingTrace]:
    """The readings that touched the person and that the person is told of on that day, newest first."""
    return touching(person).filter(~deferred(on=on))


def indexes_of(person: Person) -> list[str]:
    """The indexes under which readings may have named the person."""
    return subject_indexes(decrypt(person.id_number_encrypted))


def touching(person: Person) -> QuerySet[ReadingTrace]:
    """Every reading that named the person, or that was found to hold the person's rows."""
    named = TracedSubject.objects.filter(index__in=indexes_of(person)).order_by().values("trace")
    found = Found.objects.filter(examination__person=person).order_by().values("trace")
    return ReadingTrace.objects.filter(pk__in=named.union(found)).order_by("-at", "-pk")


def deferred(*, on: dt.date) -> Exists:
    """Whether those concerned are told of a trace later than on that day."""
    running = Deferral.objects.filter(status=DeferralStatus.IN_FORCE, until__gte=on)
    same = running.annotate(access_name=_name_of_access()).filter(access_name=OuterRef("access"))
    return Exists(same.filter(Q(case_number="") | Q(case_number=OuterRef("case_number"))))


def _name_of_access() -> Case:
    """The right of a deferral as the log names it."""
    grant, taking = (Value(f"{model._meta.label_lower}:") for model in (SharingGrant, Taking))
    return Case(
        When(grant=None, then=Concat(taking, Cast("taking_id", CharField()))),
        default=Concat(grant, Cast("grant_id", CharField())),
        output_field=CharField(),
    )


def kept_back(deferral: Deferral) -> QuerySet[ReadingTrace]:
    """The readings that a deferral is about."""
    rows = ReadingTrace.objects.filter(access=subject_of(deferral.access))
    return rows.filter(case_number=deferral.case_number) if deferral.case_number else rows


@dataclass(frozen=True, kw_only=True)
class DataUse:
    """One reading as the person concerned is shown it. No name of a person stands in it."""

    at: dt.datetime
    agency: Agency | None
    title: str
    provider: str
    way: str
    duty: str
    purpose: str
    case_number: str
    items: Sequence[str]
    outcome: str
    number: str
    told_later: str


def lines(traces: Sequence[ReadingTrace], person: Person) -> list[DataUse]:
    """The lines of one page; as many queries for many as for one."""
    readings = [trace.reading for trace in traces]
    opened, ended = (_by_reading(readings, phase) for phase in (Access.Phase.OPENED, Access.Phase.CLOSED))
    agencies = {row.code: row for row in Agency.objects.filter(code__in={trace.agency for trace in traces})}
    entries = _entries(traces)
    names = _item_names(traces)
    accesses = rights_by_name({trace.access for trace in traces})
    named = set(
        TracedSubject.objects.filter(trace__in=traces, index__in=indexes_of(person)).values_list("trace", flat=True)
    )
    unsure = set(
        Found.objects.filter(trace__in=traces, examination__person=person, is_certain=False).values_list(
            "trace", flat=True
        )
    )
    later = _told_later(traces)
    return [
        DataUse(
            at=trace.at,
            agency=agencies.get(trace.agency),
            title=entries[trace.entry_id][0],
            provider=entries[trace.entry_id][1],
            way=_way(trace, is_named=trace.pk in named, is_unsure=trace.pk in unsure),
            duty=accesses[trace.access].duty if trace.access in accesses else "" if trace.access else OWN_DATA,
            purpose=accesses[trace.access].purpose if trace.access in accesses else "",
            case_number=harmless(trace.case_number),
            items=_items(opened.get(trace.reading), names.get(trace.entry_id, {})),
            outcome=_outcome(ended.get(trace.reading), trace.kind),
            number=str(trace.reading),
            told_later=later.get((trace.access, trace.case_number)) or later.get((trace.access, "")) or "",
        )
        for trace in traces
    ]


def harmless(case_number: str) -> str:
    """The case number where it can name nobody: letters, digits and dashes, and no number of a person in it."""
    if not _HARMLESS.fullmatch(case_number) or _LONG_NUMBER.search(case_number) or any(numbers_in(case_number)):
        return ""
    return case_number


def _way(trace: ReadingTrace, *, is_named: bool, is_unsure: bool) -> str:
    if trace.kind in TOLD:
        return TOLD[trace.kind]
    way = WAYS.get(trace.kind.partition("-")[0], "批量读取")
    if is_named:
        return f"按身份证号码{way}"
    return f"批量{way.removeprefix('批量')}，{'可能包括您' if is_unsure else '您在其中'}"


def _outcome(ended: Access | None, kind: str) -> str:
    if ended is None:
        return "没有结束记录"
    if ended.outcome.startswith(UNREAD):
        return "没有获准，没有提供数据"
    if ended.rows is None:
        return "中途中断，可能提供了数据"
    if ended.rows:
        return "提供了数据"
    return "只答复了核验结果，没有提供数据" if kind == VERIFY else "没有提供数据"


def _items(opened: Access | None, names: Mapping[str, str]) -> list[str]:
    return [names[code] for code in opened.items if code in names] if opened else []


def _by_reading(readings: Sequence[Any], phase: str) -> dict[Any, Access]:
    return {row.reading: row for row in Access.objects.filter(reading__in=readings, phase=phase)}


def _entries(traces: Iterable[ReadingTrace]) -> dict[int, tuple[str, str]]:
    rows = CatalogEntry.objects.filter(pk__in={trace.entry_id for trace in traces})
    found = rows.values_list("pk", "resource_code", "in_force__title", "provider__name")
    return {pk: (title or code, provider) for pk, code, title, provider in found}


def _item_names(traces: Iterable[ReadingTrace]) -> dict[int, dict[str, str]]:
    """Items in words by entry and code; where a revision renamed one, as the last one has it."""
    rows = InformationItem.objects.filter(revision__entry__in={trace.entry_id for trace in traces})
    found: dict[int, dict[str, str]] = {}
    for entry, code, name in rows.order_by("revision__number").values_list("revision__entry", "code", "name"):
        found.setdefault(entry, {})[code] = name
    return found


def _told_later(traces: Iterable[ReadingTrace]) -> dict[tuple[str, str], str]:
    """The basis on which readings that are shown now were kept back for a while."""
    confirmed = Deferral.objects.exclude(confirmed_at=None).annotate(access_name=_name_of_access())
    rows = confirmed.filter(access_name__in={trace.access for trace in traces})
    return {
        (access, case_number): basis
        for access, case_number, basis in rows.values_list("access_name", "case_number", "basis")
    }
