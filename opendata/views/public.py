"""What everybody sees: the list of open data sets, a data set with its views, and its downloads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.search.services import record_miss
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import BadFilter, UnknownColumn, query, stream_csv, stream_json
from guiyang_data.timekeeping import today
from opendata import querying, selectors
from opendata.charts import chart_of
from opendata.models import OpenDataset, PublishedVersion
from opendata.querying import Condition, conditions, sorting
from opendata.services import count_download
from opendata.services.locking import NO_DATASET

PAGE_SIZE = 20
ROWS_A_PAGE = 50
NAMES = {"field": "领域", "agency": "提供机关", "cycle": "更新周期", "region": "区域"}
KINDS: dict[str, tuple[str, str, str]] = {
    "csv": ("csv", "text/csv; charset=utf-8", "csv"),
    "excel.csv": ("excel", "text/csv; charset=utf-8", "csv"),
    "json": ("json", "application/json; charset=utf-8", "json"),
}
"""Ending of the address -> (key in the version's files, media type, ending of the file's name)."""


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
    chips = [{"label": _("关键字"), "text": text, "url": _without(request, "q")}] if text else []
    for name, value in chosen.items():
        if value:
            label = next((choice.label for choice in facets[name] if choice.code == value), value)
            chips.append({"label": NAMES[name], "text": label, "url": _without(request, name)})
    return chips


def _without(request: HttpRequest, *names: str) -> str:
    """This address without some parameters, from its first page."""
    kept = [(key, value) for key, value in request.GET.items() if key not in {*names, "page"} and value]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _with(request: HttpRequest, **values: str) -> str:
    kept = {key: value for key, value in request.GET.items() if key != "page" and value} | values
    return f"{request.path}?{urlencode({key: value for key, value in kept.items() if value})}"


def _find(slug: str) -> tuple[OpenDataset, PublishedVersion]:
    dataset = selectors.dataset_by_slug(slug)
    if dataset is None or dataset.current is None:
        raise NotSeen(_(NO_DATASET))
    return dataset, dataset.current


def _page(
    request: HttpRequest, slug: str, tab: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    dataset, version = _find(slug)
    base = dataset.get_absolute_url()
    tabs = [
        {"key": "explore", "label": _("看数据"), "url": base, "count": None},
        {"key": "fields", "label": _("字段"), "url": f"{base}fields/", "count": len(version.columns)},
        {"key": "download", "label": _("下载"), "url": f"{base}download/", "count": None},
        {"key": "api", "label": _("接口"), "url": f"{base}api/", "count": None},
        {"key": "versions", "label": _("版本"), "url": f"{base}versions/", "count": version.number},
    ]
    shown = {
        "dataset": dataset,
        "version": version,
        "tabs": tabs,
        "tab": tab,
        "crumbs": [(_("数据"), "/data/"), (_field_label(dataset), f"/data/?field={dataset.field}")],
        "facts": _facts(dataset, version),
        "contact": _contact(dataset),
        "address": request.build_absolute_uri(f"/api/v1/open/datasets/{dataset.slug}/rows"),
        "citation": f"{dataset.provider_name}：{dataset.title}，第 {version.number} 版，"
        f"{request.build_absolute_uri(base)}",
        **(context or {}),
    }
    return render(request, f"opendata/dataset_{tab}.html", shown, status=status)


def _field_label(dataset: OpenDataset) -> str:
    revision = dataset.entry.in_force
    return str(revision.get_field_display()) if revision else ""


def _contact(dataset: OpenDataset) -> str:
    revision, provider = dataset.entry.in_force, dataset.entry.provider
    office = (revision.contact if revision else "") or provider.contact
    phone = (revision.contact_phone if revision else "") or provider.phone
    return f"{office} {phone}".strip()


def _facts(dataset: OpenDataset, version: PublishedVersion) -> list[tuple[str, object]]:
    revision = dataset.entry.in_force
    facts: list[tuple[str, object]] = [
        (_("提供机关"), dataset.provider_name),
        (_("联系"), _contact(dataset)),
        (_("更新周期"), revision.get_update_cycle_display() if revision else ""),
        (_("行数"), f"{version.rows:,}"),
        (_("首次开放"), f"{dataset.published_on:%Y-%m-%d}"),
    ]
    if revision and (revision.spatial_scope or revision.time_scope):
        facts.append((_("范围"), " · ".join(part for part in (revision.spatial_scope, revision.time_scope) if part)))
    return [
        *facts,
        (_("格式"), "CSV JSON API"),
        (_("许可"), dataset.licence),
        (_("资源代码"), dataset.entry.resource_code),
        (_("下载"), _("%(count)s 次") % {"count": f"{dataset.downloads:,}"}),
    ]


@require_safe
def explore(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows, filtered and sorted as the address says; no script is needed."""
    withdrawn = selectors.withdrawn_notice(slug)
    if withdrawn is not None:
        return render(request, "opendata/withdrawn.html", {"dataset": withdrawn}, status=410)
    dataset, version = _find(slug)
    columns = version.schema
    try:
        wanted = conditions(request.GET.dict(), columns)
        order = sorting(request.GET.get("sort", ""), columns)
        number = querying.whole(request.GET.get("page", ""), name="page", default=1) or 1
        read = query(
            dataset.table,
            version.table_version,
            columns=columns,
            filters=[one.filter for one in wanted],
            sort=order,
            offset=(number - 1) * ROWS_A_PAGE,
            limit=ROWS_A_PAGE,
        )
    except (BadFilter, UnknownColumn) as refused:
        return _page(request, slug, "explore", {"refused": refused.message}, status=422)
    page: Page[int] = Paginator(range(read.total), ROWS_A_PAGE).get_page(number)
    context = {
        "columns": _columns(request, version, columns, order),
        "rows": read.rows,
        "page": page,
        "filters": _set_filters(request, wanted, columns),
        "keep": [(name, value) for name, value in request.GET.items() if name == "sort" and value],
        "count_text": _counted(read.total, version.rows),
        "share_url": request.get_full_path(),
        "empty": {
            "title": _("没有符合条件的行"),
            "text": _("换一个条件，或者去掉一些条件再看。"),
            "action": {"label": _("去掉全部条件"), "url": request.path},
        },
        "chart": chart_of(dataset) if not wanted and number == 1 else None,
    }
    return _page(request, slug, "explore", context)


