"""Drawing up what is done to each information item, and a second person judging it (第十八条第二款、第二十四条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from catalog.models import CatalogEntry, ConfidentialityReview, DataVersion
from catalog.selectors import columns_of
from catalog.services import ask_confidentiality_review, decide_confidentiality_review
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from opendata import policies
from opendata.desensitize.plan import Plan
from opendata.desensitize.techniques import PlanError
from opendata.models import OpeningPlan
from opendata.plans import detect_items, measure_risk, plan_of, still_plain
from opendata.selectors import carried_out_plan, plan_on_its_way
from opendata.services.locking import lock_plan, lock_with_catalogue, require_openable
from opendata.workflow import CONFIDENTIALITY, DESENSITIZED, WORKFLOW, PlanStatus

Techniques = Mapping[str, Mapping[str, Any]]

PERSONAL_FORBIDDEN = "含个人身份信息的信息项须先脱敏，脱敏后达到开放条件的才能开放。"
RISK_TOO_HIGH = (
    "按准标识信息项（{quasi}）组合，有 {rows} 行所在的组不足 {bound} 行，可能重新认出个人，不能开放。"
    "请把其中的信息项取整、截断或者不开放后再提请审查，您填写的内容没有丢失。"
)


@transaction.atomic
def plan_opening(*, entry_id: int, by: User, at: dt.datetime, techniques: Techniques | None = None) -> OpeningPlan:
    """Draw up an opening plan for an entry that the catalogue in force lists as open (第十八条).

    ``techniques``: by item code, ``{"technique": "mask", "keep_first": 1}``. An item that is not named follows the
    plan carried out before, else is kept, or left out where it holds a direct identifier.
    Raises RuleBroken, by item code in ``fields``, where a direct identifier would stay.
    """
    entry = lock_with_catalogue(entry_id)
    policies.require(by, "plan-opening", entry)
    require_openable(entry)
    if plan_on_its_way(entry) is not None:
        raise WrongState("这一条目已有一份正在办理的开放方案。请继续办理那份方案，或者先放弃它。", basis=DESENSITIZED)
    before = carried_out_plan(entry)
    plan = OpeningPlan(
        entry=entry,
        status=PlanStatus.DRAFT,
        compiled_by=by,
        created_at=at,
        techniques=before.techniques if before else {},
    )
    _fill(plan, techniques or {}, by=by, at=at)
    plan.save(force_insert=True)
    _note(plan, "plan-opening", by=by, at=at)
    return plan


@transaction.atomic
def edit_plan(*, plan_id: int, by: User, at: dt.datetime, techniques: Techniques) -> OpeningPlan:
    """Change the techniques. A plan that was judged is a draft again; one that is being judged waits for that first."""
    plan = lock_plan(plan_id)
    policies.require(by, "edit-plan", plan)
    status = WORKFLOW.target("edit-plan", plan.status)
    _not_while_judged(plan, "修改")
    require_openable(plan.entry)
    _fill(plan, techniques, by=by, at=at)
    plan.status, plan.review = status, None
    plan.save()
    _note(plan, "edit-plan", by=by, at=at)
    return plan


def _not_while_judged(plan: OpeningPlan, what: str) -> None:
    if plan.status == PlanStatus.IN_REVIEW and plan.is_waiting:
        raise WrongState(
            f"方案正在保密审查，审查作出结论后才能{what}。如需尽快{what}，请联系审查人先作出结论。",
            basis=CONFIDENTIALITY,
        )


def _fill(plan: OpeningPlan, techniques: Techniques, *, by: User, at: dt.datetime) -> None:
    """Bring the plan in line with the catalogue and the data that are current now, and check it."""
    entry = plan.entry
    revision = entry.revision_in_force
    data = entry.current_data
    codes = {column.code for column in columns_of(revision)}
    detected = detect_items(revision, entry.table, data.table_version if data else None)
    chosen: dict[str, dict[str, Any]] = {
        code: {"technique": "suppress" if code in detected and detected[code].kind == "direct" else "keep"}
        for code in codes
    }
    chosen |= {code: dict(values) for code, values in plan.techniques.items() if code in codes}
    chosen |= {code: dict(values) for code, values in techniques.items()}
    plan.revision = revision
    plan.detected = {code: asdict(found) for code, found in detected.items()}
    built = _built(plan, chosen)
    plan.techniques = {column.code: column.technique.to_dict() for column in built.columns}
    plan.risk = _risk(plan, built)
    plan.compiled_by, plan.updated_at = by, at


def _built(plan: OpeningPlan, techniques: Techniques) -> Plan:
    """The plan as the library knows it. Raises RuleBroken where it cannot be carried out."""
    try:
        built = plan_of(plan.entry, columns_of(plan.revision), techniques, plan.detected)
    except PlanError as error:
        raise RuleBroken(str(error), basis=DESENSITIZED) from error
    faults = built.faults()
    if faults:
        raise RuleBroken(f"{PERSONAL_FORBIDDEN}{''.join(faults.values())}", basis=DESENSITIZED, fields=faults)
    return built


def _risk(plan: OpeningPlan, built: Plan) -> dict[str, Any]:
    """What is left of the risk in the data that is there now; empty while there is none."""
    data = plan.entry.current_data
    if data is None:
        return {}
    report = measure_risk(built, plan.entry.table, data.table_version)
    return {**report.to_dict(), "acceptable": report.is_acceptable, "data_version": data.number}


@transaction.atomic
def submit_plan(*, plan_id: int, by: User, at: dt.datetime) -> OpeningPlan:
    """Ask a second person of the agency whether the data may open as planned (第二十四条).

    Raises RuleBroken where there is no data yet, where values would stay as they are, or the risk left is too high.
    """
    plan = lock_plan(plan_id)
    policies.require(by, "submit-plan", plan)
    status = WORKFLOW.target("submit-plan", plan.status)
    require_openable(plan.entry)
    data = _require_up_to_date(plan)
    built = _built(plan, plan.techniques)
    require_safe(plan, built, data)
    plan.risk = _risk(plan, built)
    plan.review = ask_confidentiality_review(
        revision_id=plan.revision_id, scope=ConfidentialityReview.Scope.OPENING, by=by, at=at, plan=_shown(plan, built),
        path=f"{plan.get_absolute_url()}review/",
    )  # fmt: skip
    plan.status, plan.updated_at = status, at
    plan.save(update_fields=["status", "review", "risk", "updated_at"])
    _note(plan, "submit-plan", by=by, at=at)
    return plan


def _require_up_to_date(plan: OpeningPlan) -> DataVersion:
    entry = plan.entry
    if entry.in_force_id != plan.revision_id:
        raise RuleBroken(
            "方案编制之后目录已经修订。请打开方案，按现行目录核对各项脱敏方法并保存，再提请审查。", basis=DESENSITIZED
        )
    if entry.current_data is None:
        raise RuleBroken("这一条目还没有汇聚数据，无法评估开放的风险。请先上传数据。", basis=DESENSITIZED)
    return entry.current_data


def require_safe(plan: OpeningPlan, built: Plan, data: DataVersion) -> None:
    """Raise RuleBroken unless carrying the plan out on this data leaves nobody recognisable."""
    plain = still_plain(built, plan.entry.table, data.table_version)
    if plain:
        names = "、".join(f"「{name}」" for name in plain.values())
        message = f"按所选的方法，{names}仍有原样保留的值。请减少保留的位数，或者改选「不开放该项」。"
        raise RuleBroken(message, basis=DESENSITIZED, fields=dict.fromkeys(plain, message))
    report = measure_risk(built, plan.entry.table, data.table_version)
    if not report.is_acceptable:
        names_of = {column.code: column.name for column in built.columns}
        quasi = "、".join(names_of.get(code.strip('"'), code) for code in report.quasi)
        bound = int(-(-1 // report.threshold))
        message = RISK_TOO_HIGH.format(quasi=quasi, rows=report.rows_at_risk, bound=bound)
        raise RuleBroken(message, basis=DESENSITIZED)


def _shown(plan: OpeningPlan, built: Plan) -> dict[str, Any]:
    """What the second person judges, readable on the catalogue's own page too."""
    return {
        "plan": plan.pk,
        "items": [
            {
                "name": column.name,
                "code": column.code,
                "technique": column.technique.describe(),
                "detected": column.detected.what if column.detected else "",
            }
            for column in built.columns
        ],
        "risk": plan.risk,
    }


