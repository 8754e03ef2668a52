"""An agency that is no more (merged, abolished), and one that is there again: its accounts stop and start with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts import policies
from guiyang_data.accounts.models import Agency, RoleAssignment, SystemAccessToken, User
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import NamedActor, record, subject_of

GONE = "没有找到这个机关，或者您不能查看。请返回机关清单重新选择。"
SAY_WHY = "请写明理由和依据的文件。没有理由不能办理这一事项。"


def lock_agency(agency_id: int) -> Agency:
    """The agency, locked."""
    agency = Agency.objects.select_for_update().filter(pk=agency_id).first()
    if agency is None:
        raise NotSeen(_(GONE))
    return agency


def hold_agency(agency: Agency) -> None:
    """Let an agency be there until this transaction ends; many may hold it at once, and it is not ended meanwhile.

    Asked wherever something begins that the agency owes, or that it is given. Raises WrongState where it is no more.
    """
    share = " FOR SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        # the only lock that many may have at once, which the queries of the library do not know
        cursor.execute(f"SELECT is_active FROM {Agency._meta.db_table} WHERE id = %s{share}", [agency.pk])  # noqa: S608
        found = cursor.fetchone()
    if found is None or not found[0]:
        message = _("%(agency)s已经停用，不能再办理新的事项。请改由承接其职责的机关办理。") % {"agency": agency.name}
        raise WrongState(message, subject=subject_of(agency))


@transaction.atomic
def close_agency(*, agency_id: int, by: User | NamedActor, at: dt.datetime, payload: Mapping[str, Any]) -> Agency:
    """Let an agency be no more; those who act for no other can sign in no longer, nor can its systems.

    Whether anything stands against it is asked above. What its people did stays under their names.
    """
    agency = lock_agency(agency_id)
    policies.require(by, "end-agency", agency)
    if not agency.is_active:
        raise WrongState(_("这个机关已经停用，没有重复办理。"), subject=subject_of(agency), verb="end-agency")
    agency.is_active = False
    agency.save(update_fields=["is_active"])
    stopped = _accounts_of(agency)
    User.objects.filter(pk__in=[user.pk for user in stopped]).update(is_active=False)
    SystemAccessToken.objects.filter(application__service_account__agency=agency).delete()
    told = {**payload, "accounts": [user.actor_key for user in stopped]}
    record(agency, "end-agency", by=by, at=at, payload=told)
    return agency


def _accounts_of(agency: Agency) -> list[User]:
    """Active accounts that act for this agency and for no other that is there."""
    held = RoleAssignment.objects.filter(ended_on=None)
    elsewhere = held.filter(agency__is_active=True).exclude(agency=agency)
    here = held.filter(agency=agency).exclude(user__in=elsewhere.values("user"))
    people = User.objects.filter(is_active=True, pk__in=here.values("user"))
    systems = User.objects.filter(is_active=True, service_account__agency=agency)
    return [*people.order_by("pk"), *systems.order_by("pk")]


@transaction.atomic
def revive_agency(*, agency_id: int, by: User | NamedActor, at: dt.datetime, reasons: str) -> Agency:
    """Let an agency that was ended be there again, with the accounts that stopped then; systems get new tokens."""
    agency = lock_agency(agency_id)
    policies.require(by, "revive-agency", agency)
    place: dict[str, Any] = {"subject": subject_of(agency), "verb": "revive-agency"}
    if agency.is_active:
        raise WrongState(_("这个机关正在使用，没有办理。"), **place)
    if not reasons.strip():
        raise RuleBroken(_(SAY_WHY), fields={"reasons": _(SAY_WHY)}, **place)
    agency.is_active = True
    agency.save(update_fields=["is_active"])
    again = _stopped_before(agency)
    User.objects.filter(pk__in=[user.pk for user in again]).update(is_active=True)
    told = {"reasons": reasons.strip(), "accounts": [user.actor_key for user in again]}
    record(agency, "revive-agency", by=by, at=at, payload=told)
    return agency


def _stopped_before(agency: Agency) -> list[User]:
    """Accounts that act for this agency and stopped when it, or the last other one they acted for, was ended.

    What was stopped at an earlier ending, and is stopped now, was stopped for another reason.
    """
    held = RoleAssignment.objects.filter(ended_on=None)
    people = User.objects.filter(is_active=False, pk__in=held.filter(agency=agency).values("user"))
    systems = User.objects.filter(is_active=False, service_account__agency=agency)
    theirs = Agency.objects.filter(pk__in=held.filter(user__in=people).values("agency"), is_active=False)
    ended = Event.objects.filter(
        subject__in={subject_of(one) for one in (agency, *theirs)}, verb="end-agency", refused=False
    )
    last = {event.subject: event for event in ended.order_by("subject", "sequence")}
    stopped = {key for event in last.values() for key in event.payload["accounts"]}
    return [user for user in (*people.order_by("pk"), *systems.order_by("pk")) if user.actor_key in stopped]
