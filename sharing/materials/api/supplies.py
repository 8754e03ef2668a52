"""REST for what supplies materials: listed, proposed, confirmed by a second person (第十六条第二款)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api.views.base import user_of
from sharing.materials.api import serializers as shown
from sharing.materials.api.views import MaterialsView, paged
from sharing.materials.found import find_supply
from sharing.materials.selectors import find_name, with_entries
from sharing.materials.workflow import SupplyStatus
from sharing.models import MaterialSupply

STATE = OpenApiParameter("state", str, enum=list(SupplyStatus.values), description="按状态筛选")


class SuppliesView(MaterialsView):
    """What supplies materials, and proposing it."""

    @extend_schema(
        summary="材料的提供途径",
        parameters=[STATE],
        responses={200: shown.MaterialSupplySerializer(many=True), **refusals(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        user_of(request)
        rows = with_entries(MaterialSupply.objects.all()).order_by("pk")
        state = request.query_params.get("state", "")
        return paged(request, rows.filter(status=state) if state else rows, shown.MaterialSupplySerializer, self)

    @extend_schema(
        summary="提出由一项数据提供一种材料，由市大数据主管部门的另一人确认",
        parameters=[IDEMPOTENCY],
        request=shown.ProposeSupplyInput,
        responses={201: shown.MaterialSupplySerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        user, values = user_of(request), checked(shown.ProposeSupplyInput, request)
        name = find_name(values.pop("material"))
        if name is None:
            raise NotSeen("还没有事项要求这种材料。请先登记事项。")
        entry = values.pop("entry")

        def act() -> dict[str, Any]:
            supply = services.propose_supply(name_id=name.pk, entry_id=entry.pk, by=user, at=now(), **values)
            return dict(shown.MaterialSupplySerializer(supply).data)

        return act_once(request, act, status=201)


class SupplyAct(MaterialsView, CaseActView):
    """Base of acts on a supply."""

    gives = shown.MaterialSupplySerializer

    def find(self, request: Request, **key: Any) -> MaterialSupply:
        user_of(request)
        return find_supply(key["pk"])

    def named(self, case: Any) -> dict[str, Any]:
        return {"supply_id": case.pk}


@described
class ConfirmView(SupplyAct):
    """确认由这项数据提供."""

    service = staticmethod(services.confirm_supply)


@described
class RejectView(SupplyAct):
    """不采用."""

    service = staticmethod(services.reject_supply)
    body = shown.MaterialReasonsInput


@described
class WithdrawView(SupplyAct):
    """撤销确认."""

    service = staticmethod(services.withdraw_supply)
    body = shown.MaterialReasonsInput
