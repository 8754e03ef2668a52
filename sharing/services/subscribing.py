"""Subscribing to the changes of an entry that one reads, and what ends it (第十五条第一款、第二款、第十七条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.errors import WrongState
from guiyang_data.ledger.services import PLATFORM, record, subject_of
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute.law import Article
from sharing.models import ChangeEvent, ChangeSubscription, SharingGrant, Taking
from sharing.policies import DECIDERS, SUBSCRIPTION_POLICY
from sharing.rights import Access, usable_access
from sharing.services.locking import lock_entry, lock_subscription
from sharing.workflow import APPLY, SUBSCRIPTION_WORKFLOW, TAKE, SubscriptionStatus

LONGEST_REASON = 300


def basis_of(access: Access) -> Article:
    """Where the right that is used stands: taken directly, or provided on a grant."""
    return APPLY if isinstance(access, SharingGrant) else TAKE


@transaction.atomic
def subscribe(*, access: Access, by: User, at: dt.datetime, tells_people: bool = True) -> ChangeSubscription:
    """Have one's agency told of each new version of what it reads through ``access``.

    Its systems are told by webhook; ``tells_people``: its stewards and approvers too, by page and mail.
    """
    SUBSCRIPTION_POLICY.require(by, "subscribe", access)
    fresh = usable_access(by, access, at=at)
    basis, entry, agency = basis_of(fresh), lock_entry(fresh.entry_id), _agency_of(fresh)
    if entry.in_force is None:
        raise WrongState("这一目录条目已经撤销，不能订阅。", basis=basis, subject=subject_of(fresh), verb="subscribe")
    if ChangeSubscription.objects.filter(agency=agency, entry=entry, status=SubscriptionStatus.ACTIVE).exists():
        message = "本机关已经订阅这项数据的变化，一项数据同时只有一个订阅。需要改变的，请先取消现有的订阅。"
        raise WrongState(message, basis=basis, subject=subject_of(fresh), verb="subscribe")
    subscription = ChangeSubscription.objects.create(
        entry=entry,
        agency=agency,
        grant=fresh if isinstance(fresh, SharingGrant) else None,
        taking=fresh if isinstance(fresh, Taking) else None,
        tells_people=tells_people,
        from_version=entry.current_data.number if entry.current_data else 0,
        subscribed_by=by,
        subscribed_at=at,
    )
    payload = {
        "entry": entry.resource_code,
        "agency": agency.code,
        "through": subject_of(fresh),
        "from_version": subscription.from_version,
    }
    record(subscription, "subscribe", by=by, at=at, basis=basis, payload=payload)
    return subscription


def _agency_of(access: Access) -> Agency:
    return access.grantee if isinstance(access, SharingGrant) else access.agency


def unsubscribe(*, subscription_id: int, by: User, at: dt.datetime) -> ChangeSubscription:
    """Be told of no more new versions."""
    return _end(subscription_id, "unsubscribe", by=by, at=at, reasons="")


def end_subscription(*, subscription_id: int, by: Principal, at: dt.datetime, reasons: str) -> ChangeSubscription:
    """End a subscription with the right or the entry that it rests on."""
    return _end(subscription_id, "end-subscription", by=by, at=at, reasons=reasons)


@transaction.atomic
def _end(subscription_id: int, verb: str, *, by: Principal, at: dt.datetime, reasons: str) -> ChangeSubscription:
    subscription = lock_subscription(subscription_id)
    SUBSCRIPTION_POLICY.require(by, verb, subscription)
    subscription.status = SUBSCRIPTION_WORKFLOW.target(verb, subscription.status)
    subscription.ended_at, subscription.end_reasons = at, reasons[:LONGEST_REASON]
    subscription.save(update_fields=["status", "ended_at", "end_reasons"])
    waiting = subscription.events.filter(state=ChangeEvent.State.WAITING)
    waiting.update(state=ChangeEvent.State.WITHHELD, reason="订阅已经终止")
    basis = basis_of(subscription.access)
    record(subscription, verb, by=by, at=at, basis=basis, payload={"reasons": reasons})  # type: ignore[arg-type]
    return subscription


def end_subscriptions(
    subscriptions: Iterable[ChangeSubscription], *, at: dt.datetime, reasons: str, tell: bool = False
) -> int:
    """End each; ``tell``: the agencies hear of it, where no other notice says so. Returns how many."""
    ended = [end_subscription(subscription_id=one.pk, by=PLATFORM, at=at, reasons=reasons) for one in subscriptions]
    for subscription in ended if tell else ():
        tell_agency(
            subscription.agency,
            DECIDERS,
            key=f"sharing:subscription-ended:{subscription.pk}",
            about=subscription,
            kind="sharing",
            title=f"变化订阅已终止：{subscription.title}",
            body=f"缘由：{reasons}",
            path=subscription.get_absolute_url(),
            at=at,
            basis=basis_of(subscription.access),
            weight=Weight.REMINDER,
        )
    return len(ended)
