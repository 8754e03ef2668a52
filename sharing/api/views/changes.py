"""REST: what changed since a version, page by page and as streams (第十五条、第十七条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.models import User
from guiyang_data.faces.calls import RefusalSerializer, refusals
from guiyang_data.tables.changes import Change
from guiyang_data.timekeeping import now
from sharing.api.change_serializers import SharingChangesSerializer
from sharing.api.views.base import SharingView, user_of
from sharing.api.views.rows import (
    GRANT_HEADER,
    PAGING,
    READING,
    TAKING_HEADER,
    access_to,
    declared_use,
    require_same_grant,
)
from sharing.asking import Asked
from sharing.changes import read_changes
from sharing.exporting import export_changes, with_before
from sharing.found import find_grant
from sharing.models import SharingGrant
from sharing.rights import Access, right_of

SINCE = [
    OpenApiParameter("since", int, required=True, description="您已有的数据版本号，即上次读取结果中的 version"),
    OpenApiParameter("before", bool, description="为 true 的，修改的行一并提供修改前的值"),
    *(parameter for parameter in READING if parameter.name != "sort"),
]
UNTIL = OpenApiParameter(
    "until",
    int,
    description="第一页结果中的 version；写明后，两页之间有了新的一版会得到 409（moved_on），而不是拼错的两页",
)
FILES = {
    (200, "text/csv"): OpenApiResponse(
        OpenApiTypes.BINARY,
        examples=[
            OpenApiExample(
                "CSV",
                value='变化,线路编号,长度\n"insert","004",31.2\n"update-before","002",8\n"update","002",8.4\n',
                media_type="text/csv",
            )
        ],
    ),
    (200, "application/json"): OpenApiResponse(
        OpenApiTypes.BINARY,
        examples=[
            OpenApiExample(
                "JSON",
                value=[{"change": "delete", "row": {"route": "003", "name": "夜间1路"}}],
                media_type="application/json",
            )
        ],
    ),
}
REFUSED = {
    **refusals(401, 403, 404, 422),
    409: OpenApiResponse(
        RefusalSerializer,
        description="不能逐行说明变化（take_whole_again），请重新取全表；或者有了新的一版（moved_on），请从第一页重新读取",
        examples=[
            OpenApiExample(
                "重新取全表",
                value={
                    "code": "take_whole_again",
                    "message": "第1版的数据已不再完整保存。请重新取全表（现行为第7版），以后再从取得的版本起读取变化。",
                    "basis": "《贵阳市政府数据共享开放条例》第十七条",
                },
            )
        ],
    ),
    429: OpenApiResponse(RefusalSerializer, description="超过授权的次数或者行数上限；Retry-After 为可以再试的秒数"),
}


def changes_answer(request: Request, user: User, access: Access) -> Response:
    """One page of changes, logged before it leaves."""
    at = now()
    right = right_of(user, access, at=at)
    purpose, case_number = declared_use(request)
    address = request.query_params
    asked = Asked(address, right.columns, contains=False)
    before = with_before(address)
    read = read_changes(
        by=user,
        access=access,
        since=address.get("since", ""),
        until=address.get("until", ""),
        at=at,
        right=right,
        purpose=purpose,
        case_number=case_number,
        items=asked.fields,
        filters=asked.filters(),
        with_before=before,
        offset=asked.offset,
        limit=asked.page_size,
    )
    page = read.page
    body: dict[str, Any] = {
        "since": read.since.number,
        "version": read.right.version.number,
        "count": page.counts.total,
        "inserted": page.counts.inserted,
        "updated": page.counts.updated,
        "deleted": page.counts.deleted,
        "keyed": page.is_keyed,
        "page": asked.page,
        "page_size": asked.page_size,
        "reading": str(read.number),
        "fields": list(page.codes),
        "results": [_shown(change, page.codes, before) for change in page.changes],
    }
    return Response(body, headers={"Cache-Control": "no-store"})


def _shown(change: Change, codes: tuple[str, ...], is_whole: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"change": change.kind, "row": dict(zip(codes, change.row, strict=True))}
    if is_whole:
        shown["before"] = None if change.before is None else dict(zip(codes, change.before, strict=True))
    return shown


def changes_file(request: Request, user: User, access: Access, kind: str) -> HttpResponseBase:
    """All changes as a stream; the right is asked again at every batch."""
    purpose, case_number = declared_use(request)
    return export_changes(
        user, access, kind, request.query_params, purpose=purpose, case_number=case_number, contains=False
    )


class GrantChangesView(SharingView):
    """Changes through a grant."""

    @extend_schema(
        summary="经授权读取某一版以来的变化",
        parameters=[GRANT_HEADER, *SINCE, UNTIL, *PAGING],
        responses={200: SharingChangesSerializer, **REFUSED},
    )
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        require_same_grant(request, pk)
        return changes_answer(request, user, SharingGrant(pk=pk))


class GrantChangesFileView(SharingView):
    """All changes through a grant."""

    @extend_schema(
        summary="经授权导出某一版以来的变化", parameters=[GRANT_HEADER, *SINCE], responses={**FILES, **REFUSED}
    )
    def get(self, request: Request, pk: int, kind: str) -> HttpResponseBase:
        user = user_of(request)
        require_same_grant(request, pk)
        return changes_file(request, user, find_grant(user, pk), kind)


class EntryChangesView(SharingView):
    """Changes of an entry: unconditional under a declared duty, conditional through the grant that a header names."""

    @extend_schema(
        summary="读取目录条目某一版以来的变化",
        parameters=[GRANT_HEADER, TAKING_HEADER, *SINCE, UNTIL, *PAGING],
        responses={200: SharingChangesSerializer, **REFUSED},
    )
    def get(self, request: Request, code: str) -> Response:
        user = user_of(request)
        return changes_answer(request, user, access_to(request, user, code))


class EntryChangesFileView(SharingView):
    """All changes of an entry."""

    @extend_schema(
        summary="导出目录条目某一版以来的变化",
        parameters=[GRANT_HEADER, TAKING_HEADER, *SINCE],
        responses={**FILES, **REFUSED},
    )
    def get(self, request: Request, code: str, kind: str) -> HttpResponseBase:
        user = user_of(request)
        return changes_file(request, user, access_to(request, user, code), kind)
