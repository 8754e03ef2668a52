"""REST: rows, page by page and as streams, through a grant or under a declared duty (第十五条、第十七条)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.texts import one_line
from guiyang_data.timekeeping import now
from sharing.api import serializers as shown
from sharing.api.views.base import SharingView, find_shared_entry, user_of
from sharing.asking import Asked
from sharing.exporting import export
from sharing.found import find_grant, find_taking, my_agency
from sharing.models import SharingGrant
from sharing.reading import read_page
from sharing.rights import Access, right_of
from sharing.selectors import takings_of
from sharing.workflow import OWN_DUTIES, TAKE

GRANT_HEADER = OpenApiParameter("Sharing-Grant", int, OpenApiParameter.HEADER, description="授权编号")
TAKING_HEADER = OpenApiParameter("Sharing-Taking", int, OpenApiParameter.HEADER, description="获取登记编号")
READING = [
    OpenApiParameter(
        "Sharing-Purpose",
        str,
        OpenApiParameter.HEADER,
        description="本次读取的用途，中文按 URL 编码；用途和办件编号至少写明一项",
    ),
    OpenApiParameter("Sharing-Case", str, OpenApiParameter.HEADER, description="办件编号，中文按 URL 编码"),
    OpenApiParameter("fields", str, description="信息项字段名，以逗号分隔"),
    OpenApiParameter(
        "filter", str, many=True, description="字段名:比较方式:值，可重复，例如 length:ge:10；in 的值以逗号分隔"
    ),
    OpenApiParameter("sort", str, description="字段名，降序前加 -，以逗号分隔"),
]
PAGING = [
    OpenApiParameter("page", int, description="第几页"),
    OpenApiParameter("page_size", int, description="每页行数，最多 1000"),
]
USE_HEADERS = ("Sharing-Purpose", "Sharing-Case")
FILES = {(200, "text/csv"): OpenApiTypes.BINARY, (200, "application/json"): OpenApiTypes.BINARY}


def declared_use(request: Request) -> tuple[str, str]:
    """Purpose and case number of this reading, from its headers; RuleBroken where it names neither."""
    purpose, case_number = (one_line(unquote(request.headers.get(name, ""))) for name in USE_HEADERS)
    if not (purpose or case_number):
        message = "请在请求头写明本次读取的用途（Sharing-Purpose）或者办件编号（Sharing-Case），中文按 URL 编码。"
        raise RuleBroken(message, basis=OWN_DUTIES)
    return purpose, case_number


def require_same_grant(request: Request, pk: int) -> None:
    """A header that names another grant than the address is refused."""
    named = request.headers.get("Sharing-Grant", "").strip()
    if named and named != str(pk):
        raise RuleBroken("请求头 Sharing-Grant 与地址中的授权编号不一致。请核对后重试。", basis=OWN_DUTIES)


def access_to(request: Request, user: User, code: str) -> Access:
    """What an entry is read through: the grant or taking a header names, else the agency's last declared duty."""
    entry = find_shared_entry(code)
    grant, taking = (_number(request.headers.get(name, "")) for name in ("Sharing-Grant", "Sharing-Taking"))
    if grant is not None:
        return _of_entry(find_grant(user, grant), entry)
    if taking is not None:
        return _of_entry(find_taking(user, taking), entry)
    last = takings_of(my_agency(user, entry), entry).first()
    if last is None:
        raise RuleBroken(
            "还没有登记所履行的职责。无条件共享的请先登记（takings）；"
            "有条件共享的请在请求头 Sharing-Grant 写明授权编号。",
            basis=TAKE,
        )
    return last


def _of_entry(access: Access, entry: CatalogEntry) -> Access:
    if access.entry_id != entry.pk:
        message = "请求头所写明的授权或者获取登记不是这项数据的。请核对编号和资源代码。"
        raise RuleBroken(message, basis=OWN_DUTIES)
    return access


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 19):
        raise RuleBroken("请求头中的编号应当是数字。请核对后重试。")
    return int(text)


def rows_answer(request: Request, user: User, access: Access) -> Response:
    """One page of rows, logged before it leaves. ``access``: of it only the number counts, the right is asked anew."""
    at = now()
    right = right_of(user, access, at=at)
    purpose, case_number = declared_use(request)
    asked = Asked(request.query_params, right.columns, contains=False)
    read = read_page(
        by=user,
        entry=right.entry,
        access=access,
        at=at,
        right=right,
        purpose=purpose,
        case_number=case_number,
        items=asked.fields,
        filters=asked.filters(),
        sort=asked.sort,
        offset=asked.offset,
        limit=asked.page_size,
    )
    page = read.page
    body: dict[str, Any] = {
        "count": page.total,
        "page": asked.page,
        "page_size": asked.page_size,
        "version": right.version.number,
        "reading": str(read.number),
        "fields": list(page.codes),
        "results": [dict(zip(page.codes, row, strict=True)) for row in page.rows],
    }
    return Response(body, headers={"Cache-Control": "no-store"})


def file_answer(request: Request, user: User, access: Access, kind: str) -> HttpResponseBase:
    """All rows as a stream; the right is asked again at every batch."""
    purpose, case_number = declared_use(request)
    address = request.query_params
    return export(user, access, kind, address, purpose=purpose, case_number=case_number, contains=False)


class GrantRowsView(SharingView):
    """Rows through a grant."""

    @extend_schema(
        summary="经授权读取数据", parameters=[GRANT_HEADER, *READING, *PAGING], responses=shown.SharingRowsSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        require_same_grant(request, pk)
        return rows_answer(request, user, SharingGrant(pk=pk))


class GrantFileView(SharingView):
    """All rows through a grant."""

    @extend_schema(summary="经授权导出数据", parameters=[GRANT_HEADER, *READING], responses=FILES)
    def get(self, request: Request, pk: int, kind: str) -> HttpResponseBase:
        user = user_of(request)
        require_same_grant(request, pk)
        return file_answer(request, user, find_grant(user, pk), kind)


class EntryRowsView(SharingView):
    """Rows of an entry: unconditional under a declared duty, conditional through the grant that a header names."""

    @extend_schema(
        summary="读取目录条目的数据",
        parameters=[GRANT_HEADER, TAKING_HEADER, *READING, *PAGING],
        responses=shown.SharingRowsSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        user = user_of(request)
        return rows_answer(request, user, access_to(request, user, code))


class EntryFileView(SharingView):
    """All rows of an entry."""

    @extend_schema(summary="导出目录条目的数据", parameters=[GRANT_HEADER, TAKING_HEADER, *READING], responses=FILES)
    def get(self, request: Request, code: str, kind: str) -> HttpResponseBase:
        user = user_of(request)
        return file_answer(request, user, access_to(request, user, code), kind)
