"""The lines of the public lists, as pages, files and the API show them: the same words everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from catalog.models import CatalogEntry, InformationItem, SharingType
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.models import Clock
from sharing.kinds import KindOfAgency, words_for
from sharing.lists import public
from sharing.lists.counties import LetOut, level_of, told
from sharing.models import (
    Coordination,
    DataNeed,
    SharingApplication,
    SharingGrant,
    StandingAuthorisation,
    WayOfSupply,
)
from sharing.needs.workflow import NeedStatus
from sharing.workflow import ApplicationStatus, GrantStatus

Row = dict[str, Any]
NAMED = 5
"""So many agencies are named; of more, how many there are."""


@dataclass(frozen=True, kw_only=True)
class PublicList:
    """One of the lists. ``columns``: label by code; ``lines`` makes the lines of a page, in a few queries."""

    code: str
    short: str
    title: str
    lead: str
    columns: dict[str, str]
    found: Callable[[LetOut], QuerySet[Any]]
    lines: Callable[[Sequence[Any], LetOut], list[Row]]
    order: tuple[str, ...]


# --- demand ------------------------------------------------------------------------------------------

DEMAND_STATES = {
    "waiting": "待答复",
    "supplying": "已同意，待提供",
    "met": "已提供",
    "lacking": "尚未满足",
    "refused": "经确认不予提供",
}
_LACKING = {ApplicationStatus.REFUSED, ApplicationStatus.AGREED_IN_PART}


def demand_state(case: Any) -> str:
    """How a demand stands; ``case`` of ``public.demands``. What was refused is lacking until that is confirmed."""
    if case.status == ApplicationStatus.SUBMITTED:
        return "waiting"
    if case.status in _LACKING:
        return "refused" if case.is_confirmed else "lacking"
    return "met" if case.is_supplied else "supplying"


def demand_lines(cases: Sequence[SharingApplication], let_out: LetOut) -> list[Row]:
    """What agencies need: agencies, the catalogue's own words, and how it stands. Nothing typed in an application."""
    names, elements = _item_names(case.entry for case in cases), let_out.elements_of(case.entry for case in cases)
    return [
        {
            "level": level_of(case.provider),
            "requester": case.requester.name,
            "title": case.title,
            "resource_code": case.entry.resource_code,
            "provider": case.provider.name,
            "items": told(_named(names, case.entry, case.items), "items", elements[case.entry_id]),
            "ways": "、".join(str(WayOfSupply(way).label) for way in case.ways),
            "frequency": case.get_frequency_display(),
            "applied_on": case.submitted_on.isoformat(),
            "due_on": _day(case.next_due_on if case.is_waiting else case.due_on),
            "replied_on": _day(case.replied_on),
            "state": DEMAND_STATES[demand_state(case)],
        }
        for case in cases
    ]


def _named(names: dict[tuple[int | None, str], str], entry: CatalogEntry, codes: Iterable[str]) -> str:
    return "、".join(names.get((entry.in_force_id, code), code) for code in codes)


def _item_names(entries: Iterable[CatalogEntry]) -> dict[tuple[int | None, str], str]:
    items = InformationItem.objects.filter(revision__in={entry.in_force_id for entry in entries})
    return {(item.revision_id, item.code): item.name for item in items}


NEED_STATES = {value: str(label) for value, label in NeedStatus.choices if value != NeedStatus.WITHDRAWN}


def need_lines(needs: Sequence[DataNeed], let_out: LetOut) -> list[Row]:
    """What agencies need and no catalogue has: what it is called, whose it is, and how it stands. No items, no duty."""
    return [
        {
            "level": level_of(need.provider or need.requester),
            "requester": need.requester.name,
            "title": need.title,
            "provider": need.provider.name if need.provider else "",
            "cycle": need.get_update_cycle_display(),
            "submitted_on": need.submitted_on.isoformat(),
            "due_on": _day(need.next_due_on),
            "ended_on": _day(need.ended_on),
            "state": need.status_label,
            "resource_code": need.entry.resource_code if need.entry and need.entry.in_force_id else "",
        }
        for need in needs
    ]


# --- duty --------------------------------------------------------------------------------------------


