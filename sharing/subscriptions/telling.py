"""Telling a subscriber of a version, at least once under one id: counts and where to fetch the changes, never a row."""

from __future__ import annotations

import datetime as dt
import time
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse

from catalog.models import DataVersion
from guiyang_data.errors import DomainError
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell_agency
from guiyang_data.tables.changes import ChangeCounts
from sharing.changes import TakeWholeAgain, changes_for, is_comparable
from sharing.models import ChangeEvent, ChangeSubscription, SharingGrant
from sharing.policies import DECIDERS
from sharing.rights import right_of_agency
from sharing.services.subscribing import basis_of

KIND = "sharing.changes"
PATIENCE_SECONDS = 20.0
MOST_AT_ONCE = 200
State = ChangeEvent.State


def tell_waiting(*, at: dt.datetime, most: int = MOST_AT_ONCE) -> int:
    """Tell what waits, the oldest first, as long as a run may last; returns how many were told.

    Counting reads rows and holds no lock. Whoever is killed after it tells again, under the same ids.
    """
    until, told = time.monotonic() + PATIENCE_SECONDS, 0
    for pk in list(ChangeEvent.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True)[:most]):
        if time.monotonic() > until:
            break
        told += _tell(pk, at=at)
    return told


def _tell(pk: int, *, at: dt.datetime) -> bool:
    event = _with_parties().get(pk=pk)
    event.since = _told_before(event)
    reason, counts = "", None
    try:
        counts = _counts(event, at=at)
    except DomainError as refused:
        reason = refused.message
    return _settle(pk, event.since, counts, reason, at=at)


def _told_before(event: ChangeEvent) -> int:
    """The version that the subscriber was told of last; what was withheld in between counts from there."""
    told = ChangeEvent.objects.filter(subscription=event.subscription_id, state=State.TOLD)
    last = told.filter(version__number__lt=event.version.number).aggregate(last=Max("version__number"))["last"]
    return last or event.subscription.from_version


def _with_parties() -> QuerySet[ChangeEvent]:
    return ChangeEvent.objects.select_related(
        "subscription__entry__in_force",
        "subscription__agency",
        "subscription__grant",
        "subscription__taking",
        "version",
    )


def _counts(event: ChangeEvent, *, at: dt.datetime) -> ChangeCounts | None:
    """The changes as the subscriber sees them; None where they cannot be told row by row."""
    right = right_of_agency(event.subscription.access, at=at)
    since = DataVersion.objects.select_related("revision").filter(entry=right.entry, number=event.since).first()
    if since is None or not is_comparable(right, since):
        return None
    try:
        with changes_for(right, since, until=event.version) as found:
            return found.counts
    except TakeWholeAgain:
        return None


@transaction.atomic
def _settle(pk: int, since: int, counts: ChangeCounts | None, reason: str, *, at: dt.datetime) -> bool:
    event = _with_parties().select_for_update(of=("self",)).get(pk=pk)
    if event.state != State.WAITING:
        return False
    event.since = since
    event.state, event.reason, event.told_at = State.WITHHELD if reason else State.TOLD, reason[:300], at
    if counts is not None:
        event.inserted, event.updated, event.deleted = counts.inserted, counts.updated, counts.deleted
    event.save(update_fields=["since", "state", "reason", "told_at", "inserted", "updated", "deleted"])
    if reason:
        return False
    subscription = event.subscription
    tell_agency(
        subscription.agency,
        DECIDERS if subscription.tells_people else (),
        key=occasion(event),
        about=event,
        kind=KIND,
        title=f"{subscription.title}有新的一版数据（第{event.version.number}版）",
        body=words(event),
        path=page_of(event),
        at=at,
        basis=basis_of(subscription.access),
        weight=Weight.REMINDER,
        facts=facts(event),
    )
    return True


def occasion(event: ChangeEvent) -> str:
    """Names the telling; webhooks make their ids of it."""
    return f"sharing:changes:{event.subscription_id}:{event.version.number}"


def words(event: ChangeEvent) -> str:
    """What changed, as people read it."""
    if not event.since:
        return "这项数据现在可以读取，请取全表。"
    if event.inserted is None or event.updated is None or event.deleted is None:
        return f"与第{event.since}版相比不能逐行说明变化，请重新取全表。"
    if not (event.inserted or event.updated or event.deleted):
        return f"与第{event.since}版相比，您所在机关可以读取的内容没有变化。"
    counts = f"新增{event.inserted:,}行，修改{event.updated:,}行，删除{event.deleted:,}行"
    return f"与第{event.since}版相比，您所在机关可以读取的内容{counts}。"


def page_of(event: ChangeEvent) -> str:
    """The page of the changes, or of the rows where the whole table is to be taken."""
    access = event.subscription.access
    through = "grant" if isinstance(access, SharingGrant) else "taking"
    if event.inserted is None:
        return reverse(f"sharing:{through}-data", args=[access.pk])
    return f"{reverse(f'sharing:{through}-changes', args=[access.pk])}?since={event.since}"


def facts(event: ChangeEvent) -> dict[str, object]:
    """What a webhook carries for programs: the entry, the version, counts, where to fetch. No row, no value."""
    subscription = event.subscription
    whole = event.inserted is None
    return {
        "entry": subscription.entry.resource_code,
        "subscription": subscription.pk,
        "version": event.version.number,
        "since": event.since,
        "inserted": event.inserted,
        "updated": event.updated,
        "deleted": event.deleted,
        "take_whole": whole,
        "fetch": _address(subscription, "rows" if whole else "changes", "" if whole else f"?since={event.since}"),
    }


def _address(subscription: ChangeSubscription, what: str, query: str) -> str:
    access = subscription.access
    if isinstance(access, SharingGrant):
        path = reverse(f"sharing-api:grant-{what}", args=[access.pk])
    else:
        path = reverse(f"sharing-api:entry-{what}", args=[subscription.entry.resource_code])
    return f"{settings.PUBLIC_ADDRESS}{quote(path, safe='/%')}{query}"
