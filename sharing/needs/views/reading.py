"""Data needs: the lists of those who need, answer and confirm, how many stand open, and one need with its steps."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import SharingType
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.faces.acts import Act
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.standings import address, standing_filters
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.selectors import ClockFace, face, running_clocks
from guiyang_data.timekeeping import today
from sharing.models import DataNeed
from sharing.needs.acts import need_acts
from sharing.needs.found import find_need
from sharing.needs.policies import SETTLERS, visible_needs
from sharing.needs.selectors import assignments_of, clocks_on, entries_like, needs_with_parties, open_by_agency
from sharing.needs.views.shared import NEEDS, crumbs, draft_facts, need_facts, standing_facts, what_happened
from sharing.needs.workflow import SUPERVISE, NeedStatus
from sharing.papers import papers_of, papers_of_answers
from sharing.policies import APPLICATION_POLICY, TAKING_POLICY, sees_every_case, working_agencies, works_for
from sharing.views.finding import new_need_address
from sharing.views.shared import PAPER, SHELL, staff_of, tabs
from sharing.workflow import APPLY, TAKE

PAGE_SIZE = 20
MOST_AGENCIES = 50
BOXES = {
    "confirm": gettext_lazy("待确认责任机关"),
    "answer": gettext_lazy("由我机关负责的"),
    "own": gettext_lazy("我机关提出的"),
    "all": gettext_lazy("全部"),
}
TONES = {NeedStatus.SUBMITTED: "near", NeedStatus.ASSIGNED: "near", NeedStatus.CATALOGUING: "near"} | {
    NeedStatus.COVERED: "on_time",
    NeedStatus.MET: "on_time",
    NeedStatus.REJECTED: "late",
}


class NeedsPage(SignedInCasePage):
    """Needs by due day; above them, for those who see several agencies, how many stand open with each."""

    template_name = "sharing/needs/needs.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        boxes = _boxes(user)
        box, state = request.GET.get("box", ""), request.GET.get("state", "")
        box = box if box in boxes else boxes[0]
        rows = _in_box(user, box)
        counts = counts_by_standing(rows, today())
        shown = by_due_day(rows.filter(standing_filter(state, today())))
        number = counts.get(state, sum(counts.values()))
        page = page_of(shown, count=number, number=request.GET.get("page"), size=PAGE_SIZE)
        seen = visible_needs(user, DataNeed.objects.all())
        agencies = open_by_agency(seen, late=Q(next_due_on__lt=today()))
        return SHELL | {
            "page": page,
            "items": _items(list(page.object_list)),
            "filters": standing_filters(counts, state, box=box),
            "choices": [{"label": BOXES[one], "url": address(box=one), "current": one == box} for one in boxes],
            "agencies": agencies[:MOST_AGENCIES] if len(agencies) > 1 else [],
            "new_need": new_need_address(user, title=""),
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "needs",
            "empty": {
                "title": _("这里没有数据需求"),
                "text": _("目录中没有、履行职责需要的数据，可以提出需求，由市大数据主管部门确认责任机关。"),
                "action": {"label": _("查看全部"), "url": NEEDS} if state else None,
            },
        }


def _boxes(user: User) -> list[str]:
    everything = sees_every_case(user)
    confirms = everything and bool(agencies_with(user, *SETTLERS))
    return [*(["confirm"] if confirms else []), "answer", "own", *(["all"] if everything else [])]


def _in_box(user: User, box: str) -> QuerySet[DataNeed]:
    rows = visible_needs(user, needs_with_parties(DataNeed.objects.all()))
    if box == "confirm":
        return rows.filter(status=NeedStatus.SUBMITTED)
    if box == "own":
        return rows.filter(requester__in=working_agencies(user))
    if box == "answer":
        return rows.filter(provider__in=working_agencies(user))
    return rows


def _items(rows: list[DataNeed]) -> list[dict[str, Any]]:
    clocks = {clock.subject: clock for clock in running_clocks(rows).select_related("owed_by", "rule")} if rows else {}
    found = []
    for row in rows:
        clock = clocks.get(subject_of(row))
        whose = row.provider.short_name if row.provider else ""
        parts = (row.number, row.requester.short_name, whose, row.status_label)
        found.append(
            {
                "face": face(clock, today()) if clock else None,
                "title": row.title,
                "url": row.get_absolute_url(),
                "detail": " · ".join(part for part in parts if part),
                "article": SUPERVISE.number,
                "act_label": _("查看"),
                "pk": row.pk,
            }
        )
    return found


class NeedPage(SignedInCasePage):
    """One need: what is needed, whom it was put to, what the catalogue may hold of it, and every step."""

    template_name = "sharing/needs/need.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        need = find_need(user, kwargs["number"])
        acts = need_acts(user, need, on=today())
        asked = assignments_of(need)
        papers = papers_of_answers(user, asked, path=PAPER)
        waiting = next((one for one in asked if one.is_open), None)
        names_entry = any(act.verb in {"assign-need", "cover-need"} for act in acts)
        return SHELL | {
            "need": need,
            "tone": TONES.get(NeedStatus(need.status), "stopped"),
            "faces": _faces(need),
            "facts": need_facts(need),
            "standing": standing_facts(user, need),
            "papers": papers_of(user, need, path=PAPER),
            "draft": draft_facts(user, waiting) if waiting else [],
            "assignments": [(one, papers.get(one.pk, []) if not one.is_open else []) for one in asked],
            "like": entries_like(f"{need.title} {' '.join(need.items)}") if names_entry else [],
            "acts": [*_ways_on(user, need), *acts],
            "events": what_happened(user, need),
            "crumbs": crumbs((need.number, "")),
        }


def _faces(need: DataNeed) -> list[ClockFace]:
    """What runs now, else what was stopped last: what each step took stands in the record."""
    clocks = clocks_on(need)
    running = [clock for clock in clocks if clock.is_running]
    return [face(clock, today()) for clock in running or sorted(clocks, key=lambda one: one.pk)[-1:]]


def _ways_on(user: User, need: DataNeed) -> list[Act]:
    """For the agency that needs it: to apply for the entry that holds it, or to take it, at once."""
    entry = need.entry
    ended = need.status in {NeedStatus.COVERED, NeedStatus.MET}
    if not ended or entry is None or entry.in_force is None or not works_for(user, need.requester_id):
        return []
    kind = entry.in_force.sharing_type
    if kind == SharingType.CONDITIONAL and APPLICATION_POLICY.may(user, "apply", need.requester):
        url = reverse("sharing:apply", args=[entry.pk])
        return [Act(verb="apply", label=_("申请共享"), url=url, main=True, article=APPLY.number)]
    if kind == SharingType.UNCONDITIONAL and TAKING_POLICY.may(user, "declare-taking", need.requester):
        url = reverse("sharing:take", args=[entry.pk])
        return [Act(verb="take", label=_("登记职责并获取"), url=url, main=True, article=TAKE.number)]
    return []
