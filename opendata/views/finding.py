"""Finding open data sets: search and facets."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.search.services import record_miss
from guiyang_data.timekeeping import today
from opendata import selectors
from opendata.views.addresses import without

PAGE_SIZE = 20
NAMES = {"field": "领域", "agency": "提供机关", "cycle": "更新周期", "region": "区域"}


@require_safe
def dataset_list(request: HttpRequest) -> HttpResponse:
    """Search and facets over all open data sets; what has no answer is counted as demand (第三条、第二十条)."""
    text = request.GET.get("q", "").strip()[:100]
    chosen = {name: request.GET.get(name, "")[:40] for name in selectors.FACETS}
    found = selectors.search(text)
    sort = request.GET.get("sort", "")
    sort = sort if sort in selectors.SORTS else ("relevance" if text else "newest")
    datasets = selectors.in_order(selectors.narrowed(found.datasets, chosen), sort, found.order)
    page = Paginator(datasets, PAGE_SIZE).get_page(request.GET.get("page"))
    if found.is_missed and page.number == 1:
        record_miss(text=text, on=today())
    facets = selectors.facets(found.datasets, chosen)
    context = {
        "q": text,
        "page": page,
        "facets": [
            {"name": name, "label": NAMES[name], "choices": facets[name], "value": chosen[name]} for name in facets
        ],
        "chips": _chips(request, facets, chosen, text),
        "sorts": [(code, label) for code, label in selectors.SORTS.items() if text or code != "relevance"],
        "sort": sort,
        "is_partial": found.is_partial,
        "ask_url": f"/requests/new/?{urlencode({'q': text})}" if text else "/requests/new/",
    }
    return render(request, "opendata/list.html", context)


def _chips(
    request: HttpRequest, facets: dict[str, list[selectors.Choice]], chosen: dict[str, str], text: str
) -> list[dict[str, str]]:
    chips = [{"label": _("关键字"), "text": text, "url": without(request, "q")}] if text else []
    for name, value in chosen.items():
        if value:
            label = next((choice.label for choice in facets[name] if choice.code == value), value)
            chips.append({"label": NAMES[name], "text": label, "url": without(request, name)})
    return chips
