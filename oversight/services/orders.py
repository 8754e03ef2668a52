"""Ordering correction, reporting and judging it, and recommending discipline (第三十条): each a human decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import PLATFORM, record, subject_of
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.counting import show
from guiyang_data.statute.models import Clock
from oversight import policies
from oversight.models import DisciplineRecommendation, Finding, RectificationOrder
from oversight.workflow import FINDINGS, LIABILITY, ORDERS, RECOMMENDATIONS, OrderStatus, RecommendationStatus

RECTIFICATION = "rectification"


def _locked(number: str) -> RectificationOrder:
    orders = RectificationOrder.objects.select_for_update(of=("self",))
    related = ("agency", "ordered_by_agency", "finding__clock", "finding__complaint__complaint")
    return orders.select_related(*related).get(number=number)


def _required(texts: dict[str, tuple[str, str]], subject: str, verb: str) -> None:
    """Refuse where one of ``field: (text, what it is called)`` is empty."""
    fields = {name: _("请写明%(what)s。") % {"what": what} for name, (text, what) in texts.items() if not text.strip()}
    if fields:
        raise RuleBroken(
            _("有内容没有填写，请按提示补充。其他内容没有丢失。"),
            basis=LIABILITY,
            fields=fields,
            subject=subject,
            verb=verb,
        )


def _require_time(finding: Finding, due_on: dt.date, on: dt.date) -> None:
    if due_on > on:
        return
    raise RuleBroken(
        _("改正期限应当晚于今天。请改为之后的日期，您填写的内容没有丢失。"),
        basis=LIABILITY,
        fields={"due_on": _("改正期限应当晚于今天（%(today)s）。") % {"today": show(on)}},
        subject=subject_of(finding),
        verb="order",
    )


@transaction.atomic
def order_rectification(
    *, finding_id: int, by: User, on: dt.date, at: dt.datetime, due_on: dt.date, text: str, circular: str
) -> RectificationOrder:
    """Order the agency to correct by a day, and circulate criticism (第三十条).

    Only the superior agency or the supervisory organ orders; a big-data authority only where it is the superior.
    Starts the clock of the order.
    """
    findings = Finding.objects.select_for_update(of=("self",)).select_related("agency", "clock", "complaint__complaint")
    finding = findings.get(pk=finding_id)
    policies.require(by, "order", finding)
    ordering = policies.ordering_agency(by, finding.agency)
    if ordering is None:
        raise NotAllowed(_("只有上级机关或者监察机关可以责令改正。"), subject=subject_of(finding), verb="order")
    finding.status = FINDINGS.target("order", finding.status)
    _required(
        {"text": (text, _("改正要求")), "circular": (circular, _("通报批评的内容"))}, subject_of(finding), "order"
    )
    _require_time(finding, due_on, on)
    finding.save(update_fields=["status"])
    order = RectificationOrder.objects.create(
        number=next_number("ZG", on.year),
        finding=finding,
        agency=finding.agency,
        ordered_by_agency=ordering,
        ordered_by=by,
        ordered_at=at,
        ordered_on=on,
        due_on=due_on,
        text=text.strip(),
        circular=circular.strip(),
    )
    _start(order, by, on, at)
    return order


def _start(order: RectificationOrder, by: User, on: dt.date, at: dt.datetime) -> None:
    title = _("限期改正：%(title)s") % {"title": order.finding.title}
    clocks.start(
        RECTIFICATION,
        order,
        on=on,
        at=at,
        by=by,
        owed_by=order.agency,
        number=order.number,
        title=title,
        path=order.get_absolute_url(),
        due_on=order.due_on,
    )
    payload = {"number": order.number, "agency": order.agency.code, "due_on": order.due_on.isoformat()}
    record(order.finding, "order", by=by, at=at, basis=LIABILITY, payload=payload)
    record(order, "order", by=by, at=at, basis=LIABILITY, payload=payload)
    _tell(order, "order", title, order.text, at)


def _tell(
    order: RectificationOrder, kind: str, title: str, body: str, at: dt.datetime, *, upward: bool = False
) -> None:
    tell_agency(
        order.ordered_by_agency if upward else order.agency,
        policies.OVERSEERS if upward else policies.ANSWERING,
        key=f"order:{order.pk}:{kind}:{at.isoformat()}",
        about=order,
        kind=f"order.{kind}",
        title=title,
        body=body,
        path=order.get_absolute_url(),
        basis=LIABILITY,
        at=at,
    )


@transaction.atomic
def report_rectification(*, number: str, by: User, on: dt.date, at: dt.datetime, report: str) -> RectificationOrder:
    """Report what was corrected. The clock stops on this day only if the report is then accepted."""
    order = _locked(number)
    policies.require(by, "report", order)
    status = ORDERS.target("report", order.status)
    _required({"report": (report, _("改正情况"))}, subject_of(order), "report")
    order.status, order.report, order.answer = status, report.strip(), ""
    order.reported_by, order.reported_at, order.reported_on = by, at, on
    order.save(update_fields=["status", "report", "answer", "reported_by", "reported_at", "reported_on"])
    record(order, "report", by=by, at=at, basis=LIABILITY, payload={"on": on.isoformat()})
    _tell(order, "report", _("已报告改正情况：%(number)s") % {"number": number}, order.report, at, upward=True)
    return order


@transaction.atomic
def accept_rectification(*, number: str, by: User, at: dt.datetime, answer: str = "") -> RectificationOrder:
    """Accept the correction; the clock stops on the day it was reported."""
    order = _locked(number)
    policies.require(by, "accept", order)
    order.status = ORDERS.target("accept", order.status)
    if order.reported_on is None:
        raise WrongState(_("还没有报告改正情况，不能认可。请等待该机关报告。"), basis=LIABILITY)
    order.answer, order.answered_by, order.answered_at = answer.strip(), by, at
    order.save(update_fields=["status", "answer", "answered_by", "answered_at"])
    clocks.stop(order, RECTIFICATION, on=order.reported_on, at=at, by=by)
    record(order, "accept", by=by, at=at, basis=LIABILITY)
    _tell(order, "accept", _("改正已认可：%(number)s") % {"number": number}, order.answer, at)
    return order


@transaction.atomic
def reject_rectification(*, number: str, by: User, on: dt.date, at: dt.datetime, reasons: str) -> RectificationOrder:
    """Do not accept the correction, with reasons; the order goes on as if nothing had been reported."""
    order = _locked(number)
    policies.require(by, "reject", order)
    status = ORDERS.target("reject", order.status)
    _required({"reasons": (reasons, _("不认可的理由"))}, subject_of(order), "reject")
    order.status, order.answer, order.answered_by, order.answered_at = status, reasons.strip(), by, at
    order.save(update_fields=["status", "answer", "answered_by", "answered_at"])
    clock = clocks.lock_running(order, RECTIFICATION)
    if clock is not None:
        # what was held back while the report waited is due at the next sweep
        clock.next_rung_on = min(clock.next_rung_on or on, on)
        clock.save(update_fields=["next_rung_on"])
    record(order, "reject", by=by, at=at, basis=LIABILITY)
    _tell(order, "reject", _("改正未获认可：%(number)s") % {"number": number}, order.answer, at)
    return order


def awaiting_judgement(clocks: Collection[Clock]) -> set[int]:
    """Ids of the clocks whose correction was reported in time and waits to be judged: until then nothing runs out."""
    numbers = {clock.number: clock.pk for clock in clocks if clock.kind == RECTIFICATION}
    if not numbers:
        return set()
    reported = RectificationOrder.objects.filter(status=OrderStatus.REPORTED, reported_on__lte=F("due_on"))
    return {numbers[number] for number in reported.filter(number__in=numbers).values_list("number", flat=True)}


def draft_recommendation(clock: Clock, *, at: dt.datetime) -> None:
    """Not corrected in time: draft a recommendation for discipline, for a person to decide (第三十条)."""
    if clock.kind != RECTIFICATION:
        return
    order = RectificationOrder.objects.get(number=clock.number)
    _draft, new = DisciplineRecommendation.objects.get_or_create(order=order, defaults={"drafted_at": at})
    if new:
        record(order, "draft-discipline", by=PLATFORM, at=at, basis=LIABILITY)


def _decide(
    verb: str, *, number: str, by: User, at: dt.datetime, text: str, what: str, field: str
) -> DisciplineRecommendation:
    rows = DisciplineRecommendation.objects.select_for_update(of=("self",))
    recommendation = rows.select_related("order__agency", "order__ordered_by_agency").get(order__number=number)
    policies.require(by, verb, recommendation)
    recommendation.status = RECOMMENDATIONS.target(verb, RecommendationStatus(recommendation.status))
    _required({field: (text, what)}, subject_of(recommendation.order), verb)
    recommendation.text, recommendation.decided_by, recommendation.decided_at = text.strip(), by, at
    recommendation.save(update_fields=["status", "text", "decided_by", "decided_at"])
    record(recommendation.order, verb, by=by, at=at, basis=LIABILITY)
    return recommendation


@transaction.atomic
def recommend_discipline(*, number: str, by: User, at: dt.datetime, text: str) -> DisciplineRecommendation:
    """Recommend discipline of the persons responsible (第三十条); the competent body decides on it."""
    return _decide("recommend-discipline", number=number, by=by, at=at, text=text, what=_("处分建议"), field="text")


@transaction.atomic
def drop_discipline(*, number: str, by: User, at: dt.datetime, reasons: str) -> DisciplineRecommendation:
    """Make no recommendation, with reasons."""
    return _decide("drop-discipline", number=number, by=by, at=at, text=reasons, what=_("理由"), field="reasons")
