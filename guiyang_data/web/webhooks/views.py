"""Addresses that notices are pushed to: one's own, and those of the systems one administers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts import policies as account_policies
from guiyang_data.accounts.models import ServiceAccount, User
from guiyang_data.accounts.views.acts import OneButtonPage, me
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.notices.models import Push, Receiver
from guiyang_data.notices.webhooks import policies, services
from guiyang_data.notices.webhooks.selectors import with_owner
from guiyang_data.timekeeping import now
from guiyang_data.web.webhooks.forms import WebhookForm

PAGE_SIZE = 20
MYSELF = "me"
LIST = "web:webhooks"
PUSH_COLUMNS = [
    gettext_lazy("时间"),
    gettext_lazy("事件"),
    gettext_lazy("状态"),
    gettext_lazy("对方的答复"),
    gettext_lazy("次数"),
    gettext_lazy("办理"),
]


def seen_webhook(request: HttpRequest, pk: int) -> Receiver:
    """An address that one keeps, or ``NotSeen``."""
    receiver = policies.visible_to(me(request), with_owner(Receiver.objects.all())).filter(pk=pk).first()
    if receiver is None:
        raise NotSeen(_("没有找到这个推送地址，或者它不归您管理。"))
    return receiver


def owner_name(receiver: Receiver) -> str:
    """Whose notices are pushed."""
    account = getattr(receiver.owner, "service_account", None)
    return f"{account.agency.short_name}·{account.name}" if account else _("我自己的通知")


class WebhooksPage(LoginRequiredMixin, View):
    """The addresses one keeps."""

    def get(self, request: HttpRequest) -> HttpResponse:
        receivers = policies.visible_to(me(request), with_owner(Receiver.objects.all()))
        page = Paginator(receivers.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
        rows = [{"receiver": receiver, "owner": owner_name(receiver)} for receiver in page]
        return render(request, "web/webhooks.html", {"page": page, "rows": rows})


class _SecretPage(SignedInActPage):
    """An act whose answer shows a secret, once: on the answer to this one POST and never again."""

    made: services.Registered | None = None

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().post(request, **kwargs)
        if self.made is None:
            return response
        context = {"receiver": self.made.receiver, "secret": self.made.secret}
        page = render(request, "web/webhook_secret.html", context)
        page["Cache-Control"] = "no-store"
        return page


class NewWebhookPage(_SecretPage):
    """Register an address."""

    form_class = WebhookForm
    title = gettext_lazy("登记推送地址")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        systems = account_policies.visible_systems(me(request), ServiceAccount.objects.select_related("agency"))
        owners = [(MYSELF, _("我自己收到的通知"))]
        owners += [
            (str(account.pk), _("%(agency)s收到的通知，推给「%(name)s」") % _named(account))
            for account in systems.order_by("agency", "name")
        ]
        return {"owners": owners}

    def perform(self, request: HttpRequest, form: WebhookForm) -> str:
        data = form.cleaned_data
        self.made = services.register(
            by=me(request),
            owner=self._owner(request, data["owner"]),
            name=data["name"],
            url=data["url"],
            wants=data["wants"],
            at=now(),
        )
        return self.made.receiver.get_absolute_url()

    def _owner(self, request: HttpRequest, chosen: str) -> User:
        if chosen == MYSELF:
            return me(request)
        systems = account_policies.visible_systems(me(request), ServiceAccount.objects.select_related("user"))
        return systems.get(pk=chosen).user

    def context(self, request: HttpRequest) -> dict[str, Any]:
        lead = _("登记后，平台把通知以带签名的事件推送到这个地址；连不上的会重试两天多。")
        return {"lead": lead, "cancel_url": reverse(LIST), "cancel": _("返回，不登记")}


def _named(account: ServiceAccount) -> dict[str, str]:
    return {"agency": account.agency.short_name, "name": account.name}


class WebhookPage(LoginRequiredMixin, View):
    """One address: what was pushed to it last, with what it answered."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        receiver = seen_webhook(request, pk)
        page = Paginator(receiver.pushes.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {
            "receiver": receiver,
            "facts": [
                (_("推送谁的通知"), owner_name(receiver)),
                (_("接收地址"), receiver.url),
                (_("推送哪些"), receiver.get_wants_display()),
                (_("状态"), receiver.get_state_display()),
            ],
            "columns": PUSH_COLUMNS,
            "page": page,
            "waiting": any(push.state == Push.State.WAITING for push in page),
        }
        return render(request, "web/webhook.html", context)


class RenewSecretPage(_SecretPage):
    """Renew the secret."""

    title = gettext_lazy("更换密钥")

    def prepare(self, request: HttpRequest) -> None:
        self.receiver = seen_webhook(request, self.kwargs["pk"])

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        self.made = services.renew_secret(receiver_id=self.receiver.pk, by=me(request), at=now())
        return self.receiver.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        lead = _("「%(name)s」的新密钥立即生效；此后 24 小时内，推送同时带新旧两个签名，来得及在系统中更换。")
        return {"lead": lead % {"name": self.receiver.name}, "cancel_url": self.receiver.get_absolute_url()}


class _WebhookButton(OneButtonPage):
    """An act on an address without questions."""

    def perform(self, request: HttpRequest, form: Any) -> str:
        receiver = seen_webhook(request, self.kwargs["pk"])
        self.act(request, receiver)
        return receiver.get_absolute_url()

    def act(self, request: HttpRequest, receiver: Receiver) -> None:
        """Call the service."""
        raise NotImplementedError


class PauseWebhookPage(_WebhookButton):
    """Push nothing for the time being."""

    done = gettext_lazy("已经暂停。暂停期间的通知不会补推。")

    def act(self, request: HttpRequest, receiver: Receiver) -> None:
        services.pause(receiver_id=receiver.pk, by=me(request), at=now())


class ResumeWebhookPage(_WebhookButton):
    """Push again."""

    done = gettext_lazy("已经恢复推送。")

    def act(self, request: HttpRequest, receiver: Receiver) -> None:
        services.resume(receiver_id=receiver.pk, by=me(request), at=now())


class EndWebhookPage(_WebhookButton):
    """Push no more."""

    done = gettext_lazy("已经停用，不再推送。")

    def act(self, request: HttpRequest, receiver: Receiver) -> None:
        services.end(receiver_id=receiver.pk, by=me(request), at=now())


class TestWebhookPage(_WebhookButton):
    """Push a test event."""

    done = gettext_lazy("测试事件已经排队，十几秒内送出。结果见下面的记录。")

    def act(self, request: HttpRequest, receiver: Receiver) -> None:
        services.push_test(receiver_id=receiver.pk, by=me(request), at=now())


class PushAgainPage(_WebhookButton):
    """Push once more what was given up."""

    done = gettext_lazy("已经重新排队。")

    def act(self, request: HttpRequest, receiver: Receiver) -> None:
        push = receiver.pushes.filter(pk=self.kwargs["push"]).first()
        if push is None:
            raise NotSeen(_("没有找到这一条推送，三十天以前的记录已经清除。"))
        services.push_again(push_id=push.pk, by=me(request), at=now())
