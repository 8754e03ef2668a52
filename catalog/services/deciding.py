"""The way of a revision to publication (第十一条第三款): submitted, reviewed, approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from catalog import policies
from catalog.collecting import items_by_collector
from catalog.models import CatalogEntry, EntryRevision
from catalog.selectors import data_for, open_revision
from catalog.services.adjusting import answer_adjustments, hand_adjustments_to
from catalog.services.co_collecting import tell_collectors
from catalog.services.compiling import ELEMENTS
from catalog.services.finding import index_entry, remove_entry
from catalog.services.locking import day_of, lock_entry, lock_revision, note, stop_clock
from catalog.services.quality import note_quality
from catalog.services.referring import tell_referring
from catalog.services.rules import require_complete
from catalog.workflow import REVIEW, WORKFLOW, RevisionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import authority_over, government_over, municipal_authority
from guiyang_data.accounts.services import hold_agency
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell, tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock

ITEM = "item:"
"""What a reason beside an information item is kept under, before its code."""
SEE_FIELDS = "请按各项所注的理由修改。"
AUTHORITY = (Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)


@transaction.atomic
def submit(*, revision_id: int, by: User, at: dt.datetime) -> EntryRevision:
    """Submit a revision for review by the authority over the agency (第十一条第二款).

    Raises RuleBroken naming everything that is missing, the confidentiality review among it.
    """
    revision = lock_revision(revision_id)
    policies.require(by, "submit", revision)
    status = WORKFLOW.target("submit", revision.status)
    require_complete(revision)
    revision.status, revision.submitted_at, revision.updated_at = status, at, at
    revision.send_back_reasons, revision.send_back_fields = "", {}
    revision.reviewed_by = revision.approved_by = None
    changed = ["status", "submitted_at", "updated_at", "send_back_reasons", "send_back_fields"]
    revision.save(update_fields=[*changed, "reviewed_by", "approved_by"])
    authority = authority_over(revision.entry.provider)
    _pass_on(revision, "catalog-review", "目录审核", to=authority, roles=AUTHORITY, by=by, at=at)
    note(revision, "submit", WORKFLOW, by=by, at=at, payload={"to": authority.code})
    return revision


@transaction.atomic
def pass_review(*, revision_id: int, by: User, at: dt.datetime, opinion: str = "") -> EntryRevision:
    """Pass the authority's review and report to the government of the same level (第十一条第三款)."""
    revision = lock_revision(revision_id)
    _not_by_the_compiler(revision, "pass-review", by)
    policies.require(by, "pass-review", revision)
    revision.status = WORKFLOW.target("pass-review", revision.status)
    revision.reviewed_by, revision.updated_at = by, at
    revision.save(update_fields=["status", "reviewed_by", "updated_at"])
    stop_clock(revision, "catalog-review", by=by, at=at)
    government = government_over(revision.entry.provider)
    _pass_on(revision, "catalog-approval", "目录审定", to=government, roles=(Role.GOVERNMENT_APPROVER,), by=by, at=at)
    note(revision, "pass-review", WORKFLOW, by=by, at=at, payload=_with(opinion, to=government.code))
    return revision


@transaction.atomic
def approve(*, revision_id: int, by: User, at: dt.datetime, opinion: str = "") -> EntryRevision:
    """Approve a revision and publish it (第十一条第三款): it takes effect, the one before it is superseded.

    Data that fits the new items becomes current; declared adjustments that it answers are closed.
    """
    revision = lock_revision(revision_id)
    _not_by_the_compiler(revision, "approve", by)
    _not_by_the_reviewer(revision, by)
    policies.require(by, "approve", revision)
    status = WORKFLOW.target("approve", revision.status)
    entry = revision.entry
    for agency in (entry.provider, *items_by_collector(revision)):
        hold_agency(agency)
    before = _supersede(entry)
    revision.status, revision.approved_by = status, by
    revision.in_force_on, revision.updated_at = day_of(at), at
    revision.save(update_fields=["status", "approved_by", "in_force_on", "updated_at"])
    entry.in_force, entry.current_data = revision, data_for(revision)
    entry.save(update_fields=["in_force", "current_data"])
    note_quality(entry)
    stop_clock(revision, "catalog-approval", by=by, at=at)
    answer_adjustments(revision, by=by, at=at)
    index_entry(entry, revision, at=at)
    payload = _with(opinion, supersedes=before.number if before else None, sharing_type=str(revision.sharing_type))
    note(revision, "approve", WORKFLOW, by=by, at=at, payload=payload)
    _tell_provider(revision, "approved", f"目录已审定公布：{revision.title}", at=at)
    tell_collectors(revision, "in-force", f"共同采集的目录已公布，请报送数据：{revision.title}", at=at)
    _report_up(revision, at=at)
    return revision


