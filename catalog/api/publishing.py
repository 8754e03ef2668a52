"""REST for decisions to publish a catalogue (第十一条第三款), and what is public by them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import policies, records, services
from catalog.api.systems import action_rows
from catalog.api.views import ScopedView, user_of
from catalog.cases import decision_acts, find_decided, find_decision
from catalog.models import PublicationDecision
from catalog.publishing import CHOOSABLE, CHOOSABLE_OF_ITEMS, decisions_in_force, entries_of, extent_of
from catalog.services import Publication
from catalog.workflow import DecisionStatus
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.timekeeping import now

EXAMPLE = OpenApiExample(
    "公布云岩区的共享目录",
    value={
        "catalogue": "sharing",
        "region": "520103",
        "elements": ["abstract", "category", "sharing_type", "update_cycle"],
        "item_elements": ["name", "meaning"],
        "document": "云数发〔2026〕12号",
        "decided_on": "2026-11-20",
        "grounds": "方便群众了解本区政府数据。",
    },
    request_only=True,
)


class PublicationSerializer(serializers.Serializer[Any]):
    """What is to be made public: a catalogue of one agency, or of a region."""

    catalogue = serializers.ChoiceField(choices=PublicationDecision.Catalogue.choices)
    agency = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        help_text="一个机关的目录：统一社会信用代码",
    )
    region = serializers.SlugRelatedField(
        slug_field="code", queryset=Region.objects.all(), required=False, help_text="整个辖区的目录：行政区划代码"
    )
    elements = serializers.ListField(
        child=serializers.ChoiceField(choices=list(CHOOSABLE.items())),
        required=False,
        help_text="公布的要素；资源代码、名称、提供机关和公布日期总是公布",
    )
    item_elements = serializers.ListField(
        child=serializers.ChoiceField(choices=list(CHOOSABLE_OF_ITEMS.items())),
        required=False,
        help_text="公布的信息项要素；空的不公布信息项",
    )
    includes_withheld = serializers.BooleanField(required=False, default=False, help_text="不予共享的条目也公布")
    document = serializers.CharField(max_length=200, help_text="决定的文件名称、文号")
    decided_on = serializers.DateField()
    grounds = serializers.CharField(max_length=2000)


class DecisionSerializer(serializers.ModelSerializer[PublicationDecision]):
    """A decision: what it lets out, by which document, how it stands."""

    number = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True, default="")
    region = serializers.CharField(source="region.code", read_only=True, default="")
    authority = serializers.CharField(source="authority.code", read_only=True)
    public_url = serializers.SerializerMethodField(help_text="公布期间的地址")
    actions = serializers.SerializerMethodField()

    class Meta:
        model = PublicationDecision
        fields = [
            *("id", "number", "title", "catalogue", "agency", "region", "authority", "elements", "item_elements"),
            *("includes_withheld", "document", "decided_on", "grounds", "status", "proposed_at", "review_opinion"),
            *("reviewed_at", "confirmed_at", "reasons", "ended_at", "public_url", "actions"),
        ]
        read_only_fields = fields

    def get_public_url(self, decision: PublicationDecision) -> str:
        """Empty where nothing is public."""
        return decision.public_path if decision.status == DecisionStatus.IN_FORCE else ""

    def get_actions(self, decision: PublicationDecision) -> list[dict[str, Any]]:
        """What the caller may do with it now."""
        request = self.context.get("request")
        return action_rows(decision_acts(user_of(request), decision)) if request is not None else []


class OpinionSerializer(serializers.Serializer[Any]):
    """What the confidentiality review found."""

    opinion = serializers.CharField(max_length=2000)


class EndingSerializer(serializers.Serializer[Any]):
    """Why a catalogue is not published, or no more."""

    reasons = serializers.CharField(max_length=2000)


class PublishedCatalogueSerializer(serializers.Serializer[Any]):
    """A catalogue that is public by decision."""

    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    authority = serializers.CharField(source="authority.name")
    document = serializers.CharField()
    decided_on = serializers.DateField()
    url = serializers.CharField(source="public_path")


class DecisionListView(ScopedView, ListAPIView[PublicationDecision]):
    """Decisions: listed, and proposed."""

    serializer_class = DecisionSerializer
    filter_backends: list[Any] = []
    queryset = PublicationDecision.objects.none()

    def get_queryset(self) -> QuerySet[PublicationDecision]:
        if getattr(self, "swagger_fake_view", False):
            return PublicationDecision.objects.none()
        found = policies.visible_decisions(user_of(self.request), PublicationDecision.objects.all())
        status = self.request.query_params.get("status")
        chosen = found.filter(status=status) if status else found
        related = ("agency", "region", "authority", "proposed_by")
        return chosen.select_related(*related).order_by("-proposed_at", "-pk")

    @extend_schema(
        summary="目录公布决定，新的在前",
        parameters=[OpenApiParameter("status", str, enum=DecisionStatus.values)],
        responses={200: DecisionSerializer(many=True), **refusals(401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="提议公布目录；由本部门另一人作保密审查并确认之后公布",
        parameters=[IDEMPOTENCY],
        request=PublicationSerializer,
        examples=[EXAMPLE],
        responses={201: DecisionSerializer, **refusals(401, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        facts = Publication(**checked(PublicationSerializer, request))

        def act() -> dict[str, Any]:
            made = services.propose_publication(facts=facts, by=user, at=now())
            return dict(DecisionSerializer(made, context={"request": request}).data)

        return act_once(request, act, status=201)


class DecisionView(ScopedView):
    """One decision."""

    @extend_schema(summary="一项公布决定", responses={200: DecisionSerializer, **refusals(401, 403, 404)})
    def get(self, request: Request, pk: int) -> Response:
        decision = find_decision(user_of(request), pk)
        return Response(DecisionSerializer(decision, context={"request": request}).data)


class DecisionActView(ScopedView, CaseActView):
    """An act on a decision."""

    gives = DecisionSerializer

    def find(self, request: Request, **key: Any) -> PublicationDecision:
        return find_decision(user_of(request), key["pk"])

    def named(self, case: PublicationDecision) -> dict[str, Any]:
        return {"decision_id": case.pk}

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        return dict(DecisionSerializer(done, context={"request": request}).data)


@described
class PassReviewView(DecisionActView):
    """保密审查通过，记录意见."""

    service = staticmethod(services.pass_decision_review)
    body = OpinionSerializer


@described
class ConfirmView(DecisionActView):
    """确认决定，公布目录."""

    service = staticmethod(services.confirm_decision)


@described
class RejectView(DecisionActView):
    """不予公布，说明理由."""

    service = staticmethod(services.reject_decision)
    body = EndingSerializer


@described
class RevokeView(DecisionActView):
    """撤销公布决定，说明理由."""

    service = staticmethod(services.revoke_decision)
    body = EndingSerializer


class DecidedListView(ListAPIView[PublicationDecision]):
    """The catalogues that are public by decision, for everyone."""

    permission_classes = [AllowAny]
    serializer_class = PublishedCatalogueSerializer
    filter_backends: list[Any] = []
    queryset = PublicationDecision.objects.none()

    def get_queryset(self) -> QuerySet[PublicationDecision]:
        return decisions_in_force()

    @extend_schema(summary="决定公布的目录", auth=[], responses={200: PublishedCatalogueSerializer(many=True)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class PublishedEntriesSerializer(serializers.Serializer[Any]):
    """Entries as records, with what the decision lets out and nothing else."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = serializers.ListField(child=serializers.DictField())


class DecidedEntriesView(APIView):
    """The entries of one of them, for everyone."""

    permission_classes = [AllowAny]

    @extend_schema(
        summary="决定公布的目录的条目：只有决定公布的要素",
        auth=[],
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
        responses={200: PublishedEntriesSerializer, **refusals(404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        decision = find_decided(pk)
        extent, pages = extent_of(decision), Pages()
        entries = entries_of(decision).order_by("resource_code").prefetch_related("in_force__items__collector")
        found = pages.paginate_queryset(entries, request, view=self) or []
        return pages.get_paginated_response([records.record_of_entry(entry, extent=extent) for entry in found])
