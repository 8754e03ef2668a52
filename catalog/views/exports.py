"""Catalogues as files: the municipal ones for everyone, and what staff see of the whole with every element."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import View

from catalog.exporting import FORMATS, export, revisions_in_force
from catalog.forms.searching import PublicFilter, revisions_of
from catalog.views.lists import CATALOGUES, chosen_entries
from catalog.views.shared import user_of
from guiyang_data.faces.downloads import stream


class PublicCatalogueExport(View):
    """A municipal catalogue, with what may be public of every entry and its information items (第十一条第三款)."""

    which = "sharing"
    kind = "csv"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        entries = CATALOGUES[self.which]()
        chosen = PublicFilter(request.GET, entries=entries)
        title = _("贵阳市共享目录") if self.which == "sharing" else _("贵阳市开放目录")
        parts = export(revisions_in_force(chosen.qs), self.kind, public=True)
        return stream(parts, name=f"{title}.{self.kind}", media_type=FORMATS[self.kind].media_type)


class CatalogueExport(LoginRequiredMixin, View):
    """The entries of the staff's list with every element: drafts where one is inside, else what is in force."""

    kind = "csv"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        parts = export(revisions_of(chosen_entries(request, user_of(request))), self.kind)
        return stream(parts, name=f"{_('政府数据资源目录')}.{self.kind}", media_type=FORMATS[self.kind].media_type)
