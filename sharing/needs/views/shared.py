"""What the pages about data needs have in common: facts, the way here, how a need reads."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader, TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from sharing.lists.rows import cited
from sharing.models import DataNeed, NeedAssignment
from sharing.needs.policies import sees_draft
from sharing.needs.workflow import NEED_WORKFLOW, NeedStatus
from sharing.papers import papers_of_answers
from sharing.policies import working_agencies
from sharing.selectors import shareable_entries
from sharing.views.shared import HOME, PAPER, lines, link
from sharing.views.shared import crumbs as sharing_crumbs

NEEDS = f"{HOME}needs/"
INNER = ("draft-need-answer",)
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


def draft_facts(user: User, asked: NeedAssignment) -> list[tuple[Any, ...]]:
    """An answer that is prepared, for those of its agency; nothing where none is, or for anybody else."""
    if not sees_draft(user, asked):
        return []
    papers = papers_of_answers(user, [asked], path=PAPER)[asked.pk]
    facts: list[tuple[Any, ...]] = [(_("拟答复"), asked.get_draft_answer_display())]
    if asked.draft_entry:
        facts.append((_("拟指明的条目"), asked.draft_entry.resource_code))
    if asked.draft_reasons:
        facts.append((_("拟写的说明"), asked.draft_reasons))
    if papers:
        facts.append((_("随答复送达的附件"), lines([link(paper["url"], paper["name"]) for paper in papers])))
    who = asked.drafted_by.called if asked.drafted_by else ""
    on = zh_date(asked.drafted_at) if asked.drafted_at else ""
    return [*facts, (_("拟写"), lines([who, on]))]


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


def what_happened(user: User, need: DataNeed) -> list[TimelineEvent]:
    """The steps of the need, for all its parties; that an answer was prepared for its own agency only."""
    events = list(events_of(need))
    if any(event.verb in INNER for event in events):
        mine = set(Agency.objects.filter(pk__in=working_agencies(user)).values_list("code", flat=True))
        events = [event for event in events if event.verb not in INNER or event.payload["agency"] in mine]
    return timeline(events, LABELS, reader=Reader.OFFICE, inner=INNER)
