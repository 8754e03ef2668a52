"""REST: the public list of requests, filing with one agency or several, following, and statistics."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.faces.api import act_once
from guiyang_data.faces.text import whole_number
from guiyang_data.notices import following
from guiyang_data.notices.following import Followed
from guiyang_data.notices.models import Follow
from guiyang_data.statute.selectors import clocks_of
from guiyang_data.timekeeping import now, today
from opendata.selectors import dataset_by_slug
from requests_app import policies, services
from requests_app.api.access import Anyone, FilingThrottle, Worker, actor_of, worker_of
from requests_app.api.serializers import FiledRequestSerializer, FileRequestInput, RequestSerializer
from requests_app.api.views import find_request, party_in
from requests_app.listing import EARLIEST_YEAR, GROUPS, STANDINGS, chosen, listed
from requests_app.models import OpenRequest
from requests_app.selectors import still_open_alike
from requests_app.services.filing import FiledTogether
from requests_app.services.following import followed_dataset, followed_request
from requests_app.statistics import DEFINITIONS, by_agency, record_of
from requests_app.visitors import count_contact


class RequestListView(ListAPIView[OpenRequest]):
    """The public list, and filing."""

    permission_classes = [Anyone]
    serializer_class = RequestSerializer

    def get_queryset(self) -> Any:
        rows = listed(chosen(self.request.query_params.dict()), today=today())
        if self.request.query_params.get("mine") == "true":
            rows = policies.visible_to(self.request.user, rows)
        return rows.order_by("-submitted_at", "-pk")

    def get_throttles(self) -> list[Any]:
        return [FilingThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        summary="开放需求申请列表",
        parameters=[
            OpenApiParameter("q", str, description="搜索词"),
            OpenApiParameter("agency", str, description="答复机关的统一社会信用代码"),
            OpenApiParameter("state", str, enum=list(GROUPS), description="办理情况"),
            OpenApiParameter("standing", str, enum=list(STANDINGS), description="期限情况"),
            OpenApiParameter("year", int, description="申请年度"),
            OpenApiParameter("mine", bool, description="只列出本机关办理的或者本人提出的"),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=FileRequestInput, responses={201: FiledRequestSerializer}, summary="提出开放需求申请（第二十一条）"
    )
    def post(self, request: Request) -> Response:
        sent = FileRequestInput(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        party, agencies = party_in(data), _agencies_in(data)

        def act() -> dict[str, Any]:
            by = actor_of(request, request.user)
            count_contact(request.user, party)
            user = request.user if isinstance(request.user, User) else None
            alike = still_open_alike(data["title"], agencies=agencies, user=user, numbers=()) if user else []
            filed = services.file_together(by=by, agencies=agencies, party=party, on=today(), at=now(), **data)
            return _answer(filed) | {"open_alike": [row.number for row in alike]}

        return act_once(request, act, status=201)


def _agencies_in(data: dict[str, Any]) -> list[Agency]:
    """``agency`` and ``agencies`` together; which are missing is the service's question."""
    one = data.pop("agency", None)
    return [*([one] if one is not None else []), *data.pop("agencies", [])]


def _answer(filed: FiledTogether) -> dict[str, Any]:
    shown = []
    for made in filed.requests:
        clock = clocks_of(made).get()
        shown.append(
            {
                "number": made.number,
                "agency": made.agency.code,
                "due_on": clock.due_on.isoformat(),
                "provisional": clock.provisional,
                "url": made.get_absolute_url(),
            }
        )
    first = {name: shown[0][name] for name in ("number", "due_on", "url")}
    return first | {"code": filed.code, "requests": shown}


class StatisticsSerializer(serializers.Serializer[Any]):
    """A year: what each number means, and one record for each agency that was asked."""

    year = serializers.IntegerField()
    definitions = serializers.ListField(child=serializers.CharField())
    agencies = serializers.ListField(child=serializers.DictField())


class StatisticsView(APIView):
    """Each agency's year in numbers."""

    permission_classes = [Anyone]

    @extend_schema(
        summary="各机关答复情况统计",
        parameters=[OpenApiParameter("year", int, description="申请年度，默认今年")],
        responses=StatisticsSerializer,
    )
    def get(self, request: Request) -> Response:
        this = today().year
        year = whole_number(request.query_params.get("year", "")) or this
        if not EARLIEST_YEAR <= year <= this:
            raise NotSeen(f"没有 {year} 年的统计。可以查询 {EARLIEST_YEAR} 年到 {this} 年。")
        rows = [record_of(row, year) for row in by_agency(year, today=today())]
        return Response({"year": year, "definitions": list(DEFINITIONS.values()), "agencies": rows})


class FollowSerializer(serializers.ModelSerializer[Follow]):
    """Something I follow."""

    class Meta:
        model = Follow
        fields = ["id", "title", "path", "asked_at"]


class FollowInput(serializers.Serializer[Any]):
    """A request by its number, or a data set by its identifier."""

    request = serializers.CharField(required=False, max_length=20)
    dataset = serializers.CharField(required=False, max_length=100)


def _followed(data: dict[str, Any]) -> Followed:
    if not (data.get("request") or data.get("dataset")):
        message = "请用 request 给出申请的编号，或者用 dataset 给出数据集的标识。"
        raise RuleBroken(message, fields={"request": message})
    if data.get("request"):
        return followed_request(find_request(data["request"]))
    dataset = dataset_by_slug(data.get("dataset", ""))
    if dataset is None:
        raise NotSeen("没有这个数据集，请核对它的标识。")
    return followed_dataset(dataset)


class FollowListView(ListAPIView[Follow]):
    """What I follow; without an account it is done on the page, by mail."""

    permission_classes = [Worker]
    serializer_class = FollowSerializer

    def get_queryset(self) -> Any:
        user = self.request.user
        return following.followed_by(user) if isinstance(user, User) else Follow.objects.none()

    @extend_schema(summary="我的关注")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=FollowInput, responses={201: FollowSerializer}, summary="关注申请或者数据集")
    def post(self, request: Request) -> Response:
        sent = FollowInput(data=request.data)
        sent.is_valid(raise_exception=True)
        what = _followed(dict(sent.validated_data))

        def act() -> dict[str, Any]:
            services.follow(what=what, by=worker_of(request), on=today(), at=now())
            row = following.followed_by(worker_of(request)).get(subject=what.subject)
            return dict(FollowSerializer(row).data)

        return act_once(request, act, status=201)


class FollowView(APIView):
    """Follow something no longer."""

    permission_classes = [Worker]

    @extend_schema(responses={204: None}, summary="取消关注")
    def delete(self, request: Request, pk: int) -> Response:
        row = following.followed_by(worker_of(request)).filter(pk=pk).first()
        if row is None:
            raise NotSeen("没有这项关注，可能已经取消。")
        following.unfollow(row.subject, by=worker_of(request))
        return Response(status=204)
