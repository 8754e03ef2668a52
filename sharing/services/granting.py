"""Grants: opened by a reply or in advance, supplied when data is there, suspended, resumed, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.models import CatalogEntry, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.services import hold_agency
from guiyang_data.ledger.services import Actor, record
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from sharing.models import ChangeSubscription, SharingApplication, SharingGrant
from sharing.policies import GRANT_POLICY
from sharing.services.checks import (
    broken,
    known_conditions,
    known_items,
    reasons_or_refuse,
    refuse_if,
    require_sharing_type,
    require_valid_fields,
    revision_in_force,
)
from sharing.services.locking import (
    lock_entry,
    lock_grant,
    next_state,
)
from sharing.services.subscribing import (
    end_subscriptions,
)
from sharing.services.telling import tell
from sharing.services.verification import open_terms
from sharing.workflow import APPLY, GRANT_WORKFLOW, OWN_DUTIES, GrantStatus, SubscriptionStatus

CALLS_PER_MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a grant lets through. ``rows_per_day`` None: as much as there is."""

    rows_per_day: int | None = None
    calls_per_minute: int = CALLS_PER_MINUTE

    def check(self) -> None:
        """Raise RuleBroken for limits under which nothing could be read."""
        wrong = {}
        if self.rows_per_day is not None and self.rows_per_day < 1:
            wrong["rows_per_day"] = "每日行数上限至少为 1，不限的请留空。"
        if self.calls_per_minute < 1:
            wrong["calls_per_minute"] = "每分钟次数上限至少为 1。"
        refuse_if(wrong, OWN_DUTIES)


@dataclass(frozen=True, kw_only=True)
class StandingTerms:
    """What a standing authorisation says. ``valid_until`` None: until it is ended."""

    items: Sequence[str]
    duty: str
    purpose: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    row_condition: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    case_number: str = ""
    limits: Limits = field(default_factory=Limits)


def open_grant(
    application: SharingApplication,
    *,
    by: User,
    at: dt.datetime,
    items: Sequence[str],
    limits: Limits | None = None,
    cuts: Collection[str] = (),
) -> SharingGrant:
    """Open the grant that a reply gives, and run the target for supplying until data is there. Part of the reply.

    ``cuts``: which of the reply's cuts beside items it keeps (see ``SharingApplication.cuts``). What was asked to
    verify, or is left of it, is permitted with the grant.
    """
    limits = limits or Limits()
    limits.check()
    entry = lock_entry(application.entry_id)
    grant = SharingGrant(
        entry=entry,
        title=application.title,
        grantee=application.requester,
        source=application,
        items=list(items),
        row_condition=[*application.row_condition, *(application.granted_condition if "rows" in cuts else ())],
        duty=application.duty,
        purpose=application.purpose,
        case_number=application.number,
        valid_from=application.period_from,
        valid_until=application.granted_until if "period" in cuts else application.period_until,
        ways=application.granted_ways if "ways" in cuts else application.ways,
        system=application.system,
    )
    asked = application.granted_verification if "verification" in cuts else application.verification
    _save_new(grant, limits, by=by, at=at, verification=asked)
    clocks.start(
        "sharing-supply",
        grant,
        on=day_of(at),
        at=at,
        by=by,
        owed_by=entry.provider,
        number=application.number,
        title=f"共享提供：{grant.title}（{grant.grantee.short_name}）",
        path=entry.get_absolute_url(),
    )
    if can_be_read(entry):
        _supplied(grant, by=by, at=at)
    return grant


def _save_new(
    grant: SharingGrant, limits: Limits, *, by: User, at: dt.datetime, verification: Mapping[str, Any] | None = None
) -> None:
    hold_agency(grant.grantee)
    grant.rows_per_day, grant.calls_per_minute = limits.rows_per_day, limits.calls_per_minute
    grant.granted_by, grant.granted_on, grant.granted_at = by, day_of(at), at
    grant.save(force_insert=True)
    terms = open_terms(grant, verification or {}, by=by, at=at)
    told = {"verification": terms} if terms else {}
    record(grant, "grant", by=by, at=at, basis=APPLY, payload=grant_payload(grant) | told)


def grant_payload(grant: SharingGrant) -> dict[str, Any]:
    """What the ledger keeps of a new grant: of its row conditions the items, never the values."""
    return {
        "entry": grant.entry.resource_code,
        "grantee": grant.grantee.code,
        "application": grant.source.number if grant.source else "",
        "items": grant.items,
        "conditions": [condition["code"] for condition in grant.row_condition],
        "valid_from": grant.valid_from.isoformat(),
        "valid_until": grant.valid_until.isoformat() if grant.valid_until else "",
    }


def can_be_read(entry: CatalogEntry) -> bool:
    """Whether rows can really be taken: they are there, and nothing closes the entry to readers."""
    shared = entry.in_force is not None and entry.in_force.sharing_type != SharingType.WITHHELD
    return shared and entry.current_data is not None and entry.frozen_at is None


def _supplied(grant: SharingGrant, *, by: Actor, at: dt.datetime) -> None:
    grant.supplied_on = day_of(at)
    grant.save(update_fields=["supplied_on"])
    clocks.stop(grant, "sharing-supply", on=day_of(at), at=at, by=by)
    record(grant, "supply", by=by, at=at, basis=APPLY)


