"""One act as one page: GET shows its form, POST carries it out once and goes on to the page it leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Policy
from guiyang_data.errors import DomainError, NotSeen, RuleBroken
from guiyang_data.faces.agencies import LONGEST_LOOKED_FOR, LOOK, NarrowedInput, find_name
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.once import carry_out, done_before
from guiyang_data.faces.refusals import remember
from guiyang_data.statute.workflow import Workflow
from guiyang_data.timekeeping import now, today


def actor_name(request: HttpRequest) -> str:
    """Who sent a form, for telling repeats apart: the account, or the visitor's own session."""
    if isinstance(request.user, User):
        return request.user.actor_key
    if not request.session.session_key:
        request.session.create()
    return f"visitor:{request.session.session_key}"


class ActPage(View):
    """Base of pages that carry out one act. A subclass names its form and says what to do with it.

    ``title``: what the act is called. ``button``: the words on the button. ``done``: what is said afterwards.
    ``dangerous`` with ``consequence``: shown before the button. A refusal keeps everything that was typed.
    """

    form_class: type[ActForm] = ActForm
    template_name = "faces/act.html"
    title: str | Promise = ""
    button: str | Promise = ""
    done: str | Promise = ""
    consequence: str | Promise = ""
    dangerous = False

    def get_form(self, request: HttpRequest) -> ActForm:
        """The form, bound on POST."""
        if request.method == "POST":
            return self.form_class(request.POST, request.FILES, **self.form_arguments(request))
        return self.form_class(initial=self.initial(request), **self.form_arguments(request))

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        """Further arguments of the form (the object it is about, choices)."""
        return {}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """First values of the form."""
        return {}

    def prepare(self, request: HttpRequest) -> None:
        """Find what the page is about, through ``visible_to``; raise ``NotSeen`` where it is not visible."""

    def perform(self, request: HttpRequest, form: Any) -> str:
        """Call the service; return the path of the page to go to. Raises the domain's errors."""
        raise NotImplementedError

    def actor(self, request: HttpRequest) -> str:
        """Who sends it, for telling repeats apart."""
        return actor_name(request)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Further context of the template: what is needed for the decision."""
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        return self.page(request, self.get_form(request))

    def narrowed_form(self, request: HttpRequest) -> ActForm:
        """The form as it was filled in, unchecked, its lists narrowed to what was looked for without scripts."""
        form = self.form_class(**self.form_arguments(request))
        for name, field in form.fields.items():
            if not field.widget.needs_multipart_form:
                form.initial[name] = field.widget.value_from_datadict(request.POST, request.FILES, name)
            if isinstance(field.widget, NarrowedInput):
                field.widget.wanted = request.POST.get(find_name(name), "").strip()[:LONGEST_LOOKED_FOR]
        return form

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        if LOOK in request.POST:
            return self.page(request, self.narrowed_form(request))
        form = self.get_form(request)
        if not form.is_valid():
            return self.page(request, form, status=422)
        try:
            outcome = carry_out(
                lambda: (self.perform(request, form), {}),
                token=form.cleaned_data.get("submission", ""),
                actor=self.actor(request),
                purpose=request.path,
                at=now(),
            )
        except NotSeen:
            raise
        except DomainError as error:
            return self.refused(request, form, error)
        if self.done:
            messages.success(request, str(self.done))
        return HttpResponseRedirect(outcome.path)

    def refused(self, request: HttpRequest, form: ActForm, error: DomainError) -> HttpResponse:
        """The form as it was filled in, with what stands against it."""
        remember(error, request)
        form.blame(error.fields, f"{error.message}（{error.basis}）" if error.basis else error.message)
        return self.page(request, form, status=error.status)

    def page(self, request: HttpRequest, form: ActForm, status: int = 200) -> HttpResponse:
        """Render the form."""
        context = {
            "form": form,
            "title": self.title,
            "button": self.button or self.title,
            "consequence": self.consequence,
            "dangerous": self.dangerous,
            **self.context(request),
        }
        return render(request, self.template_name, context, status=status)


class ByCodePage(ActPage):
    """Enter the number and the code of a case; it stays open for this visit."""

    button = _("查看进展")

    def opened(self, request: HttpRequest, number: str, code: str) -> str:
        """Remember the case for this visit; return its page's path. Raises ``RuleBroken`` where they do not match."""
        raise NotImplementedError

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"number": request.GET.get("number", "")[:20]}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Opening a case is no act: it may be repeated, and a wrong try counts although it is refused."""
        form = self.get_form(request)
        if not form.is_valid():
            return self.page(request, form, status=422)
        try:
            path = self.opened(request, form.cleaned_data["number"], form.cleaned_data["code"])
        except RuleBroken as error:
            form.blame(error.fields, error.message)
            return self.page(request, form, status=422)
        return HttpResponseRedirect(path)


class SignedInActPage(LoginRequiredMixin, ActPage):
    """An act of a signed-in person."""


class CaseActPage(SignedInActPage):
    """An act on a case, declared: its verb, and the service that carries it out (``staticmethod``).

    One subclass for a kind of case has its ``policy`` and ``workflow``, finds it and says how services call it; one
    for each act adds its form, and words where those of the workflow do not do. Who may not, and who comes too late,
    is told so before filling in a form.
    """

    policy: Policy
    workflow: Workflow | None = None
    verb = ""
    service: Callable[..., Any]
    takes_day = False
    case: Any

    def find(self, request: HttpRequest) -> Any:
        """The case, where the reader sees it; raise ``NotSeen`` otherwise."""
        raise NotImplementedError

    def named(self) -> dict[str, Any]:
        """The case as its services take it: ``{"finding_id": 7}``."""
        raise NotImplementedError

    def subject(self) -> Any:
        """What policy and workflow are asked about."""
        return self.case

    def next_page(self, done: Any) -> str:
        """Where to go once it is done; ``done``: what the service returned."""
        return str(self.case.get_absolute_url())

    def prepare(self, request: HttpRequest) -> None:
        self.case = self.find(request)
        subject = self.subject()
        self.policy.require(request.user, self.verb, subject)
        if self.workflow is not None and request.method == "GET":
            self.workflow.target(self.verb, subject.status)

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        day = {"on": today()} if self.takes_day else {}
        return self.next_page(self.service(**self.named(), by=request.user, at=now(), **day, **form.given()))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        back = {"cancel_url": self.case.get_absolute_url()}
        if self.workflow is None:
            return back
        transition = self.workflow[self.verb]
        return back | {
            "title": self.title or transition.label,
            "button": self.button or transition.label,
            "consequence": self.consequence or transition.consequence,
            "dangerous": self.dangerous or transition.dangerous,
            "basis": transition.basis,
        }


class PreviewedActPage(ActPage):
    """An act whose effect is shown before it is confirmed. Stands before the other base of its page.

    What is sent without being confirmed is looked at and shown with the form, which changes nothing.
    """

    previewed: Any = None
    """What was seen last; the template's to show."""

    def look(self, request: HttpRequest, form: Any) -> Any:
        """What the act would do as the form has it. Raises the domain's errors."""
        raise NotImplementedError

    def is_confirmed(self, request: HttpRequest, form: Any) -> bool:
        """Whether the act itself is asked for, and no further look."""
        return not request.POST.get("preview")

    def ahead(self, request: HttpRequest, form: Any) -> None:
        """What of the confirmed act takes long and changes nothing: done before the transaction in which it is done."""

    def to_confirm(self, request: HttpRequest, form: Any) -> None:
        """What changes of form and page once there is something to confirm."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if LOOK in request.POST:
            return super().post(request, **kwargs)
        self.prepare(request)
        form = self.get_form(request)
        if not form.is_valid():
            return self.page(request, form, status=422)
        token = form.cleaned_data.get("submission", "")
        done = done_before(token, actor=self.actor(request), purpose=request.path)
        if done is not None:
            # sent twice: what it would do now is another question
            return HttpResponseRedirect(done.path)
        try:
            if self.is_confirmed(request, form):
                self.ahead(request, form)
                return super().post(request, **kwargs)
            self.previewed = self.previewed or self.look(request, form)
        except NotSeen:
            raise
        except DomainError as error:
            return self.refused(request, form, error)
        self.to_confirm(request, form)
        return self.page(request, form)


class CasePage(View):
    """Base of pages that show one object (GET only)."""

    template_name = ""

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """The template's context; raise ``NotSeen`` where the object is not visible."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return render(request, self.template_name, self.context(request, **kwargs))


class SignedInCasePage(LoginRequiredMixin, CasePage):
    """A page for signed-in people only."""


class ProgressPart(SignedInCasePage):
    """The part of a page that htmx asks for again while a job runs; where it has ended, for the whole page anew.

    What else the page tells of the job is of when it was opened.
    """

    template_name = "parts/progress.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.context(request, **kwargs)
        answer = render(request, self.template_name, found)
        if found["job"]["state"] in {"done", "failed"}:
            answer["HX-Refresh"] = "true"
        return answer
