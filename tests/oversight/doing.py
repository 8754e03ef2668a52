"""Each act of oversight with its usual words, and what shows that a refused one changed nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from guiyang_data.ledger.models import Event
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.models import DisciplineRecommendation, Escalation, Finding, RectificationOrder, Urging
from tests.factories.oversight import (
    LATE,
    ORDER_DUE,
)
from tests.factories.statute import at

EVERYBODY = (
    "steward",
    "approver",
    "supervisor",
    "officer",
    "government",
    "county_officer",
    "county_government",
    "organ_member",
    "outsider",
)


def the_world() -> list[Any]:
    """Everything an act may change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Escalation, Urging, Finding, RectificationOrder, DisciplineRecommendation, Clock, Event, Notice)
    ]


def assert_refused(
    error: type[Exception], act: Callable[[], Any], world: Callable[[], list[Any]] = the_world
) -> Exception:
    before = world()
    with pytest.raises(error) as refusal:
        act()
    assert world() == before
    return refusal.value


def urge(escalation: Escalation, by: Any, words: str = "请三日内答复。") -> Escalation:
    return services.urge(escalation_id=escalation.pk, by=by, words=words, at=at(LATE))


def conclude(escalation: Escalation, by: Any, conclusion: str = "已答复，约谈承办科室。") -> Escalation:
    return services.conclude(escalation_id=escalation.pk, by=by, conclusion=conclusion, at=at(LATE))


def confirm(finding: Finding, by: Any, on: dt.date = LATE) -> Finding:
    return services.confirm_finding(finding_id=finding.pk, by=by, on=on, at=at(on), note="情况属实。")


def dismiss(finding: Finding, by: Any, reasons: str = "申请人已同意延后。") -> Finding:
    return services.dismiss_finding(finding_id=finding.pk, by=by, reasons=reasons, at=at(LATE))


def order(finding: Finding, by: Any, **values: Any) -> RectificationOrder:
    given = {"due_on": ORDER_DUE, "text": "三日内答复。", "circular": "予以通报批评。"} | values
    return services.order_rectification(finding_id=finding.pk, by=by, on=LATE, at=at(LATE), **given)


def report(made: RectificationOrder, by: Any, text: str = "已答复。", on: dt.date = LATE) -> RectificationOrder:
    return services.report_rectification(number=made.number, by=by, on=on, at=at(on), report=text)


def accept(made: RectificationOrder, by: Any) -> RectificationOrder:
    return services.accept_rectification(number=made.number, by=by, at=at(LATE))


def reject(made: RectificationOrder, by: Any, reasons: str = "受理流程没有整改。") -> RectificationOrder:
    return services.reject_rectification(number=made.number, by=by, on=LATE, at=at(LATE), reasons=reasons)


def recommend(made: RectificationOrder, by: Any, text: str = "建议依法给予处分。") -> DisciplineRecommendation:
    return services.recommend_discipline(number=made.number, by=by, at=at(LATE), text=text)


def drop(made: RectificationOrder, by: Any, reasons: str = "已在期限后第二天改正。") -> DisciplineRecommendation:
    return services.drop_discipline(number=made.number, by=by, at=at(LATE), reasons=reasons)
