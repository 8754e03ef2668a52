"""One act on accounts as one page: GET shows the form, POST carries it out once."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from guiyang_data.accounts.forms import OwnActForm
from guiyang_data.accounts.models import User
from guiyang_data.accounts.refusals import remember_refusal
from guiyang_data.errors import DomainError, NotAllowed, NotSeen
from guiyang_data.timekeeping import now

DAY = 86_400


def me(request: HttpRequest) -> User:
    """The signed-in account of a page that needs one."""
    return cast(User, request.user)


def blame(form: forms.Form, error: DomainError) -> None:
    """Put a refusal at its fields, or above the form."""
    known = {name: text for name, text in error.fields.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, text)
    if not known:
        form.add_error(None, f"{error.message}（{error.basis}）" if error.basis else error.message)


class OwnActPage(LoginRequiredMixin, View):
    """Base of the pages that carry out one act. A refusal keeps what was typed."""

    form_class: type[OwnActForm] = OwnActForm
    template_name = "accounts/act.html"
    title: str | Promise = ""
    button: str | Promise = ""
    done: str | Promise = ""

    def perform(self, request: HttpRequest, form: Any) -> str:
        """Call the service and return the path to go on to. Raises the domain's errors."""
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Further context; raises ``NotSeen`` where the page's object is not visible."""
        return {}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """First values of the form, beside its token."""
        return {}

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        """Further arguments of the form."""
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(initial=self.initial(request), **self.form_arguments(request))
        return self.page(request, form)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.context(request)
        form = self.form_class(request.POST, **self.form_arguments(request))
        if not form.is_valid():
            return self.page(request, form, status=422)
        key = f"accounts-act:{me(request).pk}:{form.cleaned_data.get('submission', '')}"
        if form.cleaned_data.get("submission") and not cache.add(key, "", DAY):
            messages.info(request, _("这份表单已经提交过，没有重复办理。"))
            return HttpResponseRedirect(cache.get(key) or request.path)
        try:
            path = self.perform(request, form)
        except (NotSeen, NotAllowed):
            cache.delete(key)
            raise
        except DomainError as error:
            cache.delete(key)
            return self.refused(request, form, error)
        cache.set(key, path, DAY)
        if self.done:
            messages.success(request, str(self.done))
        return HttpResponseRedirect(path)

    def refused(self, request: HttpRequest, form: OwnActForm, error: DomainError) -> HttpResponse:
        """The page again, with what was typed and what stands against it."""
        remember_refusal(error, by=me(request), at=now())
        blame(form, error)
        return self.page(request, form, status=error.status)

    def page(self, request: HttpRequest, form: forms.Form, status: int = 200) -> HttpResponse:
        """Render the form."""
        context = {"form": form, "title": self.title, "button": self.button or self.title, **self.context(request)}
        return render(request, self.template_name, context, status=status)


class OneButtonPage(OwnActPage):
    """An act without questions: POST only; a refusal becomes the error page of its status."""

    http_method_names = ["post", "options"]

    def refused(self, request: HttpRequest, form: OwnActForm, error: DomainError) -> HttpResponse:
        raise error
