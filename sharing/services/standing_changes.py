"""Changing an authorisation for a kind of agency as a whole (第十二条第三款): whom it touches, and the one act."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import Entry, record, record_many
from sharing.models import SharingGrant, StandingAuthorisation
from sharing.policies import STANDING_POLICY
from sharing.services.changing import (
    SHARED_TERMS,
    GrantTerms,
    changed_payload,
    named_terms,
    said_terms,
    take_over,
)
from sharing.services.checks import broken, reasons_or_refuse
from sharing.services.locking import next_state
from sharing.services.standing import lock_standing, tell_of_change
from sharing.workflow import RIGHT, GrantStatus


@dataclass(frozen=True, kw_only=True)
class StandingChange:
    """What a change would do. ``changed``: names of terms. ``touched``: grants that it changes; ``kept``: grants that
    were changed by themselves and stay as they are in what differs. ``seen``: a checksum of all of it.
    """

    changed: Sequence[str]
    touched: Sequence[SharingGrant]
    kept: Sequence[SharingGrant]
    seen: str


def preview_standing_change(
    standing: StandingAuthorisation, *, user: User, terms: GrantTerms, own_too: bool, at: dt.datetime
) -> StandingChange:
    """Whom a change would touch, and whom not; it changes nothing. Raises as ``change_standing`` does.

    ``own_too``: also what was changed for one agency by itself is set to the new terms.
    """
    STANDING_POLICY.require(user, "change", standing)
    next_state(standing, "change")
    wanted = StandingAuthorisation.objects.select_related("entry").get(pk=standing.pk)
    before = said_terms(standing, SHARED_TERMS)
    take_over(wanted, terms, day_of(at))
    after = said_terms(wanted, SHARED_TERMS)
    changed = [name for name in SHARED_TERMS if before[name] != after[name]]
    touched, kept = [], []
    for grant in _running(standing):
        own = said_terms(grant, SHARED_TERMS)
        differs = [name for name in SHARED_TERMS if own[name] != before[name]]
        names = SHARED_TERMS if own_too else [name for name in changed if name not in differs]
        if any(own[name] != after[name] for name in names):
            touched.append(grant)
        if not own_too and set(differs) & set(changed):
            kept.append(grant)
    if not changed and not touched:
        raise broken(RIGHT, {"items": "与现在的授权完全相同，没有需要调整的内容。"})
    told = [after, own_too, [grant.pk for grant in touched], [grant.pk for grant in kept]]
    seen = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return StandingChange(changed=changed, touched=touched, kept=kept, seen=seen)


@transaction.atomic
def change_standing(
    *,
    standing_id: int,
    by: User,
    at: dt.datetime,
    terms: GrantTerms,
    reasons: str,
    own_too: bool = False,
    seen: str = "",
) -> StandingAuthorisation:
    """Change what an authorisation lets through for every agency under it, and for those that join later, in one act.

    Each grant under it is changed, has its event and its notice; the next reading keeps to it. What was changed for
    one agency by itself stays, unless ``own_too``. ``seen``: the checksum of the preview that was looked at; RuleBroken
    where something has come between. Raises RuleBroken as changing a grant does.
    """
    standing = lock_standing(standing_id)
    seen_now = preview_standing_change(standing, user=by, terms=terms, own_too=own_too, at=at)
    stated = reasons_or_refuse(reasons, RIGHT, "请写明调整授权的理由，需求机关需要知道缘由。")
    if seen and seen != seen_now.seen:
        message = "预览之后，授权的机关或者条件有了变化，没有调整。请重新核对所涉及的机关后确认。"
        raise RuleBroken(message, basis=RIGHT, fields={"seen": message})
    before = said_terms(standing, SHARED_TERMS)
    take_over(standing, terms, day_of(at))
    standing.save(update_fields=SHARED_TERMS)
    payload = changed_payload(before, said_terms(standing, SHARED_TERMS))
    counts = {"agencies": len(seen_now.touched), "kept": len(seen_now.kept), "own_too": own_too}
    record(standing, "change", by=by, at=at, basis=RIGHT, payload=payload | counts | {"reasons": stated})
    _change_grants(standing, seen_now, before, stated, by=by, at=at, own_too=own_too)
    return standing


def _change_grants(
    standing: StandingAuthorisation,
    change: StandingChange,
    before: dict[str, Any],
    reasons: str,
    *,
    by: User,
    at: dt.datetime,
    own_too: bool,
) -> None:
    """As many queries for hundreds as for a few."""
    ids = [grant.pk for grant in change.touched]
    grants = list(_running(standing).select_for_update(of=("self",)).filter(pk__in=ids))
    events, bodies = [], {}
    for grant in grants:
        own = said_terms(grant, SHARED_TERMS)
        for name in SHARED_TERMS:
            if own_too or own[name] == before[name]:
                setattr(grant, name, getattr(standing, name))
        payload = changed_payload(own, said_terms(grant, SHARED_TERMS))
        bodies[grant.pk] = f"调整了{named_terms(payload['changed'])}。理由：{reasons}"
        told = payload | {"authorisation": standing.pk, "reasons": reasons}
        events.append(Entry(obj=grant, verb="change", by=by, at=at, basis=RIGHT, payload=told))
    SharingGrant.objects.bulk_update(grants, SHARED_TERMS)
    record_many(events)
    tell_of_change(standing, grants, "change", bodies, at=at)


def _running(standing: StandingAuthorisation) -> Any:
    rows = SharingGrant.objects.filter(standing=standing).exclude(status=GrantStatus.ENDED)
    return rows.select_related("grantee", "entry__provider").order_by("pk")