def _counted(found: int, rows: int) -> str:
    if found == rows:
        return _("共 %(rows)s 行") % {"rows": f"{rows:,}"}
    return _("%(found)s 行，共 %(rows)s 行") % {"found": f"{found:,}", "rows": f"{rows:,}"}


def _columns(
    request: HttpRequest, version: PublishedVersion, columns: list[Column], order: list[str]
) -> list[dict[str, Any]]:
    units = {column["code"]: column["unit"] for column in version.columns}
    shown = []
    for column in columns:
        state = "asc" if column.code in order else "desc" if f"-{column.code}" in order else ""
        following = {"": column.code, "asc": f"-{column.code}", "desc": ""}[state]
        name = f"{column.code}__contains" if column.data_type.is_text else column.code
        shown.append(
            {
                "name": column.name,
                "code": column.code,
                "type_label": column.data_type.label,
                "unit": units.get(column.code, ""),
                "numeric": column.data_type.is_numeric,
                "sort_url": _with(request, sort=following),
                "sorted": state,
                "filter_name": name,
                "filter_value": request.GET.get(name, ""),
            }
        )
    return shown


def _set_filters(request: HttpRequest, wanted: list[Condition], columns: list[Column]) -> list[dict[str, str]]:
    names = {column.code: column.name for column in columns}
    return [
        {"label": names[one.filter.code], "text": one.words, "remove_url": _without(request, one.parameter)}
        for one in wanted
    ]


@require_safe
def fields(request: HttpRequest, slug: str) -> HttpResponse:
    """The data dictionary: what each field means, and what its values look like."""
    _dataset, version = _find(slug)
    seen = {column["code"]: column for column in version.profile}
    labels = {column.code: column.data_type.label for column in version.schema}
    rows = [
        {**column, "type_label": labels[column["code"]], "seen": seen.get(column["code"], {})}
        for column in version.columns
    ]
    return _page(request, slug, "fields", {"dictionary": rows})


