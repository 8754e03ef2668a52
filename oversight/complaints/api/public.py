"""REST for complainants: to whom, filing, tracking by code, withdrawing. The same services as the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from guiyang_data.accounts.models import SystemAccessToken, User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.signin import client_address
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.faces.api import act_once
from guiyang_data.faces.text import whole_number
from guiyang_data.ledger.services import PUBLIC, Actor
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.complaints.api import serializers
from oversight.complaints.models import Complaint, ComplaintQuestion, Concern
from oversight.complaints.policies import visible_to
from oversight.complaints.receivers import receivers_for
from oversight.complaints.selectors import (
    agencies_to_complain_about,
    clocks_by_receipt,
    complaint_statistics,
    holder_of_complaint,
    receipts_of,
)
from requests_app.services import Party
from requests_app.visitors import check_code, count_contact
from sharing.materials.found import find_matter
from sharing.materials.workflow import NO_REPEAT

SCOPE = "complaints:file"
CODE_HEADER = "X-Tracking-Code"
CODE = OpenApiParameter(CODE_HEADER, str, OpenApiParameter.HEADER, description="查询码")


class Anyone(BasePermission):
    """No account is needed; a system's token must carry the scope all the same."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, SystemAccessToken):
            return bool(request.auth.allow_scopes([SCOPE]))
        return True


class FilingThrottle(AnonRateThrottle):
    """Filing without an account."""

    scope = "complaint-filing"
    rate = "20/hour"

    def get_ident(self, request: Request) -> str:
        """The address that our own proxies vouch for; a header that the visitor wrote counts for nothing."""
        return client_address(request._request)


def principal_of(request: Request, number: str) -> Principal:
    """The holder of the code in ``X-Tracking-Code``, else whoever calls. A code that does not fit is refused."""
    code = request.headers.get(CODE_HEADER, "")
    if not code:
        return request.user
    return check_code(request._request, number, code, find=holder_of_complaint, begins="TS")


class ReceiverList(APIView):
    """To whom a complaint about an agency may go."""

    permission_classes = [Anyone]

    @extend_schema(
        parameters=[OpenApiParameter("agency", str, required=True, description="被投诉举报机关的统一社会信用代码")],
        responses=serializers.ComplaintReceiverSerializer(many=True),
        summary="可以向谁投诉举报（第二十九条）",
    )
    def get(self, request: Request) -> Response:
        agency = agencies_to_complain_about().filter(code=request.query_params.get("agency", "")).first()
        if agency is None:
            raise NotSeen("没有这个机关。请用 agency 参数给出机关的统一社会信用代码。")
        return Response(serializers.ComplaintReceiverSerializer(receivers_for(agency), many=True).data)


class Statistics(APIView):
    """How complaints were handled."""

    permission_classes = [Anyone]

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="默认今年")],
        responses=serializers.ComplaintStatisticsSerializer,
        summary="投诉举报的件数和结果",
    )
    def get(self, request: Request) -> Response:
        asked = whole_number(request.query_params.get("year", "")[:4])
        year = asked if asked and asked > 1 else today().year
        return Response(serializers.ComplaintStatisticsSerializer(complaint_statistics(year, today=today())).data)


class Filing(APIView):
    """Filing a complaint."""

    permission_classes = [Anyone]
    throttle_classes = [FilingThrottle]

    @extend_schema(
        request=serializers.FileComplaintInput,
        responses={201: serializers.FiledComplaintSerializer},
        summary="提出投诉举报（第二十九条）",
    )
    def post(self, request: Request) -> Response:
        sent = serializers.FileComplaintInput(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        party = Party(**{name: data.pop(name) for name in serializers.PARTY})
        by: Actor = request.user if isinstance(request.user, User) else PUBLIC

        def act() -> dict[str, Any]:
            count_contact(request.user, Party() if data["anonymous"] else party)
            filed = _filed(by=by, party=party, on=today(), at=now(), **data)
            clocks = clocks_by_receipt(receipts_of(filed.complaint))
            return {
                "number": filed.complaint.number,
                "code": filed.code,
                "due_on": min(clock.due_on for clock in clocks.values()).isoformat(),
                "url": filed.complaint.get_absolute_url(),
            }

        # what is filed anonymously leaves no trace of the account it was sent from
        return act_once(request, act, status=201, actor="anonymous" if data["anonymous"] else "")


def _filed(*, service_matter: int | None, materials: list[int], **data: Any) -> services.FiledComplaint:
    """Filed as any complaint, or as a report of a repeated demand where it names the matter."""
    if service_matter is None:
        return services.file_complaint(**data)
    found = find_matter(service_matter, public=True)
    if found.agency != data.pop("agency") or data.pop("concern") != Concern.REPEATED_DEMAND:
        message = "事项不是这个机关办理的，或者情形不是重复提交（repeated-demand）。"
        raise RuleBroken(message, basis=NO_REPEAT, fields={"service_matter": message})
    text = data.pop("matter")
    return services.report_repeated_demand(matter=found, materials=materials, text=text, **data)


def find_own(request: Request, number: str) -> tuple[Complaint, Principal]:
    """One's own complaint, and as whom one has it."""
    principal = principal_of(request, number)
    rows = Complaint.objects.select_related("agency", "complainant").filter(number=number)
    found = visible_to(principal, rows).first()
    if found is None:
        raise NotSeen("没有这件投诉举报，或者查询码不相符。")
    return found, principal


class Own(APIView):
    """One's own complaint, by account or code."""

    permission_classes = [Anyone]

    @extend_schema(responses=serializers.OwnComplaintSerializer, parameters=[CODE], summary="查询自己的投诉举报")
    def get(self, request: Request, number: str) -> Response:
        found, _principal = find_own(request, number)
        return Response(serializers.own_detail(found, list(receipts_of(found))))


class _OwnAct(APIView):
    """Base of an act by the complainant."""

    permission_classes = [Anyone]
    input_class: type[Any] = serializers.ComplaintNothingInput

    def post(self, request: Request, number: str) -> Response:
        found, principal = find_own(request, number)
        sent = self.input_class(data=request.data)
        sent.is_valid(raise_exception=True)

        def act() -> dict[str, Any]:
            self.perform(found, principal, dict(sent.validated_data))
            return {"number": found.number, "status": [row.status for row in receipts_of(found)]}

        return act_once(request, act, actor=found.number if found.anonymous else "")

    def perform(self, found: Complaint, principal: Principal, data: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


@extend_schema(
    request=serializers.ComplaintWithdrawInput,
    responses=serializers.ComplaintStateSerializer,
    parameters=[CODE],
    summary="撤回投诉举报",
    methods=["POST"],
)
class Withdraw(_OwnAct):
    """撤回投诉举报."""

    input_class = serializers.ComplaintWithdrawInput

    def perform(self, found: Complaint, principal: Principal, data: dict[str, Any]) -> None:
        services.withdraw_complaint(complaint_id=found.pk, by=principal, on=today(), at=now(), **data)


@extend_schema(
    request=serializers.ComplaintAnswerQuestionInput,
    responses=serializers.ComplaintStateSerializer,
    parameters=[CODE],
    summary="回答询问",
    methods=["POST"],
)
class AnswerQuestion(_OwnAct):
    """回答询问."""

    input_class = serializers.ComplaintAnswerQuestionInput

    def perform(self, found: Complaint, principal: Principal, data: dict[str, Any]) -> None:
        question = ComplaintQuestion.objects.filter(receipt__complaint=found, pk=data["question"]).first()
        if question is None:
            raise NotSeen("没有这个询问。")
        services.answer_complaint_question(question_id=question.pk, by=principal, text=data["text"], at=now())
