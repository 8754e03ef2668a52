"""Which entry supplies a material: suggested by the portal, proposed by one, confirmed by another (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from catalog.models import CatalogEntry, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import Actor, record
from guiyang_data.notices.services import tell_agency
from sharing.edocuments.selectors import templates_in_use
from sharing.materials.policies import SUPPLY_POLICY
from sharing.materials.workflow import LIVE, NO_REPEAT, SUPPLIES, SupplyStatus
from sharing.models import DocumentTemplate, MaterialName, MaterialSupply, SupplyWay
from sharing.policies import DECIDERS
from sharing.services.checks import known_items, reasons_or_refuse, refuse_if, require_valid_fields
from sharing.services.locking import GONE
from sharing.services.materials.mending import settle

MISSING = "请写明理由。没有理由不能办理这一事项。"


def lock_supply(pk: int) -> MaterialSupply:
    """The supply, locked until the transaction ends."""
    rows = MaterialSupply.objects.select_for_update(of=("self",))
    found = (
        rows.select_related("name", "entry__provider", "entry__in_force", "template", "proposed_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotSeen(GONE)
    return found


@transaction.atomic
def propose_supply(
    *,
    name_id: int,
    entry_id: int,
    by: User,
    at: dt.datetime,
    way: str = SupplyWay.VERIFY,
    items: Sequence[str] = (),
    template_id: int | None = None,
    document: str = "",
    note: str = "",
) -> MaterialSupply:
    """Say that an entry supplies a material, whether or not the portal suggested it; a second person confirms.

    By an electronic document: ``template_id`` of those that the platform issues of the entry, or ``document``, what it
    is called where it is issued elsewhere.

    Raises RuleBroken where the entry is not shared, or what is said of it does not hold.
    """
    name = MaterialName.objects.filter(pk=name_id).first()
    entry = CatalogEntry.objects.select_related("provider", "in_force").filter(pk=entry_id).first()
    if name is None or entry is None:
        raise NotSeen(GONE)
    supply = _locked_or_new(name, entry, at)
    SUPPLY_POLICY.require(by, "propose-supply", supply)
    status = SUPPLIES.target("propose-supply", supply.status)
    _require_shared(entry)
    supply.items = known_items(list(items), entry.in_force) if items and entry.in_force else []
    supply.way, supply.note = way, note.strip()
    by_document = way == SupplyWay.DOCUMENT
    supply.template = _template_of(entry, template_id) if by_document and template_id else None
    supply.document = document.strip() if by_document else ""
    refuse_if(_missing(supply), NO_REPEAT)
    require_valid_fields(supply, ("way", "document", "note"), NO_REPEAT)
    supply.status, supply.proposed_by, supply.proposed_at = status, by, at
    supply.save()
    payload = {"material": name.name, "entry": entry.resource_code, "way": str(way)}
    payload |= {"document": supply.document_name} if by_document else {}
    record(supply, "propose-supply", by=by, at=at, basis=NO_REPEAT, payload=payload)
    return supply


def _locked_or_new(name: MaterialName, entry: CatalogEntry, at: dt.datetime) -> MaterialSupply:
    """What stands of the two: a suggestion or a refusal is taken up again; what is proposed or in force stays."""
    rows = MaterialSupply.objects.select_for_update(of=("self",)).filter(name=name, entry=entry)
    found = rows.exclude(status=SupplyStatus.ENDED).first()
    if found is None or found.status == SupplyStatus.REJECTED:
        fresh = MaterialSupply(name=name, entry=entry, suggested_at=at, status=SupplyStatus.SUGGESTED)
        fresh.pk = found.pk if found else None
        return fresh
    found.name, found.entry = name, entry
    return found


def _require_shared(entry: CatalogEntry, template: DocumentTemplate | None = None) -> None:
    revision = entry.in_force
    if revision is None or revision.sharing_type == SharingType.WITHHELD:
        message = "这一目录条目没有公布、已经撤销或者不予共享，不能提供材料。请选择其他条目。"
        raise RuleBroken(message, basis=NO_REPEAT, fields={"entry": message})
    if template is not None and not template.is_in_use:
        message = f"「{template.title}」已经停止签发，不能再由它提供材料。请重新提出。"
        raise RuleBroken(message, basis=NO_REPEAT, fields={"template": message})


def _template_of(entry: CatalogEntry, pk: int) -> DocumentTemplate:
    found = templates_in_use().filter(entry=entry, pk=pk).first()
    if found is None:
        message = "这一目录条目没有签发这种电子文书，或者已经停止签发。请从列表中重新选择。"
        raise RuleBroken(message, basis=NO_REPEAT, fields={"template": message})
    return found


def _missing(supply: MaterialSupply) -> dict[str, str]:
    if supply.template and supply.document:
        return {"document": "已经选择本平台签发的电子文书，不能再填写其他的。请删去其中一项。"}
    if supply.way == SupplyWay.DOCUMENT and not supply.document_name:
        return {"template": "请选择是哪种电子文书；不由本平台签发的，在下面写明名称。"}
    if supply.way != SupplyWay.DOCUMENT and not supply.items:
        return {"items": "请选择用哪些信息项代替这份材料。"}
    return {}


@transaction.atomic
def confirm_supply(*, supply_id: int, by: User, at: dt.datetime) -> MaterialSupply:
    """Confirm what another proposed: from now on nobody in the city may ask for the material (第十六条第二款)."""
    supply = lock_supply(supply_id)
    SUPPLY_POLICY.require(by, "confirm-supply", supply)
    supply.status = SUPPLIES.target("confirm-supply", supply.status)
    _require_shared(supply.entry, supply.template)
    supply.confirmed_by, supply.confirmed_on = by, day_of(at)
    supply.save(update_fields=["status", "confirmed_by", "confirmed_on"])
    payload = {"material": supply.name.name, "entry": supply.entry.resource_code}
    record(supply, "confirm-supply", by=by, at=at, basis=NO_REPEAT, payload=payload)
    settle(names=[supply.name_id], by=by, at=at)
    tell_agency(
        supply.entry.provider,
        DECIDERS,
        key=f"material-supply:{supply.pk}:{at.isoformat()}",
        about=supply,
        kind="sharing",
        title=f"本机关的数据已确认能够代替申请材料：{supply.name.name}",
        body="办理事项的机关会据此登记职责或者提出共享申请，请按期提供。",
        path=supply.get_absolute_url(),
        at=at,
        basis=NO_REPEAT,
    )
    return supply


@transaction.atomic
def reject_supply(*, supply_id: int, by: User, at: dt.datetime, reasons: str) -> MaterialSupply:
    """Say with reasons that an entry does not supply a material; the portal does not suggest it again."""
    supply = lock_supply(supply_id)
    SUPPLY_POLICY.require(by, "reject-supply", supply)
    supply.status = SUPPLIES.target("reject-supply", supply.status)
    supply.reasons = reasons_or_refuse(reasons, NO_REPEAT, MISSING)
    supply.save(update_fields=["status", "reasons"])
    record(supply, "reject-supply", by=by, at=at, basis=NO_REPEAT)
    return supply


@transaction.atomic
def withdraw_supply(*, supply_id: int, by: User, at: dt.datetime, reasons: str) -> MaterialSupply:
    """Take a confirmation back, with reasons; the mendings that rest on it end."""
    supply = lock_supply(supply_id)
    SUPPLY_POLICY.require(by, "withdraw-supply", supply)
    supply.status = SUPPLIES.target("withdraw-supply", supply.status)
    supply.reasons, supply.ended_on = reasons_or_refuse(reasons, NO_REPEAT, MISSING), day_of(at)
    supply.save(update_fields=["status", "reasons", "ended_on"])
    record(supply, "withdraw-supply", by=by, at=at, basis=NO_REPEAT)
    settle(names=[supply.name_id], by=by, at=at)
    return supply


@transaction.atomic
def lapse_supplies(*, entry_id: int, by: Actor, at: dt.datetime) -> list[int]:
    """Let what an entry supplied end with it: withdrawn, shared no longer, or its document issued no longer.

    Nothing happens while it is not so. Returns the names left, to look anew.
    """
    rows = MaterialSupply.objects.select_for_update(of=("self",)).filter(
        Q(entry__in_force=None)
        | Q(entry__in_force__sharing_type=SharingType.WITHHELD)
        | Q(template__ended_at__isnull=False),
        entry=entry_id,
        status__in=sorted(LIVE),
    )
    names = []
    for supply in rows.order_by("pk"):
        SUPPLY_POLICY.require(by, "lapse", supply)  # type: ignore[arg-type]
        supply.status, supply.ended_on = SUPPLIES.target("lapse", supply.status), day_of(at)
        supply.save(update_fields=["status", "ended_on"])
        record(supply, "lapse", by=by, at=at, basis=NO_REPEAT)
        names.append(supply.name_id)
    settle(names=names, by=by, at=at)
    MaterialName.objects.filter(pk__in=names).update(looked_at=None)
    return names
