"""The desk: complaints by due day, one complaint with everything for its handling, statements one's agency owes."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.faces.timeline import Reader
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from oversight.complaints.cases import case_path
from oversight.complaints.found import find_receipt, receipt_acts
from oversight.complaints.models import Capacity, ComplaintReceipt, ComplaintStatement
from oversight.complaints.policies import RECEIPT_POLICY
from oversight.complaints.selectors import (
    clocks_by_receipt,
    receipts_in_sight,
    statements_in_sight,
)
from oversight.complaints.views.parts import complaint_timeline, papers_of, result_facts
from oversight.complaints.views.public import complaint_facts
from oversight.workflow import COMPLAIN, UNANSWERED

PAGE_SIZE = 30
SHELL = {"shell": "staff/base.html", "work_section": "complaints"}
STATES = (("late", _("已逾期")), ("near", _("三日内")), ("on_time", _("其余在办")), ("ended", _("已办结或者已转送")))


def require_staff(request: HttpRequest) -> User:
    """The signed-in member of an agency; for everybody else these pages are not there."""
    if not isinstance(request.user, User) or not is_staff_member(request.user):
        raise NotSeen(gettext("这个页面供机关工作人员使用。您的投诉举报请在「投诉举报」页面查询。"))
    return request.user


def tabs(user: User) -> list[dict[str, Any]]:
    """The list of complaints, and what one's own agency is asked to explain."""
    owed = statements_in_sight(user).filter(given_at=None).count()
    return [
        {"key": "complaints", "label": _("投诉举报"), "url": reverse("oversight:work-complaints"), "count": None},
        {"key": "statements", "label": _("要求本机关说明"), "url": reverse("oversight:statements"), "count": owed},
    ]


class WorkListPage(SignedInCasePage):
    """Complaints one's agency handles, and those one watches over, what is due first on top."""

    template_name = "oversight/complaints/work_list.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        state = request.GET.get("state", "")
        rows = by_due_day(receipts_in_sight(user), newest="complaint__submitted_at")
        counts = counts_by_standing(rows, today())
        count = counts.get(state, sum(counts.values()))
        shown = rows.filter(standing_filter(state, today()))
        page = page_of(shown, count=count, number=request.GET.get("page"), size=PAGE_SIZE)
        clocks = clocks_by_receipt(page.object_list)
        return {
            **SHELL,
            "tabs": tabs(user),
            "tab": "complaints",
            "page": page,
            "items": [_item(row, clocks) for row in page.object_list],
            "filters": _filters(counts, state),
            "empty": {
                "title": _("没有符合条件的投诉举报") if state else _("没有投诉举报"),
                "text": _("公众向本机关提出的投诉举报会按到期日列在这里，由本机关自己调查处理。"),
                "action": {"label": _("查看全部"), "url": request.path} if state else None,
            },
        }


def _filters(counts: dict[str, int], state: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "count": counts[key],
            "url": "?" + urlencode({} if state == key else {"state": key}),
            "state": key if key in {"late", "near"} else "",
            "current": state == key,
        }
        for key, label in STATES
    ]


def _item(row: ComplaintReceipt, clocks: dict[int, Any]) -> dict[str, Any]:
    clock = clocks.get(row.pk)
    complaint = row.complaint
    return {
        "face": face(clock, today()) if clock else None,
        "title": f"{complaint.title}（{complaint.agency.short_name}）",
        "url": row.get_absolute_url(),
        "detail": f"{complaint.number} · {row.receiver_name} · {row.get_status_display()}",
        "article": COMPLAIN.number,
        "act_label": _("办理") if row.status in UNANSWERED else _("查看"),
        "act_url": row.get_absolute_url(),
        "pk": row.pk,
    }


class WorkCasePage(SignedInCasePage):
    """One complaint with one receiver. Whoever only watches over it sees how it goes, not what it says."""

    template_name = "oversight/complaints/work_case.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        receipt = find_receipt(user, kwargs["pk"])
        complaint = receipt.complaint
        reads = RECEIPT_POLICY.may(user, "read-matter", receipt)
        clock = clocks_by_receipt([receipt]).get(receipt.pk)
        within: dict[str, Any] = {"questions": [], "statements": [], "notes": [], "papers": [], "contact": []}
        return {
            **SHELL,
            "receipt": receipt,
            "complaint": complaint,
            "reads": reads,
            "face": face(clock, today()) if clock else None,
            "acts": receipt_acts(user, receipt),
            "facts": _facts(receipt, reads),
            "result": result_facts(receipt) if reads else [],
            "findings": list(receipt.findings.all()) if reads else [],
            "case_path": case_path(complaint.case_number) if reads else "",
            "transfers": list(receipt.transfers.select_related("from_agency")),
            "others": list(complaint.receipts.exclude(pk=receipt.pk).select_related("agency")),
            "events": complaint_timeline(complaint, [receipt], reader=Reader.OFFICE if reads else Reader.PUBLIC),
            **(_within(receipt) if reads else within),
            "crumbs": [(_("投诉举报"), reverse("oversight:work-complaints")), (complaint.number, "")],
        }


def _facts(receipt: ComplaintReceipt, reads: bool) -> list[tuple[Any, ...]]:
    complaint = receipt.complaint
    facts = complaint_facts(complaint) if reads else [(_("编号"), complaint.number), (_("机关"), complaint.agency.name)]
    return [
        *facts,
        (_("接收机关"), f"{receipt.receiver_name}（{Capacity(receipt.capacity).label}）"),
        (_("收到之日"), zh_date(complaint.submitted_on, with_year=True)),
        (_("状态"), receipt.get_status_display()),
    ]


def _within(receipt: ComplaintReceipt) -> dict[str, Any]:
    """What only those who handle it read."""
    complaint = receipt.complaint
    contact: list[tuple[Any, Any]] = [(_("投诉举报人"), _("匿名"))]
    if not complaint.anonymous:
        name = f"{complaint.get_kind_display()} {complaint.name}".strip()
        contact = [(_("投诉举报人"), name), (_("邮箱"), complaint.mail), (_("手机"), complaint.phone)]
    return {
        "questions": list(receipt.questions.all()),
        "statements": list(receipt.statements.select_related("agency")),
        "notes": list(receipt.notes.select_related("by")),
        "papers": papers_of(complaint),
        "contact": contact,
    }


class StatementListPage(SignedInCasePage):
    """Statements asked of one's own agency: what is to be explained, never who complained."""

    template_name = "oversight/complaints/statements.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        page = Paginator(statements_in_sight(user), PAGE_SIZE).get_page(request.GET.get("page"))
        columns = (_("要求时间"), _("要求说明的机关"), _("事项"), _("状态"))
        return {
            **SHELL,
            "tabs": tabs(user),
            "tab": "statements",
            "page": page,
            "columns": [{"name": name, "code": str(place)} for place, name in enumerate(columns)],
            "rows": [_statement_row(row) for row in page.object_list],
            "empty": {
                "title": _("没有要说明的事项"),
                "text": _("调查投诉举报的机关要求本机关说明情况时，会列在这里。"),
                "action": None,
            },
        }


def _statement_row(row: ComplaintStatement) -> list[Any]:
    return [
        zh_datetime(row.asked_at, with_year=True),
        row.receipt.keeper.name,
        {"text": row.matter[:60], "url": row.get_absolute_url()},
        _("已说明") if row.given_at else _("待说明"),
    ]
