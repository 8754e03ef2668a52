"""REST for events that make the catalogue change (第十三条第二款): for one entry, for many, their day corrected."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.api.serializers import (
    AdjustedManySerializer,
    AdjustManySerializer,
    AdjustmentSerializer,
    AdjustmentShownSerializer,
    EventDaySerializer,
)
from catalog.api.views import ScopedView, find_entry, user_of
from catalog.models import CatalogAdjustment
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import checked
from guiyang_data.timekeeping import now


def shown(adjustment: CatalogAdjustment) -> dict[str, Any]:
    """A declared event, with its clock."""
    return dict(AdjustmentShownSerializer(adjustment).data)


class AdjustmentListView(ScopedView):
    """Events of one entry."""

    @extend_schema(
        operation_id="catalog_entries_adjustments_list",
        summary="调整情形清单",
        responses=AdjustmentShownSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        entry = find_entry(user_of(request), pk)
        return Response([shown(one) for one in entry.adjustments.select_related("collector")])

    @extend_schema(summary="登记目录调整情形", request=AdjustmentSerializer, responses={201: AdjustmentShownSerializer})
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        values = checked(AdjustmentSerializer, request)

        def act() -> dict[str, Any]:
            return shown(services.declare_adjustment(entry_id=entry.pk, by=user, at=now(), **values))

        return act_once(request, act, status=201)


class AdjustManyView(ScopedView):
    """One event for many entries, all or none."""

    @extend_schema(
        summary="为多个条目登记同一情形", request=AdjustManySerializer, responses={201: AdjustedManySerializer}
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        values = checked(AdjustManySerializer, request)
        entries = [find_entry(user, pk).pk for pk in values.pop("entries")]

        def act() -> dict[str, Any]:
            made = services.declare_for_many(entry_ids=entries, event=services.Event(**values), by=user, at=now())
            return {"results": [shown(one) for one in made]}

        return act_once(request, act, status=201)


class CorrectEventDayView(ScopedView):
    """The authority corrects the day of an event."""

    @extend_schema(summary="更正情形发生之日", request=EventDaySerializer, responses=AdjustmentShownSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        found = CatalogAdjustment.objects.filter(pk=pk).first()
        if found is None:
            raise NotSeen("没有找到这个调整情形，或者您不能查看。")
        find_entry(user, found.entry_id)
        values = checked(EventDaySerializer, request)

        def act() -> dict[str, Any]:
            return shown(services.correct_event_day(adjustment_id=pk, by=user, at=now(), **values))

        return act_once(request, act)
