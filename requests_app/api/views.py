"""REST: requests. The same services as the pages; an ``Idempotency-Key`` carries an act out once."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import ReasonableJSONParser, act_once
from guiyang_data.notices.following import followers
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.api.access import CODE_HEADER, Anyone, Worker, principal_of, worker_of
from requests_app.api.serializers import (
    AnswerInput,
    DraftReplyInput,
    FulfilInput,
    NothingInput,
    ReasonsInput,
    RequestDetailSerializer,
    StateSerializer,
    TextInput,
    TransferInput,
)
from requests_app.models import OpenRequest
from requests_app.selectors import delivered_replies, draft_of, filed_with, linked_to, published_reviews, with_relations
from requests_app.services import Party, ReplyText
from requests_app.views.parts import take_papers
from requests_app.views.staff import staff_acts

CODE_PARAMETER = OpenApiParameter(CODE_HEADER, str, OpenApiParameter.HEADER, description="查询码")
PARTY = ("kind", "name", "show_name", "mail", "phone")


def party_in(data: dict[str, Any]) -> Party:
    """Take the party's fields out of what was sent."""
    return Party(**{name: data.pop(name) for name in PARTY})


def find_request(number: str) -> OpenRequest:
    """The request; everyone may know that it exists."""
    found = with_relations(OpenRequest.objects.filter(number=number)).first()
    if found is None:
        raise NotSeen(f"没有编号为 {number} 的申请。")
    return found


class RequestView(APIView):
    """One request."""

    permission_classes = [Anyone]

    @extend_schema(responses=RequestDetailSerializer, parameters=[CODE_PARAMETER], summary="一件开放需求申请")
    def get(self, request: Request, number: str) -> Response:
        found = find_request(number)
        principal = principal_of(request, number)
        user = request.user
        actions = []
        if isinstance(user, User) and is_staff_member(user):
            seen = policies.visible_to(user, OpenRequest.objects.filter(pk=found.pk)).exists()
            actions = staff_acts(user, found, draft_of(found)) if seen else []
        detail = {
            "request": found,
            "clocks": [face(clock, today()) for clock in clocks_of(found)],
            "replies": list(delivered_replies(found)),
            "reviews": [review.number for review in published_reviews().filter(reply__request=found)],
            "linked": [row.number for row in linked_to(found)] if policies.works_on(user, found) else [],
            "together": [row.number for row in filed_with(number) if row.number != number],
            "followers": followers(found),
            "actions": actions,
            "own": policies.is_applicant(principal, found),
        }
        return Response(RequestDetailSerializer(detail).data)


class RequestActView(APIView):
    """Base of an act by an agency: its member or its system."""

    permission_classes = [Worker]
    input_class: type[Any] = NothingInput

    def post(self, request: Request, number: str) -> Response:
        sent = self.input_class(data=request.data)
        sent.is_valid(raise_exception=True)
        found = self.find(request, number)

        def act() -> dict[str, Any]:
            self.perform(request, found, dict(sent.validated_data))
            found.refresh_from_db()
            return {"number": found.number, "status": found.status}

        return act_once(request, act)

    def find(self, request: Request, number: str) -> OpenRequest:
        """The case, where this principal may see the whole of it."""
        rows = policies.visible_to(request.user, OpenRequest.objects.filter(number=number))
        found = rows.first()
        if found is None:
            raise NotSeen(f"没有编号为 {number} 的申请，或者它由其他机关答复。")
        return found

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


class OwnRequestActView(RequestActView):
    """Base of an act by the applicant."""

    permission_classes = [Anyone]

    def find(self, request: Request, number: str) -> OpenRequest:
        principal = principal_of(request, number)
        found = policies.visible_to(principal, OpenRequest.objects.filter(number=number)).first()
        if found is None:
            raise NotSeen("没有这件申请，或者查询码不相符。")
        return found


def _documented(view: type[APIView], input_class: type[Any], summary: str, *, own: bool = False) -> type[APIView]:
    parameters = [CODE_PARAMETER] if own else []
    return extend_schema(
        request=input_class, responses=StateSerializer, summary=summary, parameters=parameters, methods=["POST"]
    )(view)


class DraftReplyView(RequestActView):
    """Draft the reply, as JSON or, with papers, as a form; the papers are looked into once it is drafted."""

    input_class = DraftReplyInput
    parser_classes = [ReasonableJSONParser, MultiPartParser]

    def post(self, request: Request, number: str) -> Response:
        response = super().post(request, number)
        found = self.find(request, number)
        if found.is_open:  # files are read once nothing is locked any more
            services.inspect_papers(request_id=found.pk, by=worker_of(request), at=now())
        return response

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        by = worker_of(request)
        papers = take_papers(data.pop("file"), by=by, at=now(), purpose="reply", token=uuid.uuid4().hex)
        services.draft_reply(
            request_id=found.pk,
            by=by,
            text=ReplyText(**data),
            papers=papers,
            on=today(),
            at=now(),
        )


class DeliverView(RequestActView):
    """Approve and deliver."""

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.deliver_reply(request_id=found.pk, by=worker_of(request), on=today(), at=now())


class ReturnDraftView(RequestActView):
    """Send a draft back."""

    input_class = ReasonsInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.return_draft(request_id=found.pk, by=worker_of(request), on=today(), at=now(), **data)


class TransferView(RequestActView):
    """Hand to another agency."""

    input_class = TransferInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.transfer(request_id=found.pk, by=worker_of(request), on=today(), at=now(), **data)


class AskQuestionView(RequestActView):
    """Ask the applicant."""

    input_class = TextInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.ask_question(request_id=found.pk, by=worker_of(request), on=today(), at=now(), **data)


class FulfilView(RequestActView):
    """Record that the promise is kept."""

    input_class = FulfilInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.fulfil(request_id=found.pk, by=worker_of(request), on=today(), at=now(), **data)


class ReplyAnewView(RequestActView):
    """Reply anew."""

    input_class = ReasonsInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.reply_anew(request_id=found.pk, by=worker_of(request), on=today(), at=now(), **data)


class WithdrawView(OwnRequestActView):
    """Withdraw."""

    input_class = ReasonsInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        by = principal_of(request, found.number)
        services.withdraw_request(request_id=found.pk, by=by, on=today(), at=now(), **data)


class AnswerView(OwnRequestActView):
    """Answer a question."""

    input_class = AnswerInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        if not found.questions.filter(pk=data["question"]).exists():
            raise NotSeen("没有这个询问。")
        by = principal_of(request, found.number)
        services.answer_question(question_id=data["question"], by=by, text=data["text"], at=now())


for _view, _input, _summary, _own in (
    (DraftReplyView, DraftReplyInput, "起草答复", False),
    (DeliverView, NothingInput, "批准并送达答复", False),
    (ReturnDraftView, ReasonsInput, "退回答复草稿", False),
    (TransferView, TransferInput, "转给其他机关", False),
    (AskQuestionView, TextInput, "向申请人询问", False),
    (FulfilView, FulfilInput, "登记已落实", False),
    (ReplyAnewView, ReasonsInput, "不能落实，重新答复", False),
    (WithdrawView, ReasonsInput, "撤回申请", True),
    (AnswerView, AnswerInput, "回答询问", True),
):
    _documented(_view, _input, _summary, own=_own)
