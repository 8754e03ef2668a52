"""REST for those who open data: plans, their judging, opening, and taking back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from opendata import policies, selectors, services
from opendata.api import serializers as shapes
from opendata.cases import find_dataset, find_entry, find_plan, plan_acts
from opendata.models import OpenDataset, OpeningPlan
from opendata.tasks import queue_publish


def _clocks(plan: OpeningPlan) -> list[dict[str, Any]]:
    if plan.review is None:
        return []
    faces = [face(clock, today()) for clock in clocks_of(plan.review)]
    return [
        {"kind": one.kind, "state": one.state, "due_on": one.due_on.isoformat(), "statutory": one.statutory}
        for one in faces
    ]


def _job(plan: OpeningPlan) -> dict[str, Any] | None:
    job = selectors.last_job(plan)
    return {"state": job.state, "progress": job.progress, "message": job.message} if job else None


def plan_body(user: User, pk: int) -> dict[str, Any]:
    """A plan as the API shows it to ``user``."""
    plan = find_plan(user, pk)
    context = {"acts": lambda one: plan_acts(user, one), "clocks": _clocks, "job": _job}
    return dict(shapes.OpeningPlanSerializer(plan, context=context).data)


class OpeningView(APIView):
    """Base: people signed in, or systems with the scope."""

    permission_classes = (requires_scope("opendata:write"),)


class PlansView(OpeningView):
    """Plans of one's own agencies."""

    @extend_schema(summary="开放方案清单", responses=shapes.OpeningPlanListSerializer(many=True))
    def get(self, request: Request) -> Response:
        plans = policies.plans_visible_to(cast(User, request.user), OpeningPlan.objects.select_related("revision"))
        pages = Pages()
        page = pages.paginate_queryset(plans.order_by("-created_at", "-pk"), request, view=self)
        return pages.get_paginated_response(shapes.OpeningPlanListSerializer(page, many=True).data)

    @extend_schema(
        summary="编制开放方案", request=shapes.NewOpeningPlanSerializer, responses={201: shapes.OpeningPlanSerializer}
    )
    def post(self, request: Request) -> Response:
        user = cast(User, request.user)
        given = shapes.NewOpeningPlanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        entry = find_entry(user, given.validated_data["entry"])

        def act() -> dict[str, Any]:
            techniques = given.validated_data.get("techniques")
            plan = services.plan_opening(entry_id=entry.pk, by=user, at=now(), techniques=techniques)
            return plan_body(user, plan.pk)

        return act_once(request, act, status=201)


class PlanView(OpeningView):
    """One plan."""

    @extend_schema(summary="开放方案", responses=shapes.OpeningPlanSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(plan_body(cast(User, request.user), pk))


class PlanActView(OpeningView):
    """Base of acts on a plan."""

    def carry(self, request: Request, pk: int, act: Callable[[User, int], object]) -> Response:
        """Carry ``act`` out once on a visible plan; answers with the plan as it stands then."""
        user = cast(User, request.user)
        plan = find_plan(user, pk)

        def once() -> dict[str, Any]:
            act(user, plan.pk)
            return plan_body(user, plan.pk)

        return act_once(request, once)


class EditPlanView(PlanActView):
    """Change the techniques."""

    @extend_schema(summary="修改开放方案", request=shapes.TechniquesSerializer, responses=shapes.OpeningPlanSerializer)
    def post(self, request: Request, pk: int) -> Response:
        given = shapes.TechniquesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        techniques = given.validated_data["techniques"]
        return self.carry(
            request, pk, lambda by, plan: services.edit_plan(plan_id=plan, by=by, at=now(), techniques=techniques)
        )


class SubmitPlanView(PlanActView):
    """Ask for the confidentiality review."""

    @extend_schema(summary="提请保密审查", request=shapes.OpeningActSerializer, responses=shapes.OpeningPlanSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.carry(request, pk, lambda by, plan: services.submit_plan(plan_id=plan, by=by, at=now()))


class DecidePlanView(PlanActView):
    """Conclude the review."""

    @extend_schema(
        summary="作出保密审查结论", request=shapes.PlanDecisionSerializer, responses=shapes.OpeningPlanSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        given = shapes.PlanDecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        return self.carry(request, pk, lambda by, plan: services.decide_plan(plan_id=plan, by=by, at=now(), **values))


class DropPlanView(PlanActView):
    """Give a plan up."""

    @extend_schema(summary="放弃开放方案", request=shapes.OpeningActSerializer, responses=shapes.OpeningPlanSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.carry(request, pk, lambda by, plan: services.drop_plan(plan_id=plan, by=by, at=now()))


class PublishView(PlanActView):
    """Carry a cleared plan out; the answer's ``job`` tells how far it is."""

    @extend_schema(summary="开放数据", request=shapes.OpeningActSerializer, responses=shapes.OpeningPlanSerializer)
    def post(self, request: Request, pk: int) -> Response:
        def act(by: User, plan: int) -> None:
            with transaction.atomic():
                queue_publish(services.publish(plan_id=plan, by=by, at=now()).pk)

        return self.carry(request, pk, act)


class DatasetActView(OpeningView):
    """Base of acts on a data set."""

    def carry(self, request: Request, slug: str, act: Callable[[User, OpenDataset], OpenDataset]) -> Response:
        """Carry ``act`` out once on a data set of one's own agency."""
        user = cast(User, request.user)
        pk = OpenDataset.objects.filter(slug=slug).values_list("pk", flat=True).first()
        if pk is None:
            raise NotSeen("没有找到这个数据集。请核对标识后重试。")
        dataset = find_dataset(user, pk)

        def once() -> dict[str, Any]:
            done = act(user, dataset)
            return {"slug": done.slug, "status": str(done.status)}

        return act_once(request, once)


class WithdrawDatasetView(DatasetActView):
    """Take a data set back."""

    @extend_schema(
        summary="撤回开放数据", request=shapes.WithdrawalReasonsSerializer, responses=shapes.DatasetStandingSerializer
    )
    def post(self, request: Request, slug: str) -> Response:
        given = shapes.WithdrawalReasonsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reasons = given.validated_data["reasons"]
        return self.carry(
            request,
            slug,
            lambda by, one: services.withdraw_dataset(dataset_id=one.pk, by=by, at=now(), reasons=reasons),
        )


class RepublishView(DatasetActView):
    """Put a withdrawn data set back."""

    @extend_schema(summary="重新开放", request=shapes.OpeningActSerializer, responses=shapes.DatasetStandingSerializer)
    def post(self, request: Request, slug: str) -> Response:
        return self.carry(request, slug, lambda by, one: services.republish(dataset_id=one.pk, by=by, at=now()))
