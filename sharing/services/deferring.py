"""Telling those concerned later (《个人信息保护法》第三十五条): proposed by one, confirmed by another, until a day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from django.db import transaction

from catalog.policies import same_person
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import Policy
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.errors import NotAllowed, NotSeen
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell_agency
from sharing.models import Deferral, SharingGrant, Taking
from sharing.policies import DEFERRAL_POLICY, GRANT_POLICY, TAKING_POLICY
from sharing.rights import Access
from sharing.selectors import deferrals_with_parties
from sharing.services.checks import broken, reasons_or_refuse, refuse_if, require_valid_fields
from sharing.services.locking import GONE, lock_grant, lock_taking
from sharing.workflow import DEFERRAL_WORKFLOW, TOLD_LATER, DeferralStatus

LONGEST = dt.timedelta(days=365)
"""Until when those concerned may be told later; what lasts longer is proposed anew and confirmed anew."""
_ARTICLE = re.compile(r"《[^《》]{2,60}》.{0,10}第.{1,12}条")


@transaction.atomic
def propose_deferral(
    *,
    access: Access,
    by: User,
    at: dt.datetime,
    basis: str,
    reasons: str,
    until: dt.date,
    case_number: str = "",
) -> Deferral:
    """Propose that readings through a right, or of one case of it, are shown to those concerned after ``until`` only.

    Nothing is kept back before a second person of the same agency has confirmed it.
    """
    held = lock_grant(access.pk) if isinstance(access, SharingGrant) else lock_taking(access.pk)
    policy_of(held).require(by, "propose-deferral", held)
    refuse_if(_wrong(basis, until, day_of(at)), TOLD_LATER)
    deferral = Deferral(
        grant=held if isinstance(held, SharingGrant) else None,
        taking=held if isinstance(held, Taking) else None,
        case_number=case_number.strip(),
        agency=_side_of(by, held),
        basis=basis.strip(),
        reasons=reasons_or_refuse(reasons, TOLD_LATER, "请写明告知将怎样妨碍履行法定职责。"),
        until=until,
        proposed_by=by,
        proposed_at=at,
    )
    require_valid_fields(deferral, ["case_number", "basis", "reasons"], TOLD_LATER)
    deferral.save(force_insert=True)
    payload = {"access": subject_of(held), "basis": deferral.basis, "until": until.isoformat()}
    record(deferral, "propose-deferral", by=by, at=at, basis=TOLD_LATER, payload=payload)
    _tell(deferral, deferral.agency, "proposed", title=f"延后告知待确认：{held.title}", at=at)
    return deferral


def policy_of(access: Access) -> Policy:
    """Who may do what with a right of its kind."""
    return GRANT_POLICY if isinstance(access, SharingGrant) else TAKING_POLICY


def _side_of(by: User, access: Access) -> Agency:
    """The agency for which it is proposed: the one of the two that the proposer decides for."""
    mine = by.agency
    provider = access.entry.provider
    if mine is not None and mine in {access.reader, provider}:
        return mine
    provides = by.roles.filter(ended_on=None, agency=provider).exists()
    return provider if provides else access.reader


def _wrong(basis: str, until: dt.date, on: dt.date) -> dict[str, str]:
    wrong = {}
    if not _ARTICLE.search(basis):
        wrong["basis"] = "请写明法律、行政法规的名称和条款，例如《中华人民共和国刑事诉讼法》第五十四条。"
    if until <= on:
        wrong["until"] = "截止日期应当晚于今天。"
    elif until > on + LONGEST:
        wrong["until"] = "延后告知每次最长一年；仍需延后的，到期前重新提出并确认。"
    return wrong


@transaction.atomic
def confirm_deferral(*, deferral_id: int, by: User, at: dt.datetime) -> Deferral:
    """A second person of the same agency confirms it; from now on the readings are kept back."""
    deferral = _lock(deferral_id)
    DEFERRAL_POLICY.require(by, "confirm-deferral", deferral)
    status = DEFERRAL_WORKFLOW.target("confirm-deferral", deferral.status)
    if same_person(deferral.proposed_by, by):
        message = "延后告知须由提出人以外的人确认。"
        raise NotAllowed(message, basis=TOLD_LATER, subject=subject_of(deferral), verb="confirm-deferral")
    if deferral.until <= day_of(at):
        raise broken(TOLD_LATER, {"until": "延后告知的截止日期已过，请重新提出。"})
    deferral.status, deferral.confirmed_by, deferral.confirmed_at = status, by, at
    deferral.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    record(deferral, "confirm-deferral", by=by, at=at, basis=TOLD_LATER)
    access = deferral.access
    for agency in (access.reader, access.entry.provider):
        _tell(deferral, agency, "confirmed", title=f"延后告知已确认：{access.title}", at=at)
    _tell_supervision(deferral, at=at)
    return deferral


def _tell_supervision(deferral: Deferral, *, at: dt.datetime) -> None:
    """Whoever may end it from outside hears of each, and the how manieth it is: none is put off for ever unseen."""
    same = Deferral.objects.filter(grant=deferral.grant, taking=deferral.taking, case_number=deferral.case_number)
    times = same.exclude(confirmed_at=None).count()
    title = f"延后告知第{times}次确认：{deferral.access.title}（{deferral.agency.short_name}）"
    _tell(deferral, municipal_authority(), "overseen", title=title, at=at, roles=(Role.SUPERVISOR,))


@transaction.atomic
def decline_deferral(*, deferral_id: int, by: User, at: dt.datetime, reasons: str) -> Deferral:
    """A second person of the same agency does not confirm it; nothing was kept back."""
    return _end(deferral_id, "decline-deferral", by=by, at=at, reasons=reasons)


@transaction.atomic
def lift_deferral(*, deferral_id: int, by: User, at: dt.datetime, reasons: str) -> Deferral:
    """End it before its day: the readings are shown at once. By its agency, or by those who supervise the city."""
    return _end(deferral_id, "lift-deferral", by=by, at=at, reasons=reasons)


def _end(deferral_id: int, verb: str, *, by: User, at: dt.datetime, reasons: str) -> Deferral:
    deferral = _lock(deferral_id)
    DEFERRAL_POLICY.require(by, verb, deferral)
    status = DEFERRAL_WORKFLOW.target(verb, deferral.status)
    transition = DEFERRAL_WORKFLOW[verb]
    stated = reasons_or_refuse(reasons, transition.basis, f"请写明{transition.label}的理由。")
    deferral.status, deferral.status_reasons = status, stated
    deferral.ended_at = at if status == DeferralStatus.LIFTED else None
    require_valid_fields(deferral, ["status_reasons"], transition.basis)
    deferral.save(update_fields=["status", "status_reasons", "ended_at"])
    record(deferral, verb, by=by, at=at, basis=transition.basis, payload={"reasons": stated})
    _tell(deferral, deferral.agency, verb, title=f"{transition.past}：{deferral.access.title}", at=at)
    return deferral


def _lock(pk: int) -> Deferral:
    deferral = deferrals_with_parties(Deferral.objects.select_for_update(of=("self",))).filter(pk=pk).first()
    if deferral is None:
        raise NotSeen(GONE)
    return deferral


def _tell(
    deferral: Deferral,
    agency: Agency,
    occasion: str,
    *,
    title: str,
    at: dt.datetime,
    roles: Sequence[Role] = (Role.DATA_STEWARD, Role.APPROVER),
) -> None:
    tell_agency(
        agency,
        roles,
        key=f"sharing:deferral:{deferral.pk}:{occasion}",
        about=deferral,
        kind="sharing",
        title=title,
        body=f"依据：{deferral.basis}；延后至 {deferral.until.isoformat()}。",
        path=deferral.get_absolute_url(),
        at=at,
        basis=TOLD_LATER,
        systems=False,
    )
