"""Acts of complainants on their own complaint, and their receipt."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from guiyang_data.documents.calendar_file import ics
from guiyang_data.documents.pdf import render as render_pdf
from guiyang_data.documents.qr import svg
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import ActPage
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.complaints.forms import AnswerQuestionForm, WithdrawForm
from oversight.complaints.models import Complaint, ComplaintQuestion
from oversight.complaints.selectors import clocks_by_receipt, receipts_of
from oversight.complaints.views.public import find_own
from oversight.complaints.visitors import principal_for
from oversight.workflow import RECEIPTS
from requests_app.visitors import remembered_code


class OwnComplaintAct(ActPage):
    """An act on one's own complaint; for everybody else it is not there."""

    complaint: Complaint

    def prepare(self, request: HttpRequest) -> None:
        self.complaint = find_own(request, self.kwargs["number"])

    def actor(self, request: HttpRequest) -> str:
        """For telling repeats apart. An anonymous complaint is never tied to the account that happens to be open."""
        return self.complaint.number if self.complaint.anonymous else super().actor(request)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": self.complaint.number, "cancel_url": self.complaint.get_absolute_url()}


class WithdrawPage(OwnComplaintAct):
    """Withdraw from every receiver that has not answered."""

    form_class = WithdrawForm
    title = _("撤回投诉举报")
    done = _("投诉举报已撤回，期限已停止。")
    dangerous = True
    consequence = RECEIPTS["withdraw"].consequence

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.withdraw_complaint(
            complaint_id=self.complaint.pk,
            by=principal_for(request, self.complaint.number),
            reasons=form.cleaned_data["reasons"],
            on=today(),
            at=now(),
        )
        return self.complaint.get_absolute_url()


class AnswerQuestionPage(OwnComplaintAct):
    """Answer a question of a receiver."""

    form_class = AnswerQuestionForm
    title = _("回答询问")
    button = _("提交回答")
    done = _("已把回答交给办理机关。办理期限照常计算。")
    question: ComplaintQuestion

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        rows = ComplaintQuestion.objects.select_related("receipt__agency")
        found = rows.filter(pk=self.kwargs["pk"], receipt__complaint=self.complaint).first()
        if found is None:
            raise NotSeen(gettext("没有这个询问。请从投诉举报的页面重新打开。"))
        self.question = found

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.answer_complaint_question(
            question_id=self.question.pk,
            by=principal_for(request, self.complaint.number),
            text=form.cleaned_data["text"],
            at=now(),
        )
        return self.complaint.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        facts = [(_("询问机关"), self.question.receipt.receiver_name), (_("询问"), self.question.text)]
        return {**super().context(request), "facts": facts}


# --- receipts --------------------------------------------------------------------------------------


def _clock(complaint: Complaint) -> Clock | None:
    """The clock of the first receiver: all begin on the same day and end on the same day."""
    clocks = clocks_by_receipt(receipts_of(complaint))
    return min(clocks.values(), key=lambda clock: clock.pk, default=None)


def _steps(clock: Clock) -> list[dict[str, str]]:
    newest = clock.generations.order_by("-number").first()
    return list(newest.steps) if newest else []


@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt of a complaint: number, code, who received it, until when an answer is aimed at and why."""
    complaint = find_own(request, number)
    clock = _clock(complaint)
    context = {
        "complaint": complaint,
        "code": remembered_code(request, number),
        "face": face(clock, today()) if clock else None,
        "steps": _steps(clock) if clock else [],
        "receipts": list(receipts_of(complaint)),
        "crumbs": [
            (_("投诉举报"), reverse("oversight:complaints")),
            (number, complaint.get_absolute_url()),
            (_("回执"), ""),
        ],
    }
    response = render(request, "oversight/complaints/receipt.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def receipt_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt on paper, with a QR code to the page where the progress stands."""
    complaint = find_own(request, number)
    content = render_pdf("receipt", _receipt_data(complaint, remembered_code(request, number)))
    return download(content, "application/pdf", gettext("回执 %(number)s.pdf") % {"number": number})


def _receipt_data(complaint: Complaint, code: str) -> dict[str, Any]:
    address = f"{settings.PUBLIC_ADDRESS}{reverse('oversight:complaint-track')}?number={complaint.number}"
    receivers = "、".join(one.receiver_name for one in receipts_of(complaint))
    facts = [
        {"label": gettext("情形"), "value": complaint.title},
        {"label": gettext("接收机关"), "value": receivers},
        {"label": gettext("提出时间"), "value": zh_datetime(complaint.submitted_at, with_year=True)},
    ]
    return {
        "office": gettext("贵阳市政府数据平台"),
        "title": gettext("投诉举报回执"),
        "number": complaint.number,
        "facts": [*facts, *([{"label": gettext("查询码"), "value": code}] if code else [])],
        "clock": _clock_data(complaint),
        "notes": [
            gettext("凭查询号和查询码随时查看进展、回答询问、撤回，不需要注册。"),
            gettext("被投诉举报的机关不办理这件投诉举报，也不知道是谁提出的。"),
            gettext("这张回执写有查询码，请不要交给他人。"),
        ],
        "verify": {
            "line": gettext("扫码打开查询页面"),
            "address": address,
            "code": code or gettext("见提交时的页面"),
            "code_label": gettext("查询码"),
            "qr": svg(address),
        },
        "issued": f"{gettext('贵阳市政府数据平台')}　{zh_datetime(complaint.submitted_at, with_year=True)}",
    }


def _clock_data(complaint: Complaint) -> dict[str, Any] | None:
    clock = _clock(complaint)
    if clock is None:
        return None
    return {
        "line": gettext("最迟 %(day)s 24:00 前反馈（服务目标）") % {"day": zh_date(clock.due_on, with_year=True)},
        "basis": str(clock.rule.basis),
        "provisional": face(clock, clock.started_on).provisional_reason,
        "steps": [step["text"] for step in _steps(clock)],
    }


@require_safe
def due_day_file(request: HttpRequest, number: str) -> HttpResponse:
    """The day an answer is aimed at as a calendar file. It names the number alone, since calendars are shared."""
    complaint = find_own(request, number)
    clock = _clock(complaint)
    if clock is None:
        raise NotSeen(gettext("这件投诉举报没有期限。"))
    summary = gettext("%(number)s 最迟反馈日") % {"number": number}
    address = f"{settings.PUBLIC_ADDRESS}{reverse('oversight:complaint-track')}?number={number}"
    content = ics(f"{number}-{clock.kind}@data.guiyang", summary, clock.due_on, address, generation=clock.generation)
    return download(content, "text/calendar; charset=utf-8", f"{number}.ics")


def download(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A paper that no cache keeps."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
