"""The page of an entry: what a revision says, what may be done with it, what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import policies, selectors
from catalog.acts import acts_on
from catalog.collecting import parts_of_work
from catalog.comparing import Difference, compare
from catalog.models import CatalogEntry, EntryRevision, InformationItem, SharingType
from catalog.quality import freshness_of, quality_of
from catalog.services import broken_rules, entries_referring_to
from catalog.views.shared import (
    SHELL,
    crumbs,
    exposed_in_words,
    find_entry,
    find_revision,
    share_in_words,
    user_of,
)
from catalog.workflow import CO_COLLECTION_WORKFLOW, CONFIDENTIALITY_WORKFLOW, PULL_WORKFLOW, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today

LOADS_SHOWN = 10
OUTSIDE = {"approve", "withdraw", "gather", "restore-data"}
"""What staff outside see of an entry's history."""

GROUNDS = {number: f"第十八条第一款第{word}项" for number, word in enumerate("一二三四", start=1)}

LABELS = {
    "compile": "编制目录草稿",
    "end-delegation": "收回委托",
    "add-pull": "设置了定时拉取",
    "pull-broken": "定时拉取连续失败",
    "pull-recovered": "定时拉取已恢复",
    "gather-refused": "数据没有通过检查，没有入库",
    **{verb: transition.past for verb, transition in WORKFLOW.transitions.items()},
    **{verb: transition.past for verb, transition in PULL_WORKFLOW.transitions.items()},
    **{verb: transition.past for verb, transition in CONFIDENTIALITY_WORKFLOW.transitions.items()},
    **{verb: transition.past for verb, transition in CO_COLLECTION_WORKFLOW.transitions.items()},
}


class EntryPage(SignedInCasePage):
    """An entry, by its revision in force or by the number in the address."""

    template_name = "catalog/entry.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        entry = find_entry(user, kwargs["pk"])
        revisions = list(policies.visible_revisions(user, entry).order_by("-number"))
        number = kwargs.get("number") or (entry.in_force.number if entry.in_force else revisions[0].number)
        revision = find_revision(user, entry, number)
        under_way = next((one for one in revisions if one.is_open_for_work), None)
        gaps = _gaps(user, revision)
        loads = policies.visible_loads(user, entry.loads.select_related("version"))[:LOADS_SHOWN]
        inside = policies.with_drafts_for(user, CatalogEntry.objects.filter(pk=entry.pk)).exists()
        events = [event for event in events_of(entry) if inside or event.verb in OUTSIDE]
        return SHELL | {
            "entry": entry,
            "revision": revision,
            "revisions": revisions,
            "under_way": under_way if under_way and under_way.pk != revision.pk else None,
            "faces": [face(clock, today()) for clock in selectors.clocks_about(entry, revision)] if inside else [],
            "gaps": gaps,
            "exposed": exposed_in_words(revision) if revision.is_open_for_work else "",
            "is_shared": revision.pk == entry.in_force_id and revision.sharing_type != SharingType.WITHHELD,
            "is_own": user.agency is not None and user.agency.pk == entry.provider_id,
            "difference": _difference(entry, revision),
            "beside": reasons_beside(revision),
            "fresh": freshness_of(entry, today()) if entry.in_force_id == revision.pk else None,
            "quality": quality_of(entry, today()) if entry.in_force_id == revision.pk else None,
            "acts": acts_on(user, entry, revision, under_way=under_way, complete=not gaps),
            "tags": _tags(entry, revision),
            "groups": _groups(entry, revision),
            "items": revision.items.select_related("collector"),
            "parts_of_work": parts_of_work(entry, revision, today()),
            "sees_parts": policies.sees_parts(user, entry),
            "parts": [*selectors.parts_of(entry), *map(subject_of, loads)],
            "loads": loads,
            "systems": policies.visible_systems(user, entry.systems.all()),
            "may_see_data": _may_see_data(user, entry),
            "adjustments": selectors.adjustings(entry, today()) if inside else [],
            "may_correct_day": policies.may(user, "correct-event-day", entry),
            "reviews": policies.visible_reviews(user, revision.confidentiality_reviews.all()),
            "events": timeline(events, LABELS),
            "crumbs": crumbs((revision.title, "")),
        }


def _difference(entry: CatalogEntry, revision: EntryRevision) -> Difference | None:
    """What a revision on its way says otherwise than the one in force: what its reviewer has to judge."""
    if not revision.is_open_for_work or entry.in_force is None:
        return None
    return compare(entry.in_force, revision)


