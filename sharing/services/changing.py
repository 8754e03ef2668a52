"""Changing a running grant by the provider's own act (第十二条第三款): what it lets through becomes less, or more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.ledger.services import record
from sharing.models import SharingGrant, StandingAuthorisation
from sharing.policies import GRANT_POLICY
from sharing.rights import terms_of
from sharing.services.checks import (
    broken,
    known_conditions,
    known_items,
    known_ways,
    reasons_or_refuse,
    require_valid_fields,
    revision_in_force,
)
from sharing.services.granting import Limits
from sharing.services.locking import lock_entry, lock_grant, next_state
from sharing.services.telling import tell
from sharing.services.verification import Permitted, known_terms, said_of, set_terms, told_only
from sharing.workflow import RIGHT

SHARED_TERMS = ("items", "row_condition", "purpose", "valid_until", "rows_per_day", "calls_per_minute")
"""What a grant and an authorisation for a kind of agency both say."""
CHANGED = (*SHARED_TERMS, "ways")


@dataclass(frozen=True, kw_only=True)
class GrantTerms:
    """What a grant lets through from now on. ``valid_until`` None: until it is ended; ``ways`` empty: any.

    ``verification`` None: as it stands, but that nothing is told any more that is not granted. An authorisation for a
    kind of agency has neither ways nor verification.
    """

    items: Sequence[str]
    purpose: str
    valid_until: dt.date | None
    row_condition: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    ways: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    verification: Permitted | None = None


@transaction.atomic
def change_grant(*, grant_id: int, by: User, at: dt.datetime, terms: GrantTerms, reasons: str) -> SharingGrant:
    """Cut a grant down, or widen it, with reasons told to the other side; the next reading keeps to it.

    What was cut down is refused at once and a running export stops. Raises RuleBroken where nothing is changed, where
    an item is not one of the catalogue's, or where the period would end before today.
    """
    entry_id = SharingGrant.objects.filter(pk=grant_id).values_list("entry", flat=True).first()
    lock_entry(entry_id or 0)
    grant = lock_grant(grant_id)
    GRANT_POLICY.require(by, "change", grant)
    next_state(grant, "change")
    stated = reasons_or_refuse(reasons, RIGHT, "请写明调整授权的理由，对方机关需要知道缘由。")
    before = said_terms(grant) | {"verification": said_of(terms_of(grant))}
    take_over(grant, terms, day_of(at))
    grant.ways = known_ways(terms.ways)
    after = said_terms(grant) | {"verification": _verification_of(grant, terms)}
    payload = changed_payload(before, after)
    changed = payload["changed"]
    if not changed:
        raise broken(RIGHT, {"items": "与现在的授权完全相同，没有需要调整的内容。"})
    grant.save(update_fields=CHANGED)
    if "verification" in changed:
        set_terms(grant, after["verification"], by=by, at=at)
    record(grant, "change", by=by, at=at, basis=RIGHT, payload=payload | {"reasons": stated})
    title = f"授权已调整：{grant.title}（{grant.grantee.short_name}）"
    body = f"调整了{named_terms(changed)}。理由：{stated}"
    tell(grant.grantee, grant, "change", title=title, body=body, at=at, basis=RIGHT)
    return grant


def named_terms(changed: Sequence[str]) -> str:
    """The terms that were changed, in words."""
    return "、".join(_named(one) for one in changed)


def _named(changed: str) -> str:
    if changed == "verification":
        return "核验范围"
    return str(SharingGrant._meta.get_field(changed).verbose_name)  # type: ignore[union-attr]


def _verification_of(grant: SharingGrant, terms: GrantTerms) -> dict[str, Any]:
    if terms.verification is not None:
        return known_terms(terms.verification, revision_in_force(grant.entry), granted=grant.items)
    kept = said_of(terms_of(grant))
    return told_only(kept, grant.items) if kept else {}


def take_over(row: SharingGrant | StandingAuthorisation, terms: GrantTerms, on: dt.date) -> None:
    """Set the terms on a grant or an authorisation, unsaved. Raises RuleBroken naming the field that is wrong."""
    revision = revision_in_force(row.entry)
    terms.limits.check()
    if terms.valid_until is not None and terms.valid_until < max(row.valid_from, on):
        message = "有效期的截止日期不能早于起始日期，也不能早于今天。立即停止读取的，请终止授权。"
        raise broken(RIGHT, {"valid_until": message})
    if not terms.purpose.strip():
        raise broken(RIGHT, {"purpose": "请写明用途。"})
    row.items = known_items(terms.items, revision)
    row.row_condition = known_conditions(terms.row_condition, revision)
    row.purpose, row.valid_until = terms.purpose.strip(), terms.valid_until
    row.rows_per_day, row.calls_per_minute = terms.limits.rows_per_day, terms.limits.calls_per_minute
    require_valid_fields(row, ["purpose"], RIGHT)


def said_terms(row: SharingGrant | StandingAuthorisation, names: Sequence[str] = CHANGED) -> dict[str, Any]:
    """Terms as they can be compared and logged, by name."""
    until = row.valid_until
    kept = {name: getattr(row, name) for name in names if name != "valid_until"}
    return kept | {"valid_until": until.isoformat() if until else ""}


def changed_payload(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a change: of row conditions the items without their values, and no free text."""
    changed = [name for name in (*CHANGED, "verification") if name in before and before[name] != after[name]]
    return {"changed": changed, "before": _logged(before, changed), "after": _logged(after, changed)}


def _logged(said: Mapping[str, Any], changed: Sequence[str]) -> dict[str, Any]:
    shown = {name: said[name] for name in changed if name != "purpose"}
    if "row_condition" in shown:
        shown["row_condition"] = [condition["code"] for condition in said["row_condition"]]
    return shown
