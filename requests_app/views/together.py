"""Pages on which like requests are linked, and one text is drafted for many. What follows is in ``batches``."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.faces.text import whole_number
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.forms.together import DraftTogetherForm, LinkForm, UnlinkForm
from requests_app.models import OpenRequest
from requests_app.selectors import clocks_by_case, like_ones_waiting
from requests_app.services.batches import MOST_TOGETHER
from requests_app.views.batches import say
from requests_app.views.parts import look_into_papers, take_papers
from requests_app.views.replying import CaseActPage
from requests_app.views.staff import require_staff
from requests_app.workflow import REQUEST, RequestStatus

# --- linking -----------------------------------------------------------------------------------------


class LinkPage(CaseActPage):
    """Link the case with another that asks for the same."""

    form_class = LinkForm
    verb = "link"
    title = _("关联相同申请")
    button = _("关联")
    done = _("已关联。两件申请各自计时、各自答复。")
    consequence = _("关联只方便一起办理：每件申请的期限、答复和复核都不变。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"other": request.GET.get("other", "")[:20]}

    def perform(self, request: HttpRequest, form: LinkForm) -> str:
        services.link_requests(
            request_id=self.case.pk,
            by=require_staff(request),
            other=form.cleaned_data["other"],
            reasons=form.cleaned_data["reasons"],
            at=now(),
        )
        return self.case.work_path


class UnlinkPage(CaseActPage):
    """Undo a link."""

    form_class = UnlinkForm
    verb = "unlink"
    title = _("解除关联")
    done = _("已解除关联。")
    consequence = _("只去掉这一条关联，两件申请的期限、答复和复核都不变。弄错了可以再次关联。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"other": request.GET.get("other", "")[:20]}

    def perform(self, request: HttpRequest, form: UnlinkForm) -> str:
        services.unlink_requests(
            request_id=self.case.pk,
            by=require_staff(request),
            other=form.cleaned_data["other"],
            reasons=form.cleaned_data["reasons"],
            at=now(),
        )
        return self.case.work_path


# --- drafting together -------------------------------------------------------------------------------


class DraftTogetherPage(SignedInActPage):
    """One text for the requests that were ticked in the list (``?chosen=``), with like ones offered."""

    form_class = DraftTogetherForm
    template_name = "requests_app/draft_together.html"
    title = _("一并答复")
    button = _("一并报请审批")
    consequence = _(
        "每件申请各有一份答复。由另一位审批人批准后分别送达，各自停止计时；期间撤回、转出或者已答复的不受影响。"
    )
    chosen: list[OpenRequest]
    like: list[OpenRequest]
    drafted: OpenRequest | None = None

    def prepare(self, request: HttpRequest) -> None:
        user = require_staff(request)
        asked = [*request.GET.getlist("chosen"), *request.POST.getlist("requests"), *request.POST.getlist("chosen")]
        ids = {number for value in asked if (number := whole_number(value))}
        rows = policies.visible_to(user, OpenRequest.objects.filter(pk__in=ids)).select_related("agency")
        self.chosen = [row for row in rows.order_by("pk") if policies.works_on(user, row)]
        self.like = []
        if self.chosen and request.method == "GET":
            self.like = like_ones_waiting(self.chosen[0], besides=[row.pk for row in self.chosen])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        return self.page(request, self.get_form(request)) if self.chosen else self._to_the_list(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        if not self.chosen:
            return self._to_the_list(request)
        response = super().post(request, **kwargs)
        if response.status_code == 302 and self.drafted is not None:  # files are read once nothing is locked any more
            look_into_papers(request, self.drafted)
        return response

    def _to_the_list(self, request: HttpRequest) -> HttpResponse:
        messages.info(request, gettext("请先在列表中勾选要一并答复的申请。"))
        return HttpResponseRedirect(reverse("requests_app:work-list"))

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        offered = [*self.chosen, *self.like]
        clocks = clocks_by_case(offered)
        faces = {row.pk: face(clocks[row.number], today()) for row in offered if row.number in clocks}
        return {"offered": offered, "faces": faces}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        waiting = [str(row.pk) for row in self.chosen if row.status == RequestStatus.WAITING]
        return {"requests": waiting, "agreed_to": self.chosen[0].case}

    def perform(self, request: HttpRequest, form: DraftTogetherForm) -> str:
        user, data = require_staff(request), form.cleaned_data
        papers = take_papers(data["file"], by=user, at=now(), purpose="reply", token=data["submission"][:60])
        result = services.draft_together(
            request_ids=form.request_ids(),
            by=user,
            text=form.reply_text(),
            additions=form.additions(),
            entry=data["entry"],
            papers=papers,
            on=today(),
            at=now(),
        )
        self.drafted = result.done[0]
        say(request, result, gettext("%(count)d 件已起草并报请审批，批准后分别送达申请人。"))
        return result.batch.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "work_section": "requests",
            "chosen": {row.pk for row in self.chosen},
            "waiting": RequestStatus.WAITING.value,
            "agency": self.chosen[0].agency,
            "most": MOST_TOGETHER,
            "basis": REQUEST,
            "crumbs": [(_("开放申请"), reverse("requests_app:work-list")), (_("一并答复"), "")],
        }
