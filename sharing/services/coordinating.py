"""Coordination by the municipal authority (第十五条第三款), and the grant that the provider makes on its opinion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.services.locking import day_of
from guiyang_data.accounts.models import User
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from sharing.models import ApplicationOutcome, Coordination, SharingApplication, SharingGrant
from sharing.policies import APPLICATION_POLICY, COORDINATION_POLICY
from sharing.selectors import coordination_in_hand, silent_since
from sharing.services.checks import broken, known_items, reasons_or_refuse, require_valid_fields, revision_in_force
from sharing.services.granting import Limits, end_grant, open_grant
from sharing.services.locking import lock_application, lock_coordination, lock_entry, next_state
from sharing.services.telling import tell, tell_both, tell_coordinators, tell_government
from sharing.workflow import (
    COORDINATE,
    COORDINATION_WORKFLOW,
    GOVERNMENT,
    ApplicationStatus,
    CoordinationStatus,
    GrantStatus,
)

CAUSES = {
    ApplicationStatus.REFUSED: Coordination.Cause.REFUSED,
    ApplicationStatus.AGREED_IN_PART: Coordination.Cause.IN_PART,
    ApplicationStatus.SUBMITTED: Coordination.Cause.SILENCE,
}


@transaction.atomic
def request_coordination(*, application_id: int, by: User, at: dt.datetime, reasons: str) -> Coordination:
    """Ask the municipal authority to coordinate a refusal, whole or in part, or silence past the due day.

    The last is our addition. The reply's clock keeps running; the coordination has a target of its own.
    """
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "request-coordination", application)
    next_state(application, "request-coordination")
    on = day_of(at)
    cause = CAUSES[ApplicationStatus(application.status)]
    if cause == Coordination.Cause.SILENCE and silent_since(application, on) is None:
        message = "申请还在答复期限内，不能提请协调。逾期没有答复，或者答复不同意之后，可以提请。"
        raise RuleBroken(message, basis=COORDINATE)
    in_hand = coordination_in_hand(application)
    if in_hand is not None:
        message = f"这份申请的协调 {in_hand.number} 正在办理，不需要再次提请。"
        raise WrongState(message, basis=COORDINATE, subject=subject_of(application), verb="request-coordination")
    stated = reasons_or_refuse(reasons, COORDINATE, "请写明因履行职责确需使用的理由。")
    coordination = Coordination(
        application=application,
        cause=cause,
        reasons=stated,
        requested_by=by,
        requested_on=on,
        requested_at=at,
    )
    require_valid_fields(coordination, ["reasons"], COORDINATE)
    coordination.number = next_number("XT", on.year)
    coordination.save(force_insert=True)
    _start_clock(coordination, by=by, at=at)
    payload = {"coordination": coordination.number, "cause": str(cause), "reasons": stated}
    record(application, "request-coordination", by=by, at=at, basis=COORDINATE, payload=payload)
    title = f"共享协调：{application.title}（{application.requester.short_name}提请）"
    tell_coordinators(coordination, "requested", title=title, body=stated, at=at, basis=COORDINATE)
    tell(application.provider, coordination, "requested", title=title, body=stated, at=at, basis=COORDINATE)
    return coordination


def _start_clock(coordination: Coordination, *, by: User, at: dt.datetime) -> None:
    application = coordination.application
    parties = f"{application.requester.short_name}与{application.provider.short_name}"
    clocks.start(
        "coordination",
        coordination,
        on=day_of(at),
        at=at,
        by=by,
        owed_by=municipal_authority(),
        number=coordination.number,
        title=f"共享协调：{application.title}（{parties}）",
        path=coordination.get_absolute_url(),
    )


@transaction.atomic
def submit_statement(*, coordination_id: int, by: User, at: dt.datetime, text: str) -> Coordination:
    """Either side states its view; a later statement takes the place of the earlier, which the record keeps."""
    coordination = lock_coordination(coordination_id)
    COORDINATION_POLICY.require(by, "submit-statement", coordination)
    next_state(coordination, "submit-statement")
    stated = reasons_or_refuse(text, COORDINATE, "请写明本机关的意见和依据。", field="text")
    application = coordination.application
    is_requester = APPLICATION_POLICY.may(by, "request-coordination", application)
    field = "requester_statement" if is_requester else "provider_statement"
    setattr(coordination, field, stated)
    require_valid_fields(coordination, [field], COORDINATE)
    coordination.save(update_fields=[field])
    payload = {"side": "requester" if is_requester else "provider", "text": stated}
    record(coordination, "submit-statement", by=by, at=at, basis=COORDINATE, payload=payload)
    side = application.requester if is_requester else application.provider
    title = f"{side.short_name}提交了意见陈述：{application.title}"
    tell_coordinators(coordination, "statement", title=title, at=at, basis=COORDINATE)
    return coordination


@transaction.atomic
def conclude_coordination(
    *,
    coordination_id: int,
    by: User,
    at: dt.datetime,
    opinion: str,
    text: str,
    items: Sequence[str] = (),
    keeps: Sequence[str] = (),
    hearing: str = "",
) -> Coordination:
    """Give the coordination opinion with its reasons. The provider makes the grant on it by its own act.

    ``opinion``: ``provide`` (``items``: which; all asked for where none is named; ``keeps``: which of the reply's other
    cuts may stay) or ``keep``. ``hearing``: how the provider was heard, needed where it has made no statement (ours).
    """
    said = _Opinion(opinion=opinion, text=text, items=items, keeps=keeps, hearing=hearing)
    return _opine(coordination_id, "conclude", said, by=by, at=at)


@transaction.atomic
def decide_deadlock(
    *,
    coordination_id: int,
    by: User,
    at: dt.datetime,
    opinion: str,
    text: str,
    items: Sequence[str] = (),
    keeps: Sequence[str] = (),
) -> Coordination:
    """The municipal government decides what the authority could not settle (第四条第一款)."""
    said = _Opinion(opinion=opinion, text=text, items=items, keeps=keeps)
    return _opine(coordination_id, "decide", said, by=by, at=at)


@dataclass(frozen=True, kw_only=True)
class _Opinion:
    """What an opinion, or a decision, says."""

    opinion: str
    text: str
    items: Sequence[str]
    keeps: Sequence[str]
    hearing: str = ""


def _opine(coordination_id: int, act: str, said: _Opinion, *, by: User, at: dt.datetime) -> Coordination:
    coordination = lock_coordination(coordination_id)
    application, opinion = coordination.application, said.opinion
    if opinion not in Coordination.Opinion.values:
        raise broken(COORDINATE, {"opinion": "请选择应当提供，或者可以不提供。"})
    verb = f"{act}-{opinion}"
    transition = COORDINATION_WORKFLOW[verb]
    if act == "conclude":
        _require_impartial(coordination, by, verb)
    COORDINATION_POLICY.require(by, verb, coordination)
    coordination.status = next_state(coordination, verb)
    coordination.hearing = _heard(coordination, said.hearing) if act == "conclude" else coordination.hearing
    coordination.opinion_text = reasons_or_refuse(said.text, transition.basis, "请写明意见内容和理由。", field="text")
    coordination.opinion = opinion
    provides = opinion == Coordination.Opinion.PROVIDE
    coordination.opinion_items = _opinion_items(application, said.items) if provides else []
    coordination.opinion_keeps = _opinion_keeps(application, said.keeps) if provides else []
    coordination.concluded_by, coordination.concluded_at = by, at
    coordination.decided_by_government = act == "decide"
    require_valid_fields(coordination, ["opinion_text", "hearing"], transition.basis)
    coordination.save()
    clocks.stop(coordination, "coordination", on=day_of(at), at=at, by=by)
    payload = {
        "opinion": opinion,
        "items": coordination.opinion_items,
        "keeps": coordination.opinion_keeps,
        "text": coordination.opinion_text,
        "hearing": coordination.hearing,
    }
    record(coordination, verb, by=by, at=at, basis=transition.basis, payload=payload)
    title = f"{transition.past}：{application.title}"
    tell_both(coordination, verb, title=title, body=coordination.opinion_text, at=at, basis=transition.basis)
    return coordination


def _opinion_items(application: SharingApplication, items: Sequence[str]) -> list[str]:
    if set(items) - set(application.items):
        raise broken(COORDINATE, {"items": "意见只能就申请中列明的信息项作出。"})
    return [code for code in application.items if not items or code in set(items)]


def _heard(coordination: Coordination, hearing: str) -> str:
    """Both sides are heard before the opinion: the provider by its statement, or as the coordinator notes."""
    if coordination.provider_statement:
        return hearing.strip()
    message = "提供机关还没有书面陈述，请写明怎样听取了它的意见；通知后没有回应的，也请写明。"
    return reasons_or_refuse(hearing, COORDINATE, message, field="hearing")


def _opinion_keeps(application: SharingApplication, keeps: Sequence[str]) -> list[str]:
    if set(keeps) - set(application.cuts):
        raise broken(COORDINATE, {"keeps": "意见只能保留答复中已有的限定。"})
    return [cut for cut in application.cuts if cut in set(keeps)]


def _require_impartial(coordination: Coordination, by: User, verb: str) -> None:
    application = coordination.application
    parties = (application.replied_by, application.drafted_by, application.submitted_by, coordination.requested_by)
    if by.holder_key in {user.holder_key for user in parties if user is not None}:
        raise NotAllowed(
            "您参与了这份申请的提出或者答复，不能办理它的协调。请交由其他协调员办理。",
            basis=COORDINATE,
            subject=subject_of(coordination),
            verb=verb,
        )


@transaction.atomic
def escalate_deadlock(*, coordination_id: int, by: User, at: dt.datetime, reasons: str) -> Coordination:
    """Take a deadlock to the municipal government: the two sides cannot agree, or the opinion is not carried out."""
    coordination = lock_coordination(coordination_id)
    COORDINATION_POLICY.require(by, "escalate", coordination)
    coordination.status = next_state(coordination, "escalate")
    if coordination.decided_by_government:
        message = "市人民政府已经作出决定，不需要再次报请。提供机关不落实的，按第三十条处理。"
        raise WrongState(message, basis=GOVERNMENT, subject=subject_of(coordination), verb="escalate")
    stated = reasons_or_refuse(reasons, GOVERNMENT, "请写明双方的分歧和报请的理由。")
    coordination.escalation_reasons, coordination.escalated_at = stated, at
    require_valid_fields(coordination, ["escalation_reasons"], GOVERNMENT)
    coordination.save(update_fields=["status", "escalation_reasons", "escalated_at"])
    clocks.stop(coordination, "coordination", on=day_of(at), at=at, by=by, cause=Clock.Stop.SUPERSEDED)
    record(coordination, "escalate", by=by, at=at, basis=GOVERNMENT, payload={"reasons": stated})
    title = f"共享协调报请决定：{coordination.application.title}"
    tell_government(coordination, "escalate", title=title, body=stated, at=at, basis=GOVERNMENT)
    tell_both(coordination, "escalate", title=title, body=stated, at=at, basis=GOVERNMENT)
    return coordination


@transaction.atomic
def withdraw_coordination(*, coordination_id: int, by: User, at: dt.datetime) -> Coordination:
    """The requester takes its request for coordination back."""
    coordination = lock_coordination(coordination_id)
    COORDINATION_POLICY.require(by, "withdraw-coordination", coordination)
    _end(coordination, "withdraw-coordination", by=by, at=at)
    return coordination


def end_with_application(application: SharingApplication, verb: str, *, by: User, at: dt.datetime) -> None:
    """End the coordination in hand because its application was agreed to, or taken back. Part of that act."""
    in_hand = coordination_in_hand(application)
    if in_hand is None:
        return
    # an opinion that was given is not taken back with the application; it has nothing left to be carried out
    given = in_hand.status == CoordinationStatus.AWAITING_GRANT
    _end(lock_coordination(in_hand.pk), "resolve" if given else verb, by=by, at=at)


def _end(coordination: Coordination, verb: str, *, by: User, at: dt.datetime) -> None:
    coordination.status = next_state(coordination, verb)
    coordination.save(update_fields=["status"])
    cause = Clock.Stop.WITHDRAWN if verb == "withdraw-coordination" else Clock.Stop.SUPERSEDED
    clocks.stop(coordination, "coordination", on=day_of(at), at=at, by=by, cause=cause)
    record(coordination, verb, by=by, at=at, basis=COORDINATION_WORKFLOW[verb].basis)
    title = f"{COORDINATION_WORKFLOW[verb].past}：{coordination.application.title}"
    tell_coordinators(coordination, verb, title=title, at=at, basis=COORDINATE)


@transaction.atomic
def grant_on_opinion(*, application_id: int, by: User, at: dt.datetime, limits: Limits | None = None) -> SharingGrant:
    """The provider's own act: grant what the coordination opinion (or the government's decision) says (第十五条第三款).

    What was granted before stays granted, in one grant. Where the provider had been silent this is its reply.
    """
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "grant-on-opinion", application)
    status = next_state(application, "grant-on-opinion")
    in_hand = coordination_in_hand(application)
    if in_hand is None or in_hand.status != CoordinationStatus.AWAITING_GRANT:
        message = "还没有「应当提供」的协调意见，不能依意见提供。"
        raise WrongState(message, basis=COORDINATE, subject=subject_of(application), verb="grant-on-opinion")
    coordination = lock_coordination(in_hand.pk)
    revision = revision_in_force(lock_entry(application.entry_id))
    _require_unexpired(application, day_of(at))
    wanted = set(coordination.opinion_items) | set(application.granted_items)
    items = known_items([code for code in application.items if code in wanted], revision)
    _reply_late(application, items, coordination, by=by, at=at)
    application.status = status
    application.save()
    coordination.status = next_state(coordination, "carry-out")
    coordination.save(update_fields=["status"])
    _end_earlier(application, by=by, at=at)
    cuts = coordination.opinion_keeps
    grant = open_grant(application, by=by, at=at, items=items, limits=limits, cuts=cuts)
    payload = {"coordination": coordination.number, "items": items}
    record(application, "grant-on-opinion", by=by, at=at, basis=COORDINATE, payload=payload)
    record(coordination, "carry-out", by=by, at=at, basis=COORDINATE, payload={"items": items})
    title = f"已依协调意见提供，授权已开通：{application.title}"
    tell(application.requester, application, "on-opinion", title=title, at=at, basis=COORDINATE)
    tell_coordinators(coordination, "carried-out", title=title, at=at, basis=COORDINATE)
    return grant


def _require_unexpired(application: SharingApplication, on: dt.date) -> None:
    if application.period_until < on:
        message = "申请的使用期限在协调期间已经届满，开通授权也不能读取数据。请告知需求机关重新申请。"
        raise RuleBroken(message, basis=COORDINATE)


def _reply_late(
    application: SharingApplication, items: Sequence[str], coordination: Coordination, *, by: User, at: dt.datetime
) -> None:
    """Silence ends here: what the opinion makes the provider grant is its reply. An earlier reply stays as it was."""
    if application.outcome:
        return
    whole = list(items) == application.items
    application.outcome = ApplicationOutcome.AGREE if whole else ApplicationOutcome.AGREE_IN_PART
    application.reasons = "" if whole else f"依协调意见 {coordination.number} 提供：{coordination.opinion_text}"[:5000]
    application.granted_items = list(items)
    application.replied_by, application.replied_on, application.replied_at = by, day_of(at), at
    stopped = clocks.stop(application, "sharing-reply", on=day_of(at), at=at, by=by)
    application.due_on = stopped.due_on if stopped else None


def _end_earlier(application: SharingApplication, *, by: User, at: dt.datetime) -> None:
    earlier = application.grants.exclude(status=GrantStatus.ENDED).order_by("pk").values_list("pk", flat=True)
    for pk in earlier:
        end_grant(grant_id=pk, by=by, at=at, reasons="由依协调意见开通的授权取代。")