@require_safe
def downloads(request: HttpRequest, slug: str) -> HttpResponse:
    """The files of the current version, with their sizes and checksums."""
    dataset, version = _find(slug)
    labels = {
        "csv": ("CSV", _("UTF-8 编码，适合程序读取，单元格为原值")),
        "excel.csv": (_("供 Excel 打开的 CSV"), _("带字节序标记，可能被当作公式的文字前加了单引号")),
        "json": ("JSON", _("一个数组，每行一个对象，键为字段名")),
    }
    files = [
        {
            "label": labels[kind][0],
            "hint": labels[kind][1],
            "url": f"{dataset.get_absolute_url()}download/{version.number}.{kind}",
            **version.files.get(KINDS[kind][0], {}),
        }
        for kind in KINDS
    ]
    return _page(request, slug, "download", {"files": files})


@require_safe
def api(request: HttpRequest, slug: str) -> HttpResponse:
    """The address of the data, with lines to copy."""
    dataset, version = _find(slug)
    address = request.build_absolute_uri(f"/api/v1/open/datasets/{dataset.slug}/rows")
    key = next((column for column in version.schema if column.is_key), version.schema[0])
    sample = version.profile[0].get("minimum") if version.profile else ""
    where = urlencode({key.code: sample or ""})
    examples = {
        "curl": f"curl '{address}?limit=10'",
        "filter": f"curl '{address}?{where}&sort=-{key.code}'",
        "python": "import json\nimport urllib.request\n\n"
        f'with urllib.request.urlopen("{address}?limit=100") as answer:\n    rows = json.load(answer)["rows"]\n',
        "export": f"curl -O '{request.build_absolute_uri(f'/api/v1/open/datasets/{dataset.slug}/export.csv')}'",
    }
    return _page(request, slug, "api", {"examples": examples, "operators": _operators()})


def _operators() -> list[tuple[str, str]]:
    return [
        ("字段=值", _("等于")),
        ("字段__ne", _("不等于")),
        ("字段__gt、__ge、__lt、__le", _("大于、不小于、小于、不大于")),
        ("字段__contains、__starts", _("文字包含、开头是")),
        ("字段__in", _("是其中之一，以英文逗号分隔")),
        ("字段__isnull", _("true 为空，false 不为空")),
        ("sort", _("排序的字段，以英文逗号分隔；前加 - 为降序")),
        ("fields", _("只要这些字段，以英文逗号分隔")),
        ("limit、offset", _("每次最多 1000 行；从第几行之后开始")),
    ]


@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version, newest first; each stays downloadable."""
    dataset, _current = _find(slug)
    page = Paginator(dataset.versions.order_by("-number"), PAGE_SIZE).get_page(request.GET.get("page"))
    return _page(request, slug, "versions", {"page": page})


@require_safe
def download(request: HttpRequest, slug: str, number: int, kind: str) -> HttpResponseBase:
    """A version as a file, streamed; the same version has the same ETag for ever."""
    dataset, _current = _find(slug)
    version = selectors.version_of(dataset, number)
    if version is None or kind not in KINDS:
        raise NotSeen(_("没有这个版本或者格式。请返回数据集的「下载」页面重新选择。"))
    key, media_type, ending = KINDS[kind]
    about = version.files.get(key, {})
    etag = f'"{about.get("sha256", "")}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    columns = version.schema
    if kind == "json":
        parts = stream_json(dataset.table, version.table_version, columns=columns)
    else:
        parts = stream_csv(dataset.table, version.table_version, columns=columns, for_excel=key == "excel")
    response = stream(parts, name=f"{dataset.title}-v{number}.{ending}", media_type=media_type)
    response["ETag"] = etag
    if about.get("bytes"):
        response["Content-Length"] = about["bytes"]
    if request.method == "GET":
        count_download(dataset)
    return response
