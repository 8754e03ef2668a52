"""Complaining in four steps, without an account and without scripts (第二十九条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.agencies import LOOK
from guiyang_data.faces.pages import ActPage
from guiyang_data.faces.text import whole_number
from guiyang_data.statute.selectors import expected_due_day
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.complaints.cases import prefilled, reading_number
from oversight.complaints.drafts import STEPS, ComplaintDraft
from oversight.complaints.forms import CheckForm, MatterForm, ReceiversForm, YouForm
from oversight.complaints.models import Concern
from oversight.complaints.receivers import receivers_for
from oversight.complaints.views.parts import shown_papers
from requests_app.models import ApplicantKind
from requests_app.services import Party
from requests_app.visitors import actor_for, count_contact, count_files, count_filing, remember_code
from sharing.models import ServiceMatter

LABELS = {"matter": _("什么事"), "receivers": _("向谁提出"), "you": _("您是谁"), "check": _("核对并提交")}
PARTY = ("kind", "name", "mail", "phone")


def step_path(step: str) -> str:
    """The address of a step."""
    return reverse("oversight:complaint-new") if step == "matter" else reverse(f"oversight:complaint-new-{step}")


class StepPage(ActPage):
    """One step. A step whose forerunner is missing leads back to it."""

    step = ""
    title = _("投诉举报")
    template_name = "oversight/complaints/new_step.html"
    draft: ComplaintDraft

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.draft = ComplaintDraft(request)
        if self.draft.sent_as and self.step == "check":
            return HttpResponseRedirect(reverse("oversight:complaint-receipt", args=[self.draft.sent_as]))
        if STEPS.index(self.step) > STEPS.index(self.draft.first_missing()):
            return HttpResponseRedirect(step_path(self.draft.first_missing()))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        response["Cache-Control"] = "private, no-store"
        return response

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keeping a step in the session is no act: it may be sent as often as one likes.

        The button that looks for an agency keeps nothing: the form comes back, narrowed, all that was typed standing.
        """
        if LOOK in request.POST:
            return self.page(request, self.narrowed_form(request))
        form = self.get_form(request)
        if not form.is_valid():
            return self.page(request, form, status=422)
        try:
            self.keep(request, form)
        except RuleBroken as error:
            form.blame(error.fields, error.message)
            return self.page(request, form, status=422)
        return HttpResponseRedirect(step_path(self.next_step()))

    def keep(self, request: HttpRequest, form: Any) -> None:
        """Put what was filled in into the draft."""

    def next_step(self) -> str:
        """What is still missing; back to the check where only something was changed."""
        return self.draft.first_missing()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "steps": [{"label": LABELS[name], "url": step_path(name)} for name in STEPS],
            "current": STEPS.index(self.step) + 1,
            "step": self.step,
        }


class MatterPage(StepPage):
    """Step 1. ``?case=`` from an overdue request fills in agency, case and matter.

    ``?reading=`` with ``?agency=``, from the page of who used one's data, fills in the reading's number and the agency.
    """

    step = "matter"
    form_class = MatterForm
    template_name = "oversight/complaints/new_matter.html"
    button = _("下一步：向谁提出")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = ComplaintDraft(request)
        if not draft.is_begun:
            draft.begin()
        return super().dispatch(request, *args, **kwargs)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"papers": self.draft.papers()}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        known = prefilled(request.GET.get("case", "")[:60], today=today())
        if known is not None and self.draft.matter.get("case_number") != known.case_number:
            given = {"concern": known.concern, "matter": known.matter, "case_number": known.case_number}
            return {"agency": known.agency.pk, **given}
        reading = reading_number(request.GET.get("reading", ""))
        if reading and self.draft.matter.get("case_number") != reading:
            agency = whole_number(request.GET.get("agency", "")) or self.draft.values.get("agency")
            return {"agency": agency, "concern": Concern.OTHER, "case_number": reading}
        return {"agency": self.draft.values.get("agency"), **self.draft.matter}

    def keep(self, request: HttpRequest, form: Any) -> None:
        data = form.cleaned_data
        gone = set(data.get("drop") or [])
        for paper in self.draft.papers():
            if str(paper.pk) in gone:
                paper.file.delete(save=False)
                paper.delete()
        count_files(request, len(data["file"]))
        for upload in data["file"]:
            # nobody's name is kept with it: the complaint may yet become anonymous
            take_in(upload, subject=self.draft.subject, by=None, at=now(), purpose="complaint")
        names = ("concern", "matter", "official", "case_number")
        self.draft.keep(agency=data["agency"].pk, matter={name: data[name] for name in names})

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().context(request), "attachments": shown_papers(self.draft.papers())}