def duty_lines(entries: Sequence[CatalogEntry], let_out: LetOut) -> list[Row]:
    """Who owes which data to whom, and by when."""
    shown = list(entries)
    holders, owed, named = _holders(shown), _owed(shown), let_out.elements_of(shown)
    waiting = {
        row["entry"]: row
        for row in public.applications_told(shown, let_out)
        .order_by()
        .values("entry")
        .annotate(number=Count("pk"), due=Min("next_due_on"))
    }
    found = []
    for entry in shown:
        revision, replies = entry.revision_in_force, waiting.get(entry.pk) or {"number": 0, "due": None}
        supplies, elements = owed.get(entry.pk, []), named[entry.pk]
        found.append(
            {
                "level": level_of(entry.provider),
                "provider": entry.provider.name,
                "title": revision.title,
                "resource_code": entry.resource_code,
                "sharing": told(revision.sharing_label, "sharing_type", elements),
                "condition": told(revision.sharing_condition, "sharing_condition", elements),
                "to": holders.get(entry.pk, "") if revision.sharing_type == SharingType.CONDITIONAL else "全部行政机关",
                "cycle": told(revision.cycle_label, "update_cycle", elements),
                "update_by": told(_day(entry.fresh_until), "update_cycle", elements),
                "replies_owed": replies["number"],
                "reply_by": _day(replies["due"]),
                "supplies_owed": len(supplies),
                "supply_by": _day(min(supplies, default=None)),
            }
        )
    return found


def _holders(entries: list[CatalogEntry]) -> dict[int, str]:
    """To whom conditional data is supplied, in words: kinds of agency, and agencies that hold a grant of their own."""
    words: dict[int, list[str]] = {}
    standings = StandingAuthorisation.objects.filter(
        entry__in=[entry.pk for entry in entries], status=GrantStatus.ACTIVE
    ).order_by("pk")
    for standing, said in zip(standings, words_for(KindOfAgency.of(one) for one in standings), strict=True):
        words.setdefault(standing.entry_id, []).append(said)
    named: dict[int, list[str]] = {}
    for grant in public.grants_told(entries):
        agencies = named.setdefault(grant.entry_id, [])
        if grant.standing_id is None and grant.status == GrantStatus.ACTIVE and grant.grantee.name not in agencies:
            agencies.append(grant.grantee.name)
    for entry_id, agencies in named.items():
        if agencies:
            more = f"等 {len(agencies)} 个机关" if len(agencies) > NAMED else ""
            words.setdefault(entry_id, []).append("、".join(agencies[:NAMED]) + more)
    return {entry_id: "；".join(said) for entry_id, said in words.items()}


def _owed(entries: list[CatalogEntry]) -> dict[int, list[Any]]:
    """By entry, the due days of what was agreed and cannot be read yet."""
    grants = {subject_of(grant): grant for grant in public.grants_told(entries).filter(supplied_on=None)}
    clocks = Clock.objects.filter(kind="sharing-supply", stopped_on=None, subject__in=grants)
    owed: dict[int, list[Any]] = {}
    for subject, due_on in clocks.values_list("subject", "due_on"):
        owed.setdefault(_entry_of(grants[subject]), []).append(due_on)
    return owed


def _entry_of(grant: SharingGrant) -> int:
    return grant.entry_id


# --- negative ----------------------------------------------------------------------------------------


def withheld_lines(entries: Sequence[CatalogEntry], let_out: LetOut) -> list[Row]:
    """What is shared with nobody, and on which legal basis."""
    found, named = [], let_out.elements_of(entries)
    for entry in entries:
        revision, elements = entry.revision_in_force, named[entry.pk]
        found.append(
            {
                "level": level_of(entry.provider),
                "provider": entry.provider.name,
                "title": revision.title,
                "resource_code": entry.resource_code,
                "field": told(revision.field_label, "field", elements),
                "basis": told(cited(revision.sharing_basis), "sharing_basis", elements),
                "since": _day(revision.in_force_on),
            }
        )
    return found


_CITED = re.compile("《[^《》]{2,60}》(?:第[零一二三四五六七八九十百千0-9]+[条款项]、?)*")
NOT_CITED = "没有引用法律、法规"


def cited(basis: str) -> str:
    """The laws and articles that a basis cites. What else was written is the agency's own and stays inside."""
    return "；".join(dict.fromkeys(one.strip("、") for one in _CITED.findall(basis))) or NOT_CITED


