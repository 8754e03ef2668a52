"""Which entries supply which materials: suggestions, proposals, what is confirmed, and the acts on them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.timekeeping import now
from sharing import services
from sharing.edocuments.selectors import templates_in_use
from sharing.found import find_entry
from sharing.materials import forms
from sharing.materials.found import find_material_name, find_supply
from sharing.materials.policies import SUPPLY_POLICY
from sharing.materials.selectors import with_entries
from sharing.materials.views.shared import (
    HOME,
    PER_PAGE,
    SHELL,
    crumbs,
    supply_acts,
    supply_facts,
    tabs,
    what_happened,
)
from sharing.materials.workflow import LISTED, NO_REPEAT, SUPPLIES, SupplyStatus
from sharing.models import MaterialSupply, MatterMaterial
from sharing.selectors import shareable_entries
from sharing.views.shared import item_names, staff_of

SUPPLIES_HOME = f"{HOME}supplies/"
MOST_MATTERS = 50
MOST_FOUND = 10


class SuppliesPage(SignedInCasePage):
    """What supplies a material, by how it stands; the materials that most matters ask for first."""

    template_name = "sharing/materials/supplies.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        text = request.GET.get("q", "").strip()[:60]
        state = request.GET.get("state", SupplyStatus.IN_FORCE)
        state = state if state in SupplyStatus.values else SupplyStatus.IN_FORCE
        rows = with_entries(MaterialSupply.objects.all())
        for word in text.split():
            rows = rows.filter(Q(name__name__icontains=word) | Q(entry__in_force__title__icontains=word))
        counts = dict(rows.order_by().values_list("status").annotate(number=Count("pk")))
        listed = Q(name__materials__status__in=sorted(LISTED), name__materials__matter__is_active=True)
        shown = rows.filter(status=state).annotate(asked=Count("name__materials", filter=listed))
        page = Paginator(shown.order_by("-asked", "-likeness", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "q": text,
            "state": state,
            "filters": [
                {"label": label, "count": counts.get(value, 0), "url": f"?state={value}", "current": value == state}
                for value, label in SupplyStatus.choices
            ],
            "tabs": tabs(user),
            "tab": "supplies",
            "crumbs": crumbs((_("提供途径"), "")),
        }


class SupplyPage(SignedInCasePage):
    """One supply with everything for judging it."""

    template_name = "sharing/materials/supply.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        supply = find_supply(kwargs["pk"])
        names = item_names(supply.entry)
        asking = MatterMaterial.objects.filter(name=supply.name, status__in=LISTED, matter__is_active=True)
        return SHELL | {
            "supply": supply,
            "facts": supply_facts(supply, [names.get(code, code) for code in supply.items]),
            "asking": list(asking.select_related("matter__agency").order_by("matter__agency", "pk")[:MOST_MATTERS]),
            "asked": asking.count(),
            "acts": supply_acts(user, supply),
            "events": what_happened(supply),
            "crumbs": crumbs((_("提供途径"), SUPPLIES_HOME), (supply.name.name, supply.name.get_absolute_url())),
        }


class NamePage(SignedInCasePage):
    """A material as the whole city names it: what supplies it, and entries to propose for it."""

    template_name = "sharing/materials/name.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        name = find_material_name(kwargs["pk"])
        text = request.GET.get("q", "").strip()[:60]
        asking = MatterMaterial.objects.filter(name=name, status__in=LISTED, matter__is_active=True)
        probe = MaterialSupply(name=name)
        return SHELL | {
            "name": name,
            "supplies": list(with_entries(name.supplies.all()).order_by("status", "-likeness", "pk")[:MOST_MATTERS]),
            "asking": list(asking.select_related("matter__agency").order_by("matter__agency", "pk")[:MOST_MATTERS]),
            "asked": asking.count(),
            "q": text,
            "found": [
                (entry, SUPPLY_POLICY.may(user, "propose-supply", MaterialSupply(name=probe.name, entry=entry)))
                for entry in (shareable_entries(text=text)[:MOST_FOUND] if text else ())
            ],
            "crumbs": crumbs((_("提供途径"), SUPPLIES_HOME), (name.name, "")),
        }


class ProposePage(SignedInActPage):
    """Say how an entry supplies a material."""

    form_class = forms.SupplyForm
    title = gettext_lazy("提出由这项数据提供")
    button = gettext_lazy("提出，报请确认")
    done = gettext_lazy("已提出，由市大数据主管部门的另一人确认后生效。")

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.name = find_material_name(self.kwargs["pk"])
        self.entry = find_entry(self.kwargs["entry"])
        SUPPLY_POLICY.require(user, "propose-supply", MaterialSupply(name=self.name, entry=self.entry))

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"revision": self.entry.in_force, "templates": templates_in_use().filter(entry=self.entry)}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """As the portal suggested it."""
        suggested = self.name.supplies.filter(entry=self.entry, status=SupplyStatus.SUGGESTED).first()
        return {"way": suggested.way, "template": suggested.template_id} if suggested else {}

    def perform(self, request: HttpRequest, form: forms.SupplyForm) -> str:
        supply = services.propose_supply(
            name_id=self.name.pk, entry_id=self.entry.pk, by=staff_of(request), at=now(), **form.given()
        )
        return supply.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        revision = self.entry.in_force
        back = self.name.get_absolute_url()
        return SHELL | {
            "lead": _("用「%(title)s」代替申请材料「%(name)s」")
            % {"title": revision.title if revision else "", "name": self.name.name},
            "facts": [
                (_("提供机关"), self.entry.provider.name),
                (_("资源代码"), self.entry.resource_code),
                (_("共享类型"), revision.get_sharing_type_display() if revision else ""),
                (_("资源摘要"), revision.abstract if revision else ""),
            ],
            "basis": NO_REPEAT,
            "consequence": SUPPLIES["propose-supply"].consequence,
            "cancel_url": back,
            "crumbs": crumbs((_("提供途径"), SUPPLIES_HOME), (self.name.name, back), (str(self.title), "")),
        }


class SupplyActPage(CaseActPage):
    """An act on a supply."""

    policy = SUPPLY_POLICY
    workflow = SUPPLIES
    form_class: type[ActForm] = forms.ReasonsForm
    case: MaterialSupply

    def find(self, request: HttpRequest) -> MaterialSupply:
        staff_of(request)
        return find_supply(self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"supply_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        words, names = super().context(request), item_names(self.case.entry)
        return (
            words
            | SHELL
            | {
                "lead": f"{self.case.name.name} · {self.case.entry.resource_code}",
                "facts": supply_facts(self.case, [names.get(code, code) for code in self.case.items]),
                "cancel": _("返回，不办理"),
                "crumbs": crumbs(
                    (self.case.name.name, reverse("sharing:supply", args=[self.case.pk])), (words["title"], "")
                ),
            }
        )


class ConfirmPage(SupplyActPage):
    """Confirm it."""

    verb = "confirm-supply"
    service = staticmethod(services.confirm_supply)
    form_class = ActForm
    done = gettext_lazy("已确认。要求提交这种材料的机关已收到通知，开始计算清理期限。")


class RejectPage(SupplyActPage):
    """Do not use it."""

    verb = "reject-supply"
    service = staticmethod(services.reject_supply)
    done = gettext_lazy("已记为不采用，平台不再就这项数据提出建议。")


class WithdrawPage(SupplyActPage):
    """Take the confirmation back."""

    verb = "withdraw-supply"
    service = staticmethod(services.withdraw_supply)
    done = gettext_lazy("确认已撤销。")
