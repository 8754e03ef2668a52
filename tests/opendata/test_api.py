"""REST: the public reads without an account, systems open data by the same acts as the pages."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from guiyang_data.accounts.roles import Role
from opendata import services
from opendata.models import OpenDataset, OpeningPlan, PublishJob
from tests.factories import opendata as make
from tests.factories.accounts import City, bearer, city, staff, system
from tests.factories.catalog import AT, ROWS, approver_of, entry_in_force, steward_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BASE = "/api/v1/open"


@pytest.fixture
def town() -> City:
    return city()


@pytest.fixture
def buses(town: City) -> OpenDataset:
    return make.dataset_open(town.provider)


def rows_of(client: Client, dataset: OpenDataset, **query: Any) -> dict[str, Any]:
    response = client.get(f"{BASE}/datasets/{dataset.slug}/rows", query)
    assert response.status_code == 200, response.content
    return dict(response.json())


def test_anyone_lists_searches_and_reads_what_is_open(client: Client, buses: OpenDataset) -> None:
    found = client.get(f"{BASE}/datasets/", {"q": "公交", "field": "transport"})
    assert found["Access-Control-Allow-Origin"] == "*"
    assert [one["slug"] for one in found.json()["results"]] == [buses.slug]
    detail = client.get(f"{BASE}/datasets/{buses.slug}/").json()
    assert [column["code"] for column in detail["columns"]] == ["route", "name", "length", "opened"]
    assert detail["files"]["csv"]["sha256"]
    assert client.get(f"{BASE}/facets/").json()["field"] == [{"code": "transport", "label": "交通", "count": 1}]
    assert client.get(f"{BASE}/datasets/{buses.slug}/versions/").json()["results"][0]["number"] == 1


def test_rows_are_filtered_sorted_and_paged(client: Client, buses: OpenDataset) -> None:
    assert [row["route"] for row in rows_of(client, buses, sort="-length")["rows"]] == ["010", "001", "002"]
    some = rows_of(client, buses, length__gt="10", fields="route,length", sort="route")
    assert some["rows"] == [{"route": "001", "length": 12.5}, {"route": "010", "length": 21.3}]
    page = rows_of(client, buses, limit=1, offset=1, sort="route")
    assert (page["total"], page["rows"][0]["route"]) == (3, "002")
    assert "offset=2" in page["next"]
    assert rows_of(client, buses, offset=2)["next"] is None
    assert rows_of(client, buses, opened="2017-05-01")["rows"][0]["opened"] == "2017-05-01"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"ghost": "1"}, "unknown_column"),
        ({"length": "long"}, "bad_filter"),
        ({"length__like": "1"}, "bad_filter"),
        ({"limit": "5000"}, "bad_filter"),
        ({"offset": "-1"}, "bad_filter"),
        ({"sort": "ghost"}, "unknown_column"),
        ({"fields": "ghost"}, "unknown_column"),
    ],
)
def test_what_cannot_be_asked_is_said_kindly(
    client: Client, buses: OpenDataset, query: dict[str, str], code: str
) -> None:
    response = client.get(f"{BASE}/datasets/{buses.slug}/rows", query)
    assert response.status_code == 422
    assert response.json()["code"] == code
    assert response.json()["message"].endswith("。")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_exports_stream_what_the_filters_leave(client: Client, buses: OpenDataset) -> None:
    answer = client.get(f"{BASE}/datasets/{buses.slug}/export.csv", {"length__gt": "10", "sort": "route"})
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[arg-type]
    assert [line["线路编号"] for line in lines] == ["001", "010"]
    answer = client.get(f"{BASE}/datasets/{buses.slug}/export.json", {"fields": "route"})
    assert json.loads(b"".join(answer.streaming_content)) == [{"route": "001"}, {"route": "002"}, {"route": "010"}]  # type: ignore[arg-type]
    whole = client.get(f"{BASE}/datasets/{buses.slug}/export.csv")
    again = client.get(f"{BASE}/datasets/{buses.slug}/export.csv", HTTP_IF_NONE_MATCH=whole["ETag"])
    assert again.status_code == 304


def test_other_websites_may_read_and_nobody_may_write(client: Client, buses: OpenDataset) -> None:
    url = f"{BASE}/datasets/{buses.slug}/rows"
    assert client.options(url)["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert client.post(url, {}).status_code == 405


def test_what_is_not_open_is_not_found(client: Client, town: City) -> None:
    withdrawn = make.dataset_withdrawn(town.provider)
    for path in ("", "rows", "export.csv", "versions/"):
        assert client.get(f"{BASE}/datasets/{withdrawn.slug}/{path}").status_code == 404


def test_a_system_draws_up_and_submits_and_persons_decide(client: Client, town: City) -> None:
    # given an entry and a system of its provider
    entry = entry_in_force(town.provider, rows=ROWS)
    token = bearer(system(town.provider), "opendata:write")
    # when the system draws up a plan, changes it, and submits it
    made = client.post(
        f"{BASE}/plans/", {"entry": entry.pk}, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k1", **token
    )
    assert made.status_code == 201, made.content
    assert set(made.json()["actions"]) == {"submit-plan", "edit-plan", "drop-plan"}
    plan = f"{BASE}/plans/{made.json()['id']}/"
    edited = client.post(
        f"{plan}edit-plan/", {"techniques": {"length": {"technique": "round", "step": 5}}}, "application/json", **token
    )
    assert edited.json()["techniques"]["length"] == {"technique": "round", "step": 5.0}
    submitted = client.post(f"{plan}submit-plan/", **token).json()
    assert (submitted["status"], submitted["clocks"][0]["kind"]) == ("in-review", "confidentiality-review")
    # and an approver decides, signed in
    approver = Client()
    approver.force_login(approver_of(town.provider))
    decided = approver.post(f"{plan}decide-plan/", {"passed": True}, "application/json")
    assert decided.json()["review_outcome"] == "passed"
    # then the system opens it
    published = client.post(f"{plan}publish/", **token)
    assert published.json()["job"]["state"] == "waiting"
    services.run_publish(PublishJob.objects.get().pk, at=AT)
    assert client.get(plan, **token).json()["status"] == "published"
    assert client.get(f"{BASE}/plans/", **token).json()["count"] == 1


def test_the_same_key_draws_up_one_plan(client: Client, town: City) -> None:
    entry = entry_in_force(town.provider, rows=ROWS)
    token = bearer(system(town.provider), "opendata:write")
    answers = [
        client.post(f"{BASE}/plans/", {"entry": entry.pk}, "application/json", HTTP_IDEMPOTENCY_KEY="same", **token)
        for _time in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert OpeningPlan.objects.count() == 1


def test_a_rule_that_is_broken_names_the_items(client: Client, town: City) -> None:
    entry = make.people_entry(town.provider)
    client.force_login(steward_of(town.provider))
    body = {"entry": entry.pk, "techniques": {"name": {"technique": "keep"}}}
    response = client.post(f"{BASE}/plans/", body, "application/json")
    assert response.status_code == 422
    assert "name" in response.json()["fields"]
    assert "第十八条第二款" in response.json()["basis"]
    assert not OpeningPlan.objects.exists()


def test_a_token_without_the_scope_and_a_visitor_are_turned_away(client: Client, town: City) -> None:
    entry = entry_in_force(town.provider, rows=ROWS)
    token = bearer(system(town.provider), "catalog:read")
    assert client.post(f"{BASE}/plans/", {"entry": entry.pk}, "application/json", **token).status_code == 403
    assert client.post(f"{BASE}/plans/", {"entry": entry.pk}, "application/json").status_code == 401


def test_another_agencys_plans_and_data_sets_are_not_found(client: Client, town: City, buses: OpenDataset) -> None:
    plan = OpeningPlan.objects.get()
    client.force_login(staff(town.requester, Role.DATA_STEWARD, Role.APPROVER))
    assert client.get(f"{BASE}/plans/{plan.pk}/").status_code == 404
    assert client.post(f"{BASE}/plans/{plan.pk}/drop-plan/").status_code == 404
    body = {"reasons": "有误"}
    assert client.post(f"{BASE}/datasets/{buses.slug}/withdraw-dataset/", body, "application/json").status_code == 404


def test_a_data_set_is_taken_back_and_put_back_over_the_api(client: Client, town: City, buses: OpenDataset) -> None:
    client.force_login(approver_of(town.provider))
    base = f"{BASE}/datasets/{buses.slug}"
    assert client.post(f"{base}/withdraw-dataset/", {"reasons": ""}, "application/json").status_code == 422
    taken = client.post(f"{base}/withdraw-dataset/", {"reasons": "数据有误。"}, "application/json")
    assert taken.json() == {"slug": buses.slug, "status": "withdrawn"}
    assert client.post(f"{base}/withdraw-dataset/", {"reasons": "再次"}, "application/json").status_code == 409
    assert client.post(f"{base}/republish/").json()["status"] == "published"


def test_the_api_document_names_the_addresses_of_open_data(client: Client) -> None:
    text = client.get("/api/v1/schema/").content.decode()
    assert "/api/v1/open/datasets/{slug}/rows" in text
    assert "/api/v1/open/plans/{id}/decide-plan/" in text
