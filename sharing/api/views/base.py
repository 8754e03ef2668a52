"""What every call of sharing has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from catalog.models import CatalogEntry
from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import Pages
from guiyang_data.faces.calls import IDEMPOTENCY
from sharing.api import serializers as shown
from sharing.selectors import (
    shareable_entries,
)

BOX = OpenApiParameter("box", str, enum=["own", "answer"], description="own：本机关提出的；answer：须本机关答复的")
STATUS = OpenApiParameter("status", str, description="按状态筛选")


def user_of(request: Request) -> User:
    """The member or system of an agency that calls; for everybody else nothing is there."""
    if not isinstance(request.user, User) or not is_staff_member(request.user):
        raise NotSeen("共享接口供行政机关及其信息系统使用。")
    return request.user


def find_shared_entry(code: str) -> CatalogEntry:
    """A shared entry by its resource code."""
    entry = shareable_entries().filter(resource_code=code).first()
    if entry is None:
        raise NotSeen("没有找到这项数据，或者它没有共享。请核对资源代码。")
    return entry


def listed(request: Request, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]], view: APIView) -> Response:
    """One page of a list."""
    status = request.query_params.get("status")
    if status:
        rows = rows.filter(status=status)
    pages = Pages()
    page = pages.paginate_queryset(rows, request, view)
    return pages.get_paginated_response(serializer(page, many=True).data)


def detail(serializer: type[BaseSerializer[Any]], row: Model, user: User) -> dict[str, Any]:
    """A case with its actions and clocks, as it is now."""
    return dict(serializer(row, context={"user": user}).data)


class SharingView(APIView):
    """Base: reading needs ``sharing:read``, acting the scope in ``act_scope``."""

    act_scope = "sharing:apply"

    def get_permissions(self) -> list[Any]:
        scope = "sharing:read" if self.request.method in {"GET", "HEAD", "OPTIONS"} else self.act_scope
        return [requires_scope(scope)()]


def act_schema(
    summary: str, body: Any = None, response: Any = shown.SharingApplicationDetailSerializer
) -> Callable[..., Any]:
    return extend_schema(summary=summary, parameters=[IDEMPOTENCY], request=body, responses=response)