def reasons_beside(revision: EntryRevision) -> list[tuple[str, str]]:
    """Reasons of a send-back beside elements and items, with their labels."""
    names = {f"item:{item.code}": item.name for item in revision.items.all()} if revision.send_back_fields else {}
    labels = {field.name: str(field.verbose_name) for field in EntryRevision._meta.concrete_fields}
    labels |= {"items": _("信息项"), **names}
    return [(labels.get(name, name), reason) for name, reason in revision.send_back_fields.items()]


def _may_see_data(user: User, entry: CatalogEntry) -> bool:
    return policies.may(user, "see-data", entry) and entry.data_versions.exists()


def _gaps(user: User, revision: EntryRevision) -> list[Any]:
    """What stands against submitting, for those who could mend it."""
    editable = revision.status in WORKFLOW["edit"].sources
    return list(broken_rules(revision)) if editable and policies.may(user, "edit", revision) else []


def _tags(entry: CatalogEntry, revision: EntryRevision) -> list[dict[str, str]]:
    status = {
        RevisionStatus.IN_FORCE: "on_time",
        RevisionStatus.SENT_BACK: "near",
        RevisionStatus.WITHDRAWN: "stopped",
        RevisionStatus.SUPERSEDED: "stopped",
        RevisionStatus.DROPPED: "stopped",
    }.get(RevisionStatus(revision.status), "")
    return [
        {"text": f"{revision.get_status_display()} · 第{revision.number}版", "kind": status},
        {"text": revision.get_sharing_type_display(), "kind": ""},
        {"text": _("向社会开放") if revision.is_open else _("不开放"), "kind": ""},
        {"text": entry.resource_code, "kind": "code"},
    ]


Facts = list[tuple[str, Any]]


def _groups(entry: CatalogEntry, revision: EntryRevision) -> list[tuple[str, Facts]]:
    """Every element of the guide, grouped; what does not apply is left out."""
    groups = [
        (_("基本信息"), _basic(entry, revision)),
        (_("提供机关"), _provider(entry, revision)),
        (_("共享与开放"), [fact for fact in _sharing_and_opening(revision) if fact[1]]),
        (_("范围与来源"), [fact for fact in _scope(entry, revision) if fact[1]]),
    ]
    return [(name, facts) for name, facts in groups if facts]


def _basic(entry: CatalogEntry, revision: EntryRevision) -> Facts:
    category = revision.category
    above = f"{category.parent.name} · " if category.parent else ""
    return [
        (_("资源代码"), entry.resource_code),
        (_("资源分类"), f"{above}{category.name}"),
        (_("领域"), revision.get_field_display()),
        (_("关键字"), revision.keywords),
        (_("格式"), " · ".join(filter(None, [revision.get_format_class_display(), revision.format_type]))),
        (_("更新周期"), revision.get_update_cycle_display()),
        (_("数据分级"), InformationItem.Grade(revision.grade).label),
        (_("允许的问题行"), share_in_words(revision)),
    ]


def _provider(entry: CatalogEntry, revision: EntryRevision) -> Facts:
    return [
        (_("提供机关"), entry.provider.name),
        (_("机关代码"), entry.provider.code),
        (_("联系科室"), revision.contact or entry.provider.contact),
        (_("联系电话"), revision.contact_phone or entry.provider.phone),
        (_("发布日期"), zh_date(revision.in_force_on, with_year=True) if revision.in_force_on else _("尚未公布")),
    ]


def _sharing_and_opening(revision: EntryRevision) -> Facts:
    return [
        (_("共享类型"), revision.get_sharing_type_display()),
        (_("共享条件"), revision.sharing_condition),
        (_("不予共享的依据"), revision.sharing_basis),
        (_("共享方式"), revision.sharing_method if revision.sharing_type != SharingType.WITHHELD else ""),
        (_("向社会开放"), _("是") if revision.is_open else _("否")),
        (_("开放条件"), revision.opening_condition),
        (_("不开放的情形"), GROUNDS.get(revision.closed_ground or 0, "")),
        (_("不开放的依据"), revision.closed_basis),
    ]


def _scope(entry: CatalogEntry, revision: EntryRevision) -> Facts:
    referring = entries_referring_to(entry)
    return [
        (_("空间范围"), revision.spatial_scope),
        (_("时间范围"), revision.time_scope),
        (_("来源系统"), revision.source_system),
        (_("关联资源"), "、".join(revision.related_codes)),
        (_("被引用"), _("%(number)d 个条目用它核对数据") % {"number": referring} if referring else ""),
        (_("备注"), revision.note),
    ]