@transaction.atomic
def decide_plan(*, plan_id: int, passed: bool, by: User, at: dt.datetime, opinion: str = "") -> OpeningPlan:
    """Conclude the confidentiality review of a plan; never by who drew it up or asked (第二十四条)."""
    plan = lock_plan(plan_id)
    if policies.same_person(plan.compiled_by, by):
        raise NotAllowed(
            "保密审查须由编制人以外的第二人作出。请交由本机关其他审批人办理。",
            basis=CONFIDENTIALITY,
            subject=subject_of(plan.entry),
            verb="decide-plan",
        )
    policies.require(by, "decide-plan", plan)
    WORKFLOW.target("decide-plan", plan.status)
    if plan.review_id is None:
        raise WrongState("这份方案没有提请过保密审查。请先提请，再作出结论。", basis=CONFIDENTIALITY)
    decide_confidentiality_review(review_id=plan.review_id, passed=passed, by=by, at=at, opinion=opinion)
    _note(plan, "decide-plan", by=by, at=at, passed=passed)
    return OpeningPlan.objects.select_related("entry__provider", "revision", "review").get(pk=plan.pk)


@transaction.atomic
def drop_plan(*, plan_id: int, by: User, at: dt.datetime) -> OpeningPlan:
    """Give a plan up that was not carried out. What is open stays open."""
    plan = lock_plan(plan_id)
    policies.require(by, "drop-plan", plan)
    status = WORKFLOW.target("drop-plan", plan.status)
    _not_while_judged(plan, "放弃")
    plan.status, plan.updated_at = status, at
    plan.save(update_fields=["status", "updated_at"])
    _note(plan, "drop-plan", by=by, at=at)
    return plan


def _note(plan: OpeningPlan, verb: str, *, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"plan": plan.pk, "revision": plan.revision.number, **more}
    record(plan.entry, verb, by=by, at=at, basis=WORKFLOW[verb].basis, payload=payload)


def is_still_cleared(plan: OpeningPlan, entry: CatalogEntry) -> bool:
    """Whether what the second person judged is still what the catalogue says: the same items, shown the same way."""
    in_force = entry.in_force
    if in_force is None or plan.review is None:
        return False
    return (in_force.substance, in_force.layout) == (plan.revision.substance, plan.revision.layout)
