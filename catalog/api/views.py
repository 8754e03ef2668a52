"""REST for the catalogue: the same services, the same visibility, the same list of acts as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import policies, selectors, services
from catalog.acts import acts_on
from catalog.api.serializers import (
    CatalogActSerializer,
    CatalogOutcomeSerializer,
    CategorySerializer,
    ConfidentialityDecisionSerializer,
    ConfidentialitySerializer,
    DataUploadSerializer,
    EntryDetailSerializer,
    EntryListSerializer,
    LoadSerializer,
    RevisionSerializer,
)
from catalog.forms.searching import EntryFilter
from catalog.models import CatalogEntry, Category, ConfidentialityReview, EntryRevision, Load
from catalog.selectors import in_rows
from catalog.tasks import queue_load
from catalog.workflow import WORKFLOW
from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today

READ = requires_scope("catalog:read")
WRITE = requires_scope("catalog:write")
GONE = "没有找到这个目录条目，或者您不能查看。"


def user_of(request: Request) -> User:
    """The principal: a person signed in, or a system's service account."""
    return cast(User, request.user)


def find_entry(user: User, pk: int) -> CatalogEntry:
    """A visible entry with the version of its data that readers have, or 404."""
    read = ("provider", "in_force", "current_data__load", "current_data__restored__load")
    found = CatalogEntry.objects.select_related(*read).filter(pk=pk).first()
    if found is None or not policies.sees_entry(user, found):
        raise NotSeen(GONE)
    return found


def find_revision(user: User, entry: CatalogEntry, number: int) -> EntryRevision:
    """A visible revision, or 404."""
    revisions = policies.visible_revisions(user, entry).select_related("category", "compiled_by", "reviewed_by")
    revisions = revisions.prefetch_related("items__collector")
    found = revisions.filter(number=number).first()
    if found is None:
        raise NotSeen("没有找到这一版目录，或者您不能查看。")
    found.entry = entry
    return found


def own_agency(user: User) -> Agency:
    """The agency the principal compiles for."""
    stewarded = agencies_with(user, Role.DATA_STEWARD)
    if user.agency is not None and (user.kind == User.Kind.SYSTEM or user.agency.pk in stewarded):
        return user.agency
    found = Agency.objects.filter(pk__in=stewarded).order_by("pk").first()
    if found is None:
        raise NotAllowed("编制目录由数据管理员或者本机关的信息系统办理。")
    return found


def outcome(revision: EntryRevision) -> dict[str, Any]:
    """Where an act on a revision led."""
    code = revision.entry.resource_code
    return {"entry": revision.entry_id, "resource_code": code, "revision": revision.number, "status": revision.status}


class ScopedView(APIView):
    """Reading needs ``catalog:read``, acting ``catalog:write``."""

    def get_permissions(self) -> list[Any]:
        return [READ() if self.request.method in {"GET", "HEAD", "OPTIONS"} else WRITE()]


class CategoryListView(ListAPIView):
    """The classification tree."""

    permission_classes = [READ]
    serializer_class = CategorySerializer
    queryset = Category.objects.all()
    filter_backends: list[Any] = []


class EntryListView(ScopedView, ListAPIView):
    """Entries: list and compile."""

    serializer_class = EntryListSerializer
    filter_backends: list[Any] = []
    queryset = CatalogEntry.objects.none()

    def get_queryset(self) -> QuerySet[CatalogEntry]:
        chosen = EntryFilter(self.request.query_params, policies.sight_of(user_of(self.request)))
        return in_rows(chosen.qs).order_by("resource_code")

    @extend_schema(
        summary="目录条目清单",
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR)
            for name in ("q", "standing", "agency", "sharing", "field", "freshness")
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="编制目录条目（草稿）", request=RevisionSerializer, responses={201: CatalogOutcomeSerializer}
    )
    def post(self, request: Request) -> Response:
        body = RevisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_of(request)

        def act() -> dict[str, Any]:
            revision = services.compile_entry(
                provider=own_agency(user), by=user, at=now(), elements=body.elements(), items=body.specs() or ()
            )
            return outcome(revision)

        return act_once(request, act, status=201)


class EntryView(ScopedView):
    """One entry by its revision in force, else its newest."""

    @extend_schema(summary="目录条目", responses=EntryDetailSerializer)
    def get(self, request: Request, pk: int, number: int | None = None) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        revisions = list(policies.visible_revisions(user, entry).order_by("-number"))
        shown = number or (entry.in_force.number if entry.in_force else revisions[0].number)
        revision = find_revision(user, entry, shown)
        under_way = next((one for one in revisions if one.is_open_for_work), None)
        complete = revision.status not in WORKFLOW["submit"].sources or not list(services.broken_rules(revision))
        inside = policies.with_drafts_for(user, CatalogEntry.objects.filter(pk=pk)).exists()
        clocks = selectors.clocks_about(entry, revision) if inside else []
        shown_here = {
            "entry": entry,
            "revision": revision,
            "revisions": revisions,
            "actions": acts_on(user, entry, revision, under_way=under_way, complete=complete),
            "clocks": [face(clock, today()) for clock in clocks],
        }
        return Response(EntryDetailSerializer(shown_here).data)


