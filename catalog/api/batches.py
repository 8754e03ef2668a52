"""REST for rows that a system pushes (第十二条): a receipt at once, what became of them a few seconds later."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies, selectors, services
from catalog.api.batch_serializers import (
    BatchRowsSerializer,
    CloseBatchSerializer,
    ReceiptSerializer,
    RefusedRowsSerializer,
)
from catalog.api.serializers import LoadSerializer
from catalog.api.views import ScopedView, find_entry, user_of
from catalog.models import Load
from catalog.services import Sent
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import agency_by_code
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.faces.calls import checked, refusals
from guiyang_data.faces.text import whole_number
from guiyang_data.timekeeping import now

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "这一批的编号，由您给出，100 个字符以内，永久有效："
        "同一编号、同一内容再次报送，返回第一次的回执；内容不同的不接收。为几个机关报送的，各机关的编号互不相干。"
    ),
)
MODE = OpenApiParameter(
    "mode",
    str,
    enum=Load.Mode.values,
    description="append 追加，upsert 按主键更新，replace 整表替换；JSON 也可以写在内容里。",
)
COMPLETE = OpenApiParameter(
    "complete",
    bool,
    description="整表替换分几部分报送的，第一部分写 false，其余各部分送到回执里的 parts_url，最后调用 close_url。",
)
COLLECTOR = OpenApiParameter(
    "collector",
    str,
    description=(
        "共同采集的条目：代表哪个机关报送，写统一社会信用代码；只经办一个机关的不填。"
        "方式用 upsert，或者 replace 替换本机关报送的部分。"
    ),
)
REFUSED = refusals(401, 403, 404, 409, 413, 422)
YES, NO = {"true", "1", "yes"}, {"false", "0", "no"}
ROWS = [{"线路编号": "001", "线路名称": "火车站环线", "长度": 12.5}]
PUSH = OpenApiExample(
    "追加两行",
    value={"mode": "append", "rows": [*ROWS, {"线路编号": "002", "线路名称": "花果园专线"}]},
    request_only=True,
)
BODY = {
    "application/json": BatchRowsSerializer,
    "application/x-ndjson": OpenApiTypes.STR,
    "text/csv": OpenApiTypes.STR,
}
RECEIVED = OpenApiExample(
    "回执",
    value={
        "id": 34,
        "url": "/api/v1/catalog/loads/34/",
        "rows": 2,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "state": "waiting",
        "received_at": "2026-11-20T10:00:00+08:00",
        "part": 1,
        "parts_url": "",
        "close_url": "",
    },
    response_only=True,
    status_codes=["202"],
)


class _RowsParser(BaseParser):
    """The body as it came: it is stored whole before anything is made of it."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.BATCH_LIMIT_BYTES
        return bytes(stream.read(limit + 1))


class JsonRows(_RowsParser):
    """``application/json``."""

    media_type, kind = "application/json", "json"


class LinesOfJson(_RowsParser):
    """``application/x-ndjson``."""

    media_type, kind = "application/x-ndjson", "ndjson"


class CsvRows(_RowsParser):
    """``text/csv``."""

    media_type, kind = "text/csv", "csv"


class PushView(ScopedView):
    """Base of what takes rows in."""

    parser_classes = [JsonRows, LinesOfJson, CsvRows]

    def sent(self, request: Request) -> Sent:
        """What was sent, read no further than it may be long."""
        services.require_size(whole_number(request.META.get("CONTENT_LENGTH") or "") or 0)
        content = request.data if isinstance(request.data, bytes) else b""
        return Sent(content=content, kind=_kind(request), key=request.headers.get("Idempotency-Key", "").strip())


def _kind(request: Request) -> str:
    media_type = (request.content_type or "").split(";")[0].strip().lower()
    kinds = {JsonRows.media_type: "json", LinesOfJson.media_type: "ndjson", CsvRows.media_type: "csv"}
    return kinds.get(media_type, "json")


def receipt_of(receipt: services.Receipt) -> dict[str, Any]:
    """What a system gets at once."""
    load = receipt.load
    url = f"/api/v1/catalog/loads/{load.pk}/"
    is_open = load.state == Load.State.OPEN
    return {
        "id": load.pk,
        "url": url,
        "rows": load.rows_sent,
        "sha256": load.sha256,
        "state": load.state,
        "received_at": load.received_at,
        "part": receipt.part,
        "parts_url": f"{url}parts/" if is_open else "",
        "close_url": f"{url}close/" if is_open else "",
    }


def answered(receipt: services.Receipt) -> Response:
    """The receipt, marked where it is a repeat's."""
    response = Response(ReceiptSerializer(receipt_of(receipt)).data, status=202)
    if receipt.repeated:
        response["Idempotent-Replay"] = "true"
    return response


