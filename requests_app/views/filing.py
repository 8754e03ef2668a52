"""Filing a request in four steps, without an account and without scripts. What is typed stays in the session."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.selectors import entries_in_force
from guiyang_data.accounts.models import User
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.agencies import LOOK
from guiyang_data.faces.pages import ActPage
from guiyang_data.faces.text import whole_number
from guiyang_data.statute.reckoning import reckon
from guiyang_data.statute.selectors import length_text
from guiyang_data.timekeeping import now, today
from requests_app.forms.public import AgencyForm, CheckForm, WhatForm, YouForm
from requests_app.models import ApplicantKind, Case
from requests_app.selectors import Similar, filed_with, similar_to, still_open_alike
from requests_app.services import Party, file_together
from requests_app.services.filing import MOST_AGENCIES
from requests_app.services.parties import refuse_if
from requests_app.services.public_words import numbers_told
from requests_app.suggesting import Suggested, suggested_agencies
from requests_app.views.drafts import Draft
from requests_app.views.similar import shown_similar
from requests_app.visitors import actor_for, count_contact, count_files, count_filing, remember_code, remembered_numbers
from requests_app.workflow import REQUEST

LONGEST_TYPED = 3000
STEPS = (("what", _("需要什么")), ("agency", _("向谁申请")), ("you", _("您是谁")), ("check", _("核对并提交")))


def step_path(step: str) -> str:
    """The address of a step."""
    return reverse("requests_app:new") if step == "what" else reverse(f"requests_app:new-{step}")


class StepPage(ActPage):
    """One step. A step whose forerunner is missing leads back to it."""

    step = ""
    draft: Draft

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.draft = Draft(request)
        order = [name for name, _label in STEPS]
        if self.draft.sent_as and self.step == "check":
            return HttpResponseRedirect(reverse("requests_app:receipt", args=[self.draft.sent_as]))
        if order.index(self.step) > order.index(self.draft.first_missing()):
            messages.info(request, _("这一步之前还有没填写的内容；离开较久的，填过的内容已经清除。请从这里继续。"))
            return HttpResponseRedirect(step_path(self.draft.first_missing()))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keeping a step in the session is no act: it may be sent as often as one likes."""
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
        done = [name for name, _label in STEPS]
        return {
            "steps": [{"label": label, "url": step_path(name)} for name, label in STEPS],
            "current": done.index(self.step) + 1,
            "step": self.step,
            "draft_values": self.draft.what,
        }


class WhatPage(StepPage):
    """Step 1. ``?q=`` and ``?entry=`` from a search or a catalogue entry fill it in."""

    step = "what"
    form_class = WhatForm
    template_name = "requests_app/new_what.html"
    title = _("申请开放数据")
    button = _("下一步：向谁申请")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = Draft(request)
        if not draft.is_begun:
            draft.begin()
        entry = whole_number(request.GET.get("entry", ""))
        if entry is not None and (found := entries_in_force().filter(pk=entry).first()):
            draft.keep(entry=found.pk, agencies=[found.provider_id])
        return super().dispatch(request, *args, **kwargs)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"papers": self.draft.papers()}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        title = request.GET.get("q", "")[:120]
        if not title and self.draft.entry is not None and self.draft.entry.in_force is not None:
            title = self.draft.entry.in_force.title
        return {"title": title, "case": Case.OPEN, **self.draft.what}

    def keep(self, request: HttpRequest, form: Any) -> None:
        data = form.cleaned_data
        by = request.user if isinstance(request.user, User) else None
        gone = set(data.get("drop") or [])
        for paper in self.draft.papers():
            if str(paper.pk) in gone:
                paper.file.delete(save=False)
                paper.delete()
        count_files(request, len(data["file"]))
        for upload in data["file"]:
            take_in(upload, subject=self.draft.subject, by=by, at=now(), purpose="request")
        refuse_if(numbers_told({name: data[name] for name in ("title", "description")}), REQUEST)
        self.draft.keep(what={name: data[name] for name in ("title", "description", "case", "purpose")})

    def context(self, request: HttpRequest) -> dict[str, Any]:
        given = request.POST or self.initial(request)
        found = similar_to(str(given.get("title", "")), more=str(given.get("description", "")))
        return {
            **super().context(request),
            "similar": shown_similar(found, today()),
            "attachments": _shown(self.draft.papers()),
        }


