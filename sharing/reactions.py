"""What happens to grants because of what happened in the catalogue below: withdrawn with it, supplied by its data."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.followers import follow
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.notices.services import tell_agency
from guiyang_data.waking import wake
from sharing.materials import reacting as materials
from sharing.models import SharingApplication, SharingGrant, StandingAuthorisation, Taking
from sharing.needs import reacting as needs
from sharing.policies import DECIDERS
from sharing.selectors import readable_entries, readable_since, running_grants, standings_on
from sharing.services import end_grant, end_standing, keep_up, supply
from sharing.subscriptions.noting import end_run_out, end_with_entry, note_version
from sharing.subscriptions.telling import tell_waiting
from sharing.tracing.catching_up import trace_untraced
from sharing.tracing.examining import EXAMINE, forget, left_behind
from sharing.watching.services import watch
from sharing.workflow import APPLY, TAKE, ApplicationStatus, GrantStatus

FOLLOWED = {"withdraw", "gather", "restore-data", "approve", "create-agency"}
"""An entry withdrawn, its data gathered or an earlier version restored, a revision in force that makes data current."""
ENTRY = "catalog.catalogentry:"
WITHDRAWN = "目录条目已经撤销，授权随之终止。"


def react(at: dt.datetime, on: dt.date) -> int:
    """Called by the sweep; idempotent. Returns how much was followed and looked at."""
    trace_untraced()
    forget(at=at)
    for pk in left_behind(at=at):
        wake(EXAMINE, pk)
    followed = follow("sharing", verbs=FOLLOWED, handle=_handle)
    watch(at=at)
    end_run_out(on, at=at)
    tell_waiting(at=at)
    # what was closed to readers when its data came is supplied once it is open, of which no event tells
    waiting = SharingGrant.objects.filter(supplied_on=None, entry__in=readable_entries())
    for pk in waiting.exclude(status=GrantStatus.ENDED).order_by("pk").values_list("pk", flat=True):
        supply(grant_id=pk, by=PLATFORM, at=at)
    return followed + materials.react(at) + needs.react(at)


def _handle(event: Event) -> None:
    if event.verb == "create-agency":
        _keep_up(event)
        return
    if not event.subject.startswith(ENTRY):
        return
    entry_id = int(event.subject.removeprefix(ENTRY))
    if event.verb == "withdraw":
        _end_grants(entry_id, event)
        end_with_entry(entry_id, at=event.at)
        return
    # an older event may be seen after data that came later: what counts is since when the data is there
    for pk, since in readable_since(entry_id):
        supply(grant_id=pk, by=PLATFORM, at=since)
    if event.verb == "approve":
        end_with_entry(entry_id, at=event.at)
    note_version(entry_id, event)
    if event.verb == "restore-data":
        _tell_of_restored_data(entry_id, event)


def _keep_up(event: Event) -> None:
    """An agency that is new may be of a kind that has been given access in advance."""
    running = StandingAuthorisation.objects.exclude(status=GrantStatus.ENDED).order_by("pk")
    for pk in running.values_list("pk", flat=True):
        keep_up(standing_id=pk, by=PLATFORM, at=event.at)


def _tell_of_restored_data(entry_id: int, event: Event) -> None:
    """Whoever takes the data has read rows that are not current any more, and is told which and why."""
    entry = CatalogEntry.objects.select_related("in_force").get(pk=entry_id)
    readers = takers_of(entry_id) | Agency.objects.filter(
        pk__in=SharingGrant.objects.filter(pk__in=running_grants(entry_id)).values("grantee")
    )
    told = event.payload
    title = entry.in_force.title if entry.in_force else entry.resource_code
    for agency in readers.order_by("pk"):
        tell_agency(
            agency,
            DECIDERS,
            key=f"sharing:restored:{entry_id}:{event.pk}",
            about=entry,
            kind="sharing",
            title=f"您所在机关获取的数据已恢复为第{told['restored']}版：{title}",
            body=f"现行数据为第{told['data_version']}版，内容与第{told['restored']}版相同，共{told['rows']}行。"
            f"理由：{told['reasons']}",
            path=entry.get_absolute_url(),
            at=event.at,
            basis=TAKE,
        )


def takers_of(entry_id: int) -> QuerySet[Agency]:
    """The agencies that take the data without condition."""
    return Agency.objects.filter(pk__in=Taking.objects.filter(entry=entry_id).values("agency"))


def _end_grants(entry_id: int, event: Event) -> None:
    entry = CatalogEntry.objects.select_related("in_force").get(pk=entry_id)
    if entry.in_force is not None:
        # published again since: what was granted before was ended by that time or is granted anew
        return
    for standing in standings_on(entry):
        end_standing(standing_id=standing.pk, by=PLATFORM, at=event.at, reasons=WITHDRAWN)
    for pk in running_grants(entry_id):
        end_grant(grant_id=pk, by=PLATFORM, at=event.at, reasons=WITHDRAWN)
    _tell_of_pending(entry, event)
    takers = takers_of(entry_id)
    last = entry.revisions.order_by("-number").first()
    title = last.title if last else entry.resource_code
    for agency in takers.order_by("pk"):
        tell_agency(
            agency,
            DECIDERS,
            key=f"sharing:withdrawn:{entry_id}:{event.pk}",
            about=entry,
            kind="sharing",
            title=f"您所在机关获取的数据已撤销目录，不能继续读取：{title}",
            body=f"撤销日期：{timezone.localdate(event.at).isoformat()}。",
            path=entry.get_absolute_url(),
            at=event.at,
            basis=TAKE,
        )


def _tell_of_pending(entry: CatalogEntry, event: Event) -> None:
    """Applications that wait keep their right to a reply: both sides are told that it can be no agreement now."""
    waiting = SharingApplication.objects.filter(entry=entry, status=ApplicationStatus.SUBMITTED)
    for case in waiting.select_related("provider", "requester").order_by("pk"):
        for agency in (case.provider, case.requester):
            tell_agency(
                agency,
                DECIDERS,
                key=f"sharing:pending-withdrawn:{case.pk}:{agency.pk}:{event.pk}",
                about=case,
                kind="sharing",
                title=f"共享申请所涉数据已撤销目录：{case.number} {case.title}",
                body="答复期限继续计算，提供机关应当说明情况，答复不同意；需求机关也可以撤回申请。",
                path=case.get_absolute_url(),
                at=event.at,
                basis=APPLY,
            )
