"""Filing a request in four steps, without an account and without scripts. What is typed stays in the session."""

from __future__ import annotations

import json
import uuid
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.models import CatalogEntry
from catalog.selectors import entries_in_force
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.protection import decrypt, encrypt
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.pages import ActPage
from guiyang_data.faces.text import whole_number
from guiyang_data.statute.reckoning import reckon
from guiyang_data.statute.selectors import length_text
from guiyang_data.timekeeping import now, today
from requests_app.codes import new_code
from requests_app.forms.public import AgencyForm, CheckForm, WhatForm, YouForm
from requests_app.models import ApplicantKind, Case
from requests_app.selectors import agencies_asked, similar_to, suggested_agencies
from requests_app.services import Party, file_request
from requests_app.visitors import actor_for, count_filing, remember_code

DRAFT = "request_draft"
STEPS = (("what", _("需要什么")), ("agency", _("向谁申请")), ("you", _("您是谁")), ("check", _("核对并提交")))


class Draft:
    """The unfinished request of one visitor. Who they are is encrypted in the session's row."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        self.values: dict[str, Any] = dict(self.session.get(DRAFT) or {})

    def begin(self) -> None:
        """A fresh draft with the code its receipt will show."""
        self.values = {"id": uuid.uuid4().hex, "code": encrypt(new_code())}
        self.keep()

    def keep(self, **values: Any) -> None:
        self.values |= values
        self.session[DRAFT] = self.values

    @property
    def is_begun(self) -> bool:
        return bool(self.values.get("id")) and not self.sent_as

    @property
    def sent_as(self) -> str:
        """The number under which it was filed."""
        return str(self.values.get("sent", ""))

    @property
    def subject(self) -> str:
        """What its uploaded files belong to until it is filed."""
        return f"draft:{self.values['id']}"

    @property
    def code(self) -> str:
        return decrypt(self.values["code"])

    @property
    def what(self) -> dict[str, Any]:
        return dict(self.values.get("what") or {})

    @property
    def you(self) -> dict[str, Any]:
        try:
            return dict(json.loads(decrypt(self.values["you"]))) if self.values.get("you") else {}
        except InvalidToken:
            return {}

    def keep_you(self, values: dict[str, Any]) -> None:
        self.keep(you=encrypt(json.dumps(values)))

    @property
    def agency(self) -> Agency | None:
        return agencies_asked().filter(pk=self.values.get("agency") or 0).first()

    @property
    def entry(self) -> CatalogEntry | None:
        return entries_in_force().filter(pk=self.values.get("entry") or 0).first()

    def papers(self) -> list[Attachment]:
        return list(attachments.of(self.subject))

    @property
    def words(self) -> str:
        return f"{self.what.get('title', '')} {self.what.get('description', '')}".strip()

    def first_missing(self) -> str:
        """The first step that is not filled in."""
        if not self.is_begun or not self.what:
            return "what"
        if self.agency is None:
            return "agency"
        return "check" if self.you else "you"


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
            draft.keep(entry=found.pk, agency=found.provider_id)
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
        for upload in data["file"]:
            take_in(upload, subject=self.draft.subject, by=by, at=now(), purpose="request")
        self.draft.keep(what={name: data[name] for name in ("title", "description", "case", "purpose")})

    def context(self, request: HttpRequest) -> dict[str, Any]:
        text = request.POST.get("title") or self.initial(request).get("title", "")
        return {
            **super().context(request),
            "similar": similar_to(str(text)),
            "attachments": _shown(self.draft.papers()),
        }


class AgencyPage(StepPage):
    """Step 2."""

    step = "agency"
    form_class = AgencyForm
    template_name = "requests_app/new_step.html"
    title = _("申请开放数据")
    button = _("下一步：您是谁")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        suggested = suggested_agencies(self.draft.words)
        entry = self.draft.entry
        if entry is not None and entry.provider not in suggested:
            suggested.insert(0, entry.provider)
        return {"suggested": suggested}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        chosen = self.draft.agency
        suggested = self.form_arguments(request)["suggested"]
        if chosen is None:
            return {"agency": str(suggested[0].pk)} if suggested else {}
        if chosen in suggested:
            return {"agency": str(chosen.pk)}
        return {"agency": "other", "other_agency": chosen}

    def keep(self, request: HttpRequest, form: AgencyForm) -> None:
        chosen = form.chosen()
        entry = self.draft.entry
        same = entry is not None and entry.provider_id == chosen
        self.draft.keep(agency=chosen, entry=entry.pk if entry and same else None)


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
            remember_code(request, number, self.draft.code)
            self.draft.keep(sent=number)
        return response

    def perform(self, request: HttpRequest, form: Any) -> str:
        count_filing(request)
        draft = self.draft
        agency = draft.agency
        if agency is None:
            raise RuleBroken(gettext("所选的机关刚刚停用，请返回第二步另选。您填写的内容都还在。"))
        filed = file_request(
            by=actor_for(request),
            agency=agency,
            entry=draft.entry,
            party=Party(**draft.you),
            papers=draft.papers(),
            code=draft.code,
            on=today(),
            at=now(),
            **draft.what,
        )
        return reverse("requests_app:receipt", args=[filed.request.number])

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
            "similar": similar_to(draft.what.get("title", "")),
            "attachments": _shown(draft.papers()),
            "statutory": draft.agency is not None and draft.agency.is_bound,
        }


def _facts(draft: Draft) -> list[tuple[Any, ...]]:
    what, you = draft.what, Party(**draft.you)
    shown = _("公开姓名或者名称") if you.show_name else _("不公开姓名")
    ways = [label for label, given in ((gettext("邮箱"), you.mail), (gettext("短信"), you.phone)) if given]
    told = _("通过%(ways)s通知") % {"ways": gettext("和").join(ways)} if ways else _("凭查询码查看进展")
    return [
        (_("需要的数据"), what["title"], step_path("what")),
        (_("具体说明"), what["description"], step_path("what")),
        (_("情形"), Case(what["case"]).label, step_path("what")),
        (_("向谁申请"), draft.agency.name if draft.agency else "", step_path("agency")),
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
    found = similar_to(request.GET.get("title", "")[:200], is_typing=True)
    response = render(request, "requests_app/similar.html", {"similar": found})
    response["Cache-Control"] = "no-store"
    return response
