"""Subscriptions to changes: the list, one with what was told and how it arrived, subscribing and unsubscribing."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.acts import Act
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.text import zh_datetime
from sharing import services
from sharing.found import find_access, find_subscription
from sharing.models import ChangeSubscription
from sharing.named_rights import called
from sharing.policies import SUBSCRIPTION_POLICY, sees_every_case, visible_subscriptions, working_agencies
from sharing.rights import Access
from sharing.selectors import subscriptions_with_parties
from sharing.services.subscribing import basis_of
from sharing.subscriptions.deliveries import event_lines, events_of
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, link, staff_of, tabs
from sharing.workflow import SUBSCRIPTION_WORKFLOW, SubscriptionStatus

BOX = f"{HOME}subscriptions/"


class SubscribeForm(ActForm):
    """Who is told."""

    tells_people = forms.BooleanField(
        label=gettext_lazy("同时告知本机关的数据管理员和审批人（站内通知，按各人的设置发送邮件）"),
        required=False,
        initial=True,
    )


class SubscriptionsPage(SignedInCasePage):
    """What one's agency is told of."""

    template_name = "sharing/subscriptions.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        rows = visible_subscriptions(user, subscriptions_with_parties(ChangeSubscription.objects.all()))
        rows = rows.filter(agency__in=working_agencies(user)).order_by("status", "-subscribed_at", "-pk")
        return SHELL | {
            "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "subscriptions",
            "empty": {
                "title": _("还没有订阅"),
                "text": _("打开已经取得的数据，在「变化」中订阅。有了新的一版会告知本机关的系统和工作人员。"),
                "action": {"label": _("查找可共享的数据"), "url": HOME},
            },
        }


class SubscriptionPage(SignedInCasePage):
    """One subscription: on what it rests, each version told, and how it arrived."""

    template_name = "sharing/subscription.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        subscription = find_subscription(user, kwargs["pk"])
        sees = SUBSCRIPTION_POLICY.may(user, "see-deliveries", subscription)
        events = events_of(subscription) if sees else events_of(subscription).none()
        page = Paginator(events, PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "subscription": subscription,
            "is_active": subscription.status == SubscriptionStatus.ACTIVE,
            "sees": sees,
            "page": page,
            "lines": event_lines(subscription, list(page.object_list)),
            "facts": subscription_facts(subscription),
            "acts": subscription_acts(user, subscription),
            "empty": {
                "title": _("还没有告知"),
                "text": _("有了新的一版，告知的内容和送达情况会列在这里。"),
            },
            "crumbs": crumbs((_("变化订阅"), BOX), (subscription.title, "")),
        }


def subscription_facts(subscription: ChangeSubscription) -> list[tuple[Any, ...]]:
    """What a subscription says."""
    access = subscription.access
    facts: list[tuple[Any, ...]] = [
        (_("订阅机关"), subscription.agency.name),
        (_("数据"), link(reverse("sharing:entry", args=[subscription.entry_id]), subscription.title)),
        (_("依据"), link(access.get_absolute_url(), called(access))),
        (_("告知"), _("信息系统和工作人员") if subscription.tells_people else _("只告知信息系统")),
        (_("订阅时的版本"), _("第 %(number)s 版") % {"number": subscription.from_version or _("0")}),
        (_("订阅时间"), zh_datetime(subscription.subscribed_at, with_year=True)),
    ]
    if subscription.ended_at:
        facts.append((_("终止时间"), zh_datetime(subscription.ended_at, with_year=True)))
    return [*facts, *([(_("缘由"), subscription.end_reasons)] if subscription.end_reasons else [])]


def subscription_acts(user: Any, subscription: ChangeSubscription) -> list[Act]:
    """Unsubscribing, while there is something to end."""
    transition = SUBSCRIPTION_WORKFLOW["unsubscribe"]
    if subscription.status not in transition.sources or not SUBSCRIPTION_POLICY.may(user, "unsubscribe", subscription):
        return []
    url = f"{subscription.get_absolute_url()}unsubscribe/"
    return [Act(verb="unsubscribe", label=transition.label, url=url, dangerous=True)]


class SubscribePage(CaseActPage):
    """Have one's agency told of each new version."""

    access_kind: ClassVar[str] = "grant"
    policy = SUBSCRIPTION_POLICY
    verb = "subscribe"
    service = staticmethod(services.subscribe)
    form_class = SubscribeForm
    title = gettext_lazy("订阅变化")
    button = gettext_lazy("订阅变化")
    done = gettext_lazy("已经订阅。有了新的一版会告知本机关。")
    consequence = gettext_lazy(
        "每有新的一版，向本机关信息系统登记的推送地址各推送一次，写明版本、变化的行数和读取地址，不含数据内容。"
        "订阅随授权、登记或者目录终止。"
    )
    case: Access

    def find(self, request: HttpRequest) -> Access:
        return find_access(staff_of(request), self.access_kind, self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"access": self.case}

    def next_page(self, done: ChangeSubscription) -> str:
        return done.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        entry = self.case.entry
        title = entry.in_force.title if entry.in_force else entry.resource_code
        back = reverse(f"sharing:{self.access_kind}-changes", args=[self.case.pk])
        return (
            SHELL
            | super().context(request)
            | {
                "lead": f"{title} · {entry.provider.name}",
                "basis": basis_of(self.case),
                "cancel_url": back,
                "cancel": _("返回，不订阅"),
                "crumbs": crumbs((title, back), (str(self.title), "")),
            }
        )


class TakingSubscribePage(SubscribePage):
    """The same under a declared duty."""

    access_kind = "taking"


class UnsubscribePage(CaseActPage):
    """Be told no more."""

    policy = SUBSCRIPTION_POLICY
    workflow = SUBSCRIPTION_WORKFLOW
    verb = "unsubscribe"
    service = staticmethod(services.unsubscribe)
    done = gettext_lazy("已经取消订阅。")
    case: ChangeSubscription

    def find(self, request: HttpRequest) -> ChangeSubscription:
        return find_subscription(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"subscription_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        words = super().context(request)
        return (
            SHELL
            | words
            | {
                "lead": self.case.title,
                "basis": basis_of(self.case.access),
                "facts": subscription_facts(self.case),
                "cancel": _("返回，不取消"),
                "crumbs": crumbs((_("变化订阅"), self.case.get_absolute_url()), (words["title"], "")),
            }
        )
