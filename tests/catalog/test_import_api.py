"""A catalogue imported over REST: landed, looked at under a mapping, confirmed, followed; as on the page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.models import CatalogImport, EntryRevision
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

IMPORTS = "/api/v1/catalog/imports/"
DECIDED = {"sharing_type": "unconditional", "is_open": True}
RECORDS: list[dict[str, Any]] = [
    {"标题": "公交站点", "摘要": "站点名称和位置", "更新频率": "每月", "标签": "公交", "访问量": "12"},
    {"标题": "停车场", "摘要": "公共停车场", "更新频率": "每年", "标签": "停车", "访问量": "3"},
    {"标题": "", "摘要": "没有名称", "更新频率": "随心所欲", "标签": "", "访问量": "0"},
]


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
def token(city: accounts.City) -> dict[str, Any]:
    return accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")


def upload(token: dict[str, Any], records: Any = None, name: str = "目录.json", **headers: str) -> Any:
    content = records if isinstance(records, bytes) else json.dumps(records or RECORDS, ensure_ascii=False).encode()
    return Client().post(IMPORTS, {"file": SimpleUploadedFile(name, content)}, **token, **headers)


def post(token: dict[str, Any], address: str, body: Any = None, **headers: str) -> Any:
    return Client().post(address, body or {}, content_type="application/json", **token, **headers)


class TestLanding:
    @pytest.mark.parametrize(
        "records",
        [[{"标题\0": "公交站点"}], [{"标题": "公交站点", "信息项": [{"名称": "编号", "说\0明": "编号"}]}]],
        ids=["of an entry", "of an item"],
    )
    def test_a_name_with_a_zero_is_refused_in_words(self, records: list[Any], token: dict[str, Any]) -> None:
        answer = upload(token, records)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["file"])
        assert "零字符" in answer.json()["message"]

    def test_a_file_is_landed_and_its_columns_are_proposed(self, city: accounts.City, token: dict[str, Any]) -> None:
        # when
        answer = upload(token)

        # then
        told = answer.json()
        assert (answer.status_code, told["state"], told["provider"]) == (201, "mapping", city.provider.code)
        assert told["mapping"] == {
            "标题": "title",
            "摘要": "abstract",
            "更新频率": "update_cycle",
            "标签": "keywords",
            "访问量": "",
        }
        assert told["begin_url"] == f"{IMPORTS}{told['id']}/begin/"
        assert not EntryRevision.objects.exists()

    def test_the_same_key_lands_the_same_file_once_and_no_other_file(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # when
        first, again = (upload(token, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2))
        other = upload(token, RECORDS[:1], HTTP_IDEMPOTENCY_KEY="one")

        # then
        assert first.json()["id"] == again.json()["id"]
        assert again["Idempotent-Replay"] == "true"
        assert (other.status_code, set(other.json()["fields"])) == (422, {"Idempotency-Key"})
        assert CatalogImport.objects.count() == 1

    @pytest.mark.parametrize(
        ("name", "content"), [("甲.json", b""), ("甲.json", b"{"), ("甲.json", b"\x00\x01\x02"), ("甲.csv", b"a,b\n")]
    )
    def test_what_is_no_catalogue_is_refused_and_nothing_stays(
        self, city: accounts.City, token: dict[str, Any], name: str, content: bytes
    ) -> None:
        # when
        answer = Client().post(IMPORTS, {"file": SimpleUploadedFile(name, content)}, **token)

        # then
        assert answer.status_code == 422
        assert answer.json()["message"].endswith("。")
        assert not CatalogImport.objects.exists()

    def test_the_list_is_the_agencys_own_and_takes_as_many_queries_for_many(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # given
        upload(token)
        stranger = accounts.bearer(accounts.system(city.requester), "catalog:read", "catalog:write")
        with CaptureQueriesContext(connection) as one:
            Client().get(IMPORTS, **token)

        # when
        for number in range(3):
            upload(token, [{"标题": f"甲{number}"}])
        with CaptureQueriesContext(connection) as many:
            listed = Client().get(IMPORTS, **token).json()

        # then
        assert (listed["count"], len(many)) == (4, len(one))
        theirs: Any = stranger
        assert Client().get(IMPORTS, **theirs).json()["count"] == 0
        assert Client().get(f"{IMPORTS}{listed['results'][0]['id']}/", **theirs).status_code == 404

    def test_reading_alone_lets_nothing_in(self, city: accounts.City) -> None:
        readonly: Any = accounts.bearer(accounts.system(city.provider), "catalog:read")
        assert upload(readonly).status_code == 403


class TestLookingAndBeginning:
    def test_the_preview_says_what_would_happen_and_changes_nothing(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # given
        job = upload(token).json()

        # when
        seen = post(token, job["preview_url"], {"mapping": {"标签": "领域"}, "defaults": {"sharing_type": "withheld"}})

        # then
        told = seen.json()
        assert seen.status_code == 200
        assert (told["entries"], told["created"], told["refused"]) == (3, 2, 1)
        assert told["mapping_in_words"]["标签"] == "领域"
        assert told["first"][0]["elements"]["sharing_type"] == "withheld"
        assert (told["problems"][0]["row"], told["problems"][0]["fatal"]) == (3, True)
        assert not EntryRevision.objects.exists()
        assert CatalogImport.objects.get().state == "mapping"

    def test_bad_rows_stand_against_it_unless_they_may_be_left_out(
        self, city: accounts.City, token: dict[str, Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        # given
        job = upload(token).json()

        # when
        body = {"take_good_rows": True, "defaults": DECIDED}
        refused = post(token, job["begin_url"])
        with django_capture_on_commit_callbacks():
            begun = post(token, job["begin_url"], body, HTTP_IDEMPOTENCY_KEY="one")
        services.run_import(job["id"], at=make.AT)
        again = post(token, job["begin_url"], body, HTTP_IDEMPOTENCY_KEY="one")

        # then
        told = ["take_good_rows", "sharing_type", "is_open"]
        assert (refused.status_code, list(refused.json()["fields"])) == (422, told)
        assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
        assert again["Idempotent-Replay"] == "true"
        done = Client().get(job["url"], **token).json()
        assert (done["state"], done["created"], done["refused"]) == ("done", 2, 1)
        assert (done["rows_done"], done["rows_read"], done["begin_url"]) == (3, 3, "")
        assert done["refusals"][0]["row"] == 3
        assert {one.title for one in EntryRevision.objects.all()} == {"公交站点", "停车场"}
        assert post(token, job["begin_url"], {"take_good_rows": True}).status_code == 409

    def test_of_a_repeat_it_shows_what_changes_and_asks_for_no_defaults(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # given
        first = upload(token, RECORDS[:2]).json()
        post(token, first["begin_url"], {"defaults": DECIDED})
        services.run_import(first["id"], at=make.AT)

        # when
        again = upload(token, [RECORDS[0], RECORDS[1] | {"摘要": "停车场和泊位"}]).json()
        seen = post(token, again["preview_url"]).json()

        # then
        assert (seen["updated"], seen["unchanged"], seen["to_decide"], seen["defaulted"]) == (1, 1, [], {})
        shown = [(one["title"], one["outcome"], one["elements"]) for one in seen["first"]]
        assert shown == [("停车场", "updated", {"abstract": "停车场和泊位"})]
        assert post(token, again["begin_url"]).status_code == 202

    def test_it_takes_the_mapping_and_the_defaults_that_were_written_down(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # given
        job = upload(token, RECORDS[:2]).json()
        body = {
            "mapping": {"标签": "", "摘要": "note"},
            "defaults": {"category": "203001", "sharing_type": "withheld", "is_open": False, "closed_ground": 3},
        }

        # when
        post(token, job["begin_url"], body)
        services.run_import(job["id"], at=make.AT)

        # then
        revision = EntryRevision.objects.get(title="公交站点")
        assert (revision.keywords, revision.is_open, revision.closed_ground) == ("", False, 3)
        assert "站点名称和位置" in revision.note
        assert revision.category_id == "203001"

    def test_how_entries_are_shared_and_opened_is_asked_for_where_the_file_is_silent(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # given
        job = upload(token, RECORDS[:2]).json()

        # when
        seen = post(token, job["preview_url"]).json()
        refused = post(token, job["begin_url"])
        begun = post(token, job["begin_url"], {"defaults": {"sharing_type": "conditional", "is_open": False}})

        # then
        assert (seen["to_decide"], seen["defaulted"]["is_open"]) == (["sharing_type", "is_open"], 2)
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["sharing_type", "is_open"])
        assert (begun.status_code, begun.json()["defaulted"]["sharing_type"]) == (202, 2)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"mapping": {"没有的列": "title"}}, "mapping"),
            ({"mapping": {"标题": "没有的要素"}}, "mapping"),
            ({"mapping": {"标题": ""}}, "mapping"),
            ({"defaults": {"category": "2"}}, "defaults"),
            ({"defaults": {"update_cycle": "sometimes"}}, "defaults"),
        ],
    )
    @pytest.mark.parametrize("act", ["preview_url", "begin_url"])
    def test_a_mapping_that_does_not_fit_is_refused_with_what_to_do(
        self, city: accounts.City, token: dict[str, Any], body: Any, field: str, act: str
    ) -> None:
        # given
        job = upload(token, RECORDS[:2]).json()

        # when
        answer = post(token, job[act], body)

        # then
        assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
        assert CatalogImport.objects.get().state == "mapping"

    def test_problems_are_read_some_at_a_time(self, city: accounts.City, token: dict[str, Any]) -> None:
        # given
        job = upload(token, [*RECORDS, *({"标题": "", "摘要": f"{number}"} for number in range(4))]).json()

        # when
        page = Client().get(f"{job['problems_url']}?offset=1&limit=2", **token).json()

        # then
        assert page["total"] >= 5
        assert (page["offset"], page["limit"], len(page["results"])) == (1, 2, 2)
        assert all(problem["fatal"] for problem in page["results"])

    def test_a_person_of_another_agency_finds_nothing_and_an_approver_begins_nothing(
        self, city: accounts.City, token: dict[str, Any]
    ) -> None:
        # given
        job = upload(token, RECORDS[:2]).json()
        signed = {"backend": "allauth.account.auth_backends.AuthenticationBackend"}
        stranger, approver = Client(), Client()
        stranger.force_login(make.steward_of(city.requester), **signed)
        approver.force_login(make.approver_of(city.provider), **signed)

        # when, then
        assert stranger.post(job["begin_url"], {}, content_type="application/json").status_code == 404
        assert approver.post(job["begin_url"], {}, content_type="application/json").status_code == 403
        assert CatalogImport.objects.get().state == "mapping"
