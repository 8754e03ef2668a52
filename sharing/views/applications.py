"""Applications: filing, the lists, the case, and one page for each act on it (第十五条第二款、第三款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import User
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader, TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import today
from sharing.actions import application_acts
from sharing.deciding import helps_for
from sharing.found import find_application
from sharing.models import SharingApplication
from sharing.papers import papers_of
from sharing.policies import (
    sees_every_case,
    visible_applications,
    working_agencies,
    works_for,
)
from sharing.selectors import (
    applications_with_parties,
    chain_of,
    clocks_by_subject,
    filed_together,
)
from sharing.views.grant_facts import terms_facts
from sharing.views.shared import (
    HOME,
    PAPER,
    PER_PAGE,
    SHELL,
    condition_text,
    crumbs,
    item_names,
    lines,
    link,
    named,
    span,
    staff_of,
    tabs,
    ways_text,
)
from sharing.workflow import (
    APPLICATION_WORKFLOW,
    APPLY,
    COORDINATION_WORKFLOW,
    GRANT_WORKFLOW,
)

INNER = ("draft-reply",)
LABELS = {
    "apply": "提出共享申请",
    "grant": "开通授权",
    "authorise": "按类别预先授权",
    "supply": "数据可以读取",
    "guessing": "核验不相符过多，停止答复一小时",
    **{
        verb: transition.past
        for workflow in (GRANT_WORKFLOW, COORDINATION_WORKFLOW, APPLICATION_WORKFLOW)
        for verb, transition in workflow.transitions.items()
        if verb != "carry-out"  # the same moment as the grant on the opinion
    },
}
BOXES = {
    "own": gettext_lazy("我机关的申请"),
    "answer": gettext_lazy("向我机关提出的申请"),
    "all": gettext_lazy("全部申请"),
}


class ApplicationsPage(SignedInCasePage):
    """Applications of one's agency, and those it has to answer, what is due first on top."""

    template_name = "sharing/applications.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        box, text = request.GET.get("box", ""), request.GET.get("q", "").strip()[:60]
        box = box if box in BOXES else "answer"
        rows = _in_box(user, box)
        if text:
            found = Q(title__icontains=text) | Q(number__icontains=text) | Q(filing=text)
            rows = rows.filter(found | Q(requester__name__icontains=text))
        state = request.GET.get("state", "")
        counts = counts_by_standing(rows, today())
        shown = by_due_day(rows.filter(standing_filter(state, today())))
        page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "items": _work_items(list(page.object_list), box),
            "q": text,
            "box": box,
            "filters": _chips(counts, state=state, box=box, text=text),
            "answers": box == "answer",
            "title": BOXES[box],
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": box,
            "empty": {
                "title": _("这里还没有共享申请"),
                "text": _("提出或者收到的共享申请会按到期日列在这里。"),
                "action": {"label": _("查找可共享的数据"), "url": HOME} if box == "own" else None,
            },
        }


def _in_box(user: User, box: str) -> QuerySet[SharingApplication]:
    rows = visible_applications(user, applications_with_parties(SharingApplication.objects.all()))
    if box == "own":
        return rows.filter(requester__in=working_agencies(user))
    if box == "answer":
        return rows.filter(provider__in=working_agencies(user))
    return rows


STATES = {
    "": gettext_lazy("全部"),
    "late": gettext_lazy("已逾期"),
    "near": gettext_lazy("即将到期"),
    "on_time": gettext_lazy("期限内"),
    "ended": gettext_lazy("没有在办期限"),
}


def _chips(counts: dict[str, int], *, state: str, box: str, text: str) -> list[dict[str, Any]]:
    chips = []
    for code, label in STATES.items():
        asked = {name: value for name, value in (("box", box), ("q", text), ("state", code)) if value}
        count = counts.get(code, 0) if code else sum(counts.values())
        tone = code if code in {"late", "near"} and count else ""
        shown = {"label": label, "count": count, "state": tone, "current": code == state}
        chips.append(shown | {"url": f"?{urlencode(asked)}"})
    return chips


def _work_items(rows: list[SharingApplication], box: str) -> list[dict[str, Any]]:
    clocks = clocks_by_subject(rows)
    found = []
    for row in rows:
        clock = clocks.get(subject_of(row))
        other = row.requester if box == "answer" else row.provider
        parts = (row.number, row.filing, other.short_name, row.status_label)
        found.append(
            {
                "face": face(clock, today()) if clock else None,
                "title": row.title,
                "url": row.get_absolute_url(),
                "detail": " · ".join(part for part in parts if part),
                "article": APPLY.number,
                "act_label": _("答复") if box == "answer" and row.is_waiting else _("查看"),
                "pk": row.pk,
            }
        )
    return found


