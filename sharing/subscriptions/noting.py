"""What happened in the catalogue and with rights, as subscriptions see it: a version to tell of, a right that ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Max, Q, QuerySet

from catalog.models import CatalogEntry, DataVersion, SharingType
from guiyang_data.ledger.models import Event
from sharing.models import ChangeEvent, ChangeSubscription, SharingGrant
from sharing.services.subscribing import end_subscriptions
from sharing.workflow import GrantStatus, SubscriptionStatus

MADE_BY_LOADS = {"gather", "restore-data"}


def running(**chosen: Any) -> QuerySet[ChangeSubscription]:
    """Subscriptions that have not ended."""
    return ChangeSubscription.objects.filter(status=SubscriptionStatus.ACTIVE, **chosen).order_by("pk")


def note_version(entry_id: int, event: Event) -> int:
    """One event of a new version for each subscription to the entry, whoever notes it how often. Returns how many."""
    version = _version(entry_id, event)
    if version is None:
        return 0
    rows = running(entry=entry_id, from_version__lt=version.number, subscribed_at__lte=event.at).annotate(
        last=Max("events__version__number")
    )
    wanted = [
        ChangeEvent(subscription=row, version=version, since=row.last or row.from_version, made_at=event.at)
        for row in rows
        if (row.last or 0) < version.number
    ]
    ChangeEvent.objects.bulk_create(wanted, ignore_conflicts=True)
    return len(wanted)


def _version(entry_id: int, event: Event) -> DataVersion | None:
    """The version that readers were moved on to: by a load, by one restored, or by a revision that fits a later one."""
    versions = DataVersion.objects.filter(entry=entry_id)
    if event.verb not in MADE_BY_LOADS:
        layout = CatalogEntry.objects.filter(pk=entry_id).values("in_force__layout")
        return versions.filter(layout__in=layout, made_at__lte=event.at).order_by("-number").first()
    if not event.payload.get("current", True):
        return None
    return versions.filter(number=event.payload["data_version"]).first()


def end_with_entry(entry_id: int, *, at: dt.datetime) -> int:
    """An entry withdrawn ends every subscription; one no longer shared without condition those under a taking."""
    entry = CatalogEntry.objects.select_related("in_force").get(pk=entry_id)
    if entry.in_force is None:
        return end_subscriptions(running(entry=entry_id), at=at, reasons="目录条目已经撤销。")
    if entry.in_force.sharing_type == SharingType.UNCONDITIONAL:
        return 0
    reasons = "这项数据不再无条件共享。仍需使用的，请向提供机关申请。"
    return end_subscriptions(running(entry=entry_id, grant=None), at=at, reasons=reasons, tell=True)


def end_run_out(on: dt.date, *, at: dt.datetime) -> int:
    """Subscriptions whose grant has run out, or ended in any other way, end with it."""
    over = SharingGrant.objects.filter(Q(valid_until__lt=on) | Q(status=GrantStatus.ENDED))
    return end_subscriptions(running(grant__in=over), at=at, reasons="所依据的授权已经到期。", tell=True)
