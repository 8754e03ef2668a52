"""A small chart for data sets that measure something over time: a date that is part of the key, and a number."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guiyang_data.faces.text import cell_text, zh_datetime
from guiyang_data.tables.columns import Column, DataType
from guiyang_data.tables.query import open_version
from opendata.models import OpenDataset

POINTS = 48
DATES = {DataType.DATE, DataType.DATETIME}


def chart_of(dataset: OpenDataset) -> dict[str, Any] | None:
    """The newest values of the first measured number over time, for parts/chart.html; None where nothing is measured.

    Where several rows share a moment (stations, markets) their mean is drawn.
    """
    version = dataset.current
    if version is None:
        return None
    times = [column for column in version.schema if column.data_type in DATES and column.is_key]
    numbers = [column for column in version.schema if column.data_type.is_numeric and not column.is_key]
    if not times or not numbers:
        return None
    moment, value = times[0], numbers[0]
    points = _points(dataset, version.table_version, moment, value)
    if len(points) < 3:
        return None
    units = {column["code"]: column["unit"] for column in version.columns}
    return {
        "id": "over-time",
        "title": _("%(value)s，按%(moment)s的平均值") % {"value": value.name, "moment": moment.name},
        "kind": "line",
        "x": [cell_text(at) for at, _mean in points],
        "x_name": moment.name,
        "series": [{"name": value.name, "values": [round(mean, 2) for _at, mean in points]}],
        "unit": units.get(value.code, ""),
        "source": dataset.provider_name,
        "as_of": zh_datetime(version.made_at, with_year=True),
    }


def _points(dataset: OpenDataset, version: int, moment: Column, value: Column) -> list[tuple[Any, float]]:
    time, number = moment.identifier, value.identifier
    with open_version(dataset.table, version) as opened:
        found = opened.connection.execute(
            f"SELECT {time}, avg({number})::DOUBLE FROM rows WHERE {number} IS NOT NULL AND {time} IS NOT NULL "  # noqa: S608
            f"GROUP BY 1 ORDER BY 1 DESC LIMIT {POINTS}"
        ).fetchall()
    return [(at, mean) for at, mean in reversed(found)]
