"""A person's own account: what is known, identity, telephone, sessions, privacy notice."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts import policies, selectors, services
from guiyang_data.accounts.forms import ConsentForm, IdentityForm, OwnActForm, PhoneCodeForm, PhoneForm
from guiyang_data.accounts.models import PhoneCode, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.signin import count_wrong_proof, limit_changing_codes, limit_wrong_proofs
from guiyang_data.accounts.telephones import masked, masked_mail
from guiyang_data.accounts.views.acts import OneButtonPage, OwnActPage, me
from guiyang_data.errors import RuleBroken
from guiyang_data.timekeeping import now


class HomePage(LoginRequiredMixin, View):
    """My account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = me(request)
        context = {
            "user_facts": self._facts(user),
            "roles": user.roles_in_force(),
            "verified": user.person_id is not None,
            "phone_verified": user.phone_verified_at is not None,
            "second_factor": is_mfa_enabled(user),
            "consented": selectors.has_consented(user),
            "administers": policies.holds_anywhere(user, Role.SYSTEM_ADMIN),
            "demonstration": settings.DEMONSTRATION,
        }
        return render(request, "accounts/home.html", context)

    def _facts(self, user: User) -> list[tuple[str, str, str]]:
        phone = user.phone_shown or _("尚未验证")
        identity = _("已核验") if user.person_id else _("尚未核验")
        facts = [
            (_("用户名"), user.username, ""),
            (_("称呼"), user.display_name, ""),
            (_("账号类别"), str(user.get_kind_display()), ""),
            (_("邮箱"), user.email, reverse("account_email")),
            (_("手机号码"), phone, reverse("accounts:phone") if user.phone_verified_at else ""),
            (_("实名核验"), identity, ""),
        ]
        if user.agency:
            facts.insert(3, (_("所在机关"), user.agency.name, ""))
        return facts


class IdentityPage(OwnActPage):
    """Prove who I am."""

    form_class = IdentityForm
    template_name = "accounts/identity.html"
    title = gettext_lazy("实名核验")
    button = gettext_lazy("提交核验")
    done = gettext_lazy("实名核验通过。")

    def perform(self, request: HttpRequest, form: IdentityForm) -> str:
        data = form.cleaned_data
        services.verify_identity(by=me(request), name=data["name"], id_number=data["id_number"], at=now())
        return reverse("accounts:home")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"verified": me(request).person_id is not None}


class PhonePage(OwnActPage):
    """Which telephone a code is sent to, and where it takes another's place, what proves the change."""

    form_class = PhoneForm
    button = gettext_lazy("发送验证码")
    done = gettext_lazy("验证码已经发出，请在 10 分钟内填写。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        user = me(request)
        shown = {PhoneCode.Way.SMS: user.phone_shown, PhoneCode.Way.MAIL: masked_mail(services.proved_mail(user))}
        ways = services.ways_to_prove(user, at=now())
        return {"ways": [(way.value, f"{way.label} {shown.get(way, '')}".strip()) for way in ways]}

    def perform(self, request: HttpRequest, form: PhoneForm) -> str:
        phone, way = form.cleaned_data["phone"], form.cleaned_data.get("way", "")
        limit_changing_codes(request, me(request), phone=phone, way=way)
        services.send_phone_code(by=me(request), phone=phone, way=way, at=now())
        return reverse("accounts:phone-code")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        title = _("更换手机号码") if me(request).phone_index else _("验证手机号码")
        return {"title": title, "cancel_url": reverse("accounts:home")}


class PhoneCodePage(OwnActPage):
    """The code that came back, with the proof where one is needed."""

    form_class = PhoneCodeForm
    button = gettext_lazy("确认手机号码")
    done = gettext_lazy("手机号码已经验证。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        user = me(request)
        sent = PhoneCode.objects.filter(user=user).first()
        if sent is None:
            return {}
        sent_to = masked_mail(services.proved_mail(user)) if sent.second_way == PhoneCode.Way.MAIL else user.phone_shown
        return {"way": sent.second_way, "number": masked(sent.phone), "sent_to": sent_to}

    def perform(self, request: HttpRequest, form: PhoneCodeForm) -> str:
        user, given = me(request), form.cleaned_data
        limit_wrong_proofs(request, user)
        try:
            services.verify_phone(by=user, code=given["code"], proof=given.get("proof", ""), at=now())
        except RuleBroken:
            count_wrong_proof(request, user)
            raise
        return reverse("accounts:home")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        title = _("确认更换手机号码") if me(request).phone_index else _("填写短信验证码")
        return {"title": title, "cancel_url": reverse("accounts:phone"), "cancel": _("重新获取验证码")}


class SessionsPage(LoginRequiredMixin, View):
    """Where I am signed in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"sessions": selectors.sessions_of(me(request)), "current_key": request.session.session_key}
        return render(request, "accounts/sessions.html", context)


class EndSessionPage(OneButtonPage):
    """End one of my sessions."""

    done = gettext_lazy("这个登录已经退出。")

    def perform(self, request: HttpRequest, form: OwnActForm) -> str:
        services.end_session(by=me(request), session_id=self.kwargs["pk"], at=now())
        return reverse("accounts:sessions")


class EndOtherSessionsPage(OneButtonPage):
    """End all my sessions but this one."""

    def perform(self, request: HttpRequest, form: OwnActForm) -> str:
        key = request.session.session_key or ""
        count = services.end_other_sessions(by=me(request), current_key=key, at=now())
        text = _("已退出其他 %(count)d 个登录。") % {"count": count} if count else _("没有其他登录。")
        messages.success(request, text)
        return reverse("accounts:sessions")


class PrivacyPage(View):
    """The privacy notice, for everybody; those who are signed in can consent to a new version of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        asks = isinstance(user, User) and not selectors.has_consented(user)
        version = settings.PRIVACY_NOTICE_VERSION
        context = {"version": version, "form": ConsentForm(initial={"notice_version": version}) if asks else None}
        return render(request, "accounts/privacy.html", context)


class ConsentPage(OneButtonPage):
    """Consent to the privacy notice in force."""

    form_class = ConsentForm
    done = gettext_lazy("已记录您的同意。")

    def perform(self, request: HttpRequest, form: ConsentForm) -> str:
        services.give_consent(by=me(request), notice_version=form.cleaned_data["notice_version"], at=now())
        return reverse("accounts:privacy")

    def page(self, request: HttpRequest, form: Any, status: int = 200) -> HttpResponse:
        return PrivacyPage().get(request)


class OutboxPage(View):
    """What the demonstration's gateways sent. In a real installation there is no such page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.DEMONSTRATION:
            raise Http404
        page = Paginator(selectors.gateway_messages(), 30).get_page(request.GET.get("page"))
        return render(request, "accounts/outbox.html", {"page": page})
