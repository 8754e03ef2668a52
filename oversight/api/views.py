"""Oversight over REST: what is late, and the same acts as on the pages."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.faces.acts import Act
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.statute.selectors import clocks_of
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.api import serializers
from oversight.cases import escalation_acts, find_escalation, find_finding, find_order, finding_acts, order_acts
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


class _Acting(APIView):
    """One act: what is asked for is found in sight, its values are checked, the service does it once."""

    permission_classes = [READ]
    serializer_class: type[Any]

    def values(self, request: Request) -> dict[str, Any]:
        """The checked values of the call."""
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class Urge(_Acting):
    """督办."""

    serializer_class = serializers.UrgeSerializer

    @extend_schema(request=serializers.UrgeSerializer, responses=serializers.EscalationSerializer, summary="督办")
    def post(self, request: Request, pk: int) -> Response:
        find_escalation(request.user, pk)
        values = self.values(request)

        def act() -> dict[str, Any]:
            services.urge(escalation_id=pk, by=cast(User, request.user), at=now(), **values)
            return dict(serializers.EscalationSerializer(find_escalation(request.user, pk)).data)

        return act_once(request, act)


class Conclude(_Acting):
    """记录处理结果."""

    serializer_class = serializers.ConcludeSerializer

    @extend_schema(
        request=serializers.ConcludeSerializer,
        responses=serializers.EscalationSerializer,
        summary="记录处理结果",
    )
    def post(self, request: Request, pk: int) -> Response:
        find_escalation(request.user, pk)
        values = self.values(request)

        def act() -> dict[str, Any]:
            services.conclude(escalation_id=pk, by=cast(User, request.user), at=now(), **values)
            return dict(serializers.EscalationSerializer(find_escalation(request.user, pk)).data)

        return act_once(request, act)


class FindIgnored(_Acting):
    """草拟第三十条第（八）项认定."""

    @extend_schema(
        request=None, responses={201: serializers.FindingSerializer}, summary="对逾期未反馈的投诉举报草拟认定"
    )
    def post(self, request: Request, pk: int) -> Response:
        find_escalation(request.user, pk)

        def act() -> dict[str, Any]:
            done = services.find_ignored(escalation_id=pk, by=cast(User, request.user), on=today(), at=now())
            return dict(serializers.FindingSerializer(done).data)

        return act_once(request, act, status=201)


class Confirm(_Acting):
    """认定."""

    serializer_class = serializers.ConfirmSerializer

    @extend_schema(
        request=serializers.ConfirmSerializer, responses=serializers.FindingSerializer, summary="认定违规情形"
    )
    def post(self, request: Request, pk: int) -> Response:
        find_finding(request.user, pk)
        values = self.values(request)

        def act() -> dict[str, Any]:
            services.confirm_finding(finding_id=pk, by=cast(User, request.user), on=today(), at=now(), **values)
            return dict(serializers.FindingSerializer(find_finding(request.user, pk)).data)

        return act_once(request, act)


class Dismiss(_Acting):
    """不予认定."""

    serializer_class = serializers.ReasonsSerializer

    @extend_schema(request=serializers.ReasonsSerializer, responses=serializers.FindingSerializer, summary="不予认定")
    def post(self, request: Request, pk: int) -> Response:
        find_finding(request.user, pk)
        values = self.values(request)

        def act() -> dict[str, Any]:
            services.dismiss_finding(finding_id=pk, by=cast(User, request.user), at=now(), **values)
            return dict(serializers.FindingSerializer(find_finding(request.user, pk)).data)

        return act_once(request, act)


class Order(_Acting):
    """责令限期改正，通报批评."""

    serializer_class = serializers.OrderingSerializer

    @extend_schema(
        request=serializers.OrderingSerializer,
        responses={201: serializers.OrderSerializer},
        summary="责令限期改正，通报批评",
    )
    def post(self, request: Request, pk: int) -> Response:
        find_finding(request.user, pk)
        values = self.values(request)

        def act() -> dict[str, Any]:
            order = services.order_rectification(
                finding_id=pk, by=cast(User, request.user), on=today(), at=now(), **values
            )
            return dict(serializers.OrderSerializer(order, context={"clocks": clocks_of(order)}).data)

        return act_once(request, act, status=201)


class _OrderAct(_Acting):
    """An act on an order; a subclass names the service and whether it takes the day."""

    def carry_out(self, request: Request, number: str, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def once(self, request: Request, number: str) -> Response:
        """Find the order in sight, do the act once, give back the order."""
        find_order(request.user, number)
        values = self.values(request)

        def act() -> dict[str, Any]:
            self.carry_out(request, number, values)
            order = find_order(request.user, number)
            return dict(serializers.OrderSerializer(order, context={"clocks": clocks_of(order)}).data)

        return act_once(request, act)


class Report(_OrderAct):
    """报告改正情况."""

    serializer_class = serializers.ReportSerializer

    def carry_out(self, request: Request, number: str, values: dict[str, Any]) -> None:
        services.report_rectification(number=number, by=cast(User, request.user), on=today(), at=now(), **values)

    @extend_schema(request=serializers.ReportSerializer, responses=serializers.OrderSerializer, summary="报告改正情况")
    def post(self, request: Request, number: str) -> Response:
        return self.once(request, number)


class Accept(_OrderAct):
    """认可改正."""

    serializer_class = serializers.AcceptSerializer

    def carry_out(self, request: Request, number: str, values: dict[str, Any]) -> None:
        services.accept_rectification(number=number, by=cast(User, request.user), at=now(), **values)

    @extend_schema(request=serializers.AcceptSerializer, responses=serializers.OrderSerializer, summary="认可改正")
    def post(self, request: Request, number: str) -> Response:
        return self.once(request, number)


class Reject(_OrderAct):
    """不认可，继续改正."""

    serializer_class = serializers.ReasonsSerializer

    def carry_out(self, request: Request, number: str, values: dict[str, Any]) -> None:
        services.reject_rectification(number=number, by=cast(User, request.user), on=today(), at=now(), **values)

    @extend_schema(
        request=serializers.ReasonsSerializer, responses=serializers.OrderSerializer, summary="不认可，继续改正"
    )
    def post(self, request: Request, number: str) -> Response:
        return self.once(request, number)


class Recommend(_OrderAct):
    """提出处分建议."""

    serializer_class = serializers.RecommendSerializer

    def carry_out(self, request: Request, number: str, values: dict[str, Any]) -> None:
        services.recommend_discipline(number=number, by=cast(User, request.user), at=now(), **values)

    @extend_schema(
        request=serializers.RecommendSerializer, responses=serializers.OrderSerializer, summary="提出处分建议"
    )
    def post(self, request: Request, number: str) -> Response:
        return self.once(request, number)


class Drop(_OrderAct):
    """不提出处分建议."""

    serializer_class = serializers.ReasonsSerializer

    def carry_out(self, request: Request, number: str, values: dict[str, Any]) -> None:
        services.drop_discipline(number=number, by=cast(User, request.user), at=now(), **values)

    @extend_schema(
        request=serializers.ReasonsSerializer, responses=serializers.OrderSerializer, summary="不提出处分建议"
    )
    def post(self, request: Request, number: str) -> Response:
        return self.once(request, number)
