"""REST for information systems (第十条): the same services, the same visibility, the same acts as the pages."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import policies, services
from catalog.api import system_serializers as shapes
from catalog.cases import (
    find_interface,
    find_system,
    interface_acts,
    kept_agency,
    require_register,
    system_acts,
)
from catalog.checking import fetch_document
from catalog.forms.systems import SystemFilter
from catalog.models import InformationSystem, Interface, InterfaceCheck
from catalog.selectors.systems import gravest_first, offered_interfaces, standing_of, systems_listed
from catalog.services import ReadDocument
from catalog.workflow import SYSTEMS
from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.acts import Act
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.outbound.errors import OutboundRefused
from guiyang_data.timekeeping import now, today

READ = requires_scope("systems:read")
WRITE = requires_scope("systems:write")
UNSEEN, REFUSED = refusals(401, 403, 404), refusals(401, 403, 404, 409, 422)


def user_of(request: Request) -> User:
    """The principal: a person signed in, or a system's service account."""
    return cast(User, request.user)


def action_rows(found: list[Act]) -> list[dict[str, Any]]:
    """Acts as the API lists them."""
    return [{"verb": act.verb, "label": act.label, "article": act.article, "dangerous": act.dangerous} for act in found]


def system_detail(request: Request, system: InformationSystem) -> dict[str, Any]:
    """A system as it stands, with the acts of the caller."""
    found = system_acts(user_of(request), system)
    return dict(shapes.SystemDetailSerializer(system, context={"actions": action_rows(found)}).data)


def interface_detail(request: Request, interface: Interface) -> dict[str, Any]:
    """An interface as it stands, with the acts of the caller."""
    context = {"actions": action_rows(interface_acts(user_of(request), interface))}
    return dict(shapes.InterfaceDetailSerializer(interface, context=context).data)