class ReceiversPage(StepPage):
    """Step 2: those who may receive a complaint about this agency, its superior chosen beforehand."""

    step = "receivers"
    form_class = ReceiversForm
    button = _("下一步：您是谁")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        agency = self.draft.agency
        return {"receivers": receivers_for(agency) if agency else []}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        if self.draft.receivers():
            return {"to": self.draft.to, "other_receiver": self.draft.other_receiver}
        inside = [receiver for receiver in self.form_arguments(request)["receivers"] if receiver.agency]
        return {"to": [receiver.key for receiver in inside[:1]]}

    def keep(self, request: HttpRequest, form: Any) -> None:
        self.draft.keep(to=form.cleaned_data["to"], other_receiver=form.cleaned_data["other_receiver"])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        agency = self.draft.agency
        lead = gettext("投诉举报%(agency)s。它自己不办理，也不知道是谁提出的。") % {
            "agency": agency.name if agency else ""
        }
        return {**super().context(request), "lead": lead}


class YouPage(StepPage):
    """Step 3."""

    step = "you"
    form_class = YouForm
    button = _("下一步：核对")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        mail = request.user.email if isinstance(request.user, User) else ""
        return {"kind": ApplicantKind.NATURAL, "mail": mail, **self.draft.you}

    def keep(self, request: HttpRequest, form: Any) -> None:
        data = form.cleaned_data
        self.draft.keep(you={"anonymous": data["anonymous"], **{name: data[name] for name in PARTY}})


class CheckPage(StepPage):
    """Step 4: the day until which an answer is due, then the filing itself."""

    step = "check"
    form_class = CheckForm
    template_name = "oversight/complaints/new_check.html"
    button = _("提交投诉举报")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = ActPage.post(self, request, **kwargs)
        if isinstance(response, HttpResponseRedirect):
            # on a repeat too: its session was read before the first one was written
            number = response.url.rstrip("/").split("/")[-2]
            remember_code(request, number, self.draft.code)
            self.draft.values = {"sent": number}
            self.draft.keep()
        return response

    def actor(self, request: HttpRequest) -> str:
        """For telling repeats apart: the draft. What is filed anonymously leaves no trace of an account."""
        return self.draft.subject

    def perform(self, request: HttpRequest, form: Any) -> str:
        count_filing(request)
        draft = self.draft
        agency, you = draft.agency, dict(draft.you)
        if agency is None:
            raise RuleBroken(gettext("所选的机关刚刚停用，请返回第一步另选。您填写的内容都还在。"))
        anonymous = bool(you.pop("anonymous", False))
        party = Party() if anonymous else Party(**you)
        count_contact(request.user, party)
        filing: dict[str, Any] = {
            "by": actor_for(request),
            "to": draft.to,
            "other_receiver": draft.other_receiver,
            "party": party,
            "anonymous": anonymous,
            "papers": draft.papers(),
            "code": draft.code,
            "on": today(),
            "at": now(),
        }
        matter = demanded_matter(draft)
        if matter is None:
            filed = services.file_complaint(agency=agency, **filing, **draft.matter)
        else:
            said = {name: draft.matter[name] for name in ("official", "case_number")}
            filed = services.report_repeated_demand(
                matter=matter, materials=draft.demand["materials"], text=draft.matter["matter"], **said, **filing
            )
        return reverse("oversight:complaint-receipt", args=[filed.complaint.number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().context(request),
            "due": expected_due_day("complaint", today()),
            "facts": _facts(self.draft),
            "attachments": shown_papers(self.draft.papers()),
        }


def demanded_matter(draft: ComplaintDraft) -> ServiceMatter | None:
    """The matter of a repeated demand that is being reported; None for any other complaint."""
    return ServiceMatter.objects.select_related("agency").filter(pk=draft.demand.get("matter") or 0).first()


def _facts(draft: ComplaintDraft) -> list[tuple[Any, ...]]:
    matter, you = draft.matter, draft.you
    receivers = gettext("、").join(receiver.name for receiver in draft.receivers())
    return [
        (_("机关"), draft.agency.name if draft.agency else "", step_path("matter")),
        (_("涉及的工作人员"), matter["official"], step_path("matter")),
        (_("情形"), Concern(matter["concern"]).label, step_path("matter")),
        (_("事实和经过"), matter["matter"], step_path("matter")),
        (_("相关事项的编号"), matter["case_number"], step_path("matter")),
        (_("向谁提出"), receivers, step_path("receivers")),
        (_("您是谁"), _who(you), step_path("you")),
    ]


def _who(you: dict[str, Any]) -> str:
    if you.get("anonymous"):
        return gettext("匿名，凭查询码查看结果")
    ways = [label for label, key in ((gettext("邮箱"), "mail"), (gettext("短信"), "phone")) if you.get(key)]
    told = gettext("通过%(ways)s通知") % {"ways": gettext("和").join(ways)} if ways else gettext("凭查询码查看进展")
    name = you.get("name") or gettext("不留姓名")
    return f"{ApplicantKind(you['kind']).label}，{name} · {told}"
