"""The desk: reported doubts by due day, one report with everything for checking it, and the acts on it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal, is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.standings import address, standing_filters
from guiyang_data.faces.timeline import Reader
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.selectors import clocks_of, face, in_order, running_clocks
from guiyang_data.timekeeping import today
from requests_app import services
from requests_app.corrections import forms
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.policies import CORRECTION_POLICY, visible_to
from requests_app.corrections.selectors import rows_still_wrong, with_relations
from requests_app.corrections.views.parts import (
    answer_facts,
    matter_facts,
    papers_of,
    report_facts,
    report_timeline,
    row_table,
)
from requests_app.corrections.workflow import CORRECT, CORRECTIONS, OPEN
from sharing.policies import working_agencies

PAGE_SIZE = 30
SHELL = {"shell": "staff/base.html", "work_section": "corrections"}


def require_staff(request: HttpRequest) -> User:
    """The signed-in member of an agency; for everybody else these pages are not there."""
    if not isinstance(request.user, User) or not is_staff_member(request.user):
        raise NotSeen(gettext("这个页面供机关工作人员使用。您的反馈请在「查询数据疑义反馈」页面查看。"))
    return request.user


def find_report(user: User, number: str) -> CorrectionReport:
    """The report, where ``user`` may know of it."""
    reports = with_relations(CorrectionReport.objects.filter(number=number)).select_related("data_version")
    found = visible_to(user, reports).first()
    if found is None:
        raise NotSeen(gettext("没有这件反馈，或者它由其他机关校核。请从「数据疑义」列表重新打开。"))
    return found


def report_acts(user: Principal, report: CorrectionReport, base: str = "") -> list[Act]:
    """What ``user`` may do with it now."""
    base = base or report.work_path
    return acts(
        user,
        report,
        status=report.status,
        workflow=CORRECTIONS,
        policy=CORRECTION_POLICY,
        url=lambda verb: f"{base}{verb}/",
    )


class WorkListPage(SignedInCasePage):
    """What one's agency has to check, what it reported itself, and what one watches over; by due day."""

    template_name = "requests_app/corrections/work_list.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        state, side = request.GET.get("state", ""), request.GET.get("side", "")
        rows = by_due_day(visible_to(user, with_relations(CorrectionReport.objects.all())))
        if side == "ours":
            rows = rows.filter(agency__in=working_agencies(user))
        counts = counts_by_standing(rows, today())
        count = counts.get(state, sum(counts.values()))
        shown = rows.filter(standing_filter(state, today()))
        page = page_of(shown, count=count, number=request.GET.get("page"), size=PAGE_SIZE)
        clocks = {clock.subject: clock for clock in _clocks(page.object_list)}
        return {
            **SHELL,
            "page": page,
            "items": [_item(row, clocks) for row in page.object_list],
            "filters": standing_filters(counts, state, side=side),
            "choices": [
                {"label": _("全部"), "url": address(state=state), "current": side != "ours"},
                {"label": _("本机关反馈的"), "url": address(state=state, side="ours"), "current": side == "ours"},
            ],
            "empty": {
                "title": _("没有符合条件的反馈") if state or side else _("没有数据疑义反馈"),
                "text": _("使用者对本机关数据、目录的疑义会按到期日列在这里；本机关对其他机关数据的反馈也在这里。"),
                "action": {"label": _("查看全部"), "url": request.path} if state or side else None,
            },
        }


def _clocks(reports: Any) -> list[Any]:
    return in_order(running_clocks(list(reports)).values_list("pk", flat=True)) if reports else []


def _item(row: CorrectionReport, clocks: dict[str, Any]) -> dict[str, Any]:
    clock = clocks.get(f"{row._meta.label_lower}:{row.pk}")
    who = row.agency.short_name if row.agency else gettext("社会公众")
    return {
        "face": face(clock, today()) if clock else None,
        "title": f"{row.subject_words}（{row.provider.short_name}）",
        "url": row.work_path,
        "detail": f"{row.number} · {who} · {row.get_status_display()}",
        "article": CORRECT.number,
        "act_label": _("办理") if row.status in OPEN else _("查看"),
        "act_url": row.work_path,
        "pk": row.pk,
    }


class WorkCasePage(SignedInCasePage):
    """One report. Whoever only watches over it sees how it goes, not the rows."""

    template_name = "requests_app/corrections/work_case.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        report = find_report(user, kwargs["number"])
        reads = CORRECTION_POLICY.may(user, "read-rows", report)
        clock = clocks_of(report).first()
        return {
            **SHELL,
            "report": report,
            "reads": reads,
            "face": face(clock, today()) if clock else None,
            "facts": report_facts(report, full=reads),
            "table": row_table(report) if reads and report.rows else None,
            "still": _still_wrong(report) if reads else [],
            "answer": answer_facts(report),
            "papers": papers_of(report) if reads else [],
            "contact": _contact(report) if CORRECTION_POLICY.may(user, "find-not-right", report) else [],
            "acts": report_acts(user, report),
            "events": report_timeline(report, reader=Reader.OFFICE if reads else Reader.PUBLIC),
            "crumbs": [(_("数据疑义"), reverse("requests_app:work-corrections")), (report.number, "")],
        }


def _still_wrong(report: CorrectionReport) -> list[str]:
    current = report.entry.current_data
    return rows_still_wrong(report, current) if current is not None and report.status in OPEN else []


def _contact(report: CorrectionReport) -> list[tuple[Any, Any]]:
    if report.agency is not None:
        return [(_("反馈机关"), report.agency.name), (_("联系"), f"{report.agency.contact} {report.agency.phone}")]
    return [(_("反馈人"), report.name or _("没有留姓名")), (_("邮箱"), report.mail), (_("手机"), report.phone)]


class CorrectionAct(CaseActPage):
    """An act on a report: its clock and what it says stand above the form."""

    policy = CORRECTION_POLICY
    workflow = CORRECTIONS
    takes_day = True
    case: CorrectionReport

    def find(self, request: HttpRequest) -> CorrectionReport:
        return find_report(require_staff(request), self.kwargs["number"])

    def named(self) -> dict[str, Any]:
        return {"report_id": self.case.pk}

    def next_page(self, done: Any) -> str:
        return self.case.work_path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        clock = clocks_of(self.case).first()
        return {
            **super().context(request),
            **SHELL,
            "cancel_url": self.case.work_path,
            "lead": f"{self.case.number} · {self.case.subject_words}",
            "face": face(clock, today()) if clock else None,
            "facts": matter_facts(self.case),
        }


class FindRight(CorrectionAct):
    """确有错误."""

    verb = "find-right"
    service = staticmethod(services.find_right)
    form_class = forms.RightForm
    button = _("答复：确有错误")
    done = _("已答复反馈人。更正之前，这件事留在您的待办里。")


class FindNotRight(CorrectionAct):
    """经校核无误."""

    verb = "find-not-right"
    service = staticmethod(services.find_not_right)
    form_class = forms.NotRightForm
    button = _("答复：经校核无误")
    done = _("理由已答复反馈人。")


class Mend(CorrectionAct):
    """登记已更正."""

    verb = "mend"
    service = staticmethod(services.mend_correction)
    form_class = forms.MendForm
    done = _("已登记更正，反馈人、取得过数据的机关和关注的公众将收到告知。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"report": self.case}


class Withdraw(CorrectionAct):
    """撤回反馈，在机关的页面上."""

    verb = "withdraw"
    service = staticmethod(services.withdraw_correction)
    form_class = forms.WithdrawForm
    done = _("反馈已撤回。")
