"""Doubts about data on pages and over REST: reported by anyone, followed by a code, answered at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.attachments.models import Attachment
from guiyang_data.ledger.services import subject_of
from opendata.models import OpenDataset
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.workflow import CorrectionStatus
from requests_app.services.corrections.locking import LEAST_WORDS
from tests.factories import catalog
from tests.factories.accounts import bearer, citizen, system
from tests.factories.corrections import (
    DOUBT,
    NOT_RIGHT,
    REPORTED_ON,
    RIGHT,
    WRONG_ROW,
    Cast,
    by_a_citizen,
    cast,
    mending,
    new_data,
    open_dataset,
    reported,
    waiting,
)
from tests.factories.statute import at
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

FILLED = {"target": "rows", "item": "name", "description": DOUBT.description, **WRONG_ROW}
CALL = {"target": "rows", "item": "name", "rows": [WRONG_ROW], "description": DOUBT.description}


_kept, play = kept(cast, "play")


@pytest.fixture
def dataset(play: Cast) -> OpenDataset:
    return open_dataset(play)


@pytest.fixture(autouse=True)
def _on_that_monday() -> Iterator[None]:
    with time_machine.travel(at(REPORTED_ON), tick=False):
        yield


def text(answer: Any) -> str:
    return answer.content.decode()


class TestACitizen:
    def test_reports_without_an_account_and_reads_the_answer_by_the_code(
        self, client: Client, play: Cast, dataset: OpenDataset
    ) -> None:
        # given
        page = text(client.get(f"/data/{dataset.slug}/corrections/new/?item=name&key=002"))
        assert "3月12日" in page

        # when
        paper = SimpleUploadedFile("站牌.txt", "花果园快线".encode())
        answer = client.post(f"/data/{dataset.slug}/corrections/new/", FILLED | {"file": paper})
        report = CorrectionReport.objects.get()
        own = text(client.get(answer.url))

        # then
        assert answer.url == report.get_absolute_url()
        assert "请保存查询号和查询码" in own
        assert WRONG_ROW["should_be"] in own
        attachment = Attachment.objects.get(subject=subject_of(report))
        assert client.get(f"/corrections/papers/{attachment.pk}/").status_code == 200

        # when it is a stranger's browser
        other = Client()
        assert other.get(answer.url).url == f"/corrections/track/?number={report.number}"
        assert other.get(f"/corrections/papers/{attachment.pk}/").status_code == 404
        wrong = other.post("/corrections/track/", {"number": report.number, "code": "AAAA-BBBB-CCCC"})
        assert wrong.status_code == 422

    def test_who_shows_the_code_reads_and_takes_it_back(self, play: Cast, dataset: OpenDataset) -> None:
        made = by_a_citizen(play, dataset)
        browser = Client()
        opened = browser.post("/corrections/track/", {"number": made.report.number, "code": made.code.lower()})
        assert opened.url == made.report.get_absolute_url()
        assert browser.post(f"{opened.url}withdraw/", {}).status_code == 302
        assert CorrectionReport.objects.get().status == CorrectionStatus.WITHDRAWN

    def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(self, client: Client, dataset: OpenDataset) -> None:
        answer = client.post(f"/data/{dataset.slug}/corrections/new/", FILLED | {"key": ""})
        assert answer.status_code == 422
        assert "请写明是哪一行" in text(answer)
        assert DOUBT.description in text(answer)
        assert CorrectionReport.objects.count() == 0

    def test_how_much_is_to_be_written_stands_beside_the_field_beforehand(
        self, client: Client, dataset: OpenDataset
    ) -> None:
        page = text(client.get(f"/data/{dataset.slug}/corrections/new/"))
        assert f"至少 {LEAST_WORDS} 个字。哪里不对" in page
        assert f'minlength="{LEAST_WORDS}"' in page

    def test_sent_twice_it_is_reported_once(self, client: Client, dataset: OpenDataset) -> None:
        for _time in range(2):
            client.post(f"/data/{dataset.slug}/corrections/new/", FILLED | {"submission": "a" * 32})
        assert CorrectionReport.objects.count() == 1

    def test_everyone_reads_what_was_found_and_never_what_was_written(
        self, client: Client, play: Cast, dataset: OpenDataset
    ) -> None:
        # given
        mending(play, report=by_a_citizen(play, dataset).report)

        # when
        page = text(client.get(f"/data/{dataset.slug}/corrections/"))
        call = client.get(f"/api/v1/corrections/datasets/{dataset.slug}/").json()

        # then
        assert RIGHT in page
        assert DOUBT.description not in page
        assert [row["status"] for row in call["results"]] == ["mending"]
        assert DOUBT.description not in str(call)


class TestTheDesk:
    def test_an_agency_reports_from_the_page_of_the_entry(self, client: Client, play: Cast) -> None:
        client.force_login(play.user)
        address = f"/desk/corrections/new/{play.entry.pk}/"
        assert address in text(client.get(play.entry.get_absolute_url()))
        answer = client.post(address, FILLED)
        report = CorrectionReport.objects.get()
        assert answer.url == report.work_path
        assert client.get(report.get_absolute_url()).status_code == 200

    def test_the_steward_finds_it_on_the_lists_answers_and_mends(self, client: Client, play: Cast) -> None:
        # given
        report = waiting(play)
        client.force_login(play.steward)
        assert report.number in text(client.get("/desk/corrections/?state=on_time"))
        assert report.number in text(client.get("/desk/"))

        # when
        assert client.get(f"{report.work_path}mend/").status_code == 409
        answer = client.post(f"{report.work_path}find-right/", {"answer": RIGHT, "mend_by": "data"})
        assert answer.url == report.work_path
        assert "仍是反馈所指的值" in text(client.get(report.work_path))
        version = new_data(play)
        answer = client.post(f"{report.work_path}mend/", {"version": version.pk})

        # then
        assert answer.status_code == 302
        assert CorrectionReport.objects.get().status == CorrectionStatus.MENDED
        assert "数据第 2 版" in text(client.get(report.work_path))

    def test_whoever_watches_over_it_reads_how_it_goes_and_no_row(self, client: Client, play: Cast) -> None:
        report = waiting(play)
        client.force_login(catalog.officer_over(play.town.provider))
        page = text(client.get(report.work_path))
        assert report.number in page
        assert DOUBT.description not in page
        assert WRONG_ROW["should_be"] not in page

    def test_the_list_costs_the_same_for_many(self, client: Client, play: Cast) -> None:
        client.force_login(play.steward)
        costs = []
        for number in (2, 6):
            for _one in range(number):
                waiting(play)
            client.get("/desk/corrections/")
            with CaptureQueriesContext(connection) as captured:
                assert client.get("/desk/corrections/").status_code == 200
            costs.append(len(captured))
        assert costs[0] == costs[1]


class TestRest:
    def test_a_system_reports_by_resource_code_and_the_providers_answers(self, client: Client, play: Cast) -> None:
        # given
        user, provider = (bearer(system(agency)) for agency in (play.town.requester, play.town.provider))
        call = {"data": CALL | {"resource_code": play.entry.resource_code}, "content_type": "application/json"}

        # when
        made = client.post("/api/v1/corrections/", **call, **user)
        number = made.json()["number"]
        address = f"/api/v1/corrections/{number}/"

        # then
        assert made.status_code == 201
        assert made.json()["due_on"] == "2026-03-12"
        assert [row["number"] for row in client.get("/api/v1/corrections/", **provider).json()["results"]] == [number]
        seen = client.get(address, **provider).json()
        assert (seen["rows"], seen["actions"]) == ([WRONG_ROW], ["find-right", "find-not-right"])
        refused = client.post(
            f"{address}find-not-right/", data={"answer": "没错"}, content_type="application/json", **provider
        )
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["answer"])
        done = client.post(
            f"{address}find-not-right/", data={"answer": NOT_RIGHT}, content_type="application/json", **provider
        )
        assert done.json() == {"number": number, "status": "not-right"}

    def test_anyone_reports_an_open_data_set_and_reads_by_the_code(
        self, client: Client, play: Cast, dataset: OpenDataset
    ) -> None:
        call = {"data": CALL | {"dataset": dataset.slug}, "content_type": "application/json"}
        made = client.post("/api/v1/corrections/", HTTP_IDEMPOTENCY_KEY="k1", **call)
        again = client.post("/api/v1/corrections/", HTTP_IDEMPOTENCY_KEY="k1", **call)
        assert made.json() == again.json()
        address = f"/api/v1/corrections/{made.json()['number']}/"
        assert client.get(address).status_code == 404
        mine = client.get(address, HTTP_X_TRACKING_CODE=made.json()["code"]).json()
        assert mine["rows"] == [WRONG_ROW]
        assert mine["actions"] == ["withdraw"]

    def test_mending_names_the_version(self, client: Client, play: Cast) -> None:
        provider = bearer(system(play.town.provider))
        report = mending(play)
        version = new_data(play)
        address = f"/api/v1/corrections/{report.number}/mend/"
        none = client.post(address, data={}, content_type="application/json", **provider)
        assert none.status_code == 422
        call = {"data": {"data_version": version.number}, "content_type": "application/json"}
        assert client.post(address, **call, **provider).json()["status"] == "mended"

    def test_a_citizen_with_an_account_finds_it_under_the_account(
        self, client: Client, play: Cast, dataset: OpenDataset
    ) -> None:
        person = citizen()
        report = reported(play, by=person, dataset=dataset).report
        client.force_login(person)
        assert report.number in text(client.get("/corrections/track/"))
        assert client.get(report.get_absolute_url()).status_code == 200
