"""Catalogues that are not public as of right are published by a recorded decision (第十一条第三款), by two persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from catalog import policies
from catalog.models import PublicationDecision
from catalog.publishing import CHOOSABLE, CHOOSABLE_OF_ITEMS, authority_for, concerned, is_public_as_of_right
from catalog.services.locking import day_of
from catalog.workflow import DECISION_WORKFLOW, REVIEW, DecisionStatus
from guiyang_data.accounts.models import Agency, Region, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen, RuleBroken
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell_agency
from guiyang_data.texts import legible, one_line

GONE = "没有找到这项公布决定，或者您不能查看。请返回公布决定清单重新选择。"
OFFICERS = (Role.COUNTY_AUTHORITY, Role.MUNICIPAL_AUTHORITY)
CONCERNED = (Role.DATA_STEWARD, Role.APPROVER, Role.GOVERNMENT_APPROVER)
KEPT = "您填写的内容都还在。"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is to be made public: a catalogue of one agency, or of a region as a whole, with some of its elements."""

    catalogue: str
    document: str
    decided_on: dt.date
    grounds: str
    agency: Agency | None = None
    region: Region | None = None
    elements: Sequence[str] = ()
    item_elements: Sequence[str] = ()
    includes_withheld: bool = False


@transaction.atomic
def propose_publication(*, facts: Publication, by: User, at: dt.datetime) -> PublicationDecision:
    """Propose that a catalogue be made public; a second person reviews it for secrets and confirms (第十一条第三款)."""
    if (facts.agency is None) == (facts.region is None):
        raise _wrong("agency", "请选择一个机关，或者一个辖区。")
    authority = authority_for(facts.agency, facts.region)
    policies.require(by, "propose-publication", authority)
    _check(facts, on=day_of(at))
    decision = PublicationDecision.objects.create(
        catalogue=facts.catalogue,
        agency=facts.agency,
        region=facts.region,
        authority=authority,
        elements=[name for name in CHOOSABLE if name in facts.elements],
        item_elements=[name for name in CHOOSABLE_OF_ITEMS if name in facts.item_elements],
        includes_withheld=facts.includes_withheld,
        document=one_line(facts.document),
        decided_on=facts.decided_on,
        grounds=legible(facts.grounds).strip(),
        proposed_by=by,
        proposed_at=at,
    )
    _note(decision, "propose-publication", by=by, at=at, payload=_scope(decision))
    _tell_authority(decision, f"请作保密审查：公布{decision.title}", decision.grounds, at=at)
    return decision


def _check(facts: Publication, *, on: dt.date) -> None:
    """Raise RuleBroken with every field that is wrong."""
    wrong = _wrong_scope(facts)
    if not one_line(facts.document):
        wrong["document"] = "请写明决定的文件名称、文号。"
    if not facts.grounds.strip():
        wrong["grounds"] = "请写明公布的理由。"
    if facts.decided_on > on:
        wrong["decided_on"] = "决定日期不能晚于今天。"
    if wrong:
        raise RuleBroken("".join(wrong.values()) + KEPT, basis=REVIEW, fields=wrong)


def _wrong_scope(facts: Publication) -> dict[str, str]:
    """What is wrong in the catalogue and the elements that were chosen."""
    wrong: dict[str, str] = {}
    if facts.catalogue not in PublicationDecision.Catalogue.values:
        wrong["catalogue"] = "请选择公布哪一种目录。"
    elif is_public_as_of_right(facts.catalogue, facts.agency, facts.region):
        wrong["catalogue"] = "市级共享目录、开放目录依法已经公布，不需要另作决定。"
    if facts.region is not None and facts.region.level == Region.Level.TOWNSHIP:
        wrong["region"] = "只能公布全市的或者一个县（市、区）的目录。乡镇的，请选择其机关。"
    unknown = [name for name in facts.elements if name not in CHOOSABLE]
    if unknown:
        wrong["elements"] = f"目录没有「{unknown[0]}」这个要素。"
    unknown = [name for name in facts.item_elements if name not in CHOOSABLE_OF_ITEMS]
    if unknown:
        wrong["item_elements"] = f"信息项没有「{unknown[0]}」这个要素。"
    if facts.item_elements and "name" not in facts.item_elements:
        wrong["item_elements"] = "公布信息项的，至少公布信息项名称。"
    return wrong


@transaction.atomic
def pass_decision_review(*, decision_id: int, opinion: str, by: User, at: dt.datetime) -> PublicationDecision:
    """Record that the confidentiality review found no secret in what is to be published (第二十四条)."""
    decision = _lock(decision_id, "pass-decision-review", by)
    said = legible(opinion).strip()
    if not said:
        raise _wrong("opinion", "请写明保密审查的意见：审查了什么、依据什么、结论如何。")
    decision.status = DECISION_WORKFLOW.target("pass-decision-review", decision.status)
    decision.review_opinion, decision.reviewed_by, decision.reviewed_at = said, by, at
    decision.save(update_fields=["status", "review_opinion", "reviewed_by", "reviewed_at"])
    _note(decision, "pass-decision-review", by=by, at=at, payload={"opinion": said})
    _tell_authority(decision, f"请确认公布决定：{decision.title}", "保密审查已通过。", at=at)
    return decision