class AgencyPage(StepPage):
    """Step 2: one agency, or several. Finding one by its name works without scripts by a button."""

    step = "agency"
    form_class = AgencyForm
    template_name = "requests_app/new_agency.html"
    title = _("申请开放数据")
    button = _("下一步：您是谁")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The button that looks for an agency keeps nothing: the form comes back, narrowed, its choices standing."""
        if LOOK in request.POST:
            self.prepare(request)
            return self.page(request, self.narrowed_form(request))
        return super().post(request, **kwargs)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        suggested = suggested_agencies(self.draft.words)
        entry = self.draft.entry
        if entry is not None and entry.in_force is not None:
            reason = gettext("您从目录条目《%(title)s》申请，它由该机关提供") % {"title": entry.in_force.title}
            others = [one for one in suggested if one.agency.pk != entry.provider_id]
            suggested = [Suggested(agency=entry.provider, reasons=(reason,)), *others]
        return {"suggested": suggested}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        chosen = self.draft.agencies
        if not chosen:
            chosen = [one.agency for one in self.form_arguments(request)["suggested"][:1]]
        return {"agencies": [str(agency.pk) for agency in chosen]}

    def keep(self, request: HttpRequest, form: AgencyForm) -> None:
        chosen = form.chosen()
        entry = self.draft.entry
        same = entry is not None and entry.provider_id in chosen
        self.draft.keep(agencies=chosen, entry=entry.pk if entry and same else None)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().context(request), "most": MOST_AGENCIES}


class YouPage(StepPage):
    """Step 3."""

    step = "you"
    form_class = YouForm
    template_name = "requests_app/new_step.html"
    title = _("申请开放数据")
    button = _("下一步：核对")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        mail = request.user.email if isinstance(request.user, User) else ""
        return {"kind": ApplicantKind.NATURAL, "mail": mail, **self.draft.you}

    def keep(self, request: HttpRequest, form: YouForm) -> None:
        names = ("kind", "name", "show_name", "mail", "phone")
        self.draft.keep_you({name: form.cleaned_data[name] for name in names})


class CheckPage(StepPage):
    """Step 4: the due day before sending, with the reason why, then the filing itself."""

    step = "check"
    form_class = CheckForm
    template_name = "requests_app/new_check.html"
    title = _("申请开放数据")
    button = _("提交申请")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = ActPage.post(self, request, **kwargs)
        if isinstance(response, HttpResponseRedirect):
            # on a repeat too: its session was read before the first one was written
            number = response.url.rstrip("/").split("/")[-2]
            for filed in filed_with(number):
                remember_code(request, filed.number, self.draft.code)
            self.draft.keep(sent=number)
        return response

    def perform(self, request: HttpRequest, form: Any) -> str:
        count_filing(request)
        draft = self.draft
        agencies = draft.agencies
        if len(agencies) < len(draft.agency_ids):
            raise RuleBroken(gettext("所选的机关刚刚停用，请返回第二步另选。您填写的内容都还在。"))
        party = Party(**draft.you)
        count_contact(request.user, party)
        filed = file_together(
            by=actor_for(request),
            agencies=agencies,
            entry=draft.entry,
            party=party,
            papers=draft.papers(),
            code=draft.code,
            on=today(),
            at=now(),
            **draft.what,
        )
        return reverse("requests_app:receipt", args=[filed.requests[0].number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        draft = self.draft
        reckoning = reckon("open-reply", today())
        return {
            **super().context(request),
            "due": reckoning.due,
            "due_from": reckoning.start,
            "due_basis": reckoning.rule.basis,
            "length": length_text(reckoning.rule),
            "facts": _facts(draft),
            "similar": shown_similar(_similar(draft), today()),
            "attachments": _shown(draft.papers()),
            "agencies": draft.agencies,
            "by_reference": [agency.name for agency in draft.agencies if not agency.is_bound],
            "own_alike": still_open_alike(
                draft.what.get("title", ""),
                agencies=draft.agencies,
                user=request.user if isinstance(request.user, User) else None,
                numbers=remembered_numbers(request),
            ),
        }


def _similar(draft: Draft) -> Similar:
    """What is like the request that is being written."""
    return similar_to(draft.what.get("title", ""), more=draft.what.get("description", ""))


def _facts(draft: Draft) -> list[tuple[Any, ...]]:
    what, you = draft.what, Party(**draft.you)
    shown = _("公开姓名或者名称") if you.show_name else _("不公开姓名")
    ways = [label for label, given in ((gettext("邮箱"), you.mail), (gettext("短信"), you.phone)) if given]
    told = _("通过%(ways)s通知") % {"ways": gettext("和").join(ways)} if ways else _("凭查询码查看进展")
    return [
        (_("需要的数据"), what["title"], step_path("what")),
        (_("具体说明"), what["description"], step_path("what")),
        (_("情形"), Case(what["case"]).label, step_path("what")),
        (_("向谁申请"), "、".join(agency.name for agency in draft.agencies), step_path("agency")),
        (_("用途（可不填）"), what["purpose"], step_path("what")),
        (_("您是谁"), f"{ApplicantKind(you.kind).label}，{shown} · {told}", step_path("you")),
    ]


def _shown(papers: list[Attachment]) -> list[dict[str, Any]]:
    return [
        {"name": paper.name, "size": paper.size, "private": True, "url": reverse("requests_app:paper", args=[paper.pk])}
        for paper in papers
    ]


@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """What is like the words typed so far, as a part of the page."""
    title, more = request.GET.get("title", "")[:LONGEST_TYPED], request.GET.get("description", "")[:LONGEST_TYPED]
    found = similar_to(title.strip(), more=more, is_typing=True)
    response = render(request, "requests_app/similar.html", {"similar": shown_similar(found, today())})
    response["Cache-Control"] = "no-store"
    return response
