"""The register of information systems: its list, a system with its interfaces, and the acts on it (第十条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies, services
from catalog.cases import find_system, kept_agency, require_register, system_acts
from catalog.forms.searching import tidy
from catalog.forms.systems import (
    InterfaceForm,
    PutInUseForm,
    StopSystemForm,
    SystemFilter,
    SystemForm,
    initial_of_system,
)
from catalog.models import EntryRevision, InformationSystem, Interface
from catalog.selectors.systems import DayMark, histories, systems_listed
from catalog.views.shared import user_of
from catalog.workflow import SYSTEM_WORKFLOW, SYSTEMS, InterfaceStatus, SystemStatus
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.timekeeping import now, today

HOME = "/desk/systems/"
SHELL = {"shell": "staff/base.html", "work_section": "systems"}
PER_PAGE = 30
LABELS = {verb: each.past for verb, each in SYSTEM_WORKFLOW.transitions.items()} | {"register-system": "登记信息系统"}
STATUS_MARKS = {SystemStatus.IN_USE: "on_time", SystemStatus.STOPPED: "stopped"}
OUTCOME_MARKS = {"conforming": "on_time", "reachable": "", "deviating": "near", "unavailable": "late", "unchecked": ""}


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the register on."""
    return [(_("信息系统"), HOME), *steps]


def tabs() -> list[dict[str, Any]]:
    """The register, and how its interfaces stand."""
    pages = [(_("登记"), "catalog:systems"), (_("接口状态"), "catalog:systems-status")]
    return [{"key": reverse(name), "label": label, "url": reverse(name)} for label, name in pages]


COLUMNS = [
    {"name": gettext_lazy("系统名称"), "code": "name"},
    {"name": gettext_lazy("机关"), "code": "agency"},
    {"name": gettext_lazy("状态"), "code": "status"},
    {"name": gettext_lazy("所在网络"), "code": "network"},
    {"name": gettext_lazy("等级保护"), "code": "protection"},
    {"name": gettext_lazy("数据资源"), "code": "held", "numeric": True},
    {"name": gettext_lazy("接口"), "code": "offered", "numeric": True},
    {"name": gettext_lazy("异常接口"), "code": "broken", "numeric": True},
]


class SystemListPage(SignedInCasePage):
    """The systems one sees."""

    template_name = "catalog/systems.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        require_register(user)
        visible = policies.visible_systems(user, InformationSystem.objects.all())
        agencies = Agency.objects.filter(pk__in=visible.values("agency")).order_by("level", "code")
        chosen = SystemFilter(request.GET, queryset=systems_listed(visible), agencies=agencies)
        ordered = chosen.qs.order_by("agency__level", "agency__code", "name", "pk")
        page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
        may_register = bool(agencies_with(user, Role.DATA_STEWARD, Role.SYSTEM_ADMIN))
        return SHELL | {
            "tabs": tabs(),
            "form": tidy(chosen.form),
            "page": page,
            "columns": COLUMNS,
            "rows": [_row(system) for system in page],
            "may_register": may_register,
            "empty": _empty(request, may_register=may_register),
        }


def _row(system: Any) -> dict[str, Any]:
    return {
        "name": {"text": system.name, "url": system.get_absolute_url()},
        "agency": system.agency.short_name,
        "status": system.get_status_display(),
        "network": system.get_network_display(),
        "protection": system.get_protection_display() if system.protection else _("尚未定级"),
        "held": system.held,
        "offered": system.offered,
        "broken": system.broken,
    }


def _empty(request: HttpRequest, *, may_register: bool) -> dict[str, Any]:
    if any(value for name, value in request.GET.items() if name != "page"):
        return {
            "title": _("没有符合条件的信息系统"),
            "text": _("可以换一个说法，或者去掉几个条件。"),
            "action": {"label": _("查看全部"), "url": HOME},
        }
    return {
        "title": _("还没有登记信息系统"),
        "text": _("本机关的信息系统登记后会列在这里，它的接口由平台定时检查。"),
        "action": {"label": _("登记第一个系统"), "url": f"{HOME}new/"} if may_register else None,
    }


class RegisterPage(SignedInActPage):
    """A system is brought under management."""

    form_class = SystemForm
    title = gettext_lazy("登记信息系统")
    done = gettext_lazy("系统已登记。接着登记它对外提供的接口。")

    def prepare(self, request: HttpRequest) -> None:
        require_register(user_of(request))
        self.agency = kept_agency(user_of(request))
        policies.require(user_of(request), "register-system", self.agency)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"agency": self.agency}

    def perform(self, request: HttpRequest, form: Any) -> str:
        made = services.register_system(agency=self.agency, by=user_of(request), on=today(), at=now(), **form.given())
        return made.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        lead = self.agency.name
        return SHELL | {"lead": lead, "basis": SYSTEMS, "cancel_url": HOME, "crumbs": crumbs((str(self.title), ""))}


class SystemPage(SignedInCasePage):
    """A system: what the register says, its interfaces with their history, what it holds, what happened."""

    template_name = "catalog/system.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        system = find_system(user, kwargs["pk"])
        interfaces = system.interfaces.order_by("status", "pk").defer("header_encrypted")
        offered = [one for one in interfaces if one.status != InterfaceStatus.ENDED]
        marks = histories(offered, today())
        return SHELL | {
            "system": system,
            "tags": [
                {"text": system.get_status_display(), "kind": STATUS_MARKS.get(SystemStatus(system.status), "")},
                {"text": system.number, "kind": "code"},
            ],
            "facts": system_facts(system),
            "interfaces": [interface_row(one, marks[one.pk]) for one in offered],
            "ended": [one for one in interfaces if one.status == InterfaceStatus.ENDED],
            "entries": held_entries(system),
            "acts": system_acts(user, system),
            "events": timeline(events_of(system), LABELS),
            "crumbs": crumbs((system.name, "")),
        }