def _supersede(entry: CatalogEntry) -> EntryRevision | None:
    before = entry.in_force
    if before is None:
        return None
    before.status = WORKFLOW.target("supersede", before.status)
    before.save(update_fields=["status"])
    return before


@transaction.atomic
def send_back(
    *, revision_id: int, by: User, at: dt.datetime, reasons: str, fields: Mapping[str, str] | None = None
) -> EntryRevision:
    """Send a revision back with reasons; the agency mends and submits again. A running update clock keeps running.

    ``fields``: reasons beside single elements, by their names, and items (``item:code``); they can stand for the whole.
    """
    revision = lock_revision(revision_id)
    policies.require(by, "send-back", revision)
    was = revision.status
    status = WORKFLOW.target("send-back", was)
    beside = _reasons_beside(revision, fields or {})
    said = reasons.strip() or (SEE_FIELDS if beside else "")
    if not said:
        message = "请写明理由，编制机关才能据此修改。"
        raise RuleBroken(message, basis=REVIEW, fields={"reasons": message})
    revision.status, revision.send_back_reasons, revision.send_back_fields = status, said, beside
    revision.updated_at = at
    revision.save(update_fields=["status", "send_back_reasons", "send_back_fields", "updated_at"])
    stop_clock(revision, "catalog-review" if was == RevisionStatus.IN_REVIEW else "catalog-approval", by=by, at=at)
    hand_adjustments_to(revision.entry.provider, revision, by=by, at=at)
    payload = {"from": was, "reasons": said, "fields": beside}
    note(revision, "send-back", WORKFLOW, by=by, at=at, payload=payload)
    _tell_provider(revision, "sent-back", f"目录被退回，请修改后重新提交：{revision.title}", at=at, body=said)
    return revision


def _reasons_beside(revision: EntryRevision, fields: Mapping[str, str]) -> dict[str, str]:
    """Reasons by element or item, those that say something. An unknown name is the sender's mistake."""
    said = {name: reason.strip() for name, reason in fields.items() if reason.strip()}
    known = {*ELEMENTS, "items", *(f"{ITEM}{item.code}" for item in revision.items.all())} if said else set()
    unknown = sorted(said.keys() - known)
    if unknown:
        message = f"目录没有「{unknown[0]}」这一项。请按要素名，或者 item: 加信息项的字段名填写。"
        raise RuleBroken(message, basis=REVIEW, fields={"fields": message})
    return said


@transaction.atomic
def withdraw(*, entry_id: int, by: User, at: dt.datetime, reasons: str) -> CatalogEntry:
    """Withdraw an entry from the catalogue, with reasons: it is no longer shared or opened (第十三条)."""
    entry = lock_entry(entry_id)
    revision = entry.in_force
    policies.require(by, "withdraw", entry)
    if revision is None:
        raise WrongState(
            "这一条目没有已公布的目录，不能撤销。未公布的草稿可以直接放弃。", basis=WORKFLOW["withdraw"].basis
        )
    status = WORKFLOW.target("withdraw", revision.status)
    if not reasons.strip():
        message = "请写明撤销的理由。撤销会终止已有的共享和开放，使用方需要知道缘由。"
        raise RuleBroken(message, basis=WORKFLOW["withdraw"].basis, fields={"reasons": message})
    require_nothing_under_way(entry)
    revision.status, revision.updated_at = status, at
    revision.save(update_fields=["status", "updated_at"])
    entry.in_force = None
    entry.current_data = None
    entry.save(update_fields=["in_force", "current_data"])
    note_quality(entry)
    answer_adjustments(revision, by=by, at=at, every=True)
    remove_entry(entry)
    payload = {"revision": revision.number, "reasons": reasons.strip()}
    record(entry, "withdraw", by=by, at=at, basis=WORKFLOW["withdraw"].basis, payload=payload)
    title = f"共同采集的目录条目已撤销：{revision.title}"
    tell_collectors(revision, "withdrawn", title, at=at, body=reasons.strip())
    tell_referring(entry, revision.title, at=at)
    authority = authority_over(entry.provider)
    tell_agency(
        authority,
        AUTHORITY,
        key=f"catalog-withdrawn:{entry.pk}:{revision.number}",
        about=entry,
        kind="catalog",
        title=f"目录条目已撤销：{revision.title}（{entry.provider.short_name}）",
        body=reasons.strip(),
        path=revision.get_absolute_url(),
        at=at,
        basis=WORKFLOW["withdraw"].basis,
    )
    return entry


