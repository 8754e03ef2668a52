"""The public lists: what agencies need, what they owe, what is withheld (第十四条、第十五条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from catalog.forms.searching import tidy
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.pages import CasePage
from sharing.lists.exporting import MEDIA, export
from sharing.lists.filters import chosen
from sharing.lists.rows import LISTS

PER_PAGE = 30


class PublicListPage(CasePage):
    """One of the lists, for everyone."""

    template_name = "sharing/list.html"
    which = "demand"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        shown = LISTS[self.which]
        found = chosen(shown, request.GET)
        page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
        query = request.GET.copy()
        query.pop("page", None)
        filtered = any(value for name, value in request.GET.items() if name != "page")
        return {
            "list": shown,
            "lists": list(LISTS.values()),
            "form": tidy(found.form),
            "page": page,
            "columns": list(shown.columns.values()),
            "lines": [
                [(label, line[code], _shape(code)) for code, label in shown.columns.items()]
                for line in shown.lines(list(page.object_list), found.let_out)
            ],
            "exports": [
                (kind.upper(), f"{reverse(f'sharing:list-{shown.code}-{kind}')}?{query.urlencode()}".rstrip("?"))
                for kind in MEDIA
            ],
            "empty": {
                "title": _("没有符合条件的内容") if filtered else _("清单现在没有内容"),
                "text": _("可以换一个说法，或者去掉几个条件。") if filtered else _("有内容后会列在这里。"),
                "action": {"label": _("查看全部"), "url": request.path} if filtered else None,
            },
        }


WIDE = {"items", "condition", "to", "basis"}


def _shape(code: str) -> str:
    """How a column is set: days and codes on one line, long texts with room."""
    if code in WIDE:
        return "wide"
    if code.endswith("_owed"):
        return "number"
    return "line" if code.endswith(("_on", "_by", "_code")) or code in {"since", "level"} else ""


class PublicListExport(View):
    """One of the lists as a file, with the filters of its page."""

    which = "demand"
    kind = "csv"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        shown = LISTS[self.which]
        found = chosen(shown, request.GET)
        parts = export(shown, found.qs, self.kind, found.let_out)
        return stream(parts, name=f"{shown.title}.{self.kind}", media_type=MEDIA[self.kind])
