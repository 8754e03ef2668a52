"""What everybody sees: the list, a data set with its views, downloads, and what was taken back."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.services import ItemSpec
from guiyang_data.search.models import SearchMiss
from opendata.models import OpenDataset
from tests.factories import opendata as make
from tests.factories.accounts import City, city

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AIR = (
    ItemSpec(name="监测日期", code="day", data_type="D", required=True, is_key=True),
    ItemSpec(name="站点", code="station", data_type="C", length=20, required=True, is_key=True),
    ItemSpec(name="PM2.5", code="pm25", data_type="I", unit="μg/m³"),
)
AIR_ROWS = [
    {"监测日期": f"2026-08-{day:02d}", "站点": station, "PM2.5": str(20 + day)}
    for day in range(1, 16)
    for station in ("云岩", "花溪")
]


@pytest.fixture
def town() -> City:
    return city()


@pytest.fixture
def air(town: City) -> OpenDataset:
    return make.dataset_open(town.provider, items=AIR, rows=AIR_ROWS, title="空气质量日报")


def test_the_list_finds_and_narrows(client: Client, town: City, air: OpenDataset) -> None:
    make.dataset_open(town.requester, title="医疗机构名录", abstract="名称与地址。", keywords="", field="medical")
    text = client.get("/data/").content.decode()
    assert "空气质量日报" in text
    assert "医疗机构名录" in text
    narrowed = client.get("/data/", {"q": "空气", "field": "transport"}).content.decode()
    assert "空气质量日报" in narrowed
    assert "医疗机构名录" not in narrowed


def test_an_empty_list_offers_to_file_a_request_and_counts_the_demand(client: Client, air: OpenDataset) -> None:
    text = client.get("/data/", {"q": "海洋浮标"}).content.decode()
    assert "没有符合条件的数据集" in text
    assert "/requests/new/?q=%E6%B5%B7%E6%B4%8B%E6%B5%AE%E6%A0%87" in text
    assert SearchMiss.objects.get().count == 1


def test_every_view_of_a_data_set_opens_for_a_visitor(client: Client, air: OpenDataset) -> None:
    for tab in ("", "fields/", "download/", "api/", "versions/"):
        response = client.get(f"{air.get_absolute_url()}{tab}")
        assert response.status_code == 200, tab
        assert "空气质量日报" in response.content.decode()


def test_what_is_measured_begins_with_the_newest_and_has_a_chart(client: Client, air: OpenDataset) -> None:
    response = client.get(air.get_absolute_url())
    assert response.context["rows"][0][0].isoformat() == "2026-08-15"
    chart = response.context["chart"]
    assert chart["series"][0]["values"][-1] == 35.0
    assert chart["unit"] == "μg/m³"


def test_the_address_keeps_filters_and_order(client: Client, air: OpenDataset) -> None:
    response = client.get(air.get_absolute_url(), {"pm25": ">=34", "station__contains": "云", "sort": "pm25"})
    assert [row[2] for row in response.context["rows"]] == [34, 35]
    assert response.context["count_text"] == "2 行，共 30 行"
    assert [chip["text"] for chip in response.context["filters"]] == ["不小于 34", "含 云"]
    assert "station__contains" in response.context["filters"][0]["remove_url"]


def test_pages_of_rows_go_on_where_the_one_before_ended(client: Client, air: OpenDataset) -> None:
    first = client.get(air.get_absolute_url(), {"sort": "day"}).context["rows"]
    second = client.get(air.get_absolute_url(), {"sort": "day", "page": "2"}).context["rows"]
    assert (len(first), len(second)) == (20, 10)
    assert not set(first) & set(second)


def test_a_condition_that_does_not_fit_says_why(client: Client, air: OpenDataset) -> None:
    for query in ({"pm25": "很高"}, {"ghost": "1"}, {"sort": "ghost"}, {"page": "-1"}):
        response = client.get(air.get_absolute_url(), query)
        assert response.status_code == 422
        assert "这样的条件不能查询" in response.content.decode()


def test_the_dictionary_shows_what_the_values_look_like(client: Client, air: OpenDataset) -> None:
    rows = client.get(f"{air.get_absolute_url()}fields/").context["rows"]
    assert rows[2]["type"] == "整型（μg/m³）"
    assert rows[2]["bounds"] == "21 — 35"
    assert rows[1]["distinct"] == "2"


def test_downloads_have_the_size_and_checksum_the_page_shows(client: Client, air: OpenDataset) -> None:
    files = client.get(f"{air.get_absolute_url()}download/").context["files"]
    for file in files:
        response = client.get(file["url"])
        content = b"".join(response.streaming_content)  # type: ignore[arg-type]
        assert len(content) == file["bytes"] == int(response["Content-Length"])
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert response["ETag"] == f'"{file["sha256"]}"'
    air.refresh_from_db()
    assert air.downloads == 3


def test_a_download_that_is_already_there_is_not_sent_again(client: Client, air: OpenDataset) -> None:
    url = f"{air.get_absolute_url()}download/1.csv"
    etag = client.head(url)["ETag"]
    assert client.get(url, HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_csv_and_json_hold_the_same_rows(client: Client, air: OpenDataset) -> None:
    base = f"{air.get_absolute_url()}download/1"
    table = b"".join(client.get(f"{base}.csv").streaming_content).decode()  # type: ignore[arg-type]
    rows = json.loads(b"".join(client.get(f"{base}.json").streaming_content))  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [line["PM2.5"] for line in lines] == [str(row["pm25"]) for row in rows]
    assert client.get(f"{base}.excel.csv").getvalue().startswith(b"\xef\xbb\xbf")  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/data/nothing/", "/data/nothing/fields/", "/data/nothing/download/1.csv"])
def test_what_is_not_open_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_version_or_format_that_does_not_exist_is_not_found(client: Client, air: OpenDataset) -> None:
    for name in ("2.csv", "1.exe"):
        assert client.get(f"{air.get_absolute_url()}download/{name}").status_code == 404


def test_what_was_taken_back_says_when_and_why(client: Client, town: City) -> None:
    dataset = make.dataset_withdrawn(town.provider)
    response = client.get(dataset.get_absolute_url())
    assert response.status_code == 410
    assert "数据有误，正在校核" in response.content.decode()
    assert client.get(f"{dataset.get_absolute_url()}download/1.csv").status_code == 404


def test_the_list_costs_the_same_number_of_queries_however_long(client: Client, town: City, air: OpenDataset) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/data/", {"q": "信息"})
        return len(queries)

    make.dataset_open(town.provider, title="公交站点信息")
    client.get("/data/")
    before = cost()
    for number in range(3):
        make.dataset_open(town.provider, title=f"公交线路信息{number}")
    assert cost() == before
