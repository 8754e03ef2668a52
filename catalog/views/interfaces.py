"""An interface: how it stands, its documents, its checks, and the acts on it; and how all of them stand (第十条)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from catalog import policies, services
from catalog.cases import find_interface, interface_acts, require_register
from catalog.forms.systems import DocumentForm, InterfaceForm, WhyForm, initial_of_interface
from catalog.models import Interface
from catalog.selectors.systems import gravest_first, histories, offered_interfaces, standing_by_agency, standing_of
from catalog.services.interfaces import REPAIR
from catalog.views.shared import user_of
from catalog.views.systems import (
    OUTCOME_MARKS,
    PER_PAGE,
    SHELL,
    crumbs,
    interface_row,
    strip,
    tabs,
)
from catalog.workflow import INTERFACE_WORKFLOW, InterfaceStatus
from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.text import whole_number, zh_datetime
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.selectors import face, running
from guiyang_data.timekeeping import today

SHOWN_CHECKS = 20
LABELS = {verb: each.past for verb, each in INTERFACE_WORKFLOW.transitions.items()} | {
    "add-interface": "登记接口",
    "interface-broken": "连续检查异常，开始计算恢复期限",
    "interface-recovered": "检查恢复正常",
}


class InterfacePage(SignedInCasePage):
    """An interface."""

    template_name = "catalog/interface.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        interface = find_interface(user, kwargs["pk"])
        clock = running(interface, REPAIR)
        checks = list(interface.checks.all()[:SHOWN_CHECKS])
        return SHELL | {
            "interface": interface,
            "system": interface.system,
            "tags": _tags(interface),
            "face": face(clock, today()) if clock else None,
            "strip": strip(histories([interface], today())[interface.pk]),
            "latest": checks[0] if checks else None,
            "facts": interface_facts(interface),
            "documents": interface.documents.defer("content").select_related("filed_by"),
            "samples": interface.contract.samples if interface.contract else [],
            "checks": checks,
            "acts": interface_acts(user, interface),
            "events": timeline(events_of(interface), LABELS),
            "crumbs": crumbs((interface.system.name, interface.system.get_absolute_url()), (interface.name, "")),
        }


def _tags(interface: Interface) -> list[dict[str, str]]:
    checking = "" if interface.status == InterfaceStatus.CHECKED else "stopped"
    return [
        {"text": interface.get_outcome_display(), "kind": OUTCOME_MARKS[interface.outcome]},
        {"text": interface.get_status_display(), "kind": checking},
        {"text": interface.number, "kind": "code"},
    ]


def interface_facts(interface: Interface) -> list[tuple[Any, Any]]:
    """What the register says, and when it is checked."""
    due = interface.next_check_at if interface.status == InterfaceStatus.CHECKED else None
    header = _("已保存，放在 %(name)s 中") % {"name": interface.header_name} if interface.header_name else _("不需要")
    reasons = [(_("理由"), interface.status_reasons)] if interface.status_reasons else []
    return [
        (_("所属系统"), f"{interface.system.name}（{interface.system.agency.short_name}）"),
        *([(_("说明"), interface.purpose)] if interface.purpose else []),
        (_("接口地址"), interface.url),
        (_("文档地址"), interface.document_url or _("没有，由上传报送")),
        (_("凭据"), header),
        (_("检查间隔"), interface.get_every_display()),
        (_("下次检查"), zh_datetime(due) if due else _("不检查")),
        *reasons,
    ]


class DocumentDownload(LoginRequiredMixin, View):
    """A version of the document, as it came."""

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
        interface = find_interface(user_of(request), pk)
        document = interface.documents.filter(number=number).first()
        if document is None:
            raise NotSeen(_("没有找到这一版文档。请返回接口页面重新选择。"))
        kind = "application/json" if document.file_name.endswith(".json") else "application/yaml"
        return stream(iter([document.content.encode()]), name=document.file_name, media_type=kind)


class InterfaceAct(CaseActPage):
    """An act on an interface."""

    policy = policies.POLICY
    workflow = INTERFACE_WORKFLOW
    case: Interface

    def find(self, request: HttpRequest) -> Interface:
        return find_interface(user_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"interface_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known, system = super().context(request), self.case.system
        way = crumbs(
            (system.name, system.get_absolute_url()),
            (self.case.name, self.case.get_absolute_url()),
            (str(known["title"]), ""),
        )
        lead = f"{system.name} · {self.case.name} · {system.agency.short_name}"
        return known | SHELL | {"lead": lead, "crumbs": way}


class ChangeInterface(InterfaceAct):
    """修改登记."""

    verb = "change-interface"
    form_class = InterfaceForm
    service = staticmethod(services.change_interface)
    button = gettext_lazy("保存修改")
    done = gettext_lazy("登记内容已修改，平台随即检查一次。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"kept_header": self.case.header_name}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return initial_of_interface(self.case)


class ReplaceDocument(InterfaceAct):
    """报送接口文档."""

    verb = "replace-document"
    form_class = DocumentForm
    service = staticmethod(services.replace_document)
    button = gettext_lazy("核对并报送")
    done = gettext_lazy("文档符合 OpenAPI 的规定，已报送。此后的检查以它为准。")
    consequence = gettext_lazy("先核对是否符合 OpenAPI 的规定，有误的不接收；接收后取代现行文档，此前各版保留。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"interface": self.case}

    def next_page(self, done: Any) -> str:
        return self.case.get_absolute_url()


class PauseChecking(InterfaceAct):
    """暂停检查."""

    verb = "pause-checking"
    form_class = WhyForm
    service = staticmethod(services.pause_checking)
    done = gettext_lazy("已暂停检查。")
    consequence = gettext_lazy("正在计算的恢复期限不因暂停而停止。")


class ResumeChecking(InterfaceAct):
    """恢复检查."""

    verb = "resume-checking"
    service = staticmethod(services.resume_checking)
    done = gettext_lazy("已恢复检查，平台随即检查一次，稍后刷新查看结果。")


class CheckNow(InterfaceAct):
    """现在检查."""

    verb = "check-now"
    service = staticmethod(services.check_now)
    done = gettext_lazy("已安排检查，几秒后刷新查看结果。")


class EndInterface(InterfaceAct):
    """停用接口."""

    verb = "end-interface"
    form_class = WhyForm
    service = staticmethod(services.end_interface)
    done = gettext_lazy("接口已停用。")


STATES = (
    ("broken", gettext_lazy("异常"), {"outcome__in": Interface.BROKEN}),
    ("good", gettext_lazy("正常"), {"outcome": "conforming"}),
    ("reachable", gettext_lazy("能连通"), {"outcome": "reachable"}),
    ("unchecked", gettext_lazy("尚未检查"), {"outcome": "unchecked"}),
    ("paused", gettext_lazy("暂停检查"), {"status": InterfaceStatus.PAUSED}),
)


class StatusPage(SignedInCasePage):
    """How the interfaces that one sees stand now: what answers, since when, which rule was broken."""

    template_name = "catalog/systems_status.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        require_register(user)
        visible = offered_interfaces(policies.visible_interfaces(user, Interface.objects.all()))
        agencies = standing_by_agency(visible)
        agency = whole_number(request.GET.get("agency", ""))
        state = request.GET.get("state", "")
        inside = visible.filter(system__agency=agency) if agency else visible
        chosen = next((condition for key, _label, condition in STATES if key == state), {})
        page = Paginator(gravest_first(inside.filter(**chosen)), PER_PAGE).get_page(request.GET.get("page"))
        marks = histories(page.object_list, today())
        standing = standing_of(inside)
        return SHELL | {
            "tabs": tabs(),
            "standing": standing,
            "agencies": agencies if len(agencies) > 1 else [],
            "agency": agency,
            "state": state,
            "filters": _filters(standing, state, agency),
            "page": page,
            "rows": [interface_row(one, marks[one.pk]) for one in page],
        }


def _filters(standing: Any, state: str, agency: int | None) -> list[dict[str, Any]]:
    of = f"&agency={agency}" if agency else ""
    chips = [
        {
            "label": _("全部"),
            "count": standing.total,
            "current": not state,
            "url": f"?{of.removeprefix('&')}",
            "state": "",
        }
    ]
    return chips + [
        {
            "label": label,
            "count": getattr(standing, key),
            "current": state == key,
            "url": f"?state={key}{of}",
            "state": "late" if key == "broken" and standing.broken else "",
        }
        for key, label, _condition in STATES
    ]
