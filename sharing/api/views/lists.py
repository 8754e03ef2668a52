"""REST: the public lists of demand, duty and withheld data, without an account."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.faces.api import Pages
from sharing.lists.filters import chosen
from sharing.lists.rows import LISTS, PublicList

NUMBERS = {"replies_owed", "supplies_owed"}
PARAMETERS = [
    OpenApiParameter("q", str, description="数据名称或者资源代码"),
    OpenApiParameter("level", str, description="municipal：市级；区县的行政区划代码：该区县"),
    OpenApiParameter("agency", int, description="提供机关的编号，与页面上的筛选相同"),
]


def _shape(which: PublicList) -> serializers.BaseSerializer[Any]:
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        code: serializers.IntegerField(help_text=label)
        if code in NUMBERS
        else serializers.CharField(help_text=label, allow_blank=True)
        for code, label in which.columns.items()
    }
    return inline_serializer(f"Sharing{which.code.title()}Line", fields, many=True)


class PublicListView(APIView):
    """Base: one list, page by page."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    http_method_names = ("get", "head", "options")
    pagination_class = Pages
    which = "demand"

    def get(self, request: Request) -> Response:
        shown, pages = LISTS[self.which], Pages()
        found = chosen(shown, request.query_params)
        page: list[Any] | None = pages.paginate_queryset(found.qs, request, self)
        return pages.get_paginated_response(shown.lines(page or [], found.let_out))


def _view(which: str) -> type[PublicListView]:
    """The view of one list, described by its columns."""
    shown = LISTS[which]
    view = type(f"{which.title()}ListView", (PublicListView,), {"which": which, "__doc__": shown.title})
    described = extend_schema(summary=shown.title, parameters=PARAMETERS, responses=_shape(shown), methods=["GET"])
    return described(view)


VIEWS = {which: _view(which) for which in LISTS}
