"""Several agencies collect for one entry (第十二条第二款): the one that leads asks, each agrees by its own act."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from catalog import policies
from catalog.collecting import items_by_collector, not_confirmed, substance_of
from catalog.models import CoCollection, EntryRevision
from catalog.services.locking import lock_revision, note
from catalog.workflow import CO_COLLECTION_WORKFLOW, TOGETHER, WORKFLOW, CoCollectionStatus
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.services import Actor
from guiyang_data.notices.services import tell, tell_agency

GONE = "没有找到这项共同采集，或者您不能查看。请返回目录条目重新选择。"
ANSWERING = (Role.DATA_STEWARD, Role.APPROVER)


@transaction.atomic
def ask_co_collection(*, revision_id: int, by: User, at: dt.datetime) -> list[CoCollection]:
    """Ask every other agency named at an item, that has not agreed yet, to collect it (第十二条第二款).

    No period is set by law and none by us: it stands among the work without a period of the asked agency.
    """
    revision = lock_revision(revision_id)
    policies.require(by, "ask-co-collection", revision)
    WORKFLOW.target("ask-co-collection", revision.status)
    shares = items_by_collector(revision)
    _require_shared(revision, shares)
    open_to_asking = [
        agency
        for agency, word in not_confirmed(revision)
        if word is None or word.status == CoCollectionStatus.DECLINED or word.revision_id != revision.pk
    ]
    if not open_to_asking:
        raise WrongState("各采集机关都已确认，或者正在等待其确认，不必重复提请。", basis=TOGETHER)
    asked = [_asked(revision, agency, shares[agency], by=by, at=at) for agency in open_to_asking]
    payload = {"agencies": [agency.code for agency in open_to_asking], "asked": [one.pk for one in asked]}
    note(revision, "ask-co-collection", WORKFLOW, by=by, at=at, payload=payload)
    return asked


def _require_shared(revision: EntryRevision, shares: dict[Agency, list[Any]]) -> None:
    if not shares:
        message = "没有信息项写明由其他机关采集。请先在信息项里选择采集机关。"
        raise RuleBroken(message, basis=TOGETHER, fields={"items": message})
    if not revision.items.filter(is_key=True).exists():
        message = "共同采集的条目须有主键，各机关报送的行才能合到一起。请先指明主键。"
        raise RuleBroken(message, basis=TOGETHER, fields={"items": message})


def _asked(revision: EntryRevision, agency: Agency, items: list[Any], *, by: User, at: dt.datetime) -> CoCollection:
    asked = CoCollection.objects.create(
        revision=revision,
        agency=agency,
        items=[{"code": item.code, "name": item.name} for item in items],
        substance=substance_of(revision, items),
        asked_by=by,
        asked_at=at,
    )
    lead = revision.entry.provider
    tell_agency(
        agency,
        ANSWERING,
        key=f"catalog-co-collection:{asked.pk}",
        about=asked,
        kind="catalog",
        title=f"请确认共同采集：{revision.title}（{lead.short_name}牵头）",
        body=f"{lead.name}提请本机关采集：{'、'.join(asked.item_names)}。请确认，或者说明理由不同意。",
        path=asked.get_absolute_url(),
        at=at,
        basis=TOGETHER,
    )
    return asked


@transaction.atomic
def decide_co_collection(
    *, co_collection_id: int, agreed: bool, by: User, at: dt.datetime, reasons: str = ""
) -> CoCollection:
    """The asked agency agrees to collect its items, or declines with reasons (第十二条第二款)."""
    asked = _lock(co_collection_id)
    verb = "confirm-co-collection" if agreed else "decline-co-collection"
    _another_person(asked, verb, by)
    policies.require(by, verb, asked)
    status = CO_COLLECTION_WORKFLOW.target(verb, asked.status)
    said = "" if agreed else reasons.strip()
    if not agreed and not said:
        message = "不同意共同采集的，请写明理由，牵头机关才能据此修改。"
        raise RuleBroken(message, basis=TOGETHER, fields={"reasons": message})
    asked.status, asked.reasons, asked.decided_by, asked.decided_at = status, said, by, at
    asked.save(update_fields=["status", "reasons", "decided_by", "decided_at"])
    payload = {"agency": asked.agency.code, "asked": asked.pk, "items": [one["code"] for one in asked.items]}
    note(asked.revision, verb, CO_COLLECTION_WORKFLOW, by=by, at=at, payload=payload | _with(said))
    _tell_lead(asked, at=at)
    return asked


def _with(reasons: str) -> dict[str, str]:
    return {"reasons": reasons} if reasons else {}


def _another_person(asked: CoCollection, verb: str, by: User) -> None:
    """Say plainly why, instead of a bare refusal, to a person who works for both agencies."""
    if policies.same_person(asked.asked_by, by):
        raise NotAllowed(
            "提请人不能代另一机关作答。请交由该机关其他经办人办理。",
            basis=TOGETHER,
            subject=f"catalog.catalogentry:{asked.revision.entry_id}",
            verb=verb,
        )


def _tell_lead(asked: CoCollection, *, at: dt.datetime) -> None:
    revision = asked.revision
    known: dict[str, Any] = {"about": revision, "kind": "catalog", "basis": TOGETHER, "at": at}
    known |= {"title": f"{asked.agency.short_name}{asked.get_status_display()}共同采集：{revision.title}"}
    known |= {"body": asked.reasons, "path": revision.get_absolute_url()}
    key, lead = f"catalog-co-collection-answered:{asked.pk}", revision.entry.provider
    tell_agency(lead, [Role.DATA_STEWARD], key=key, **known)
    tell([asked.asked_by], key=f"{key}:{lead.code}", agency=lead, **known)


def _lock(co_collection_id: int) -> CoCollection:
    found = CoCollection.objects.filter(pk=co_collection_id).values_list("revision", flat=True).first()
    if found is None:
        raise NotSeen(GONE)
    revision = lock_revision(found)
    rows = CoCollection.objects.select_for_update(of=("self",)).select_related("agency", "asked_by")
    asked = rows.get(pk=co_collection_id)
    asked.revision = revision
    return asked


def void_co_collections(revision: EntryRevision, *, by: Actor, at: dt.datetime) -> None:
    """What an agency was asked has changed, or the draft was given up: its answer no longer counts, the asking ends."""
    standing = revision.co_collections.select_related("agency").filter(
        status__in=[CoCollectionStatus.WAITING, CoCollectionStatus.CONFIRMED]
    )
    shares = items_by_collector(revision) if revision.is_open_for_work else {}
    for asked in standing.order_by("pk"):
        items = shares.get(asked.agency)
        if items is not None and asked.substance == substance_of(revision, items):
            continue
        asked.status = CO_COLLECTION_WORKFLOW.target("void-co-collection", asked.status)
        asked.save(update_fields=["status"])
        payload = {"agency": asked.agency.code, "asked": asked.pk}
        note(revision, "void-co-collection", CO_COLLECTION_WORKFLOW, by=by, at=at, payload=payload)
        tell_agency(
            asked.agency,
            ANSWERING,
            key=f"catalog-co-collection-voided:{asked.pk}",
            about=asked,
            kind="catalog",
            title=f"共同采集的内容有变动：{revision.title}",
            body="原来的提请不再有效。需要本机关采集的，牵头机关会重新提请。",
            path=asked.get_absolute_url(),
            at=at,
            basis=TOGETHER,
        )


def tell_collectors(revision: EntryRevision, occasion: str, title: str, *, at: dt.datetime, body: str = "") -> None:
    """Tell the other collecting agencies what became of an entry they collect for."""
    for agency in items_by_collector(revision):
        tell_agency(
            agency,
            ANSWERING,
            key=f"catalog-{occasion}:{revision.pk}:{agency.code}:{at.isoformat()}",
            about=revision,
            kind="catalog",
            title=title,
            body=body,
            path=revision.get_absolute_url(),
            at=at,
            basis=TOGETHER,
        )