def system_facts(system: InformationSystem) -> list[tuple[Any, Any]]:
    """What the register says."""
    days = ((_("立项日期"), system.planned_on), (_("投入使用"), system.in_use_on), (_("停用日期"), system.stopped_on))
    phone = f"（{system.operator_phone}）" if system.operator_phone else ""
    record = f"（{system.protection_record}）" if system.protection_record else ""
    level = system.get_protection_display() if system.protection else _("尚未定级")
    return [
        (_("机关"), system.agency.name),
        (_("用途"), system.purpose),
        (_("运维单位"), f"{system.operator}{phone}"),
        (_("所在网络"), system.get_network_display()),
        (_("网络安全等级保护"), f"{level}{record}"),
        *[(label, zh_date(day, with_year=True)) for label, day in days if day],
        (_("系统账号"), system.service_account.name if system.service_account else _("没有")),
    ]


def held_entries(system: InformationSystem) -> list[dict[str, str]]:
    """The resources a system holds, by their newest title; two queries."""
    entries = list(system.entries.order_by("resource_code"))
    titles: dict[int, str] = {}
    for pk, title in EntryRevision.objects.filter(entry__in=entries).order_by("number").values_list("entry", "title"):
        titles[pk] = title
    return [
        {
            "title": titles.get(entry.pk, entry.resource_code),
            "code": entry.resource_code,
            "url": entry.get_absolute_url(),
        }
        for entry in entries
    ]


def interface_row(interface: Interface, marks: list[DayMark]) -> dict[str, Any]:
    """An interface as lists show it, with its history."""
    return {
        "interface": interface,
        "tag": {"text": interface.get_outcome_display(), "kind": OUTCOME_MARKS[interface.outcome]},
        "paused": interface.status == InterfaceStatus.PAUSED,
        "strip": strip(marks),
    }


STRIP_WORDS = {
    "good": gettext_lazy("%(checks)d 次检查都正常"),
    "deviating": gettext_lazy("%(checks)d 次检查，%(failed)d 次与文档不符"),
    "unavailable": gettext_lazy("%(checks)d 次检查，%(failed)d 次异常，其中有不可用"),
    "none": gettext_lazy("没有检查"),
}


def strip(marks: list[DayMark]) -> dict[str, Any]:
    """A history as the part draws it, with the whole in words for those who do not see it."""
    numbers = {state: sum(1 for mark in marks if mark.state == state) for state in STRIP_WORDS}
    said = _(
        "近 %(days)d 天：%(good)d 天正常，%(deviating)d 天有与文档不符，%(unavailable)d 天有不可用，%(none)d 天没有检查"
    )
    return {
        "label": said % (numbers | {"days": len(marks)}),
        "marks": [{"state": mark.state, "text": _words(mark)} for mark in marks],
    }


def _words(mark: DayMark) -> str:
    return f"{zh_date(mark.day)} " + STRIP_WORDS[mark.state] % {"checks": mark.checks, "failed": mark.failed}


class SystemAct(CaseActPage):
    """An act on a system."""

    policy = policies.POLICY
    workflow = SYSTEM_WORKFLOW
    case: InformationSystem

    def find(self, request: HttpRequest) -> InformationSystem:
        return find_system(user_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"system_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = super().context(request)
        way = crumbs((self.case.name, self.case.get_absolute_url()), (str(known["title"]), ""))
        return known | SHELL | {"lead": f"{self.case.name} · {self.case.agency.short_name}", "crumbs": way}


class ChangeSystem(SystemAct):
    """修改登记."""

    verb = "change-system"
    form_class = SystemForm
    service = staticmethod(services.change_system)
    takes_day = True
    button = gettext_lazy("保存修改")
    done = gettext_lazy("登记内容已修改。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"agency": self.case.agency, "registering": False}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return initial_of_system(self.case)


class PutInUse(SystemAct):
    """投入使用."""

    verb = "put-in-use"
    form_class = PutInUseForm
    service = staticmethod(services.put_in_use)
    takes_day = True
    done = gettext_lazy("系统已投入使用，它的接口开始定时检查。")


class StopSystem(SystemAct):
    """停用系统."""

    verb = "stop-system"
    form_class = StopSystemForm
    service = staticmethod(services.stop_system)
    takes_day = True
    done = gettext_lazy("系统已停用，不再检查它的接口。")


class ResumeSystem(SystemAct):
    """恢复使用."""

    verb = "resume-system"
    service = staticmethod(services.resume_system)
    takes_day = True
    done = gettext_lazy("系统已恢复使用，它的接口重新开始检查。")


class AddInterface(SystemAct):
    """登记接口."""

    verb = "add-interface"
    form_class = InterfaceForm
    service = staticmethod(services.add_interface)
    done = gettext_lazy("接口已登记。接着报送它的 OpenAPI 文档，平台按文档抽查。")

    def next_page(self, done: Any) -> str:
        return str(done.get_absolute_url())