def require_nothing_under_way(entry: CatalogEntry) -> None:
    """Raise WrongState while a revision of the entry is on its way: it is ended first."""
    under_way = open_revision(entry)
    if under_way is not None:
        raise WrongState(
            f"这一条目还有一份正在办理的修订稿（第{under_way.number}版，{under_way.get_status_display()}）。"
            "请先放弃修订稿，或者等它办结，再撤销条目。",
            basis=WORKFLOW["withdraw"].basis,
        )


def _not_by_the_compiler(revision: EntryRevision, verb: str, by: User) -> None:
    if policies.wrote(by, revision):
        raise _other_person("编制人和修改过的人不能审核、审定这份目录。请交由其他经办人办理。", revision, verb)


def _not_by_the_reviewer(revision: EntryRevision, by: User) -> None:
    if policies.same_person(revision.reviewed_by, by):
        raise _other_person("审核与审定不能由同一人办理。请交由其他审定人办理。", revision, "approve")


def _other_person(message: str, revision: EntryRevision, verb: str) -> NotAllowed:
    return NotAllowed(message, basis=REVIEW, subject=subject_of(revision.entry), verb=verb)


def _with(opinion: str, **payload: object) -> dict[str, object]:
    return payload | ({"opinion": opinion.strip()} if opinion.strip() else {})


def _pass_on(
    revision: EntryRevision,
    kind: str,
    duty: str,
    *,
    to: Agency,
    roles: tuple[Role, ...],
    by: User,
    at: dt.datetime,
) -> Clock:
    """The case goes into the next hands: their clock starts, a running update clock moves with it, they are told."""
    title = f"{duty}：{revision.title}（{revision.entry.provider.short_name}）"
    path = revision.get_absolute_url()
    clock = clocks.start(
        kind,
        revision,
        on=day_of(at),
        at=at,
        by=by,
        owed_by=to,
        number=revision.entry.resource_code,
        title=title,
        path=path,
    )
    hand_adjustments_to(to, revision, by=by, at=at)
    tell_agency(
        to,
        roles,
        key=f"{kind}:{clock.pk}",
        about=revision,
        kind="catalog",
        title=title,
        path=path,
        at=at,
        basis=REVIEW,
    )
    return clock


def _tell_provider(revision: EntryRevision, occasion: str, title: str, *, at: dt.datetime, body: str = "") -> None:
    stamp = at.isoformat()
    known: dict[str, Any] = {"about": revision, "kind": "catalog", "title": title, "body": body, "basis": REVIEW}
    known |= {"path": revision.get_absolute_url(), "at": at}
    key = f"catalog-{occasion}:{revision.pk}:{stamp}"
    provider = revision.entry.provider
    tell_agency(provider, [Role.DATA_STEWARD], key=key, **known)
    tell([revision.compiled_by], key=f"{key}:{provider.code}", agency=provider, **known)


def _report_up(revision: EntryRevision, *, at: dt.datetime) -> None:
    """What a county's government approved is reported up into the municipal summary (第十一条第二款)."""
    provider = revision.entry.provider
    if provider.level == Agency.Level.MUNICIPAL:
        return
    tell_agency(
        municipal_authority(),
        [Role.MUNICIPAL_AUTHORITY],
        key=f"catalog-reported-up:{revision.pk}",
        about=revision,
        kind="catalog",
        title=f"县级目录已上报汇总：{revision.title}（{provider.short_name}）",
        path=revision.get_absolute_url(),
        at=at,
        basis=WORKFLOW["submit"].basis,
    )
