"""A data set as everybody sees it: its rows, fields, files, API and versions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.deadlines import CYCLE_DAYS
from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.text import cell_text, file_size, zh_date, zh_datetime
from guiyang_data.notices.following import followers
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import BadFilter, UnknownColumn, query, stream_csv, stream_json
from guiyang_data.timekeeping import now
from opendata import querying, selectors
from opendata.charts import DATES, chart_of
from opendata.models import OpenDataset, PublishedVersion
from opendata.querying import Condition, conditions, sorting
from opendata.services import count_download
from opendata.services.locking import NO_DATASET
from opendata.views.addresses import with_values, without

PAGE_SIZE = 20
ROWS_A_PAGE = 20
KINDS: dict[str, tuple[str, str, str]] = {
    "csv": ("csv", "text/csv; charset=utf-8", "csv"),
    "excel.csv": ("excel", "text/csv; charset=utf-8", "csv"),
    "json": ("json", "application/json; charset=utf-8", "json"),
}
"""Ending of the address -> (key in the version's files, media type, ending of the file's name)."""


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
        "is_stale": is_stale(dataset),
        "followers": followers(dataset),
        "address": request.build_absolute_uri(f"/api/v1/open/datasets/{dataset.slug}/rows"),
        "citation": f"{dataset.provider_name}：{dataset.title}，第 {version.number} 版，"
        f"{request.build_absolute_uri(base)}",
        **(context or {}),
    }
    return render(request, f"opendata/dataset_{tab}.html", shown, status=status)


def is_stale(dataset: OpenDataset) -> bool:
    """Whether more than two of its update cycles have passed without a new version."""
    days = CYCLE_DAYS.get(dataset.update_cycle)
    return days is not None and (now() - dataset.updated_at).days > 2 * days


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
        (_("首次开放"), zh_date(dataset.published_on, with_year=True)),
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
        order = sorting(request.GET.get("sort", ""), columns) or newest_first(columns)
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


def newest_first(columns: list[Column]) -> list[str]:
    """What is measured over time begins with the newest."""
    return [f"-{column.code}" for column in columns if column.is_key and column.data_type in DATES][:1]


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
                "sort_url": with_values(request, sort=following),
                "sorted": state,
                "filter_name": name,
                "filter_value": request.GET.get(name, ""),
            }
        )
    return shown


def _set_filters(request: HttpRequest, wanted: list[Condition], columns: list[Column]) -> list[dict[str, str]]:
    names = {column.code: column.name for column in columns}
    return [
        {"label": names[one.filter.code], "text": one.words, "remove_url": without(request, one.parameter)}
        for one in wanted
    ]


@require_safe
def fields(request: HttpRequest, slug: str) -> HttpResponse:
    """The data dictionary: what each field means, and what its values look like."""
    _dataset, version = _find(slug)
    seen = {column["code"]: column for column in version.profile}
    labels = {column.code: column.data_type.label for column in version.schema}
    heads = [
        ("name", _("名称")),
        ("code", _("字段名")),
        ("type", _("类型")),
        ("meaning", _("说明")),
        ("demanded", _("取值规定")),
        ("nulls", _("空值")),
        ("distinct", _("不同值")),
        ("bounds", _("最小 — 最大")),
    ]
    context = {
        "columns": [{"code": code, "name": name, "numeric": code in {"nulls", "distinct"}} for code, name in heads],
        "rows": [_dictionary_line(column, labels, seen.get(column["code"], {})) for column in version.columns],
    }
    return _page(request, slug, "fields", context)


def _dictionary_line(column: dict[str, Any], labels: dict[str, str], seen: dict[str, Any]) -> dict[str, object]:
    marks = [_("主键")] if column["is_key"] else []
    marks += [_("已脱敏")] if column["technique"] != "keep" else []
    bounds = (cell_text(seen.get("minimum")), cell_text(seen.get("maximum")))
    return {
        "name": f"{column['name']}（{'、'.join(marks)}）" if marks else column["name"],
        "code": column["code"],
        "type": f"{labels[column['code']]}（{column['unit']}）" if column["unit"] else labels[column["code"]],
        "meaning": column["meaning"],
        "demanded": _demanded(column),
        "nulls": f"{seen.get('nulls', 0):,}",
        "distinct": f"{seen.get('distinct', 0):,}",
        "bounds": " — ".join(bounds) if any(bounds) else "",
    }


def _demanded(column: dict[str, Any]) -> str:
    """What the catalogue demands of the values: that none stands twice, their bounds, the list they are from."""
    least, most, listed = column.get("minimum", ""), column.get("maximum", ""), column.get("code_list", ())
    said = [
        _("唯一") if column.get("is_unique") else "",
        f"{least} — {most}" if least and most else "",
        _("不小于 %(least)s") % {"least": least} if least and not most else "",
        _("不大于 %(most)s") % {"most": most} if most and not least else "",
        _("只取：%(words)s") % {"words": "、".join(map(str, listed))} if listed else "",
    ]
    return "；".join(filter(None, said))


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
    page = Paginator(selectors.versions_shown(dataset), PAGE_SIZE).get_page(request.GET.get("page"))
    base = dataset.get_absolute_url()
    heads = [("number", _("版本")), ("made", _("生成时间")), ("rows", _("行数")), ("csv", "CSV"), ("json", "JSON")]
    context = {
        "page": page,
        "columns": [{"code": code, "name": name, "numeric": code == "rows"} for code, name in heads],
        "rows": [
            {
                "number": f"{one.number}（{_('现行')}）" if one.pk == dataset.current_id else str(one.number),
                "made": zh_datetime(one.made_at, with_year=True),
                "rows": f"{one.rows:,}",
                **{
                    kind: {"text": file_size(one.files[kind]["bytes"]), "url": f"{base}download/{one.number}.{kind}"}
                    for kind in ("csv", "json")
                },
            }
            for one in page
        ],
    }
    return _page(request, slug, "versions", context)


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