class RevisionView(EntryView):
    """One revision: read it, change it while it is a draft."""

    @extend_schema(
        operation_id="catalog_entries_revisions_retrieve", summary="目录的某一版", responses=EntryDetailSerializer
    )
    def get(self, request: Request, pk: int, number: int | None = None) -> Response:
        return super().get(request, pk, number)

    @extend_schema(summary="修改目录草稿", request=RevisionSerializer, responses=CatalogOutcomeSerializer)
    def patch(self, request: Request, pk: int, number: int) -> Response:
        user = user_of(request)
        revision = find_revision(user, find_entry(user, pk), number)
        body = RevisionSerializer(revision, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        elements = {name: value for name, value in body.elements().items() if name != "category"}

        def act() -> dict[str, Any]:
            changed = services.edit_revision(
                revision_id=revision.pk,
                by=user,
                at=now(),
                elements=elements,
                items=body.specs(),
                seen_at=body.validated_data.get("seen_at"),
            )
            return outcome(changed)

        return act_once(request, act)


def _ask(revision: EntryRevision, user: User, said: dict[str, Any]) -> dict[str, Any]:
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=user, at=now())
    return outcome(review.revision) | {"review": review.pk}


def _ask_together(revision: EntryRevision, user: User, said: dict[str, Any]) -> dict[str, Any]:
    services.ask_co_collection(revision_id=revision.pk, by=user, at=now())
    return outcome(revision)


def _plain(service: Callable[..., EntryRevision], *names: str) -> Callable[..., dict[str, Any]]:
    def act(revision: EntryRevision, user: User, said: dict[str, Any]) -> dict[str, Any]:
        told = {name: said[name] for name in names}
        return outcome(service(revision_id=revision.pk, by=user, at=now(), **told))

    return act


REVISION_ACTS: dict[str, Callable[..., dict[str, Any]]] = {
    "submit": _plain(services.submit),
    "drop": _plain(services.drop),
    "pass-review": _plain(services.pass_review, "opinion"),
    "approve": _plain(services.approve, "opinion"),
    "ask-confidentiality": _ask,
    "ask-co-collection": _ask_together,
}


class RevisionActView(ScopedView):
    """An act on a revision."""

    verb = ""

    @extend_schema(summary="办理目录", request=CatalogActSerializer, responses=CatalogOutcomeSerializer)
    def post(self, request: Request, pk: int, number: int) -> Response:
        user = user_of(request)
        revision = find_revision(user, find_entry(user, pk), number)
        body = CatalogActSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return act_once(request, lambda: REVISION_ACTS[self.verb](revision, user, body.validated_data))


class ReviseView(ScopedView):
    """A new revision is begun from the one in force."""

    @extend_schema(summary="修订目录", request=None, responses={201: CatalogOutcomeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        return act_once(request, lambda: outcome(services.revise(entry_id=entry.pk, by=user, at=now())), status=201)


class WithdrawView(ScopedView):
    """An entry is withdrawn, with reasons."""

    @extend_schema(summary="撤销目录条目", request=CatalogActSerializer, responses=CatalogOutcomeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        body = CatalogActSerializer(data=request.data)
        body.is_valid(raise_exception=True)

        def act() -> dict[str, Any]:
            done = services.withdraw(entry_id=entry.pk, by=user, at=now(), reasons=body.validated_data["reasons"])
            return {"entry": done.pk, "resource_code": done.resource_code, "status": "withdrawn"}

        return act_once(request, act)


def find_review(user: User, pk: int) -> ConfidentialityReview:
    """A visible confidentiality review, or 404."""
    found = policies.visible_reviews(user, ConfidentialityReview.objects.all()).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这份保密审查，或者您不能查看。")
    return found


class DecideConfidentialityView(ScopedView):
    """A confidentiality review is read, and decided by a second person."""

    @extend_schema(summary="保密审查", responses=ConfidentialitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ConfidentialitySerializer(find_review(user_of(request), pk)).data)

    @extend_schema(
        summary="作出保密审查结论", request=ConfidentialityDecisionSerializer, responses=ConfidentialitySerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        find_review(user, pk)
        body = ConfidentialityDecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)

        def act() -> dict[str, Any]:
            review = services.decide_confidentiality_review(review_id=pk, by=user, at=now(), **body.validated_data)
            return dict(ConfidentialitySerializer(review).data)

        return act_once(request, act)


class EntryLoadsView(ScopedView):
    """Gathering: the loads of an entry, and a file taken in."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="catalog_entries_loads_list", summary="汇聚批次清单", responses=LoadSerializer(many=True)
    )
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        loads = policies.visible_loads(user, entry.loads.select_related("entry", "version", "collector"))[:200]
        return Response(LoadSerializer(loads, many=True).data)

    @extend_schema(
        summary="报送数据文件", request={"multipart/form-data": DataUploadSerializer}, responses={202: LoadSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        body = DataUploadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        number = values.get("revision")
        revision = find_revision(user, entry, number) if number else None

        def act() -> dict[str, Any]:
            load = services.land_file(
                entry_id=entry.pk,
                uploaded=values["file"],
                by=user,
                at=now(),
                mode=values["mode"],
                header_row=values.get("header_row"),
                revision_id=revision.pk if revision else None,
                load_id=values.get("load_id"),
                collector=values.get("collector"),
            )
            queue_load(load.pk)
            return dict(LoadSerializer(load).data)

        return act_once(request, act, status=202)


class LoadView(ScopedView):
    """One load."""

    @extend_schema(summary="汇聚批次", responses=LoadSerializer)
    def get(self, request: Request, pk: int) -> Response:
        loads = Load.objects.select_related("entry", "version", "collector")
        found = policies.visible_loads(user_of(request), loads).filter(pk=pk).first()
        if found is None:
            raise NotSeen("没有找到这个汇聚批次，或者您不能查看。")
        return Response(LoadSerializer(found).data)