@transaction.atomic
def supply(*, grant_id: int, by: Actor, at: dt.datetime) -> bool:
    """Record that an agreed grant's data can be read now: the target is met. Returns whether it was not before."""
    grant = lock_grant(grant_id)
    GRANT_POLICY.require(by, "supply", grant)  # type: ignore[arg-type]
    if grant.supplied_on is not None or grant.status == GrantStatus.ENDED:
        return False
    if not can_be_read(lock_entry(grant.entry_id)):
        return False
    _supplied(grant, by=by, at=at)
    title = f"数据已可读取：{grant.title}"
    tell(grant.grantee, grant, "supplied", title=title, at=at, basis=APPLY)
    return True


@transaction.atomic
def grant_standing(
    *,
    entry_id: int,
    grantee: Agency,
    by: User,
    at: dt.datetime,
    terms: StandingTerms,
    system: ServiceAccount | None = None,
) -> SharingGrant:
    """Authorise an agency in advance to read conditionally shared data (第十五条第二款「根据授权」)."""
    entry = lock_entry(entry_id)
    GRANT_POLICY.require(by, "grant-standing", entry)
    revision = revision_in_force(entry)
    require_sharing_type(revision, SharingType.CONDITIONAL)
    itself = {"grantee": "不需要给本机关授权。"} if grantee.pk == entry.provider_id else {}
    refuse_if(itself | wrong_terms(terms, day_of(at)), OWN_DUTIES)
    terms.limits.check()
    if system is not None and system.agency_id != grantee.pk:
        raise broken(OWN_DUTIES, {"system": "只能选择需求机关的信息系统。"})
    grant = SharingGrant(
        entry=entry,
        title=revision.title,
        grantee=grantee,
        items=known_items(terms.items, revision),
        row_condition=known_conditions(terms.row_condition, revision),
        duty=terms.duty.strip(),
        purpose=terms.purpose.strip(),
        case_number=terms.case_number.strip(),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        system=system,
        supplied_on=day_of(at) if can_be_read(entry) else None,
    )
    require_valid_fields(grant, ["duty", "purpose", "case_number"], OWN_DUTIES)
    _save_new(grant, terms.limits, by=by, at=at)
    title = f"您所在机关获得数据授权：{grant.title}（{entry.provider.short_name}）"
    tell(grantee, grant, "granted", title=title, at=at, basis=APPLY)
    return grant


def wrong_terms(terms: StandingTerms, on: dt.date) -> dict[str, str]:
    """What stands against the terms of an authorisation given in advance, by field."""
    wrong = {}
    if not terms.duty.strip():
        wrong["duty"] = "请写明需求机关所履行的职责，共享的数据只能用于其履行职责。"
    if not terms.purpose.strip():
        wrong["purpose"] = "请写明用途。"
    if terms.valid_until is not None and terms.valid_until < max(terms.valid_from, on):
        wrong["valid_until"] = "有效期的截止日期不能早于起始日期，也不能早于今天；长期有效的请留空。"
    return wrong


@transaction.atomic
def suspend_grant(*, grant_id: int, by: User, at: dt.datetime, reasons: str) -> SharingGrant:
    """Suspend a grant with reasons: the next reading is refused, a running export stops (第十七条)."""
    return _change(grant_id, "suspend", by=by, at=at, reasons=reasons)


@transaction.atomic
def resume_grant(*, grant_id: int, by: User, at: dt.datetime, reasons: str) -> SharingGrant:
    """Let a suspended grant read again, as it was."""
    return _change(grant_id, "resume", by=by, at=at, reasons=reasons)


@transaction.atomic
def end_grant(*, grant_id: int, by: Principal, at: dt.datetime, reasons: str) -> SharingGrant:
    """End a grant for good: by the provider, by the grantee who gives it up, or with its entry."""
    grant = _change(grant_id, "end", by=by, at=at, reasons=reasons)
    on = day_of(at)
    clocks.stop(grant, "sharing-supply", on=on, at=at, by=by, cause=Clock.Stop.SUPERSEDED)  # type: ignore[arg-type]
    subscribed = ChangeSubscription.objects.filter(grant=grant, status=SubscriptionStatus.ACTIVE)
    end_subscriptions(subscribed, at=at, reasons="所依据的授权已经终止。")
    return grant


def _change(grant_id: int, verb: str, *, by: Principal, at: dt.datetime, reasons: str) -> SharingGrant:
    grant = lock_grant(grant_id)
    GRANT_POLICY.require(by, verb, grant)
    status = next_state(grant, verb)
    transition = GRANT_WORKFLOW[verb]
    stated = reasons_or_refuse(reasons, transition.basis, f"请写明{transition.label}的理由，对方机关需要知道缘由。")
    grant.status, grant.status_reasons = status, stated
    grant.ended_on = day_of(at) if status == GrantStatus.ENDED else None
    require_valid_fields(grant, ["status_reasons"], transition.basis)
    grant.save(update_fields=["status", "status_reasons", "ended_on"])
    record(grant, verb, by=by, at=at, basis=transition.basis, payload={"reasons": stated})  # type: ignore[arg-type]
    for agency in (grant.grantee, grant.entry.provider):
        title = f"{transition.past}：{grant.title}（{grant.grantee.short_name}）"
        tell(agency, grant, verb, title=title, body=f"理由：{stated}", at=at, basis=transition.basis)
    return grant
