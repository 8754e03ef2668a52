"""One page for each act of the agency that replies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.forms.staff import (
    AnewForm,
    DeliverForm,
    DraftReplyForm,
    FulfilForm,
    HandlerForm,
    QuestionForm,
    SendBackForm,
    TransferForm,
    drafted_values,
)
from requests_app.models import OpenRequest
from requests_app.selectors import draft_of
from requests_app.services.replies import delivering_verb
from requests_app.services.requests import next_state
from requests_app.views.parts import checks_of, faces_of, look_into_papers, reply_facts, take_papers
from requests_app.views.staff import case_facts, find_case, require_staff
from requests_app.workflow import REQUEST, REQUEST_WORKFLOW


class CaseActPage(SignedInActPage):
    """An act on a request: its facts and its clock stand above the form."""

    case: OpenRequest
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.case = find_case(request, self.kwargs["number"])
        policies.REQUEST_POLICY.require(request.user, self.current_verb(), self.case)

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        self.prepare(request)
        # who may not do it need not fill it in: 403 and 409 come before the form
        next_state(self.case, self.current_verb(), require_staff(request))
        return self.page(request, self.get_form(request))

    def current_verb(self) -> str:
        """The verb of the workflow table."""
        return self.verb

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "lead": f"{self.case.number} {self.case.title}",
            "face": faces_of(self.case, today())[0],
            "basis": REQUEST,
            "cancel_url": self.case.work_path,
            "shell": "staff/base.html",
            "work_section": "requests",
        }


class DraftReplyPage(CaseActPage):
    """Draft the reply; a second person approves it. What was found in its papers so far stands above the form."""

    template_name = "requests_app/paper_act.html"
    form_class = DraftReplyForm
    verb = "draft-reply"
    title = _("起草答复")
    button = _("报请审批")
    done = _("答复草稿已报请审批，批准后送达申请人。")
    consequence = _("由另一位审批人批准后送达，送达时期限停止。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        if draft is None:
            return {"agreed_to": self.case.case, "entry": self.case.entry_id}
        return {"entry": self.case.entry_id} | drafted_values(draft)

    def perform(self, request: HttpRequest, form: DraftReplyForm) -> str:
        user = require_staff(request)
        data = form.cleaned_data
        papers = take_papers(data["file"], by=user, at=now(), purpose="reply", token=data["submission"][:60])
        services.draft_reply(
            request_id=self.case.pk,
            by=user,
            text=form.reply_text(),
            entry=data["entry"],
            papers=papers,
            on=today(),
            at=now(),
        )
        return self.case.work_path

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().post(request, **kwargs)
        if response.status_code == 302:  # what was handed in is read once nothing is locked any more
            return HttpResponseRedirect(look_into_papers(request, self.case))
        return response

    def context(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        facts = case_facts(self.case, works=True)[:4]
        if draft is not None and draft.return_reasons:
            facts.insert(0, (_("上次退回的理由"), draft.return_reasons))
        return {
            **super().context(request),
            **checks_of(self.case, draft),
            "facts": facts,
            "draft": f"reply-{self.case.number}-{self.case.round}",
        }


class DeliverPage(CaseActPage):
    """Approve the draft and deliver it; what was found in its papers, and who answered for it, stands above."""

    template_name = "requests_app/paper_act.html"
    form_class = DeliverForm
    title = _("批准并送达")
    button = _("批准并送达")
    done = _("答复已送达申请人，期限已停止。")
    consequence = _("送达后期限停止，答复向社会公开（申请人姓名隐去）。")

    def current_verb(self) -> str:
        return delivering_verb(self.case)

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.deliver_reply(request_id=self.case.pk, by=require_staff(request), on=today(), at=now())
        return self.case.work_path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        facts = reply_facts(draft) if draft else []
        return {**super().context(request), **checks_of(self.case, draft), "facts": facts, "is_delivery": True}


class ReturnDraftPage(CaseActPage):
    """Send the draft back; what it says stands above."""

    form_class = SendBackForm
    verb = "return-draft"
    title = _("退回修改")
    consequence = _("退回后由起草人修改，再次报请审批。期限继续计算。")
    done = _("草稿已退回起草人。期限继续计算。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        reasons = form.cleaned_data["reasons"]
        by = require_staff(request)
        services.return_draft(request_id=self.case.pk, by=by, reasons=reasons, on=today(), at=now())
        return self.case.work_path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        return {**super().context(request), "facts": reply_facts(draft) if draft else []}


class TransferPage(CaseActPage):
    """Hand the case to the right agency."""

    form_class = TransferForm
    verb = "transfer"
    title = _("转给主管该数据的机关")
    button = _("转出")
    done = _("已转出并告知申请人。期限不重新计算。")
    consequence = _("期限不重新计算，各机关经手的天数分别记录。会被转回的，请转市大数据主管部门指定。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def perform(self, request: HttpRequest, form: Any) -> str:
        data, by = form.cleaned_data, require_staff(request)
        services.transfer(request_id=self.case.pk, by=by, to=data["to"], reasons=data["reasons"], on=today(), at=now())
        return self.case.work_path


class QuestionPage(CaseActPage):
    """Ask the applicant."""

    form_class = QuestionForm
    verb = "ask-question"
    title = _("向申请人询问")
    button = _("发出询问")
    done = _("询问已发给申请人。期限继续计算。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, text = require_staff(request), form.cleaned_data["text"]
        services.ask_question(request_id=self.case.pk, by=by, text=text, on=today(), at=now())
        return self.case.work_path


class HandlerPage(CaseActPage):
    """Give the case to somebody."""

    form_class = HandlerForm
    verb = "assign-handler"
    title = _("指定经办人")
    done = _("已指定经办人并通知本人。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, handler = require_staff(request), form.cleaned_data["handler"]
        services.assign_handler(request_id=self.case.pk, by=by, handler=handler, at=now())
        return self.case.work_path


class FulfilPage(CaseActPage):
    """Record that the promise is kept."""

    form_class = FulfilForm
    verb = "fulfil"
    title = _("登记已落实")
    done = _("已登记并告知申请人，落实期限已停止。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        data, by = form.cleaned_data, require_staff(request)
        services.fulfil(request_id=self.case.pk, by=by, link=data["link"], note=data["note"], on=today(), at=now())
        return self.case.work_path


class ReplyAnewPage(CaseActPage):
    """What was agreed cannot be carried out."""

    form_class = AnewForm
    verb = "reply-anew"
    title = _("不能落实，重新答复")
    done = _("已告知申请人将重新答复。请起草新的答复。")
    dangerous = True
    consequence = REQUEST_WORKFLOW["reply-anew"].consequence

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, reasons = require_staff(request), form.cleaned_data["reasons"]
        services.reply_anew(request_id=self.case.pk, by=by, reasons=reasons, on=today(), at=now())
        return self.case.work_path
