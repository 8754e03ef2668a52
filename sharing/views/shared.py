"""What the pages of sharing have in common: who is there, what is visible, the shell, the way here, how things read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import agencies_with, is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.text import zh_date
from sharing.models import SharingGrant, Taking, WayOfSupply
from sharing.policies import DECIDERS, OVERSEERS, PROOF_POLICY, log_agencies, working_agencies

HOME = "/desk/sharing/"
PAPER = f"/{HOME.strip('/')}/papers/{{}}/"
"""The address of a paper, with its id in the place of ``{}``."""
SHELL = {"shell": "staff/base.html", "work_section": "sharing"}
PER_PAGE = 20
OPERATORS = {
    "eq": "等于",
    "ne": "不等于",
    "lt": "小于",
    "le": "不大于",
    "gt": "大于",
    "ge": "不小于",
    "contains": "包含",
    "starts": "开头为",
    "in": "属于",
    "isnull": "为空：",
}


def staff_of(request: HttpRequest) -> User:
    """The signed-in member of an agency; for everybody else these pages are not there."""
    if not isinstance(request.user, User) or not is_staff_member(request.user):
        raise NotSeen(_("「共享」供行政机关之间使用。公众可以在「数据」中查找已开放的数据。"))
    return request.user


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the sharing home on."""
    return [(_("共享"), HOME), *steps]


def tabs(user: User, *, coordinates: bool) -> list[dict[str, Any]]:
    """The views of sharing, each with its own address."""
    found = [
        {"key": "find", "label": _("可共享的数据"), "url": HOME},
        {"key": "own", "label": _("我机关的申请"), "url": f"{HOME}applications/?box=own"},
        {"key": "answer", "label": _("向我机关提出的申请"), "url": f"{HOME}applications/?box=answer"},
        {"key": "grants", "label": _("授权"), "url": f"{HOME}grants/"},
        {"key": "subscriptions", "label": _("变化订阅"), "url": f"{HOME}subscriptions/"},
        {"key": "coordinations", "label": _("协调"), "url": f"{HOME}coordinations/"},
        {"key": "needs", "label": _("数据需求"), "url": f"{HOME}needs/"},
        {"key": "edocuments", "label": _("电子文书"), "url": f"{HOME}edocuments/"},
    ]
    if working_agencies(user):
        found.append({"key": "listing", "label": _("公开清单"), "url": f"{HOME}listing/"})
    if log_agencies(user):
        found.append({"key": "access", "label": _("读取记录"), "url": f"{HOME}access/"})
    if agencies_with(user, *DECIDERS, *OVERSEERS):
        found.append({"key": "flags", "label": _("异常使用"), "url": f"{HOME}flags/"})
    if log_agencies(user) or coordinates:
        found.append({"key": "deferrals", "label": _("延后告知"), "url": f"{HOME}deferrals/"})
    if PROOF_POLICY.may(user, "prove-at-counter"):
        found.append({"key": "counter", "label": _("当面核验"), "url": f"{HOME}counter/"})
    if coordinates:
        found.insert(3, {"key": "all", "label": _("全部申请"), "url": f"{HOME}applications/?box=all"})
    return found


def item_names(entry: CatalogEntry) -> dict[str, str]:
    """Names of the items in force by code, with who collects those that are not the provider's (第十二条第二款)."""
    items = entry.in_force.items.select_related("collector") if entry.in_force else []
    return {
        item.code: _("%(name)s（%(agency)s采集）") % {"name": item.name, "agency": item.collector.short_name}
        if item.collector
        else item.name
        for item in items
    }


def named(codes: Iterable[str], names: Mapping[str, str]) -> str:
    """Items as people read them."""
    return "、".join(names.get(code, code) for code in codes)


def condition_text(conditions: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """Row conditions as people read them; without any, all rows."""
    texts = []
    for condition in conditions:
        value = condition["value"]
        shown = "、".join(str(one) for one in value) if isinstance(value, list) else str(value)
        operator = OPERATORS.get(condition["operator"], condition["operator"])
        texts.append(f"{names.get(condition['code'], condition['code'])}{operator}「{shown}」")
    return "，且".join(texts) or _("不限")


def ways_text(ways: Iterable[str]) -> str:
    """Ways of supply as people read them; without any, it is left open."""
    return "、".join(str(WayOfSupply(way).label) for way in ways) or _("不限")


def link(url: str, text: str) -> SafeString:
    """A link in a list of facts."""
    return format_html('<a href="{}">{}</a>', url, text)


def right_fact(access: SharingGrant | Taking) -> tuple[Any, SafeString]:
    """The right that something is about, among its facts: the grant's page, or that of what was taken."""
    if isinstance(access, SharingGrant):
        return _("授权"), link(access.get_absolute_url(), access.title)
    return _("无条件获取的数据"), link(reverse("sharing:entry", args=[access.entry_id]), access.title)


def lines(texts: Iterable[str]) -> SafeString:
    """Several values under one label."""
    return format_html_join(SafeString("<br>"), "{}", ((text,) for text in texts))


def span(start: Any, end: Any) -> str:
    """A period as people read it."""
    until = zh_date(end, with_year=True) if end else _("长期")
    return f"{zh_date(start, with_year=True)} {_('至')} {until}"
