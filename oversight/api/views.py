"""Oversight over REST: what is late, and the same acts as on the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.faces.acts import Act
from guiyang_data.faces.api import Pages
from guiyang_data.faces.calls import CaseActView, described
from guiyang_data.statute.selectors import clocks_of
from guiyang_data.timekeeping import today
from oversight import services
from oversight.api import serializers
from oversight.cases import escalation_acts, find_escalation, find_finding, find_order, finding_acts, order_acts
from oversight.models import Escalation, Finding, RectificationOrder
from oversight.selectors import escalations_in_sight, findings_in_sight, late_cases, orders_in_sight

READ = requires_scope("oversight:read")


class _Reading(APIView):
    permission_classes = [READ]

    def in_pages(self, request: Request, rows: Any, serializer: type[Any]) -> Response:
        """A page of rows."""
        pages = Pages()
        shown: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(serializer(shown, many=True).data)


def api_acts(found: list[Act], base: str) -> list[Act]:
    """Acts with their REST addresses."""
    return [Act(verb=act.verb, label=act.label, url=f"{base}{act.verb}/", article=act.article) for act in found]


class OverdueList(_Reading):
    """Cases in sight that ran out and are not dealt with."""

    @extend_schema(responses=serializers.OverdueSerializer(many=True), summary="逾期未处理完毕的事项")
    def get(self, request: Request) -> Response:
        return self.in_pages(request, late_cases(request.user, today()), serializers.OverdueSerializer)


class EscalationList(_Reading):
    """Escalations in sight."""

    @extend_schema(responses=serializers.EscalationSerializer(many=True), summary="逾期上报")
    def get(self, request: Request) -> Response:
        return self.in_pages(request, escalations_in_sight(request.user), serializers.EscalationSerializer)


class EscalationDetail(_Reading):
    """One escalation."""

    @extend_schema(responses=serializers.EscalationSerializer, summary="一件逾期上报")
    def get(self, request: Request, pk: int) -> Response:
        escalation = find_escalation(request.user, pk)
        actions = api_acts(escalation_acts(request.user, escalation), request.path)
        return Response(serializers.EscalationSerializer(escalation, context={"actions": actions}).data)


class FindingList(_Reading):
    """Findings in sight."""

    @extend_schema(responses=serializers.FindingSerializer(many=True), summary="违规情形认定")
    def get(self, request: Request) -> Response:
        return self.in_pages(request, findings_in_sight(request.user), serializers.FindingSerializer)


class FindingDetail(_Reading):
    """One finding."""

    @extend_schema(responses=serializers.FindingSerializer, summary="一项违规情形认定")
    def get(self, request: Request, pk: int) -> Response:
        finding = find_finding(request.user, pk)
        actions = api_acts(finding_acts(request.user, finding), request.path)
        return Response(serializers.FindingSerializer(finding, context={"actions": actions}).data)


class OrderList(_Reading):
    """Orders in sight."""

    @extend_schema(responses=serializers.OrderSerializer(many=True), summary="责令改正")
    def get(self, request: Request) -> Response:
        return self.in_pages(request, orders_in_sight(request.user), serializers.OrderSerializer)


class OrderDetail(_Reading):
    """One order."""

    @extend_schema(responses=serializers.OrderSerializer, summary="一项责令改正")
    def get(self, request: Request, number: str) -> Response:
        order = find_order(request.user, number)
        context = {
            "actions": api_acts(order_acts(request.user, order), request.path),
            "clocks": clocks_of(order),
        }
        return Response(serializers.OrderSerializer(order, context=context).data)


class _EscalationAct(CaseActView):
    permission_classes = [READ]
    gives: type[Any] = serializers.EscalationSerializer

    def find(self, request: Request, **key: Any) -> Escalation:
        return find_escalation(request.user, key["pk"])

    def named(self, case: Escalation) -> dict[str, Any]:
        return {"escalation_id": case.pk}


@described
class Urge(_EscalationAct):
    """督办."""

    service = staticmethod(services.urge)
    body = serializers.UrgeSerializer


@described
class Conclude(_EscalationAct):
    """记录处理结果."""

    service = staticmethod(services.conclude)
    body = serializers.ConcludeSerializer


@described
class FindIgnored(_EscalationAct):
    """对逾期未反馈的投诉举报草拟认定."""

    service = staticmethod(services.find_ignored)
    takes_day = True
    gives = serializers.FindingSerializer
    status = 201


class _FindingAct(CaseActView):
    permission_classes = [READ]
    gives: type[Any] = serializers.FindingSerializer

    def find(self, request: Request, **key: Any) -> Finding:
        return find_finding(request.user, key["pk"])

    def named(self, case: Finding) -> dict[str, Any]:
        return {"finding_id": case.pk}


@described
class Confirm(_FindingAct):
    """认定违规情形."""

    service = staticmethod(services.confirm_finding)
    takes_day = True
    body = serializers.ConfirmSerializer


@described
class Dismiss(_FindingAct):
    """不予认定."""

    service = staticmethod(services.dismiss_finding)
    body = serializers.ReasonsSerializer


def order_with_clocks(order: RectificationOrder) -> dict[str, Any]:
    """An order as it stands."""
    return dict(serializers.OrderSerializer(order, context={"clocks": clocks_of(order)}).data)


@described
class Order(_FindingAct):
    """责令限期改正，通报批评."""

    service = staticmethod(services.order_rectification)
    takes_day = True
    body = serializers.OrderingSerializer
    gives = serializers.OrderSerializer
    status = 201

    def shown(self, request: Request, done: RectificationOrder) -> dict[str, Any]:
        return order_with_clocks(done)


class _OrderAct(CaseActView):
    permission_classes = [READ]
    gives = serializers.OrderSerializer

    def find(self, request: Request, **key: Any) -> RectificationOrder:
        return find_order(request.user, key["number"])

    def named(self, case: RectificationOrder) -> dict[str, Any]:
        return {"number": case.number}

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        return order_with_clocks(self.find(request, **self.kwargs))


@described
class Report(_OrderAct):
    """报告改正情况."""

    service = staticmethod(services.report_rectification)
    takes_day = True
    body = serializers.ReportSerializer


@described
class Accept(_OrderAct):
    """认可改正."""

    service = staticmethod(services.accept_rectification)
    body = serializers.AcceptSerializer


@described
class Reject(_OrderAct):
    """不认可，继续改正."""

    service = staticmethod(services.reject_rectification)
    takes_day = True
    body = serializers.ReasonsSerializer


@described
class Recommend(_OrderAct):
    """提出处分建议."""

    service = staticmethod(services.recommend_discipline)
    body = serializers.RecommendSerializer


@described
class Drop(_OrderAct):
    """不提出处分建议."""

    service = staticmethod(services.drop_discipline)
    body = serializers.ReasonsSerializer
