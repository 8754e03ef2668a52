"""REST: linking like requests, and answering many with one text. The same services as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.faces.api import act_once
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.api.access import Worker, worker_of
from requests_app.api.serializers import (
    ActionSerializer,
    AgencySerializer,
    DraftInput,
    NothingInput,
    ReasonsInput,
    StateSerializer,
)
from requests_app.api.views import RequestActView
from requests_app.models import BatchItem, OpenRequest, Reply, ReplyBatch
from requests_app.selectors import late_of, progress_of
from requests_app.services import ReplyText, Together
from requests_app.tasks import queue_delivery
from requests_app.views.batches import batch_acts
from requests_app.workflow import BatchStatus


class OtherInput(serializers.Serializer[Any]):
    """The number of the other request, and why."""

    other = serializers.CharField(max_length=20)
    reasons = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class DraftTogetherInput(DraftInput):
    """One text for many: the numbers of the requests, and words for one alone by its number."""

    requests = serializers.ListField(
        child=serializers.CharField(max_length=20), max_length=1000, help_text="一并答复的申请的编号，2 到 100 件"
    )
    additions = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=500),
        required=False,
        default=dict,
        help_text="编号对应单独补充的话，接在共同的理由之后",
    )


class BatchItemSerializer(serializers.ModelSerializer[BatchItem]):
    """One request of a batch and what became of it."""

    number = serializers.CharField(source="request.number")
    title = serializers.CharField(source="request.title")

    class Meta:
        model = BatchItem
        fields = ["number", "title", "addition", "result", "why"]


class ProgressSerializer(serializers.Serializer[Any]):
    """How many replies were drafted, delivered, of these after their due day, left out since, and still wait."""

    total = serializers.IntegerField()
    delivered = serializers.IntegerField()
    late = serializers.IntegerField(help_text="已送达的当中，超过期限才送达的")
    left_out = serializers.IntegerField()
    waiting = serializers.IntegerField()


class BatchSerializer(serializers.ModelSerializer[ReplyBatch]):
    """Replies drafted together."""

    agency = AgencySerializer()
    status_name = serializers.CharField(source="get_status_display")
    progress = serializers.SerializerMethodField()
    items = BatchItemSerializer(many=True)

    class Meta:
        model = ReplyBatch
        fields = [
            "id",
            "agency",
            "status",
            "status_name",
            "outcome",
            "agreed_to",
            "agreed_part",
            "ground",
            "ground_basis",
            "why_still_closed",
            "reasons",
            "drafted_at",
            "approved_at",
            "ended_at",
            "return_reasons",
            "progress",
            "items",
        ]

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, batch: ReplyBatch) -> dict[str, Any]:
        """How far the delivery is, and what it came to."""
        progress = progress_of(batch)
        return {
            "total": progress.total,
            "delivered": progress.delivered,
            "late": len(late_of(batch)),
            "left_out": progress.left_out,
            "waiting": progress.waiting,
        }


class BatchDetailSerializer(serializers.Serializer[Any]):
    """One batch and the acts of this principal."""

    batch = BatchSerializer()
    actions = ActionSerializer(many=True)


class LeftOutSerializer(serializers.Serializer[Any]):
    """A request that the act did not reach."""

    number = serializers.CharField()
    why = serializers.CharField()


class TogetherSerializer(serializers.Serializer[Any]):
    """What became of each request; while the batch is ``delivering`` that is told at its address."""

    id = serializers.IntegerField()
    status = serializers.CharField()
    url = serializers.CharField(help_text="这一批的地址：办到哪里、每件的结果")
    done = serializers.ListField(child=serializers.CharField())
    left_out = LeftOutSerializer(many=True)


def _told(result: Together) -> dict[str, Any]:
    return {
        "id": result.batch.pk,
        "status": str(result.batch.status),
        "url": reverse("requests_app-api:reply-batch", args=[result.batch.pk]),
        "done": [request.number for request in result.done],
        "left_out": [{"number": one.request.number, "why": one.why} for one in result.left_out],
    }


def _batches(user: Any) -> Any:
    rows = policies.visible_batches(user, ReplyBatch.objects.all())
    days = Reply.objects.only("batch", "request", "delivered_on", "due_on")
    return rows.select_related("agency", "drafted_by").prefetch_related("items__request", Prefetch("replies", days))


def find_batch(request: Request, pk: int) -> ReplyBatch:
    """The batch, where this principal may read it."""
    found: ReplyBatch | None = _batches(request.user).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有这一批答复，或者它由其他机关起草。")
    return found


class BatchListView(ListAPIView[ReplyBatch]):
    """Replies drafted together by one's agency, newest first; and drafting them."""

    permission_classes = [Worker]
    serializer_class = BatchSerializer

    def get_queryset(self) -> Any:
        return _batches(self.request.user)

    @extend_schema(summary="一并答复的列表")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=DraftTogetherInput, responses={201: TogetherSerializer}, summary="起草一并答复")
    def post(self, request: Request) -> Response:
        sent = DraftTogetherInput(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        ids = _ids_of(request, data.pop("requests"))
        additions = {ids[number]: words for number, words in data.pop("additions").items() if number in ids}

        def act() -> dict[str, Any]:
            return _told(
                services.draft_together(
                    request_ids=ids.values(),
                    by=worker_of(request),
                    text=ReplyText(**data),
                    additions=additions,
                    on=today(),
                    at=now(),
                )
            )

        return act_once(request, act, status=201)


def _ids_of(request: Request, numbers: list[str]) -> dict[str, int]:
    """The requests of these numbers, as far as this principal may see them; a number that is unknown is named."""
    seen = policies.visible_to(request.user, OpenRequest.objects.filter(number__in=set(numbers)))
    ids = dict(seen.values_list("number", "pk"))
    unknown = [number for number in dict.fromkeys(numbers) if number not in ids]
    if unknown:
        message = f"没有编号为 {'、'.join(unknown[:5])} 的申请，或者它由其他机关答复。"
        raise RuleBroken(message, fields={"requests": message})
    return ids


class BatchView(APIView):
    """One batch."""

    permission_classes = [Worker]

    @extend_schema(responses=BatchDetailSerializer, summary="一批一并答复")
    def get(self, request: Request, pk: int) -> Response:
        batch = find_batch(request, pk)
        actions = batch_acts(request.user, batch) if isinstance(request.user, User) else []
        return Response(BatchDetailSerializer({"batch": batch, "actions": actions}).data)


class DeliverTogetherView(APIView):
    """Approve the delivery of all that still wait: a few at once (200), many by a worker (202)."""

    permission_classes = [Worker]

    @extend_schema(
        request=NothingInput,
        responses={200: TogetherSerializer, 202: TogetherSerializer},
        summary="批准并一并送达",
        description="件数少的当即送达，答复 200；件数多的逐件在后台送达，答复 202，进度见 url 所指的地址。",
    )
    def post(self, request: Request, pk: int) -> Response:
        batch = find_batch(request, pk)
        by = worker_of(request)

        def act() -> dict[str, Any]:
            result = services.deliver_together(batch_id=batch.pk, by=by, on=today(), at=now())
            if result.batch.status == BatchStatus.DELIVERING:
                queue_delivery(batch.pk)
            return _told(result)

        answer = act_once(request, act)
        if answer.data["status"] == BatchStatus.DELIVERING:
            answer.status_code = 202
            answer["Location"] = answer.data["url"]
        return answer


class ReturnTogetherView(APIView):
    """Send all that still wait back."""

    permission_classes = [Worker]

    @extend_schema(request=ReasonsInput, responses=TogetherSerializer, summary="全部退回修改")
    def post(self, request: Request, pk: int) -> Response:
        sent = ReasonsInput(data=request.data)
        sent.is_valid(raise_exception=True)
        batch = find_batch(request, pk)
        by, reasons = worker_of(request), sent.validated_data["reasons"]
        return act_once(
            request, lambda: _told(services.return_together(batch_id=batch.pk, by=by, reasons=reasons, at=now()))
        )


@extend_schema(request=OtherInput, responses=StateSerializer, summary="关联相同申请", methods=["POST"])
class LinkView(RequestActView):
    """Link with another request."""

    input_class = OtherInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.link_requests(request_id=found.pk, by=worker_of(request), at=now(), **data)


@extend_schema(request=OtherInput, responses=StateSerializer, summary="解除关联", methods=["POST"])
class UnlinkView(RequestActView):
    """Undo a link."""

    input_class = OtherInput

    def perform(self, request: Request, found: OpenRequest, data: dict[str, Any]) -> None:
        services.unlink_requests(request_id=found.pk, by=worker_of(request), at=now(), **data)
