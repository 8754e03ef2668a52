"""Catalogues that are public by a recorded decision (第十一条第三款): what it lets out and no more, for everyone."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import View

from catalog import records
from catalog.cases import find_decided
from catalog.exporting import FORMATS, export, revisions_in_force
from catalog.models import PublicationDecision
from catalog.publishing import decisions_in_force, entries_of, extent_of
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.pages import CasePage

PER_PAGE = 30
LONGEST = 60


class DecidedListPage(CasePage):
    """The catalogues that are public by decision."""

    template_name = "catalog/decided_list.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(decisions_in_force(), PER_PAGE).get_page(request.GET.get("page"))
        return {"page": page}


class DecidedPage(CasePage):
    """One of them: its entries with the elements that the decision names; ``q`` looks in titles alone."""

    template_name = "catalog/decided.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        decision = find_decided(kwargs["pk"])
        exports = [(kind.upper(), f"{decision.public_path.rstrip('/')}.{kind}") for kind in FORMATS]
        return {"exports": exports, **entries_shown(decision, request)}


def entries_shown(decision: PublicationDecision, request: HttpRequest) -> dict[str, Any]:
    """A page of what a decision lets out, as everyone sees it once it is in force; and before, who has to judge it."""
    wanted = request.GET.get("q", "").strip()[:LONGEST]
    entries = entries_of(decision).order_by("resource_code")
    entries = entries.filter(in_force__title__contains=wanted) if wanted else entries
    whole = entries.prefetch_related("in_force__items__collector")
    page, extent = Paginator(whole, PER_PAGE).get_page(request.GET.get("page")), extent_of(decision)
    return {
        "decision": decision,
        "q": wanted,
        "page": page,
        "shown": [_shown(entry, extent) for entry in page],
        "empty": {
            "title": _("没有符合条件的目录条目"),
            "text": _("可以换一个说法，或者清空后查看全部。"),
            "action": {"label": _("查看全部"), "url": request.path} if wanted else None,
        },
    }


def _shown(entry: Any, extent: records.Extent) -> dict[str, Any]:
    record = records.record_of_entry(entry, extent=extent)
    heads = {records.TITLE.label, records.ITEMS}
    facts = [(label, records.joined(value)) for label, value in record.items() if label not in heads and value]
    return {
        "title": record[records.TITLE.label],
        "facts": facts,
        "item_columns": extent.items,
        "items": [[records.joined(item[label]) for label in extent.items] for item in record[records.ITEMS]],
    }


class DecidedExport(View):
    """One of them as a file."""

    kind = "csv"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        decision = find_decided(pk)
        revisions = revisions_in_force(entries_of(decision))
        content = export(revisions, self.kind, extent=extent_of(decision))
        name = f"{decision.title}.{self.kind}"
        return stream(content, name=name, media_type=FORMATS[self.kind].media_type)
