"""REST for pulls: the same services, the same visibility, the same acts as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies, services
from catalog.api import pull_serializers as shapes
from catalog.api.systems import action_rows
from catalog.api.views import ScopedView, find_entry, user_of
from catalog.cases import find_pull, pull_acts
from catalog.models import Pull, PullRun
from catalog.trying import first_rows
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.timekeeping import now

UNSEEN, REFUSED = refusals(401, 403, 404), refusals(401, 403, 404, 409, 422)


def pull_detail(request: Request, pull: Pull) -> dict[str, Any]:
    """A pull as it stands, with the acts of the caller."""
    context = {"actions": action_rows(pull_acts(user_of(request), pull))}
    return dict(shapes.PullDetailSerializer(pull, context=context).data)


class PullListView(ScopedView, ListAPIView[Pull]):
    """The pulls of an entry: listed, and set up."""

    serializer_class = shapes.PullRowSerializer
    filter_backends: list[Any] = []
    queryset = Pull.objects.none()

    def get_queryset(self) -> QuerySet[Pull]:
        if getattr(self, "swagger_fake_view", False):
            return Pull.objects.none()
        user = user_of(self.request)
        entry = find_entry(user, self.kwargs["pk"])
        return policies.visible_pulls(user, entry.pulls.select_related("entry")).order_by("pk")

    @extend_schema(summary="定时拉取清单", responses={200: shapes.PullRowSerializer(many=True), **UNSEEN})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="设置定时拉取",
        parameters=[IDEMPOTENCY],
        request=shapes.PullFactsSerializer,
        responses={201: shapes.PullDetailSerializer, **REFUSED},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        policies.require(user, "add-pull", entry)
        values = checked(shapes.PullFactsSerializer, request)

        def act() -> dict[str, Any]:
            made = services.add_pull(entry_id=entry.pk, by=user, at=now(), **values)
            return pull_detail(request, find_pull(user, made.pk))

        return act_once(request, act, status=201)


class TryPullView(ScopedView):
    """What a pull would bring, before it is set up."""

    @extend_schema(
        summary="试取第一页，看前几行；不保存、不入库",
        request=shapes.PullFactsSerializer,
        responses={200: shapes.TriedRowsSerializer, **REFUSED},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        policies.require(user, "try-pull", entry)
        values = checked(shapes.PullFactsSerializer, request)
        return Response(shapes.TriedRowsSerializer(first_rows(user, entry, values["facts"])).data)


class PullView(ScopedView):
    """One pull."""

    @extend_schema(summary="一项定时拉取", responses={200: shapes.PullDetailSerializer, **UNSEEN})
    def get(self, request: Request, pk: int) -> Response:
        return Response(pull_detail(request, find_pull(user_of(request), pk)))


class PullRunListView(ScopedView, ListAPIView[PullRun]):
    """How it went, the newest first."""

    serializer_class = shapes.PullRunSerializer
    filter_backends: list[Any] = []
    queryset = PullRun.objects.none()

    def get_queryset(self) -> QuerySet[PullRun]:
        if getattr(self, "swagger_fake_view", False):
            return PullRun.objects.none()
        runs = find_pull(user_of(self.request), self.kwargs["pk"]).runs
        return runs.prefetch_related("loads").order_by("-started_at", "-pk")

    @extend_schema(summary="拉取记录", responses={200: shapes.PullRunSerializer(many=True), **UNSEEN})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class _PullAct(ScopedView, CaseActView):
    verb = ""
    gives: Any = shapes.PullDetailSerializer

    def find(self, request: Request, **key: Any) -> Pull:
        pull = find_pull(user_of(request), key["pk"])
        policies.require(user_of(request), self.verb, pull)
        return pull

    def named(self, case: Pull) -> dict[str, Any]:
        return {"pull_id": case.pk}

    def shown(self, request: Request, done: Pull) -> dict[str, Any]:
        return pull_detail(request, find_pull(user_of(request), done.pk))


@described
class ChangePull(_PullAct):
    """修改定时拉取的设置."""

    verb = "change-pull"
    service = staticmethod(services.change_pull)
    body = shapes.PullFactsSerializer


@described
class PausePull(_PullAct):
    """暂停定时拉取."""

    verb = "pause-pull"
    service = staticmethod(services.pause_pull)
    body = shapes.PullReasonsSerializer


@described
class ResumePull(_PullAct):
    """恢复定时拉取."""

    verb = "resume-pull"
    service = staticmethod(services.resume_pull)


@described
class RunPull(_PullAct):
    """现在拉取，几秒后可以读取结果."""

    verb = "run-pull"
    service = staticmethod(services.run_pull)


@described
class EndPull(_PullAct):
    """终止定时拉取."""

    verb = "end-pull"
    service = staticmethod(services.end_pull)
    body = shapes.PullReasonsSerializer