@transaction.atomic
def confirm_decision(*, decision_id: int, by: User, at: dt.datetime) -> PublicationDecision:
    """A second person confirms: from now on the catalogue is public, with what the decision allows."""
    decision = _lock(decision_id, "confirm-decision", by)
    decision.status = DECISION_WORKFLOW.target("confirm-decision", decision.status)
    decision.confirmed_by, decision.confirmed_at = by, at
    try:
        with transaction.atomic():
            decision.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    except IntegrityError as error:
        message = "这份目录已经按另一项决定公布。请先撤销那一项，再确认这一项。"
        raise RuleBroken(message, basis=REVIEW) from error
    _note(decision, "confirm-decision", by=by, at=at, payload=_scope(decision))
    _tell_concerned(decision, f"目录已按决定公布：{decision.title}", decision.document, at=at)
    return decision


@transaction.atomic
def reject_decision(*, decision_id: int, reasons: str, by: User, at: dt.datetime) -> PublicationDecision:
    """The catalogue is not published: the review found secrets, or nobody confirms. With reasons."""
    decision = _end(decision_id, "reject-decision", reasons, by=by, at=at)
    _tell_authority(decision, f"目录不予公布：{decision.title}", decision.reasons, at=at)
    return decision


@transaction.atomic
def revoke_decision(*, decision_id: int, reasons: str, by: User, at: dt.datetime) -> PublicationDecision:
    """The decision is revoked, with reasons: the catalogue is public no more."""
    decision = _end(decision_id, "revoke-decision", reasons, by=by, at=at)
    _tell_concerned(decision, f"目录不再公布：{decision.title}", decision.reasons, at=at)
    return decision


def _end(decision_id: int, verb: str, reasons: str, *, by: User, at: dt.datetime) -> PublicationDecision:
    decision = _lock(decision_id, verb, by)
    said = legible(reasons).strip()
    status = DECISION_WORKFLOW.target(verb, decision.status)
    if not said:
        raise _wrong("reasons", "请写明理由。没有理由不能办理这一事项。")
    decision.status, decision.reasons, decision.ended_by, decision.ended_at = status, said, by, at
    decision.save(update_fields=["status", "reasons", "ended_by", "ended_at"])
    _note(decision, verb, by=by, at=at, payload={"reasons": said})
    return decision


def _lock(decision_id: int, verb: str, by: User) -> PublicationDecision:
    decisions = PublicationDecision.objects.select_for_update(of=("self",))
    related = ("agency", "region", "authority", "proposed_by", "reviewed_by")
    decision = decisions.select_related(*related).filter(pk=decision_id).first()
    if decision is None:
        raise NotSeen(GONE)
    if verb in policies.BY_ANOTHER and policies.same_person(decision.proposed_by, by):
        raise NotAllowed(
            "提议人不能审查、确认自己的提议。请交由本部门其他经办人办理。",
            basis=REVIEW,
            subject=subject_of(decision),
            verb=verb,
        )
    policies.require(by, verb, decision)
    return decision


def _wrong(field: str, message: str) -> RuleBroken:
    return RuleBroken(message + KEPT, basis=REVIEW, fields={field: message})


def _scope(decision: PublicationDecision) -> dict[str, Any]:
    return {
        "catalogue": str(decision.catalogue),
        "agency": decision.agency.code if decision.agency is not None else "",
        "region": decision.region.code if decision.region is not None else "",
        "elements": list(decision.elements),
        "item_elements": list(decision.item_elements),
        "includes_withheld": decision.includes_withheld,
        "document": decision.document,
        "decided_on": decision.decided_on.isoformat(),
    }


def _note(decision: PublicationDecision, verb: str, *, by: User, at: dt.datetime, payload: dict[str, Any]) -> None:
    basis = DECISION_WORKFLOW[verb].basis if verb in DECISION_WORKFLOW else REVIEW
    record(decision, verb, by=by, at=at, basis=basis, payload=payload)


def _tell_authority(decision: PublicationDecision, title: str, body: str, *, at: dt.datetime) -> None:
    _tell(decision.authority, OFFICERS, decision, title, body, at=at)


def _tell_concerned(decision: PublicationDecision, title: str, body: str, *, at: dt.datetime) -> None:
    """The authority, and the agency whose catalogue it is, or the government of the region."""
    _tell_authority(decision, title, body, at=at)
    agency = concerned(decision)
    if agency != decision.authority:
        _tell(agency, CONCERNED, decision, title, body, at=at)


def _tell(
    agency: Agency, roles: Sequence[Role], decision: PublicationDecision, title: str, body: str, *, at: dt.datetime
) -> None:
    is_public = decision.status == DecisionStatus.IN_FORCE and agency != decision.authority
    tell_agency(
        agency,
        roles,
        key=f"catalog-publication:{decision.pk}:{decision.status}:{agency.code}",
        about=decision,
        kind="catalog",
        title=title,
        body=body,
        path=decision.public_path if is_public else decision.get_absolute_url(),
        at=at,
        basis=REVIEW,
    )