def refusal_lines(cases: Sequence[Coordination], let_out: LetOut) -> list[Row]:
    """Which items were refused and the refusal confirmed, by whom and when; not to whom, and for what."""
    applications = [case.application for case in cases]
    names = _item_names(one.entry for one in applications)
    elements = let_out.elements_of(one.entry for one in applications)
    return [
        {
            "level": level_of(one.provider),
            "provider": one.provider.name,
            "title": one.title,
            "resource_code": one.entry.resource_code,
            "items": told(_named(names, one.entry, one.refused_items), "items", elements[one.entry_id]),
            "confirmed_by": "市人民政府" if case.decided_by_government else "市大数据主管部门",
            "confirmed_on": _day(timezone.localdate(case.concluded_at) if case.concluded_at else None),
        }
        for case, one in zip(cases, applications, strict=True)
    ]


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


DEMAND = PublicList(
    code="demand",
    short="需求清单",
    title="政府数据共享需求清单",
    lead="各行政机关为履行职责申请共享哪些数据，办理到哪一步，还缺什么。",
    columns={
        "level": "层级",
        "requester": "需求机关",
        "title": "数据",
        "resource_code": "资源代码",
        "provider": "提供机关",
        "items": "信息项",
        "ways": "提供方式",
        "frequency": "使用频次",
        "applied_on": "申请之日",
        "due_on": "应答复之日",
        "replied_on": "答复之日",
        "state": "进展",
    },
    found=public.demands,
    lines=demand_lines,
    order=("-submitted_on", "-pk"),
)
NEEDS = PublicList(
    code="needs",
    short="目录外需求",
    title="政府数据共享需求清单（目录以外的数据）",
    lead="各行政机关为履行职责需要、目录中还没有的数据，由哪个机关负责，办理到哪一步。",
    columns={
        "level": "层级",
        "requester": "需求机关",
        "title": "需要的数据",
        "provider": "责任机关",
        "cycle": "需要的更新周期",
        "submitted_on": "提出之日",
        "due_on": "应办之日",
        "ended_on": "办结之日",
        "state": "进展",
        "resource_code": "资源代码",
    },
    found=public.needs,
    lines=need_lines,
    order=("-submitted_on", "-pk"),
)
DUTY = PublicList(
    code="duty",
    short="责任清单",
    title="政府数据共享责任清单",
    lead="哪个机关提供哪项数据、提供给谁、最迟什么时候更新、答复和提供。",
    columns={
        "level": "层级",
        "provider": "提供机关",
        "title": "数据",
        "resource_code": "资源代码",
        "sharing": "共享类型",
        "condition": "共享条件",
        "to": "提供给",
        "cycle": "更新周期",
        "update_by": "应更新之日",
        "replies_owed": "待答复申请",
        "reply_by": "最近应答复之日",
        "supplies_owed": "待提供",
        "supply_by": "最近应提供之日",
    },
    found=public.duties,
    lines=duty_lines,
    order=("resource_code",),
)
NEGATIVE = PublicList(
    code="negative",
    short="负面清单",
    title="政府数据共享负面清单",
    lead="哪些数据依法不予共享，依据是什么。",
    columns={
        "level": "层级",
        "provider": "提供机关",
        "title": "数据",
        "resource_code": "资源代码",
        "field": "领域",
        "basis": "不予共享的依据",
        "since": "公布日期",
    },
    found=public.withheld,
    lines=withheld_lines,
    order=("resource_code",),
)
REFUSED = PublicList(
    code="refused",
    short="经确认不予提供",
    title="经协调确认不予提供的数据",
    lead="提供机关没有同意、经协调或者市人民政府决定可以不提供的信息项。",
    columns={
        "level": "层级",
        "provider": "提供机关",
        "title": "数据",
        "resource_code": "资源代码",
        "items": "不予提供的信息项",
        "confirmed_by": "确认的机关",
        "confirmed_on": "确认日期",
    },
    found=public.refusals,
    lines=refusal_lines,
    order=("-concluded_at", "-pk"),
)
LISTS = {one.code: one for one in (DEMAND, NEEDS, DUTY, NEGATIVE, REFUSED)}
