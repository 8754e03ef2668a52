"""What the pages about data needs have in common: facts, the way here, how a need reads."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from sharing.lists.rows import cited
from sharing.models import DataNeed
from sharing.needs.workflow import NEED_WORKFLOW, NeedStatus
from sharing.selectors import shareable_entries
from sharing.views.shared import HOME, link
from sharing.views.shared import crumbs as sharing_crumbs

NEEDS = f"{HOME}needs/"
LABELS = {
    "file-need": "提出数据需求",
    **{verb: transition.past for verb, transition in NEED_WORKFLOW.transitions.items()},
}


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the list of needs on."""
    return sharing_crumbs((_("数据需求"), NEEDS), *steps)


def need_facts(need: DataNeed) -> list[tuple[Any, ...]]:
    """What is needed, by whom, for what."""
    return [
        (_("需求机关"), need.requester.name),
        (_("需要的信息项"), "、".join(need.items)),
        *([(_("内容说明"), need.content)] if need.content else []),
        (_("所履行的职责"), need.duty),
        (_("职责依据"), need.duty_basis),
        (_("用途"), need.purpose),
        (_("需要的更新周期"), need.get_update_cycle_display()),
        (_("可能的提供机关"), need.suspected.name if need.suspected else _("没有指明")),
        (_("提出之日"), zh_date(need.submitted_on, with_year=True)),
        (_("公开的需求清单"), _("不列入") if need.is_unlisted else _("确认责任机关后列入，只公布名称和进展")),
    ]


def standing_facts(user: User, need: DataNeed) -> list[tuple[Any, ...]]:
    """Whose it is and what came of it so far; nothing before anything came."""
    facts: list[tuple[Any, ...]] = []
    if need.provider:
        facts.append((_("责任机关"), need.provider.name))
    if need.entry:
        facts += _entry_facts(user, need)
    if need.reasons:
        facts.append((_("最近一步的意见"), need.reasons))
    if need.ended_on:
        facts.append((_("办结日期"), zh_date(need.ended_on, with_year=True)))
    return facts


def _entry_facts(user: User, need: DataNeed) -> list[tuple[Any, ...]]:
    """The entry, as far as the reader may know of it: a draft is its agency's, what is withheld has its basis alone."""
    entry = need.entry
    if entry is None:
        return []
    if entry.in_force is None:
        return [(_("编制中的条目"), entry.resource_code)]
    if need.status == NeedStatus.WITHHELD:
        return [(_("目录条目"), entry.resource_code), (_("不予共享的依据"), cited(entry.in_force.sharing_basis))]
    label = _("此前指明的条目") if need.status == NeedStatus.SUBMITTED else _("目录条目")
    shown = f"{entry.in_force.title}（{entry.resource_code}）"
    if shareable_entries().filter(pk=entry.pk).exists():
        return [(label, link(reverse("sharing:entry", args=[entry.pk]), shown))]
    return [(label, entry.resource_code)]


def what_happened(need: DataNeed) -> list[TimelineEvent]:
    """The steps of the need, for all its parties."""
    return timeline(events_of(need), LABELS)