class ApplicationPage(SignedInCasePage):
    """The case: facts and clock on top, acts beside, what happened below."""

    template_name = "sharing/application.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        case = find_application(user, kwargs["number"])
        inside = works_for(user, case.provider_id)
        names = item_names(case.entry)
        grants = list(case.grants.select_related("grantee", "entry__provider").order_by("pk"))
        coordinations = list(case.coordinations.order_by("pk"))
        supply = clocks_by_subject(grants)
        return SHELL | {
            "case": case,
            "faces": [face(clock, today()) for clock in [*clocks_of(case), *_running(supply.values())]],
            "facts": application_facts(case, names),
            "reply": reply_facts(case, names),
            "draft": _draft_facts(case, names) if inside and case.drafted_at and case.is_waiting else None,
            "acts": application_acts(user, case, on=today()),
            "hint": _hint(user, case),
            "papers": papers_of(user, case, path=PAPER),
            "help": helps_for([case])[case.pk] if inside and case.is_waiting else None,
            "chain": chain_of(case),
            "together": list(filed_together(case)),
            "grants": grants,
            "today": today(),
            "coordinations": coordinations,
            "events": case_timeline([case, *grants, *coordinations], reader=Reader.OFFICE if inside else Reader.PARTY),
            "crumbs": crumbs((_("共享申请"), f"{HOME}applications/?box={_box(user, case)}"), (case.number, "")),
        }


def _running(clocks: Iterable[Clock]) -> list[Clock]:
    return [clock for clock in clocks if clock.is_running]


def _box(user: User, case: SharingApplication) -> str:
    mine = working_agencies(user)
    return "answer" if case.provider_id in mine else "own" if case.requester_id in mine else "all"


def _hint(user: User, case: SharingApplication) -> str:
    if not case.is_waiting:
        return ""
    if works_for(user, case.provider_id):
        return _("答复送达需求机关后，期限停止计算。由审批人送达。")
    return _("等待提供机关答复。逾期没有答复的，可以在这里提请协调。")


def application_facts(case: SharingApplication, names: dict[str, str]) -> list[tuple[Any, ...]]:
    """What was applied for."""
    return [
        (_("需求机关"), case.requester.name),
        (_("提供机关"), case.provider.name),
        (_("数据"), link(reverse("sharing:entry", args=[case.entry_id]), case.title)),
        (_("申请的信息项"), named(case.items, names)),
        (_("数据范围"), condition_text(case.row_condition, names)),
        (_("所履行的职责"), case.duty),
        (_("职责依据"), case.duty_basis),
        (_("用途"), case.purpose),
        *([(_("应用场景"), case.use_case)] if case.use_case else []),
        (_("使用期限"), span(case.period_from, case.period_until)),
        (_("提供方式"), ways_text(case.ways)),
        *terms_facts(case.verification, names),
        (_("使用频次"), case.get_frequency_display()),
        (_("调用系统"), case.system.name if case.system else _("不限定")),
        (_("申请之日"), zh_date(case.submitted_on, with_year=True)),
    ]


def reply_facts(case: SharingApplication, names: dict[str, str]) -> list[tuple[Any, ...]]:
    """What was replied; empty before the reply."""
    if case.replied_on is None:
        return []
    late = _("（逾期 %(days)s 天）") % {"days": case.late_days} if case.late_days else ""
    facts = [
        (_("答复"), case.get_outcome_display()),
        (_("答复日期"), zh_date(case.replied_on, with_year=True) + late),
    ]
    if case.granted_items:
        facts.append((_("同意的信息项"), named(case.granted_items, names)))
    if case.refused_items:
        facts.append((_("没有同意的信息项"), named(case.refused_items, names)))
    facts += cut_facts(case.granted_condition, case.granted_until, case.granted_ways, names)
    facts += terms_facts(case.granted_verification, names)
    return [*facts, *([(_("理由"), case.reasons)] if case.reasons else [])]


def cut_facts(
    rows: list[dict[str, Any]], until: dt.date | None, ways: list[str], names: dict[str, str]
) -> list[tuple[Any, ...]]:
    """What a reply in part cuts beside items."""
    facts: list[tuple[Any, ...]] = []
    if rows:
        facts.append((_("另加的数据范围"), condition_text(rows, names)))
    if until:
        facts.append((_("使用期限缩短至"), zh_date(until, with_year=True)))
    if ways:
        facts.append((_("只以这些方式提供"), ways_text(ways)))
    return facts


def _draft_facts(case: SharingApplication, names: dict[str, str]) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [(_("拟答复"), case.get_draft_outcome_display())]
    if case.draft_items:
        facts.append((_("拟同意的信息项"), named(case.draft_items, names)))
    facts += cut_facts(case.draft_condition, case.draft_until, case.draft_ways, names)
    facts += terms_facts(case.draft_verification, names)
    if case.draft_reasons:
        facts.append((_("理由"), case.draft_reasons))
    who = str(case.drafted_by) if case.drafted_by else ""
    return [*facts, (_("拟写"), lines([who, zh_date(case.drafted_at)] if case.drafted_at else [who]))]


def case_timeline(cases: list[Any], *, reader: Reader) -> list[TimelineEvent]:
    """What happened to an application, its grants and coordinations; the provider's own steps for the provider only."""
    return timeline(events_of(*cases), LABELS, reader=reader, inner=INNER)
