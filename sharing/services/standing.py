"""Opening an entry in advance to kinds of agency (第十五条第二款「根据授权」), and keeping up with who is of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction

from catalog.models import CatalogEntry, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, Region, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.selectors import holders_by_role
from guiyang_data.errors import NotSeen
from guiyang_data.ledger.services import Actor, Entry, record, record_many
from guiyang_data.notices.services import Telling, tell_all
from sharing.kinds import KINDS, LEVELS, KindOfAgency
from sharing.models import SharingGrant, StandingAuthorisation
from sharing.policies import GRANT_POLICY, STANDING_POLICY
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
from sharing.services.granting import StandingTerms, can_be_read, end_grant, grant_payload, wrong_terms
from sharing.services.locking import GONE, lock_entry, next_state
from sharing.services.telling import DECIDERS, KIND
from sharing.workflow import APPLY, OWN_DUTIES, STANDING_WORKFLOW, GrantStatus

LEFT = "不再属于授权的机关类别，授权随之终止。"


@transaction.atomic
def authorise_kind(
    *, entry_id: int, to: KindOfAgency, by: User, at: dt.datetime, terms: StandingTerms
) -> StandingAuthorisation:
    """Open an entry in advance to all agencies of a kind; one that joins the kind later has it from then on.

    Raises RuleBroken where no kind is named, nobody is of it, or the terms are incomplete.
    """
    entry = lock_entry(entry_id)
    GRANT_POLICY.require(by, "grant-standing", entry)
    revision = revision_in_force(entry)
    require_sharing_type(revision, SharingType.CONDITIONAL)
    refuse_if(_wrong_kind(to) | wrong_terms(terms, day_of(at)), OWN_DUTIES)
    terms.limits.check()
    standing = StandingAuthorisation(
        entry=entry,
        title=revision.title,
        kinds=list(to.kinds),
        levels=list(to.levels),
        regions=list(to.regions),
        items=known_items(terms.items, revision),
        row_condition=known_conditions(terms.row_condition, revision),
        duty=terms.duty.strip(),
        purpose=terms.purpose.strip(),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        rows_per_day=terms.limits.rows_per_day,
        calls_per_minute=terms.limits.calls_per_minute,
        granted_by=by,
        granted_on=day_of(at),
        granted_at=at,
    )
    require_valid_fields(standing, ["duty", "purpose"], OWN_DUTIES)
    covered = list(to.agencies().exclude(pk=entry.provider_id))
    if not covered:
        raise broken(APPLY, {"kinds": "现在没有机关属于所选的类别。请重新选择，或者直接选择需求机关。"})
    standing.save(force_insert=True)
    payload = {"entry": entry.resource_code, "kinds": standing.kinds, "levels": standing.levels}
    payload |= {"regions": standing.regions, "items": standing.items, "agencies": len(covered)}
    record(standing, "authorise", by=by, at=at, basis=APPLY, payload=payload)
    _open_grants(standing, covered, by=by, at=at)
    return standing


def _wrong_kind(to: KindOfAgency) -> dict[str, str]:
    if not (to.kinds or to.levels or to.regions):
        return {"kinds": "请选择机关的性质、层级或者行政区划中的至少一种。"}
    unknown = {*to.kinds} - KINDS.keys() | {*to.levels} - LEVELS.keys()
    known = set(Region.objects.filter(pk__in=list(to.regions)).values_list("pk", flat=True))
    if unknown or set(to.regions) - known:
        return {"kinds": "所选的机关类别不能识别，请重新选择。"}
    return {}


def _open_grants(standing: StandingAuthorisation, agencies: Iterable[Agency], *, by: Actor, at: dt.datetime) -> None:
    """One grant for each agency, each with its event and its notice; as many queries for hundreds as for a few."""
    entry = standing.entry
    names = ("entry", "title", "items", "row_condition", "duty", "purpose", "valid_from", "valid_until")
    shared = {name: getattr(standing, name) for name in (*names, "rows_per_day", "calls_per_minute", "granted_by")}
    shared |= {"granted_on": day_of(at), "granted_at": at, "supplied_on": day_of(at) if can_be_read(entry) else None}
    grants = [SharingGrant(grantee=agency, standing=standing, **shared) for agency in agencies]
    SharingGrant.objects.bulk_create(grants)
    events = [Entry(obj=one, verb="grant", by=by, at=at, basis=APPLY, payload=grant_payload(one)) for one in grants]
    record_many(events)
    _tell_of(grants, at=at)


def _tell_of(grants: Iterable[SharingGrant], *, at: dt.datetime) -> None:
    rows = list(grants)
    staff = holders_by_role({grant.grantee_id for grant in rows}, [role.value for role in DECIDERS])
    tell_all(
        [
            Telling(
                key=f"sharing:standing:{grant.pk}:{grant.grantee.code}",
                about=grant,
                kind=KIND,
                title=f"您所在机关获得数据授权：{grant.title}（{grant.entry.provider.short_name}）",
                path=grant.get_absolute_url(),
                basis=APPLY,
                agency=grant.grantee,
                to_agency=grant.grantee,
                recipients=tuple(user for role in DECIDERS for user in staff.get((grant.grantee_id, role.value), [])),
            )
            for grant in rows
        ],
        at=at,
    )


@transaction.atomic
def keep_up(*, standing_id: int, by: Actor, at: dt.datetime) -> int:
    """Give agencies that have joined the kind their grant, and end those of agencies that left it.

    Part of following what happens to agencies. What provider or agency ended themselves stays ended. Returns how many
    grants were opened or ended.
    """
    standing = lock_standing(standing_id)
    if standing.status == GrantStatus.ENDED or standing.entry.in_force_id is None:
        return 0
    covered = list(KindOfAgency.of(standing).agencies().exclude(pk=standing.entry.provider_id))
    running = SharingGrant.objects.filter(standing=standing).exclude(status=GrantStatus.ENDED)
    left = list(running.exclude(grantee__in=covered).order_by("pk").values_list("pk", flat=True))
    for pk in left:
        end_grant(grant_id=pk, by=by, at=at, reasons=LEFT)  # type: ignore[arg-type]
    kept = SharingGrant.objects.filter(standing=standing).exclude(status=GrantStatus.ENDED, status_reasons=LEFT)
    have = set(kept.values_list("grantee", flat=True))
    joined = [agency for agency in covered if agency.pk not in have]
    if joined:
        _open_grants(standing, joined, by=by, at=at)
    return len(left) + len(joined)


@transaction.atomic
def suspend_standing(*, standing_id: int, by: User, at: dt.datetime, reasons: str) -> StandingAuthorisation:
    """Suspend an authorisation: every agency under it is refused at its next reading, and running exports stop."""
    return _change(standing_id, "suspend", by=by, at=at, reasons=reasons)


@transaction.atomic
def resume_standing(*, standing_id: int, by: User, at: dt.datetime, reasons: str) -> StandingAuthorisation:
    """Let the agencies under it read again; a grant that was stopped by itself stays so."""
    return _change(standing_id, "resume", by=by, at=at, reasons=reasons)


@transaction.atomic
def end_standing(*, standing_id: int, by: Principal, at: dt.datetime, reasons: str) -> StandingAuthorisation:
    """End an authorisation for good, and with it every grant under it."""
    return _change(standing_id, "end", by=by, at=at, reasons=reasons)


def _change(standing_id: int, verb: str, *, by: Principal, at: dt.datetime, reasons: str) -> StandingAuthorisation:
    standing = lock_standing(standing_id)
    STANDING_POLICY.require(by, verb, standing)
    status = next_state(standing, verb)
    transition = STANDING_WORKFLOW[verb]
    stated = reasons_or_refuse(reasons, transition.basis, f"请写明{transition.label}的理由，需求机关需要知道缘由。")
    standing.status, standing.status_reasons = status, stated
    standing.ended_on = day_of(at) if status == GrantStatus.ENDED else None
    require_valid_fields(standing, ["status_reasons"], transition.basis)
    standing.save(update_fields=["status", "status_reasons", "ended_on"])
    record(standing, verb, by=by, at=at, basis=transition.basis, payload={"reasons": stated})  # type: ignore[arg-type]
    running = SharingGrant.objects.filter(standing=standing).exclude(status=GrantStatus.ENDED).order_by("pk")
    if status == GrantStatus.ENDED:
        for pk in list(running.values_list("pk", flat=True)):
            end_grant(grant_id=pk, by=by, at=at, reasons=stated)
        return standing
    told = list(running.select_related("grantee"))
    tell_of_change(standing, told, verb, {grant.pk: f"理由：{stated}" for grant in told}, at=at)
    return standing


def tell_of_change(
    standing: StandingAuthorisation,
    grants: list[SharingGrant],
    verb: str,
    bodies: Mapping[int, str],
    *,
    at: dt.datetime,
) -> None:
    """Tell every agency of what happened to its grant; ``bodies`` by the grant's id."""
    staff = holders_by_role({grant.grantee_id for grant in grants}, [role.value for role in DECIDERS])
    tell_all(
        [
            Telling(
                key=f"sharing:standing:{grant.pk}:{verb}:{at.isoformat()}",
                about=grant,
                kind=KIND,
                title=f"{STANDING_WORKFLOW[verb].past}：{standing.title}",
                body=bodies[grant.pk],
                path=grant.get_absolute_url(),
                basis=STANDING_WORKFLOW[verb].basis,
                agency=grant.grantee,
                to_agency=grant.grantee,
                recipients=tuple(user for role in DECIDERS for user in staff.get((grant.grantee_id, role.value), [])),
            )
            for grant in grants
        ],
        at=at,
    )


def lock_standing(pk: int) -> StandingAuthorisation:
    """The authorisation, locked after its entry, so that no other act on either comes between."""
    entry_id = StandingAuthorisation.objects.filter(pk=pk).values_list("entry", flat=True).first()
    if entry_id is None:
        raise NotSeen(GONE)
    entry: CatalogEntry = lock_entry(entry_id)
    standing = StandingAuthorisation.objects.select_for_update(of=("self",)).select_related("granted_by").get(pk=pk)
    standing.entry = entry
    return standing