class ScopedView(APIView):
    """Reading needs ``systems:read``, acting ``systems:write``; for everybody but staff none of this is there."""

    def get_permissions(self) -> list[Any]:
        return [READ() if self.request.method in {"GET", "HEAD", "OPTIONS"} else WRITE()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_register(user_of(request))


class SystemListView(ScopedView, ListAPIView[InformationSystem]):
    """Systems: list and register."""

    serializer_class = shapes.SystemRowSerializer
    filter_backends: list[Any] = []
    queryset = InformationSystem.objects.none()

    def get_queryset(self) -> QuerySet[InformationSystem]:
        visible = policies.visible_systems(user_of(self.request), InformationSystem.objects.all())
        agencies = Agency.objects.filter(pk__in=visible.values("agency"))
        listed = systems_listed(visible)
        chosen = SystemFilter(self.request.query_params, queryset=listed, agencies=agencies)
        return chosen.qs.order_by("agency__code", "name", "pk")

    @extend_schema(
        summary="信息系统清单",
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR) for name in ("q", "agency", "status", "network", "protection")
        ],
        responses={200: shapes.SystemRowSerializer(many=True), **UNSEEN},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="登记信息系统",
        parameters=[IDEMPOTENCY],
        request=shapes.NewSystemSerializer,
        responses={201: shapes.SystemDetailSerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        agency = kept_agency(user)
        values = checked(shapes.NewSystemSerializer, request)

        def act() -> dict[str, Any]:
            made = services.register_system(agency=agency, by=user, on=today(), at=now(), **values)
            return system_detail(request, made)

        return act_once(request, act, status=201)


class SystemView(ScopedView):
    """One system."""

    @extend_schema(summary="一个信息系统", responses={200: shapes.SystemDetailSerializer, **UNSEEN})
    def get(self, request: Request, pk: int) -> Response:
        return Response(system_detail(request, find_system(user_of(request), pk)))


class _SystemAct(ScopedView, CaseActView):
    verb = ""
    gives: Any = shapes.SystemDetailSerializer

    def find(self, request: Request, **key: Any) -> InformationSystem:
        system = find_system(user_of(request), key["pk"])
        policies.require(user_of(request), self.verb, system)
        return system

    def named(self, case: InformationSystem) -> dict[str, Any]:
        return {"system_id": case.pk}

    def shown(self, request: Request, done: InformationSystem) -> dict[str, Any]:
        return system_detail(request, find_system(user_of(request), done.pk))


@described
class ChangeSystem(_SystemAct):
    """修改信息系统的登记."""

    verb = "change-system"
    service = staticmethod(services.change_system)
    takes_day = True
    body = shapes.SystemFactsSerializer


@described
class PutInUse(_SystemAct):
    """系统投入使用."""

    verb = "put-in-use"
    service = staticmethod(services.put_in_use)
    takes_day = True
    body = shapes.SystemDaySerializer


@described
class StopSystem(_SystemAct):
    """停用系统."""

    verb = "stop-system"
    service = staticmethod(services.stop_system)
    takes_day = True
    body = shapes.StopSystemSerializer


@described
class ResumeSystem(_SystemAct):
    """系统恢复使用."""

    verb = "resume-system"
    service = staticmethod(services.resume_system)
    takes_day = True


@described
class AddInterface(_SystemAct):
    """登记接口."""

    verb = "add-interface"
    service = staticmethod(services.add_interface)
    body = shapes.InterfaceFactsSerializer
    gives = shapes.InterfaceDetailSerializer
    status = 201

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        return interface_detail(request, find_interface(user_of(request), done.pk))


class InterfaceListView(ScopedView, ListAPIView[Interface]):
    """The interfaces one sees of systems in use, the broken ones first."""

    serializer_class = shapes.InterfaceRowSerializer
    filter_backends: list[Any] = []
    queryset = Interface.objects.none()

    def get_queryset(self) -> QuerySet[Interface]:
        visible = policies.visible_interfaces(user_of(self.request), Interface.objects.all())
        found = offered_interfaces(visible)
        outcome, agency = self.request.query_params.get("outcome"), self.request.query_params.get("agency")
        found = found.filter(outcome=outcome) if outcome else found
        return gravest_first(found.filter(system__agency__code=agency) if agency else found)

    @extend_schema(
        summary="在用系统的接口及其最近一次检查，异常的在前",
        parameters=[
            OpenApiParameter("outcome", str, enum=Interface.Outcome.values, description="只列这一结果的接口"),
            OpenApiParameter("agency", str, description="机关代码"),
        ],
        responses={200: shapes.InterfaceRowSerializer(many=True), **UNSEEN},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class StandingView(ScopedView):
    """How the interfaces that one sees stand altogether."""

    @extend_schema(summary="接口状态汇总", responses={200: shapes.InterfaceStandingSerializer, **UNSEEN})
    def get(self, request: Request) -> Response:
        visible = policies.visible_interfaces(user_of(request), Interface.objects.all())
        standing = standing_of(offered_interfaces(visible))
        return Response(shapes.InterfaceStandingSerializer(standing).data)


class InterfaceView(ScopedView):
    """One interface."""

    @extend_schema(summary="一个接口", responses={200: shapes.InterfaceDetailSerializer, **UNSEEN})
    def get(self, request: Request, pk: int) -> Response:
        return Response(interface_detail(request, find_interface(user_of(request), pk)))


class CheckListView(ScopedView, ListAPIView[InterfaceCheck]):
    """Single checks of an interface, the newest first."""

    serializer_class = shapes.InterfaceCheckSerializer
    filter_backends: list[Any] = []
    queryset = InterfaceCheck.objects.none()

    def get_queryset(self) -> QuerySet[InterfaceCheck]:
        if getattr(self, "swagger_fake_view", False):
            return InterfaceCheck.objects.none()
        return find_interface(user_of(self.request), self.kwargs["pk"]).checks.order_by("-at", "-pk")

    @extend_schema(summary="接口的检查记录", responses={200: shapes.InterfaceCheckSerializer(many=True), **UNSEEN})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class _InterfaceAct(ScopedView, CaseActView):
    verb = ""
    gives: Any = shapes.InterfaceDetailSerializer

    def find(self, request: Request, **key: Any) -> Interface:
        interface = find_interface(user_of(request), key["pk"])
        policies.require(user_of(request), self.verb, interface)
        return interface

    def named(self, case: Interface) -> dict[str, Any]:
        return {"interface_id": case.pk}

    def shown(self, request: Request, done: Interface) -> dict[str, Any]:
        return interface_detail(request, find_interface(user_of(request), done.pk))


@described
class ChangeInterface(_InterfaceAct):
    """修改接口的登记."""

    verb = "change-interface"
    service = staticmethod(services.change_interface)
    body = shapes.InterfaceFactsSerializer


@described
class PauseChecking(_InterfaceAct):
    """暂停检查接口."""

    verb = "pause-checking"
    service = staticmethod(services.pause_checking)
    body = shapes.InterfaceReasonsSerializer


@described
class ResumeChecking(_InterfaceAct):
    """恢复检查接口."""

    verb = "resume-checking"
    service = staticmethod(services.resume_checking)


@described
class CheckNow(_InterfaceAct):
    """现在检查接口，几秒后可以读取结果."""

    verb = "check-now"
    service = staticmethod(services.check_now)


@described
class EndInterface(_InterfaceAct):
    """停用接口."""

    verb = "end-interface"
    service = staticmethod(services.end_interface)
    body = shapes.InterfaceReasonsSerializer


@described
class ReplaceDocument(_InterfaceAct):
    """报送接口文档：核对是否符合 OpenAPI 3.0、3.1，有误的逐处列出，不接收."""

    verb = "replace-document"
    service = staticmethod(services.replace_document)
    body = shapes.DocumentUploadSerializer
    status = 201

    def post(self, request: Request, **key: Any) -> Response:
        interface = self.find(request, **key)
        # read before the act begins: no transaction waits for another host or for a long document
        document = _read(interface, checked(self.body, request))

        def act() -> dict[str, Any]:
            services.replace_document(interface_id=interface.pk, by=user_of(request), at=now(), document=document)
            return self.shown(request, interface)

        return act_once(request, act, status=self.status)


def _read(interface: Interface, sent: dict[str, Any]) -> ReadDocument:
    if sent["fetch"]:
        return services.read_document(_fetched(interface), source="fetched")
    if sent.get("document"):
        return services.read_upload(sent["document"])
    return services.read_document(sent["content"].encode("utf-8", "replace"))


def _fetched(interface: Interface) -> bytes:
    if not interface.document_url:
        message = "这个接口没有登记文档地址。请先登记，或者上传文件。"
        raise RuleBroken(message, basis=SYSTEMS, fields={"fetch": message})
    try:
        return fetch_document(interface)
    except OutboundRefused as error:
        raise RuleBroken(error.message, basis=SYSTEMS, fields={"fetch": error.message}) from error
