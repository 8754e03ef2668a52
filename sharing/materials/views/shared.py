"""What the pages about materials have in common."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from sharing.materials.policies import MATERIAL_POLICY, SUPPLY_POLICY, is_officer, kept_agency
from sharing.materials.selectors import overdemanded
from sharing.materials.workflow import MATERIALS, SUPPLIES, SupplyStatus
from sharing.models import MaterialSupply, MatterMaterial, ServiceMatter

HOME = "/desk/materials/"
SHELL = {"shell": "staff/base.html", "work_section": "materials"}
PER_PAGE = 20
NOTHING_TO_DROP = frozenset({"drop-material"})
LABELS = {
    "add-matter": "登记事项",
    "change-matter": "修改事项",
    "add-material": "登记材料",
    "change-material": "修改材料",
    "begin-mending": "开始清理",
    "end-mending": "清理完毕",
    **{
        verb: transition.past for workflow in (MATERIALS, SUPPLIES) for verb, transition in workflow.transitions.items()
    },
}


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the list of matters on."""
    return [(_("申请材料"), HOME), *steps]


def tabs(user: User) -> list[dict[str, Any]]:
    """The views of materials, each with its own address."""
    found = [
        {"key": "matters", "label": _("事项"), "url": HOME},
        {"key": "mending", "label": _("清理清单"), "url": f"{HOME}mending/"},
        {"key": "supplies", "label": _("提供途径"), "url": f"{HOME}supplies/"},
        {"key": "check", "label": _("核对材料"), "url": f"{HOME}check/"},
    ]
    if kept_agency(user) is not None:
        found.append({"key": "imports", "label": _("导入导出"), "url": f"{HOME}imports/"})
    return found


def material_acts(user: User, material: MatterMaterial) -> list[Act]:
    """What the person may do about a material now; reasons and exceptions only where the platform supplies it."""
    supplied = overdemanded(MatterMaterial.objects.filter(pk=material.pk)).exists()
    hidden = [] if supplied else ["state-reasons", "record-exception"]
    found = acts(
        user,
        material,
        status=material.status,
        workflow=MATERIALS,
        policy=MATERIAL_POLICY,
        url=lambda verb: f"{HOME}items/{material.pk}/{verb}/",
        hidden=hidden,
    )
    if MATERIAL_POLICY.may(user, "change-material", material):
        found.append(Act(verb="change-material", label=_("修改这份材料"), url=f"{HOME}items/{material.pk}/change/"))
    return found


def supply_acts(user: User, supply: MaterialSupply) -> list[Act]:
    """What the person may do about a supply now."""

    def url(verb: str) -> str:
        if verb == "propose-supply":
            return f"{HOME}names/{supply.name_id}/propose/{supply.entry_id}/"
        return f"{HOME}supplies/{supply.pk}/{verb}/"

    return acts(user, supply, status=supply.status, workflow=SUPPLIES, policy=SUPPLY_POLICY, url=url)


def may_judge(user: User, supply: MaterialSupply) -> bool:
    """Whether a proposal waits for this person."""
    return (
        supply.status == SupplyStatus.PROPOSED
        and is_officer(user)
        and SUPPLY_POLICY.may(user, "confirm-supply", supply)
    )


def material_facts(material: MatterMaterial) -> list[tuple[Any, ...]]:
    """What is said of a material."""
    facts: list[tuple[Any, ...]] = [
        (_("事项"), material.matter.name, ""),
        (_("办理机关"), material.matter.agency.name),
        (_("材料形式"), material.get_form_display()),
        (_("出具机关"), material.source),
        (_("电子证照、文书"), material.document),
        (_("是否必要"), _("必要") if material.required else _("非必要")),
        (_("状态"), material.get_status_display()),
    ]
    if material.exception:
        facts.append((_("不适用电子文书的依据"), material.exception))
    if material.reasons:
        facts.append((_("理由"), material.reasons))
    if material.decided_on:
        facts.append((_("最近办理"), zh_date(material.decided_on, with_year=True)))
    return facts


def supply_facts(supply: MaterialSupply, items: list[str]) -> list[tuple[Any, ...]]:
    """What is said of a supply."""
    revision = supply.entry.in_force
    facts: list[tuple[Any, ...]] = [
        (_("材料"), supply.name.name),
        (_("目录条目"), revision.title if revision else _("已经撤销")),
        (_("资源代码"), supply.entry.resource_code),
        (_("提供机关"), supply.entry.provider.name),
        (_("共享类型"), revision.get_sharing_type_display() if revision else ""),
        (_("状态"), supply.get_status_display()),
    ]
    if supply.template:
        kind = supply.template.get_kind_display()
        facts.append(
            (_("电子文书"), _("%(title)s（%(kind)s，本平台签发）") % {"title": supply.template.title, "kind": kind})
        )
    if supply.status == SupplyStatus.SUGGESTED:
        return [*facts, (_("名称相近程度"), f"{supply.likeness}%")]
    facts += [(_("提供的方式"), supply.get_way_display()), (_("信息项"), "、".join(items))]
    if supply.document:
        facts.append((_("电子文书"), _("%(title)s（不由本平台签发）") % {"title": supply.document}))
    if supply.note:
        facts.append((_("说明"), supply.note))
    if supply.confirmed_on:
        facts.append((_("确认日期"), zh_date(supply.confirmed_on, with_year=True)))
    if supply.reasons:
        facts.append((_("不采用、撤销的理由"), supply.reasons))
    return facts


def what_happened(*cases: Any) -> list[TimelineEvent]:
    """What happened to these."""
    return timeline(events_of(*cases), LABELS)


def matter_facts(matter: ServiceMatter, *, inside: bool) -> list[tuple[Any, ...]]:
    """What is said of a matter; how often repeated demands were reported for those inside alone."""
    facts: list[tuple[Any, ...]] = [
        (_("办理机关"), matter.agency.name),
        (_("事项编码"), matter.code),
        (_("事项类型"), matter.get_kind_display()),
        (_("设定依据"), matter.basis),
    ]
    if inside:
        facts.append((_("被反映重复提交"), _("%(times)s 次") % {"times": matter.reported}))
    return facts
