"""Signing up and in by telephone: the number, the code, and for a new number the consent. One entrance for both."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from guiyang_data.accounts import services
from guiyang_data.accounts.forms import CodeForm, PhoneConsentForm, PhoneEntranceForm
from guiyang_data.accounts.models import PhoneCode, User
from guiyang_data.accounts.refusals import remember_refusal
from guiyang_data.accounts.services.codes import CODE_PAUSE
from guiyang_data.accounts.signin import count_wrong_code, limit_codes, limit_wrong_codes
from guiyang_data.accounts.telephones import masked
from guiyang_data.accounts.views.acts import blame
from guiyang_data.errors import DomainError, RuleBroken, WrongState
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.timekeeping import now

UNDER_WAY = "phone_sign_in"
"""Session key: which code this browser waits for, and where to go afterwards. The number itself is not in it."""


class EntrancePage(View):
    """Base: who is signed in already is led on; a refusal keeps what was typed and says what to do."""

    form_class: type[forms.Form]
    template_name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(resolve_url(settings.LOGIN_REDIRECT_URL))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(request, form, status=422)
        try:
            return self.perform(request, form)
        except DomainError as error:
            remember_refusal(error, by=PUBLIC, at=now())
            blame(form, error)
            return self.page(request, form, status=error.status)

    def perform(self, request: HttpRequest, form: Any) -> HttpResponse:
        """Call the service and go on. Raises the domain's errors."""
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def page(self, request: HttpRequest, form: forms.Form, status: int = 200) -> HttpResponse:
        """Render the form."""
        return render(request, self.template_name, {"form": form, **self.context(request)}, status=status)


class PhonePage(EntrancePage):
    """The number to sign up or in with."""

    form_class = PhoneEntranceForm
    template_name = "account/phone_sign_in.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"next": request.POST.get("next") or request.GET.get("next", "")}

    def perform(self, request: HttpRequest, form: PhoneEntranceForm) -> HttpResponse:
        phone = form.cleaned_data["phone"]
        if self._just_sent(request, phone):
            messages.info(request, _("验证码刚刚已经发出，请直接填写。"))
            return HttpResponseRedirect(reverse("accounts:phone-sign-in-code"))
        limit_codes(request, phone)
        sent = services.send_sign_in_code(phone=phone, at=now())
        onward = self.context(request)["next"]
        safe = bool(onward) and get_adapter(request).is_safe_url(onward)
        request.session[UNDER_WAY] = {"code": sent.pk, "next": onward if safe else ""}
        return HttpResponseRedirect(reverse("accounts:phone-sign-in-code"))

    def _just_sent(self, request: HttpRequest, phone: str) -> bool:
        """Whether this browser asked for a code to the same number within the minute: a form sent twice."""
        sent = PhoneCode.objects.filter(pk=request.session.get(UNDER_WAY, {}).get("code", 0), user=None).first()
        return sent is not None and sent.phone == phone and now() - sent.sent_at < CODE_PAUSE and not sent.proved_at


class UnderWayPage(EntrancePage):
    """Base of the pages that follow: without a code on its way they lead back to the number."""

    sent: PhoneCode

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sent = PhoneCode.objects.filter(pk=self.state(request).get("code", 0), user=None).first()
        if sent is None and not request.user.is_authenticated:
            messages.info(request, _("请先填写手机号码，获取验证码。"))
            return HttpResponseRedirect(reverse("accounts:phone-sign-in"))
        if sent is not None:
            self.sent = sent
        return super().dispatch(request, *args, **kwargs)

    def state(self, request: HttpRequest) -> dict[str, Any]:
        """What this browser's session knows of the code on its way."""
        return dict(request.session.get(UNDER_WAY, {}))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"shown": masked(self.sent.phone)}

    def sign_in(self, request: HttpRequest, user: User) -> HttpResponse:
        """Through the same stages as with a password, the second factor among them."""
        state = request.session.pop(UNDER_WAY, {})
        record_authentication(request, user, method="code")
        response: HttpResponse = perform_login(request, Login(user=user, redirect_url=state.get("next") or None))
        return response


class CodePage(UnderWayPage):
    """The code that came back; or another one, please."""

    form_class = CodeForm
    template_name = "account/phone_code.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        if "again" in request.POST:
            return self.send_again(request)
        return super().post(request)

    def send_again(self, request: HttpRequest) -> HttpResponse:
        """A new code to the same number; the one before is good no more in this browser."""
        number = self.sent.phone
        try:
            limit_codes(request, number)
            sent = services.send_sign_in_code(phone=number, at=now())
        except DomainError as error:
            messages.warning(request, error.message)
            return self.page(request, self.form_class(), status=error.status)
        request.session[UNDER_WAY] = self.state(request) | {"code": sent.pk}
        messages.success(request, _("新的验证码已经发出，之前的验证码不再有效。"))
        return HttpResponseRedirect(request.path)

    def perform(self, request: HttpRequest, form: CodeForm) -> HttpResponse:
        limit_wrong_codes(request)
        try:
            user = services.prove_sign_in(code_id=self.sent.pk, code=form.cleaned_data["code"], at=now())
        except RuleBroken:
            count_wrong_code(request)
            raise
        if user is None:
            return HttpResponseRedirect(reverse("accounts:phone-sign-up"))
        return self.sign_in(request, user)


class NewAccountPage(UnderWayPage):
    """A number that has no account yet: with consent to the privacy notice it gets one."""

    form_class = PhoneConsentForm
    template_name = "account/phone_sign_up.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.sent.proved_at is None:
            return HttpResponseRedirect(reverse("accounts:phone-sign-in-code"))
        return super().get(request)

    def perform(self, request: HttpRequest, form: PhoneConsentForm) -> HttpResponse:
        version = form.cleaned_data["notice_version"]
        try:
            user = services.register_by_phone(code_id=self.sent.pk, notice_version=version, at=now())
        except WrongState as error:
            messages.warning(request, error.message)
            return HttpResponseRedirect(reverse("accounts:phone-sign-in"))
        messages.success(request, _("账号已经建立。以后用这个手机号码登录即可。"))
        return self.sign_in(request, user)
