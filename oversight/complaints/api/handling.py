"""REST for receivers: complaints in sight and the acts on them, and statements asked of one's own agency."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act
from guiyang_data.faces.api import Pages
from guiyang_data.faces.calls import CaseActView, described
from guiyang_data.statute.cases import by_due_day
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from oversight import services
from oversight.complaints.api import serializers
from oversight.complaints.found import find_receipt, find_statement, receipt_acts
from oversight.complaints.models import ComplaintReceipt, ComplaintStatement
from oversight.complaints.policies import RECEIPT_POLICY
from oversight.complaints.selectors import clocks_by_receipt, receipts_in_sight, statements_in_sight

HANDLE = requires_scope("complaints:handle")


def staff_of(request: Request) -> User:
    """The member or system of an agency who calls."""
    if not is_staff_member(request.user):
        raise NotSeen("这个接口供机关办理投诉举报使用。查询自己的投诉举报，请用编号和查询码。")
    return cast(User, request.user)


class _Handling(APIView):
    permission_classes = [HANDLE]

    def in_pages(self, request: Request, rows: Any, serializer: type[Any]) -> Response:
        """A page of rows."""
        pages = Pages()
        shown: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(serializer(shown, many=True).data)


class ReceiptList(_Handling):
    """Complaints in sight, what is due first on top."""

    @extend_schema(responses=serializers.ComplaintReceiptSerializer(many=True), summary="本机关办理和监督的投诉举报")
    def get(self, request: Request) -> Response:
        rows = by_due_day(receipts_in_sight(staff_of(request)), newest="complaint__submitted_at")
        return self.in_pages(request, rows, serializers.ComplaintReceiptSerializer)


class ReceiptDetail(_Handling):
    """One complaint with one receiver."""

    @extend_schema(responses=serializers.ComplaintReceiptDetailSerializer, summary="一件投诉举报")
    def get(self, request: Request, pk: int) -> Response:
        user = staff_of(request)
        receipt = find_receipt(user, pk)
        clock = clocks_by_receipt([receipt]).get(receipt.pk)
        base = f"/api/v1/complaints/receipts/{receipt.pk}/"
        context = {
            "reads": RECEIPT_POLICY.may(user, "read-matter", receipt),
            "faces": [face(clock, today())] if clock else [],
            "actions": [
                Act(verb=act.verb, label=act.label, url=f"{base}{act.verb}/", article=act.article)
                for act in receipt_acts(user, receipt)
            ],
        }
        return Response(serializers.ComplaintReceiptDetailSerializer(receipt, context=context).data)


class _ReceiptAct(CaseActView):
    """An act on a receipt, whose state is given back."""

    permission_classes = [HANDLE]
    gives = serializers.ReceiptStateSerializer

    def find(self, request: Request, **key: Any) -> ComplaintReceipt:
        return find_receipt(staff_of(request), key["pk"])

    def named(self, case: ComplaintReceipt) -> dict[str, Any]:
        return {"receipt_id": case.pk}

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        receipt = ComplaintReceipt.objects.get(pk=self.kwargs["pk"])  # no longer in sight of whoever passed it on
        return {"id": receipt.pk, "status": receipt.status}


@described
class Receive(_ReceiptAct):
    """登记，开始调查."""

    service = staticmethod(services.receive_complaint)


@described
class AskQuestion(_ReceiptAct):
    """询问投诉举报人."""

    service = staticmethod(services.ask_complainant)
    body = serializers.ComplaintWordsInput


@described
class AskStatement(_ReceiptAct):
    """要求有关机关说明."""

    service = staticmethod(services.ask_statement)
    body = serializers.ComplaintStatementRequestInput


@described
class AddNote(_ReceiptAct):
    """记录调查情况."""

    service = staticmethod(services.note_investigation)
    body = serializers.ComplaintWordsInput


@described
class Answer(_ReceiptAct):
    """反馈处理结果."""

    service = staticmethod(services.answer_complaint)
    takes_day = True
    body = serializers.ComplaintAnswerInput


@described
class Decline(_ReceiptAct):
    """不予受理."""

    service = staticmethod(services.decline_complaint)
    takes_day = True
    body = serializers.ComplaintReasonsInput


@described
class DraftFinding(_ReceiptAct):
    """草拟违规情形认定."""

    service = staticmethod(services.draft_complaint_finding)
    body = serializers.ComplaintItemInput


@described
class Transfer(_ReceiptAct):
    """移送有权处理的机关."""

    service = staticmethod(services.transfer_complaint)
    takes_day = True
    body = serializers.ComplaintTransferInput


@described
class HandOff(_ReceiptAct):
    """登记转送."""

    service = staticmethod(services.hand_off_complaint)
    takes_day = True
    body = serializers.ComplaintHandOffInput


@described
class RecordAnswer(_ReceiptAct):
    """登记对方的处理结果."""

    service = staticmethod(services.record_outside_answer)
    takes_day = True
    body = serializers.ComplaintResultInput


class StatementList(_Handling):
    """Statements asked of one's own agency."""

    @extend_schema(responses=serializers.ComplaintStatementSerializer(many=True), summary="要求本机关说明的事项")
    def get(self, request: Request) -> Response:
        return self.in_pages(request, statements_in_sight(staff_of(request)), serializers.ComplaintStatementSerializer)


@described
class GiveStatement(CaseActView):
    """提交说明."""

    permission_classes = [HANDLE]
    service = staticmethod(services.give_statement)
    body = serializers.ComplaintWordsInput
    gives = serializers.ComplaintStatementSerializer

    def find(self, request: Request, **key: Any) -> ComplaintStatement:
        return find_statement(staff_of(request), key["pk"])

    def named(self, case: ComplaintStatement) -> dict[str, Any]:
        return {"statement_id": case.pk}
