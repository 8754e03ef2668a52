"""Matters of agencies, one matter with its materials, one material with what supplies it, and keeping the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import Agency
from guiyang_data.faces.acts import Act
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.statute.workflow import Workflow
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.materials import forms
from sharing.materials.checking import check_matter
from sharing.materials.found import find_material, find_matter, keeping_agency
from sharing.materials.policies import MATERIAL_POLICY, MATTER_POLICY, kept_agency, may_change
from sharing.materials.selectors import counted, matters_found
from sharing.materials.views.shared import (
    HOME,
    PER_PAGE,
    SHELL,
    crumbs,
    material_acts,
    material_facts,
    matter_facts,
    tabs,
    what_happened,
)
from sharing.materials.workflow import MATERIALS, NO_REPEAT, MaterialStatus
from sharing.models import MatterMaterial, ServiceMatter
from sharing.views.shared import staff_of


class MattersPage(SignedInCasePage):
    """Matters with how many materials each asks for, and how many of them the platform supplies."""

    template_name = "sharing/materials/matters.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        text, against = request.GET.get("q", "").strip()[:60], request.GET.get("against") == "1"
        mine = kept_agency(user)
        code = request.GET.get("agency", mine.code if mine else "")[:30]
        rows = matters_found(text=text, agency=code, only_against=against, active_only=False)
        page = Paginator(counted(rows), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "q": text,
            "agency": code,
            "against": against,
            "mine": mine,
            "agencies": Agency.objects.filter(service_matters__isnull=False).distinct().order_by("code"),
            "tabs": tabs(user),
            "tab": "matters",
            "crumbs": [(_("申请材料"), "")],
        }


class MatterPage(SignedInCasePage):
    """A matter: its materials, which of them the platform supplies, and what happened to it."""

    template_name = "sharing/materials/matter.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        matter = find_matter(kwargs["pk"])
        answers = check_matter(matter, kept_agency(user), on=today())
        keeps = may_change(user, matter)
        base = f"{HOME}matters/{matter.pk}/"
        acts = [
            Act(verb="add-material", label=_("增加一份材料"), url=f"{base}materials/new/", main=True),
            Act(verb="change-matter", label=_("修改事项"), url=f"{base}change/"),
        ]
        return SHELL | {
            "matter": matter,
            "facts": matter_facts(matter, inside=True),
            "answers": answers,
            "against": sum(one.is_against for one in answers),
            "dropped": list(matter.materials.filter(status=MaterialStatus.DROPPED)),
            "acts": acts if keeps else [],
            "keeps": keeps,
            "events": what_happened(matter),
            "crumbs": crumbs((matter.name, "")),
        }


class NewMatterPage(SignedInActPage):
    """Enter a matter by hand."""

    form_class = forms.NewMatterForm
    title = gettext_lazy("登记事项")
    button = gettext_lazy("登记事项和材料")
    done = gettext_lazy("事项已经登记。平台能够提供的材料会提示您清理。")

    def prepare(self, request: HttpRequest) -> None:
        self.agency = keeping_agency(staff_of(request))

    def perform(self, request: HttpRequest, form: forms.NewMatterForm) -> str:
        matter = services.add_matter(agency=self.agency, by=staff_of(request), at=now(), **form.given())
        return matter.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return SHELL | {
            "lead": self.agency.name,
            "basis": NO_REPEAT,
            "cancel_url": HOME,
            "crumbs": crumbs((str(self.title), "")),
        }


class MatterActPage(CaseActPage):
    """An act on a matter, by those who keep it."""

    policy = MATTER_POLICY
    verb = "change-matter"
    case: ServiceMatter

    def find(self, request: HttpRequest) -> ServiceMatter:
        staff_of(request)
        return find_matter(self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"matter_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        way = crumbs((self.case.name, self.case.get_absolute_url()), (str(self.title), ""))
        return super().context(request) | SHELL | {"lead": self.case.name, "basis": NO_REPEAT, "crumbs": way}


class ChangeMatterPage(MatterActPage):
    """Change what is said of it."""

    service = staticmethod(services.change_matter)
    form_class = forms.ChangeMatterForm
    title = gettext_lazy("修改事项")
    button = gettext_lazy("保存修改")
    done = gettext_lazy("修改已保存。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {name: getattr(self.case, name) for name in ("name", "code", "kind", "basis", "is_active")}


class AddMaterialPage(MatterActPage):
    """One more material."""

    service = staticmethod(services.add_material)
    form_class = forms.MaterialEditForm
    title = gettext_lazy("增加一份材料")
    button = gettext_lazy("增加这份材料")
    done = gettext_lazy("材料已经增加。")


class MaterialPage(SignedInCasePage):
    """A material of a matter: what supplies it, what may be done, what happened."""

    template_name = "sharing/materials/material.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        material = find_material(kwargs["pk"])
        answers = check_matter(material.matter, kept_agency(user), on=today())
        answer = next((one for one in answers if one.material == material), None)
        return SHELL | {
            "material": material,
            "facts": material_facts(material),
            "answer": answer,
            "acts": material_acts(user, material),
            "events": what_happened(material),
            "crumbs": crumbs((material.matter.name, material.matter.get_absolute_url()), (material.label, "")),
        }


class MaterialActPage(CaseActPage):
    """An act on a material."""

    policy = MATERIAL_POLICY
    workflow: Workflow | None = MATERIALS
    case: MatterMaterial

    def find(self, request: HttpRequest) -> MatterMaterial:
        staff_of(request)
        return find_material(self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"material_id": self.case.pk}

    def next_page(self, done: Any) -> str:
        return reverse("sharing:material", args=[self.case.pk])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        words = super().context(request)
        matter = self.case.matter
        way = crumbs((matter.name, matter.get_absolute_url()), (self.case.label, self.next_page(None)))
        return (
            words
            | SHELL
            | {
                "lead": f"{self.case.label} · {matter.name}",
                "basis": NO_REPEAT,
                "cancel_url": self.next_page(None),
                "cancel": _("返回，不办理"),
                "facts": material_facts(self.case),
                "crumbs": [*way, (words.get("title") or str(self.title), "")],
            }
        )


class ChangeMaterialPage(MaterialActPage):
    """Change what is said of it."""

    workflow = None
    verb = "change-material"
    service = staticmethod(services.change_material)
    form_class = forms.MaterialEditForm
    title = gettext_lazy("修改材料")
    button = gettext_lazy("保存修改")
    done = gettext_lazy("修改已保存。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return forms.MaterialEditForm.values_of(self.case)


@dataclass(frozen=True, kw_only=True)
class MaterialAct:
    """One act on a material: its service, its form, and what is said once it is done."""

    service: Callable[..., Any]
    done: Any
    form: type[ActForm] = ActForm


MATERIAL_ACTS = {
    "drop-material": MaterialAct(service=services.drop_material, done=gettext_lazy("这份材料已从申请材料中去掉。")),
    "ask-again": MaterialAct(service=services.ask_again, done=gettext_lazy("这份材料重新列入申请材料。")),
    "record-exception": MaterialAct(
        service=services.record_exception, form=forms.ExceptionForm, done=gettext_lazy("已登记，并向社会公开。")
    ),
    "state-reasons": MaterialAct(
        service=services.state_reasons,
        form=forms.StateReasonsForm,
        done=gettext_lazy("理由已报市大数据主管部门核对。"),
    ),
    "accept-reasons": MaterialAct(
        service=services.accept_reasons, form=forms.AcceptForm, done=gettext_lazy("已核对，办理机关已收到通知。")
    ),
    "decline-reasons": MaterialAct(
        service=services.decline_reasons, form=forms.ReasonsForm, done=gettext_lazy("已退回，办理机关已收到通知。")
    ),
    "strike-exception": MaterialAct(
        service=services.strike_exception,
        form=forms.ReasonsForm,
        done=gettext_lazy("例外登记已撤销，办理机关已收到通知。"),
    ),
}


def _page(verb: str, act: MaterialAct) -> type[MaterialActPage]:
    said = {"verb": verb, "service": staticmethod(act.service), "form_class": act.form, "done": act.done}
    name = f"{verb.title().replace('-', '')}Page"
    return type(name, (MaterialActPage,), said | {"__module__": __name__, "__doc__": MATERIALS[verb].label})


MATERIAL_ACT_PAGES = {verb: _page(verb, act) for verb, act in MATERIAL_ACTS.items()}
"""By verb, which is the end of the page's address."""
