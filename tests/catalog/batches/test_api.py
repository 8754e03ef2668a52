"""REST for batches: a receipt at once, the outcome afterwards, refused rows that can be mended and sent again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.models import CatalogEntry, Load
from tests.catalog.batches.conftest import line, rows_of
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

JSON = "application/json"


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


@pytest.fixture
def token(city: accounts.City) -> dict[str, str]:
    return accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")


def url_of(entry: CatalogEntry) -> str:
    return f"/api/v1/catalog/entries/{entry.pk}/batches/"


def post(token: dict[str, str], address: str, content: Any, key: str = "one", kind: str = JSON) -> Any:
    body = content if isinstance(content, bytes | str) else json.dumps(content, ensure_ascii=False)
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return Client().post(address, body, content_type=kind, **token, **headers)


def get(token: dict[str, str], address: str) -> Any:
    return Client().get(address, **token)


def gather() -> None:
    services.gather_waiting(at=make.AT + dt.timedelta(hours=2))


def test_a_receipt_comes_before_the_checks_and_the_outcome_after(entry: CatalogEntry, token: dict[str, str]) -> None:
    # when
    answer = post(token, url_of(entry), {"mode": "append", "rows": [line("001"), line("002", length="长")]})

    # then
    receipt = answer.json()
    assert (answer.status_code, receipt["rows"], receipt["state"], len(receipt["sha256"])) == (202, 2, "waiting", 64)
    gather()
    outcome = get(token, receipt["url"]).json()
    assert (outcome["state"], outcome["rows_accepted"], outcome["rows_refused"]) == ("done", 1, 1)
    assert outcome["data_version"] == 1


def test_refused_rows_come_back_as_they_can_be_sent_again(entry: CatalogEntry, token: dict[str, str]) -> None:
    # given
    rows = [line("001"), line("002", length="长"), line("=3", length="=1+1")]
    receipt = post(token, url_of(entry), {"mode": "append", "rows": rows}).json()
    gather()

    # when
    refused = get(token, get(token, receipt["url"]).json()["refused_rows_url"]).json()

    # then
    assert refused["total"] == 2
    assert refused["problems"][0] == {
        "line": 2,
        "column": "长度",
        "value": "长",
        "reason": "不是数字，或者位数多到不能准确保存",
    }
    assert refused["rows"] == [
        {"线路编号": "002", "线路名称": "环线", "长度": "长"},
        {"线路编号": "=3", "线路名称": "环线", "长度": "=1+1"},
    ]
    mended = [row | {"长度": "8"} for row in refused["rows"]]
    post(token, url_of(entry), {"mode": refused["mode"], "rows": mended}, key="mended")
    gather()
    assert [row[0] for row in rows_of(entry)] == ["001", "002", "=3"]


def test_a_repeat_gives_the_same_receipt_and_says_so(entry: CatalogEntry, token: dict[str, str]) -> None:
    # when
    first, again = (post(token, url_of(entry), {"mode": "append", "rows": [line("001")]}) for _ in range(2))

    # then
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (202, first.json(), "true")
    assert "Idempotent-Replay" not in first


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/x-ndjson", json.dumps(line("001")) + "\n" + json.dumps(line("002"))),
        ("text/csv", "线路编号,线路名称,长度\n001,环线,1\n002,专线,2\n"),
        ("text/csv; charset=utf-8", "route,name\n001,环线\n002,专线\n"),
    ],
)
def test_lines_of_json_and_csv_name_the_mode_in_the_address(
    entry: CatalogEntry, token: dict[str, str], kind: str, content: str
) -> None:
    # when
    answer = post(token, url_of(entry) + "?mode=upsert", content, kind=kind)
    gather()

    # then
    assert (answer.status_code, answer.json()["rows"]) == (202, 2)
    assert [row[0] for row in rows_of(entry)] == ["001", "002"]


def test_a_replacement_in_parts(entry: CatalogEntry, token: dict[str, str]) -> None:
    # given
    first = post(token, url_of(entry), {"mode": "replace", "complete": False, "rows": [line("001")]}).json()

    # when
    second = post(token, first["parts_url"], {"rows": [line("002")]}, key="two").json()
    closed = post(token, first["close_url"], {"rows": 2}, key="")
    gather()

    # then
    assert (second["part"], second["rows"], closed.status_code) == (2, 2, 202)
    assert [row[0] for row in rows_of(entry)] == ["001", "002"]


@pytest.mark.parametrize("said", ["false", 0, None, []], ids=str)
@pytest.mark.parametrize("address", ["", "?complete=off"])
def test_a_part_is_not_taken_for_the_whole_table_because_of_how_it_says_so(
    said: object, address: str, entry: CatalogEntry, token: dict[str, str]
) -> None:
    answer = post(token, url_of(entry) + address, {"mode": "replace", "complete": said, "rows": [line("001")]})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["complete"])
    assert not Load.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "key", "status", "said"),
    [
        ({"mode": "append", "rows": [line("001")]}, JSON, "", 422, "Idempotency-Key"),
        ({"rows": [line("001")]}, JSON, "one", 422, "append"),
        (b'{"mode": "append", "rows": [', JSON, "one", 422, "JSON"),
        ({"mode": "append", "rows": []}, JSON, "one", 422, "没有数据行"),
        ({"mode": "append", "rows": [{"a": {"b": 1}}]}, JSON, "one", 422, "值只能是"),
        (b"a", "application/xml", "one", 415, ""),
        (b"[" + b" " * 3000 + b"]", JSON, "one", 413, "没有接收"),
    ],
)
def test_what_cannot_be_received_is_told_and_leaves_nothing(
    entry: CatalogEntry,
    token: dict[str, str],
    settings: Any,
    content: Any,
    kind: str,
    key: str,
    status: int,
    said: str,
) -> None:
    # given
    settings.BATCH_LIMIT_BYTES = 2000

    # when
    answer = post(token, url_of(entry), content, key=key, kind=kind)

    # then
    assert answer.status_code == status
    assert said in answer.json()["message"]
    assert not Load.objects.exists()


def test_another_agency_neither_pushes_nor_looks(entry: CatalogEntry, token: dict[str, str], city: Any) -> None:
    # given
    receipt = post(token, url_of(entry), {"mode": "append", "rows": [line("001")]}).json()
    other = accounts.bearer(accounts.system(city.requester), "catalog:read", "catalog:write")

    # when, then
    assert post(other, url_of(entry), b"{").status_code == 403
    assert get(other, receipt["url"]).status_code == 404
    assert get(other, receipt["url"] + "refused-rows/").status_code == 404
    assert get(other, url_of(entry)).json()["count"] == 0


def test_the_list_of_batches_asks_no_more_for_more_of_them(entry: CatalogEntry, token: dict[str, str]) -> None:
    # given
    post(token, url_of(entry), {"mode": "append", "rows": [line("0")]}, key="0")
    with CaptureQueriesContext(connection) as few:
        assert get(token, url_of(entry)).json()["count"] == 1
    for number in range(1, 6):
        post(token, url_of(entry), {"mode": "append", "rows": [line(str(number))]}, key=str(number))
    gather()

    # when, then
    with CaptureQueriesContext(connection) as many:
        listed = get(token, url_of(entry) + "?state=done").json()
    assert (listed["count"], len(many)) == (6, len(few))
