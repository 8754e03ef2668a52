"""REST for entries that several agencies collect for (第十二条第二款): who collects what, and the agencies' answers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.api.systems import action_rows
from catalog.api.views import ScopedView, find_entry, find_revision, user_of
from catalog.cases import co_collection_acts, find_co_collection
from catalog.collecting import Part, co_collections_asked_of, parts_of_work
from catalog.models import CoCollection
from catalog.policies import sees_parts
from catalog.workflow import CoCollectionStatus
from guiyang_data.faces.calls import CaseActView, described, refusals
from guiyang_data.timekeeping import today

UNSEEN = refusals(401, 403, 404)


class AskedItemSerializer(serializers.Serializer[Any]):
    """An item that an agency is asked to collect."""

    code = serializers.CharField()
    name = serializers.CharField()


class CoCollectionSerializer(serializers.ModelSerializer[CoCollection]):
    """What an agency was asked to collect, and what it said."""

    entry = serializers.IntegerField(source="revision.entry_id", read_only=True)
    resource_code = serializers.CharField(source="revision.entry.resource_code", read_only=True)
    revision = serializers.IntegerField(source="revision.number", read_only=True)
    title = serializers.CharField(source="revision.title", read_only=True)
    lead = serializers.CharField(source="revision.entry.provider.code", read_only=True)
    lead_name = serializers.CharField(source="revision.entry.provider.name", read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True)
    agency_name = serializers.CharField(source="agency.name", read_only=True)
    items = AskedItemSerializer(many=True, read_only=True)
    actions = serializers.SerializerMethodField()

    class Meta:
        model = CoCollection
        fields = [
            *("id", "entry", "resource_code", "revision", "title", "lead", "lead_name", "agency", "agency_name"),
            *("items", "status", "reasons", "asked_at", "decided_at", "actions"),
        ]
        read_only_fields = fields

    def get_actions(self, asked: CoCollection) -> list[dict[str, Any]]:
        """What the caller may do with it now."""
        request = self.context.get("request")
        return action_rows(co_collection_acts(user_of(request), asked)) if request is not None else []


class PartSerializer(serializers.Serializer[Any]):
    """How an agency stands with its part of an entry."""

    agency = serializers.CharField(source="agency.code")
    agency_name = serializers.CharField(source="agency.name")
    leads = serializers.BooleanField(help_text="牵头的提供机关")
    items = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField(
        source="word.status", default="", help_text="waiting、confirmed、declined；还没有提请的、牵头机关自己的为空"
    )
    freshness = serializers.CharField(source="state", help_text="late、on-time、irregular；还没有公布的为空")
    due_on = serializers.DateField(allow_null=True)
    last_load_at = serializers.DateTimeField(source="last.finished_at", default=None, allow_null=True)
    rows_accepted = serializers.IntegerField(source="last.rows_accepted", default=None, allow_null=True)
    rows_refused = serializers.IntegerField(source="last.rows_refused", default=None, allow_null=True)
    rows = serializers.IntegerField(allow_null=True, help_text="现行数据的行数")
    complete = serializers.IntegerField(allow_null=True, help_text="其中这一机关的必填信息项都已填写的行数")


class DeclineSerializer(serializers.Serializer[Any]):
    """Why an agency does not collect what it was asked for."""

    reasons = serializers.CharField(max_length=2000)


class PartsView(ScopedView):
    """Who collects what of an entry, and how each stands."""

    @extend_schema(
        summary="共同采集：各机关负责的信息项、确认情况、更新和完整程度；由一个机关采集的为空",
        responses={200: PartSerializer(many=True), **UNSEEN},
    )
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        number = entry.in_force.number if entry.in_force else entry.revisions.order_by("-number")[0].number
        parts = parts_of_work(entry, find_revision(user, entry, number), today())
        shown = parts if sees_parts(user, entry) else [_without_figures(part) for part in parts]
        return Response(PartSerializer(shown, many=True).data)


def _without_figures(part: Part) -> Part:
    """What every agency knows: who collects what, and how fresh it is."""
    return Part(
        agency=part.agency,
        leads=part.leads,
        items=part.items,
        word=part.word,
        last=None,
        state=part.state,
        due_on=part.due_on,
    )


class CoCollectionListView(ScopedView, ListAPIView[CoCollection]):
    """What the caller's agencies were asked to collect, the open ones first."""

    serializer_class = CoCollectionSerializer
    filter_backends: list[Any] = []
    queryset = CoCollection.objects.none()

    def get_queryset(self) -> QuerySet[CoCollection]:
        if getattr(self, "swagger_fake_view", False):
            return CoCollection.objects.none()
        asked, status = co_collections_asked_of(user_of(self.request)), self.request.query_params.get("status")
        return asked.filter(status=status) if status else asked

    @extend_schema(
        summary="提请本机关采集的信息项",
        parameters=[OpenApiParameter("status", str, enum=CoCollectionStatus.values)],
        responses={200: CoCollectionSerializer(many=True), **refusals(401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class CoCollectionView(ScopedView):
    """What one agency was asked to collect."""

    @extend_schema(summary="一项共同采集", responses={200: CoCollectionSerializer, **UNSEEN})
    def get(self, request: Request, pk: int) -> Response:
        asked = find_co_collection(user_of(request), pk)
        return Response(CoCollectionSerializer(asked, context={"request": request}).data)


class CoCollectionActView(ScopedView, CaseActView):
    """An answer to what is asked."""

    gives = CoCollectionSerializer
    service = staticmethod(services.decide_co_collection)
    agreed = True

    def find(self, request: Request, **key: Any) -> CoCollection:
        return find_co_collection(user_of(request), key["pk"])

    def named(self, case: CoCollection) -> dict[str, Any]:
        return {"co_collection_id": case.pk, "agreed": self.agreed}

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        return dict(CoCollectionSerializer(done, context={"request": request}).data)


@described
class ConfirmView(CoCollectionActView):
    """确认共同采集."""


@described
class DeclineView(CoCollectionActView):
    """不同意共同采集，说明理由."""

    agreed = False
    body = DeclineSerializer
