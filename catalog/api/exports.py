"""The catalogue as a file, for programs."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from catalog import policies
from catalog.api.views import ScopedView, user_of
from catalog.exporting import FORMATS, export
from catalog.forms.searching import EntryFilter, revisions_of
from guiyang_data.faces.downloads import stream


class CatalogueExportView(ScopedView):
    """The entries of the list with every element and information item."""

    kind = "csv"

    @extend_schema(
        summary="导出目录（全部要素和信息项）",
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR) for name in ("q", "standing", "agency", "sharing", "field")
        ],
        responses={(200, one.media_type.split(";")[0]): OpenApiTypes.BINARY for one in FORMATS.values()},
    )
    def get(self, request: Request) -> HttpResponseBase:
        chosen = EntryFilter(request.query_params, policies.sight_of(user_of(request)))
        return stream(
            export(revisions_of(chosen), self.kind),
            name=f"catalogue.{self.kind}",
            media_type=FORMATS[self.kind].media_type,
        )
