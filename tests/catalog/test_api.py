"""REST: the same acts by the same services, with a system's token or a person's session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog import services
from catalog.models import CatalogAdjustment, CatalogEntry, ConfidentialityReview, EntryRevision, Load
from guiyang_data.accounts.models import ServiceAccount
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ENTRIES = "/api/v1/catalog/entries/"


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


@pytest.fixture
def account(city: accounts.City) -> ServiceAccount:
    return accounts.system(city.provider)


@pytest.fixture
def token(account: ServiceAccount) -> dict[str, str]:
    return accounts.bearer(account, "catalog:read", "catalog:write")


def body(**changed: Any) -> dict[str, Any]:
    """A complete entry as JSON."""
    items = [{"name": "线路编号", "code": "route", "data_type": "C"}, {"name": "长度", "data_type": "N"}]
    return make.elements() | {"category": "203001", "items": items} | changed


def post(token: dict[str, str], address: str, content: Any = None, **headers: str) -> Any:
    return Client().post(address, content or {}, content_type="application/json", **token, **headers)


def test_a_system_compiles_and_a_repeat_compiles_once(city: accounts.City, token: dict[str, str]) -> None:
    # when
    answers = [post(token, ENTRIES, body(), HTTP_IDEMPOTENCY_KEY="one") for _ in range(2)]

    # then
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotent-Replay"] == "true"
    revision = EntryRevision.objects.get()
    assert revision.entry.provider == city.provider
    assert [item.code for item in revision.items.all()] == ["route", "c001"]


def test_the_way_of_an_entry_over_rest(city: accounts.City, token: dict[str, str]) -> None:
    # given
    made = post(token, ENTRIES, body(abstract="")).json()
    address = f"{ENTRIES}{made['entry']}/revisions/1/"

    # when
    refused = post(token, f"{address}submit/")
    changed = Client().patch(address, {"abstract": "全市线路。"}, content_type="application/json", **token)
    review = post(token, f"{address}ask-confidentiality/").json()["review"]
    approver = Client()
    approver.force_login(make.approver_of(city.provider), backend="allauth.account.auth_backends.AuthenticationBackend")
    decided = approver.post(
        f"/api/v1/catalog/confidentiality/{review}/", {"passed": True}, content_type="application/json"
    )
    submitted = post(token, f"{address}submit/")

    # then
    assert refused.status_code == 422
    assert {"abstract", "confidentiality"} <= set(refused.json()["fields"])
    assert refused.json()["basis"].startswith("《贵阳市政府数据共享开放条例》")
    assert changed.status_code == 200
    assert decided.json()["outcome"] == "passed"
    assert submitted.json()["status"] == "in-review"
    detail = Client().get(f"{ENTRIES}{made['entry']}/", **token).json()
    assert [action["verb"] for action in detail["actions"]] == ["gather"]
    assert [clock["kind"] for clock in detail["clocks"]] == ["catalog-review"]


def test_a_system_cannot_decide_its_own_confidentiality_review(
    city: accounts.City, account: ServiceAccount, token: dict[str, str]
) -> None:
    # given
    revision = make.draft_entry(city.provider, by=account.user)
    review = services.ask_confidentiality_review(revision_id=revision.pk, scope="sharing", by=account.user, at=make.AT)

    # when
    answer = post(token, f"/api/v1/catalog/confidentiality/{review.pk}/", {"passed": True})

    # then
    assert answer.status_code in {403, 404}
    assert ConfidentialityReview.objects.get().outcome == "waiting"


def test_a_wrong_state_is_409_and_an_unseen_entry_404(city: accounts.City, token: dict[str, str]) -> None:
    # given
    own = make.entry_in_review(city.provider)
    foreign = make.draft_entry(city.requester)

    # when
    wrong = post(token, f"{ENTRIES}{own.entry_id}/revisions/1/submit/")
    unseen = post(token, f"{ENTRIES}{foreign.entry_id}/revisions/1/submit/")

    # then
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_state")
    assert (unseen.status_code, unseen.json()["code"]) == (404, "not_found")
    own.refresh_from_db()
    assert own.status == "in-review"


def test_the_scope_of_the_token_counts(city: accounts.City, account: ServiceAccount) -> None:
    # given
    reading = accounts.bearer(account, "catalog:read")

    # when, then
    assert Client().get(ENTRIES, **reading).status_code == 200
    assert post(reading, ENTRIES, body()).status_code == 403
    assert Client().get(ENTRIES).status_code in {401, 403}
    assert not CatalogEntry.objects.exists()


def test_invalid_values_are_named_by_field(city: accounts.City, token: dict[str, str]) -> None:
    # when
    answer = post(token, ENTRIES, body(sharing_type="sometimes", title=""))

    # then
    assert answer.status_code == 422
    assert {"sharing_type", "title"} <= set(answer.json()["fields"])
    assert not CatalogEntry.objects.exists()


def test_fields_that_are_not_the_callers_to_set_change_nothing(city: accounts.City, token: dict[str, str]) -> None:
    # given
    made = post(token, ENTRIES, body(status="in-force", number=9, grade=6)).json()

    # then
    revision = EntryRevision.objects.get(entry=made["entry"])
    assert (revision.status, revision.number, revision.grade) == ("draft", 1, 1)


def test_a_file_is_sent_checked_and_followed(
    city: accounts.City, token: dict[str, str], django_capture_on_commit_callbacks: Any
) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    address = f"{ENTRIES}{entry.pk}/loads/"

    def send() -> Any:
        file = SimpleUploadedFile("线路.csv", make.csv_bytes(make.ROWS))
        number = "6c1f2a52-6d0f-4a5c-9d2c-0a2f7a8e1b11"
        return Client().post(address, {"file": file, "load_id": number}, **token)

    # when
    with django_capture_on_commit_callbacks() as queued:
        first, second = send(), send()
    load = Load.objects.get()
    services.run_load(load.pk, at=make.AT)
    status = Client().get(f"/api/v1/catalog/loads/{load.pk}/", **token).json()

    # then
    assert [first.status_code, second.status_code] == [202, 202]
    assert first.json()["id"] == second.json()["id"]
    assert queued
    assert (status["state"], status["rows_accepted"], status["data_version"]) == ("done", 3, 1)
    foreign = accounts.bearer(accounts.system(city.requester), "catalog:read", "catalog:write")
    assert Client().get(f"/api/v1/catalog/loads/{load.pk}/", **foreign).status_code == 404
    file = SimpleUploadedFile("线路.csv", make.csv_bytes(make.ROWS))
    assert Client().post(address, {"file": file}, **foreign).status_code == 403


def test_an_adjustment_is_declared_over_rest(city: accounts.City, token: dict[str, str]) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    event = {"kind": "law", "event_on": "2026-08-20", "description": "规则变化。"}

    # when
    answer = post(token, f"{ENTRIES}{entry.pk}/adjustments/", event)
    refused = post(token, f"{ENTRIES}{entry.pk}/adjustments/", event | {"event_on": "2027-01-01"})

    # then
    assert answer.status_code == 201
    assert refused.status_code == 422
    assert CatalogAdjustment.objects.count() == 1
    assert len(Client().get(f"{ENTRIES}{entry.pk}/adjustments/", **token).json()) == 1


def test_lists_are_filtered_and_paged(city: accounts.City, token: dict[str, str]) -> None:
    # given
    make.entry_in_force(city.provider, title="公交线路")
    make.entry_in_force(city.requester, title="医疗机构", field="medical")
    make.draft_entry(city.requester, title="别人的草稿")

    # when
    found = Client().get(f"{ENTRIES}?field=medical", **token).json()
    every = Client().get(f"{ENTRIES}?page_size=1", **token).json()

    # then
    assert [entry["title"] for entry in found["results"]] == ["医疗机构"]
    assert (every["count"], len(every["results"])) == (2, 1)


def test_the_classification_tree_is_offered(city: accounts.City, token: dict[str, str]) -> None:
    # when
    found = Client().get("/api/v1/catalog/categories/?page_size=500", **token).json()["results"]

    # then
    names = {category["code"]: category["name"] for category in found}
    assert (names["1"], names["203"], names["203001"]) == ("基础信息资源", "社会保障", "综合")
