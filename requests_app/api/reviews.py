"""REST: reviews."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.api.access import (
    Anyone,
    FilingThrottle,
    Worker,
    actor_of,
    principal_of,
    review_principal_of,
    worker_of,
)
from requests_app.api.serializers import (
    DecisionInput,
    DeclineInput,
    FiledSerializer,
    NothingInput,
    ObjectionInput,
    ReviewDetailSerializer,
    ReviewSerializer,
    StateSerializer,
    TextInput,
)
from requests_app.api.views import CODE_PARAMETER, find_request, party_in
from requests_app.models import ReviewApplication
from requests_app.selectors import published_reviews, reviews_with_relations
from requests_app.services import Decision
from requests_app.views.staff_reviews import staff_acts
from requests_app.visitors import count_contact


class ReviewListView(ListAPIView[ReviewApplication]):
    """Published results; for agencies and reviewers with ``mine=true`` their own cases."""

    permission_classes = [Anyone]
    serializer_class = ReviewSerializer

    def get_queryset(self) -> Any:
        if self.request.query_params.get("mine") == "true":
            rows = policies.visible_reviews(self.request.user, ReviewApplication.objects.all())
            return reviews_with_relations(rows).order_by("-submitted_at", "-pk")
        return published_reviews().order_by("-decided_at", "-pk")

    @extend_schema(summary="复核结果列表")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ApplyReviewView(APIView):
    """Apply for the review of a reply."""

    permission_classes = [Anyone]
    throttle_classes = [FilingThrottle]

    @extend_schema(
        request=ObjectionInput,
        responses={201: FiledSerializer},
        parameters=[CODE_PARAMETER],
        summary="申请复核（第二十一条第二款）",
    )
    def post(self, request: Request, number: str) -> Response:
        sent = ObjectionInput(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        party, found = party_in(data), find_request(number)
        by = actor_of(request, principal_of(request, number))

        def act() -> dict[str, Any]:
            count_contact(request.user, party)
            applied = services.apply_review(request_id=found.pk, by=by, party=party, on=today(), at=now(), **data)
            clock = clocks_of(applied.review).get()
            return {
                "number": applied.review.number,
                "code": applied.code,
                "due_on": clock.due_on.isoformat(),
                "url": applied.review.get_absolute_url(),
            }

        return act_once(request, act, status=201)


def _find(number: str) -> ReviewApplication:
    found = reviews_with_relations(ReviewApplication.objects.filter(number=number)).first()
    if found is None:
        raise NotSeen(f"没有编号为 {number} 的复核。")
    return found


class ReviewView(APIView):
    """One review: published, or one's own."""

    permission_classes = [Anyone]

    @extend_schema(responses=ReviewDetailSerializer, parameters=[CODE_PARAMETER], summary="一件复核")
    def get(self, request: Request, number: str) -> Response:
        found = _find(number)
        principal = review_principal_of(request, found)
        seen = policies.visible_reviews(principal, ReviewApplication.objects.filter(pk=found.pk)).exists()
        if not (seen or found.outcome):
            raise NotSeen(f"没有编号为 {number} 的已公开的复核。")
        user = request.user
        works = seen and isinstance(user, User) and is_staff_member(user)
        detail = {
            "review": found,
            "clocks": [face(clock, today()) for clock in clocks_of(found)],
            "actions": staff_acts(user, found) if works and isinstance(user, User) else [],
            "own": policies.is_objector(principal, found),
        }
        return Response(ReviewDetailSerializer(detail).data)


class ReviewActView(APIView):
    """Base of an act on a review."""

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

    def find(self, request: Request, number: str) -> ReviewApplication:
        """The review, where this principal may see the whole of it."""
        rows = policies.visible_reviews(request.user, ReviewApplication.objects.filter(number=number))
        found = reviews_with_relations(rows).first()
        if found is None:
            raise NotSeen(f"没有编号为 {number} 的复核，或者它与本机关无关。")
        return found

    def perform(self, request: Request, found: ReviewApplication, data: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


class AcceptView(ReviewActView):
    """Accept."""

    @extend_schema(request=NothingInput, responses=StateSerializer, summary="受理复核申请")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def perform(self, request: Request, found: ReviewApplication, data: dict[str, Any]) -> None:
        services.accept_review(review_id=found.pk, by=worker_of(request), on=today(), at=now())


class DeclineView(ReviewActView):
    """Decline."""

    input_class = DeclineInput

    @extend_schema(request=DeclineInput, responses=StateSerializer, summary="不予受理")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def perform(self, request: Request, found: ReviewApplication, data: dict[str, Any]) -> None:
        same = ReviewApplication.objects.filter(number=data.pop("same_as")).first()
        services.decline_review(
            review_id=found.pk,
            by=worker_of(request),
            same_as=same,
            on=today(),
            at=now(),
            **data,
        )


class StatementView(ReviewActView):
    """Submit a statement."""

    input_class = TextInput

    @extend_schema(request=TextInput, responses=StateSerializer, summary="答复机关提交说明")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def perform(self, request: Request, found: ReviewApplication, data: dict[str, Any]) -> None:
        services.submit_statement(review_id=found.pk, by=worker_of(request), on=today(), at=now(), **data)


class DecideView(ReviewActView):
    """Feed back the result."""

    input_class = DecisionInput

    @extend_schema(request=DecisionInput, responses=StateSerializer, summary="反馈复核结果")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def perform(self, request: Request, found: ReviewApplication, data: dict[str, Any]) -> None:
        decision = Decision(**data)
        services.decide_review(review_id=found.pk, by=worker_of(request), decision=decision, on=today(), at=now())


class WithdrawReviewView(ReviewActView):
    """Withdraw one's objection."""

    permission_classes = [Anyone]

    def find(self, request: Request, number: str) -> ReviewApplication:
        found = _find(number)
        if not policies.is_objector(review_principal_of(request, found), found):
            raise NotSeen("没有这件复核，或者查询码不相符。")
        return found

    @extend_schema(request=NothingInput, responses=StateSerializer, parameters=[CODE_PARAMETER], summary="撤回复核申请")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def perform(self, request: Request, found: ReviewApplication, data: dict[str, Any]) -> None:
        by = review_principal_of(request, found)
        services.withdraw_review(review_id=found.pk, by=by, on=today(), at=now())
