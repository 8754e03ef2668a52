"""The papers of a drafted reply: what was found in them, and one page for each act on a paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.attachments.services import cleaned_content
from guiyang_data.errors import DomainError, NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.timekeeping import now
from requests_app import policies, services
from requests_app.checks import PaperCheck, paper_checks
from requests_app.forms.staff import ConfirmFindingsForm
from requests_app.selectors import draft_of
from requests_app.services.papers import paper_of_draft
from requests_app.views.parts import papers_path
from requests_app.views.replying import CaseActPage
from requests_app.views.staff import find_case, require_staff


class PapersPage(SignedInCasePage):
    """What was found in the papers of the draft, and what can be done about it."""

    template_name = "requests_app/reply_papers.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        case = find_case(request, kwargs["number"])
        policies.REQUEST_POLICY.require(user, "inspect-papers", case)
        draft = draft_of(case)
        if draft is None:
            raise NotSeen(gettext("还没有答复草稿，或者答复已经送达。"))
        checks = paper_checks(draft)
        return {
            "work_section": "requests",
            "case": case,
            "checks": checks,
            "is_open": case.is_open,
            "unchecked": any(check.inspection is None for check in checks),
            "empty": {
                "title": _("这份答复没有附件"),
                "text": _("随答复送出的附件会列在这里，送达前查一遍。"),
                "action": {"label": _("返回这件申请"), "url": case.work_path},
            },
            "crumbs": [
                (_("开放申请"), reverse("requests_app:work-list")),
                (case.number, case.work_path),
                (_("附件检查"), ""),
            ],
        }


class InspectPapersPage(CaseActPage):
    """Look into the papers again, or for the first time."""

    form_class = ActForm
    verb = "inspect-papers"
    title = _("检查附件")
    done = _("检查完成。")
    consequence = _("每个附件约需一秒，最长二十秒。检查过、内容没有变的附件不重复检查。")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # files are read before anything is locked, so the act here only leads on
        self.prepare(request)
        services.inspect_papers(request_id=self.case.pk, by=require_staff(request), at=now())
        messages.success(request, str(self.done))
        return HttpResponseRedirect(papers_path(self.case))


class PaperActPage(CaseActPage):
    """An act on one paper of the draft."""

    check: PaperCheck
    template_name = "requests_app/paper_act.html"

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        self.check = paper_of_draft(self.case, require_staff(request), self.verb, self.kwargs["pk"])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        context = {**super().context(request), "checks": [self.check], "cancel_url": papers_path(self.case)}
        return context | {"single": True, "lead": f"{self.check.paper.name} · {self.case.number} {self.case.title}"}


class ConfirmFindingsPage(PaperActPage):
    """Answer for what was found."""

    form_class = ConfirmFindingsForm
    verb = "confirm-findings"
    title = _("确认检出的内容")
    button = _("确认可以送出")
    done = _("已确认，理由记入办理记录，审批人能看到。")
    consequence = _("理由和您的姓名记入办理记录，审批人批准送达时能看到。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"check": self.check}

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.confirm_findings(
            request_id=self.case.pk,
            paper_id=self.check.paper.pk,
            by=require_staff(request),
            findings=form.chosen,
            reasons=form.cleaned_data["reasons"],
            at=now(),
        )
        return papers_path(self.case)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().context(request), "single": False}  # whoever answers for it sees what was found


class CleanPaperPage(PaperActPage):
    """Put a cleaned copy in the place of a paper."""

    verb = "clean-paper"
    title = _("换成清理后的副本")
    done = _("已换成清理后的副本，并重新检查。")
    consequence = _(
        "看不到的内容去掉，看得到的保留。表格的公式换成结果，图表和图片不带过去；文档的修订按现状接受，批注去掉。"
        "原来的文件从草稿中移除，请先自己留存。"
    )
    content = b""
    refusal: DomainError | None = None

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        # made before anything is locked
        try:
            self.content = cleaned_content(self.check.paper)
        except DomainError as error:
            self.refusal = error
        response = super().post(request, **kwargs)
        if response.status_code == 302:
            services.inspect_papers(request_id=self.case.pk, by=require_staff(request), at=now())
        return response

    def perform(self, request: HttpRequest, form: Any) -> str:
        if self.refusal is not None:
            raise self.refusal
        services.clean_paper(
            request_id=self.case.pk,
            paper_id=self.check.paper.pk,
            by=require_staff(request),
            content=self.content,
            at=now(),
        )
        return papers_path(self.case)


class RemovePaperPage(PaperActPage):
    """Take a paper off the draft."""

    verb = "remove-paper"
    title = _("移除附件")
    done = _("附件已移除。")
    dangerous = True
    consequence = _("附件从草稿中移除，不随答复送达。要换别的文件，请在「起草答复」中上传。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.remove_paper(
            request_id=self.case.pk, paper_id=self.check.paper.pk, by=require_staff(request), at=now()
        )
        return papers_path(self.case)