class BatchListView(PushView, ListAPIView[Load]):
    """The batches of an entry: listed, and received."""

    serializer_class = LoadSerializer
    filter_backends: list[Any] = []
    queryset = Load.objects.none()

    def get_queryset(self) -> QuerySet[Load]:
        if getattr(self, "swagger_fake_view", False):
            return Load.objects.none()
        user = user_of(self.request)
        entry = find_entry(user, self.kwargs["pk"])
        pushed = entry.loads.exclude(source=Load.Source.FILE)
        state = self.request.query_params.get("state")
        found = policies.visible_loads(user, pushed.filter(state=state) if state else pushed)
        return found.select_related("entry", "version", "collector").order_by("-received_at", "-pk")

    @extend_schema(
        summary="推送批次清单，新的在前",
        parameters=[OpenApiParameter("state", str, enum=Load.State.values, description="只列这一状态的批次")],
        responses={200: LoadSerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="推送数据：收到即给回执，几秒后检查入库",
        description=(
            "一批最多 10,000 行、10 MB，UTF-8。几秒之内陆续收到的批次合并成一个新的数据版本，每一批各有结果："
            "合格的行入库，不合格的行连同行号、信息项、原因另列，可以取回改正后再报送。"
        ),
        parameters=[KEY, MODE, COMPLETE, COLLECTOR],
        request=BODY,
        examples=[PUSH, RECEIVED],
        responses={202: ReceiptSerializer, **REFUSED},
    )
    def post(self, request: Request, pk: int) -> Response:
        asked = request.query_params
        receipt = services.receive_batch(
            entry_id=pk,
            sent=partial(self.sent, request),
            by=user_of(request),
            at=now(),
            mode=asked.get("mode", ""),
            is_complete=_is_complete(asked.get("complete", "")),
            collector=_collector(asked.get("collector", "")),
        )
        return answered(receipt)


def _is_complete(said: str) -> bool | None:
    word = said.strip().lower()
    if word not in {"", *YES, *NO}:
        message = "complete 只写 true 或者 false，没有接收。不写的，整表替换只有这一部分。"
        raise RuleBroken(message, fields={"complete": message})
    return word in YES if word else None


def _collector(code: str) -> Agency | None:
    found = agency_by_code(code) if code else None
    if code and found is None:
        message = f"没有统一社会信用代码是 {code[:18]} 的机关。请核对采集机关。"
        raise RuleBroken(message, fields={"collector": message})
    return found


def find_batch(user: User, pk: int) -> Load:
    """A visible batch, or 404."""
    loads = Load.objects.exclude(source=Load.Source.FILE).select_related("entry__provider", "version")
    found = policies.visible_loads(user, loads).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这个汇聚批次，或者您不能查看。")
    return found


class PartView(PushView):
    """A further part of a replacement."""

    @extend_schema(
        summary="推送整表替换的下一部分",
        parameters=[KEY],
        request=BODY,
        responses={202: ReceiptSerializer, **REFUSED},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        batch = find_batch(user, pk)
        policies.require(user, "gather", batch.entry)
        return answered(services.receive_part(load_id=batch.pk, sent=self.sent(request), by=user, at=now()))


class CloseView(ScopedView):
    """All parts are there."""

    @extend_schema(
        summary="整表替换的各部分已经送齐，可以检查入库",
        request=CloseBatchSerializer,
        responses={202: ReceiptSerializer, **refusals(401, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        batch = find_batch(user, pk)
        policies.require(user, "gather", batch.entry)
        values = checked(CloseBatchSerializer, request)
        load = services.close_batch(load_id=batch.pk, by=user, at=now(), rows=values["rows"])
        return answered(services.Receipt(load=load, part=1 + load.parts.count()))


class RefusedRowsView(ScopedView):
    """The rows that were not taken in, with what is wrong with each, and as they can be sent again."""

    @extend_schema(
        summary="退回的行：行号、信息项、值、原因；rows 改正后可以原样再报送",
        parameters=[
            OpenApiParameter("offset", int, description="从第几行起，首行是 0"),
            OpenApiParameter("limit", int, description="最多几行，不超过 1000"),
        ],
        responses={
            200: OpenApiResponse(RefusedRowsSerializer, description="没有退回的，rows 是空的"),
            **refusals(401, 403, 404),
        },
    )
    def get(self, request: Request, pk: int) -> Response:
        loads = Load.objects.select_related("entry", "revision")
        load = policies.visible_loads(user_of(request), loads).filter(pk=pk).first()
        if load is None:
            raise NotSeen("没有找到这个汇聚批次，或者您不能查看。")
        offset = _number(request.query_params.get("offset"), 0, 10**9)
        limit = _number(request.query_params.get("limit"), 1000, 1000)
        found = selectors.refused_rows(load, offset=offset, limit=limit)
        return Response(RefusedRowsSerializer(found).data)


def _number(text: str | None, usual: int, most: int) -> int:
    number = whole_number(text or "")
    return usual if number is None else min(number, most)
