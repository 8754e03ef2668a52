"""One page for each act of those who handle a complaint, and the statement of the agency complained about."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from guiyang_data.documents.pdf import render as render_pdf
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import CaseActPage
from guiyang_data.faces.text import zh_date
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from oversight import services
from oversight.complaints import forms
from oversight.complaints.found import find_receipt, find_statement
from oversight.complaints.models import ComplaintReceipt, ComplaintStatement, Concern
from oversight.complaints.policies import RECEIPT_POLICY, STATEMENT_POLICY
from oversight.complaints.receivers import receivers_for
from oversight.complaints.selectors import clocks_by_receipt
from oversight.complaints.views.own import download
from oversight.complaints.views.public import complaint_facts
from oversight.complaints.views.staff import SHELL, require_staff
from oversight.models import Breach, Finding
from oversight.workflow import COMPLAIN, RECEIPTS


class ReceiptAct(CaseActPage):
    """An act on a receipt: its clock and what it says stand above the form."""

    policy = RECEIPT_POLICY
    workflow = RECEIPTS
    shows_matter = False
    case: ComplaintReceipt

    def find(self, request: HttpRequest) -> ComplaintReceipt:
        return find_receipt(require_staff(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"receipt_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        clock = clocks_by_receipt([self.case]).get(self.case.pk)
        complaint = self.case.complaint
        return {
            **super().context(request),
            **SHELL,
            "lead": f"{complaint.number} · {complaint.agency.name}",
            "face": face(clock, today()) if clock else None,
            "facts": complaint_facts(complaint)[2:5] if self.shows_matter else [],
        }


class Receive(ReceiptAct):
    """登记，开始调查."""

    verb = "receive"
    service = staticmethod(services.receive_complaint)
    form_class = forms.ReceiveForm
    done = _("已登记，投诉举报人已收到通知。")
    consequence = _("登记后通知投诉举报人。15 日自收到之日起算，不因登记的早晚而变。")
    shows_matter = True


class AskQuestion(ReceiptAct):
    """询问投诉举报人."""

    verb = "ask-question"
    service = staticmethod(services.ask_complainant)
    form_class = forms.QuestionForm
    button = _("发出询问")
    done = _("询问已发出。")
    shows_matter = True


class AskStatement(ReceiptAct):
    """要求有关机关说明."""

    verb = "ask-statement"
    service = staticmethod(services.ask_statement)
    form_class = forms.StatementRequestForm
    button = _("要求说明")
    done = _("已要求有关机关说明。")


class AddNote(ReceiptAct):
    """记录调查情况."""

    verb = "add-note"
    service = staticmethod(services.note_investigation)
    form_class = forms.NoteForm
    done = _("调查情况已记录。")


class Answer(ReceiptAct):
    """反馈处理结果."""

    verb = "answer"
    service = staticmethod(services.answer_complaint)
    takes_day = True
    form_class = forms.AnswerForm
    button = _("反馈给投诉举报人")
    done = _("处理结果已反馈给投诉举报人，期限已停止。")
    consequence = _("反馈后期限停止。草拟的认定由有权的人认定或者不予认定。")
    shows_matter = True

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """What a repeated demand would fall under is chosen beforehand."""
        is_demand = self.case.complaint.concern == Concern.REPEATED_DEMAND
        return {"item": str(Breach.REPEATED_DEMAND.value)} if is_demand else {}


class Decline(ReceiptAct):
    """不予受理."""

    verb = "decline"
    service = staticmethod(services.decline_complaint)
    takes_day = True
    form_class = forms.DeclineForm
    done = _("理由已反馈给投诉举报人，期限已停止。")
    shows_matter = True


class DraftFinding(ReceiptAct):
    """草拟违规情形认定."""

    verb = "draft-finding"
    service = staticmethod(services.draft_complaint_finding)
    form_class = forms.FindingForm
    button = _("草拟认定")
    done = _("认定已草拟，由有权的人认定或者不予认定。")

    def next_page(self, done: Finding) -> str:
        return done.get_absolute_url()


class Transfer(ReceiptAct):
    """移送有权处理的机关."""

    verb = "transfer"
    service = staticmethod(services.transfer_complaint)
    takes_day = True
    form_class = forms.TransferForm
    button = _("移送")
    done = _("已移送，期限不重新计算。")
    shows_matter = True

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        own = self.case.agency_id
        found = receivers_for(self.case.complaint.agency)
        return {"receivers": [one for one in found if one.agency is None or one.agency.pk != own]}


class HandOff(ReceiptAct):
    """登记转送."""

    verb = "hand-off"
    service = staticmethod(services.hand_off_complaint)
    takes_day = True
    form_class = forms.HandOffForm
    done = _("转送已登记，投诉举报人已收到通知。")
    consequence = _("先打印转送函，送达之后再登记。登记后通知投诉举报人。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"sent_on": today()}


class RecordAnswer(ReceiptAct):
    """登记对方的处理结果."""

    verb = "record-answer"
    service = staticmethod(services.record_outside_answer)
    takes_day = True
    form_class = forms.ResultForm
    done = _("处理结果已登记，投诉举报人已收到通知。")


class GiveStatement(CaseActPage):
    """What one's agency is asked to explain, and the explanation. Nothing here says who complained."""

    policy = STATEMENT_POLICY
    verb = "give-statement"
    service = staticmethod(services.give_statement)
    form_class = forms.StatementForm
    template_name = "oversight/complaints/statement.html"
    title = _("说明情况")
    button = _("提交说明")
    done = _("说明已提交。")
    case: ComplaintStatement

    def find(self, request: HttpRequest) -> ComplaintStatement:
        return find_statement(require_staff(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"statement_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().context(request),
            **SHELL,
            "statement": self.case,
            "facts": [
                (_("要求说明的机关"), self.case.receipt.keeper.name),
                (_("要求时间"), zh_date(self.case.asked_at, with_year=True)),
                (_("要求说明的事项"), self.case.matter),
            ],
            "basis": COMPLAIN,
        }


@login_required
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter with which a complaint goes to an organ outside the portal, for printing."""
    receipt = find_receipt(require_staff(request), pk)
    if not receipt.is_outside:
        raise NotSeen(gettext("这件投诉举报由平台内的机关办理，不需要转送函。"))
    RECEIPT_POLICY.require(request.user, "read-matter", receipt)
    content = render_pdf("letter", _letter_data(receipt))
    number = receipt.complaint.number
    return download(content, "application/pdf", gettext("转送函 %(number)s.pdf") % {"number": number})


def _letter_data(receipt: ComplaintReceipt) -> dict[str, Any]:
    complaint, keeper = receipt.complaint, receipt.keeper
    who = gettext("匿名") if complaint.anonymous else (complaint.name or gettext("没有留姓名"))
    ways = "、".join(one for one in (complaint.mail, complaint.phone) if one)
    return {
        "office": receipt.keeper.name,
        "title": gettext("转送投诉举报的函"),
        "number": complaint.number,
        "to": receipt.outside_name,
        "opening": gettext(
            "%(name)s依照《贵阳市政府数据共享开放条例》第二十九条，投诉举报下列机关或者工作人员不依法履行政府数据共享开放职责。"
            "现转送你机关，请依法调查处理，并将处理结果反馈投诉举报人，同时告知我机关。"
        )
        % {"name": gettext("有关公民、法人或者其他组织")},
        "facts": [
            {"label": gettext("投诉举报的机关"), "value": complaint.agency.name},
            {"label": gettext("涉及的人员"), "value": complaint.official or gettext("没有指明")},
            {"label": gettext("情形"), "value": str(Concern(complaint.concern).label)},
            {"label": gettext("收到之日"), "value": zh_date(complaint.submitted_on, with_year=True)},
            {"label": gettext("投诉举报人"), "value": who},
            {"label": gettext("联系方式"), "value": ways or gettext("没有留联系方式，请由我机关转达")},
            {"label": gettext("相关事项"), "value": complaint.case_number or gettext("无")},
        ],
        "matter": complaint.matter,
        "reply_to": "　".join(one for one in (keeper.name, keeper.contact, keeper.phone) if one),
        "issued": f"{receipt.keeper.name}　{zh_date(today(), with_year=True)}",
    }
