"""The catalogue as a file, for programs."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from catalog import policies, selectors
from catalog.api.views import ScopedView, user_of
from catalog.exporting import FORMATS, export, revisions_in_force, revisions_to_work_on
from catalog.forms.searching import EntryFilter
from catalog.models import CatalogEntry
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
        user = user_of(request)
        visible = policies.visible_to(user, CatalogEntry.objects.all())
        inside = policies.with_drafts_for(user, CatalogEntry.objects.all())
        agencies = selectors.provider_agencies(visible)
        asked = request.query_params
        chosen = EntryFilter(asked, queryset=selectors.listed(visible), agencies=agencies, inside=inside)
        if asked.get("standing") == "in-force":
            revisions = revisions_in_force(chosen.qs)
        else:
            revisions = revisions_to_work_on(chosen.qs, inside)
        return stream(
            export(revisions, self.kind), name=f"catalogue.{self.kind}", media_type=FORMATS[self.kind].media_type
        )
