"""The same acts over REST, and who collects what in files that are exported and imported."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client

from catalog import services
from catalog.exporting import export
from catalog.models import CatalogEntry, CoCollection, EntryRevision, Load
from guiyang_data.accounts.models import User
from tests.catalog.collecting.conftest import SignIn
from tests.factories import accounts, collecting
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ENTRIES = "/api/v1/catalog/entries/"


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


def token(agency: Any) -> dict[str, str]:
    return accounts.bearer(accounts.system(agency), "catalog:read", "catalog:write")


def post(address: str, headers: dict[str, str], content: Any = None) -> Any:
    return Client().post(address, content or {}, content_type="application/json", **headers)  # type: ignore[arg-type]


class TestActs:
    def test_an_item_names_its_agency_by_code(self, city: accounts.City) -> None:
        # given
        items = [
            {"name": "线路编号", "code": "route", "data_type": "C", "is_key": True},
            {"name": "长度", "data_type": "N", "collector": city.health.code},
        ]
        body = make.elements() | {"category": "203001", "items": items}
        headers = token(city.transport)

        # when
        made = post(ENTRIES, headers, body).json()

        # then
        read = Client().get(f"{ENTRIES}{made['entry']}/", **headers).json()  # type: ignore[arg-type]
        assert [item["collector"] for item in read["revision"]["items"]] == ["", city.health.code]
        body["items"][1]["collector"] = "91520100MA0000000X"
        refused = post(ENTRIES, headers, body)
        assert refused.status_code == 422
        assert "91520100MA0000000X" in json.dumps(refused.json(), ensure_ascii=False)

    def test_it_is_asked_read_and_answered_once(
        self, city: accounts.City, lead: User, other: User, sign_in: SignIn
    ) -> None:
        # given
        revision = collecting.draft(city.transport, city.health)
        post(f"{ENTRIES}{revision.entry_id}/revisions/1/ask-co-collection/", token(city.transport))
        person = sign_in(other)

        # when
        listed = person.get("/api/v1/catalog/co-collections/?status=waiting").json()
        (asked,) = listed["results"]
        verbs = [action["verb"] for action in asked["actions"]]
        address = f"/api/v1/catalog/co-collections/{asked['id']}/confirm/"
        answers = [person.post(address, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2)]

        # then
        assert (asked["title"], asked["items"][0]) == ("公交线路信息", {"code": "length", "name": "长度"})
        assert verbs == ["confirm-co-collection", "decline-co-collection"]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[1]["Idempotent-Replay"] == "true"
        assert answers[0].json()["status"] == "confirmed"
        refused = person.post(address.replace("confirm", "decline"), {"reasons": "晚了"}, "application/json")
        assert refused.status_code == 409

    def test_the_parts_of_an_entry_are_read_with_their_figures(
        self, city: accounts.City, entry: CatalogEntry, other: User
    ) -> None:
        # given
        collecting.gather(entry, other, collecting.part_of(make.ROWS, collecting.OTHERS))

        # when
        ours = Client().get(f"{ENTRIES}{entry.pk}/collecting/", **token(city.health)).json()  # type: ignore[arg-type]
        outside = Client().get(f"{ENTRIES}{entry.pk}/collecting/", **token(city.authority)).json()  # type: ignore[arg-type]

        # then
        assert [(part["agency"], part["leads"], part["complete"]) for part in ours] == [
            (city.transport.code, True, 0),
            (city.health.code, False, 3),
        ]
        assert (ours[1]["rows_accepted"], ours[1]["status"]) == (3, "confirmed")
        assert [part["complete"] for part in outside] == [None, None]

    def test_systems_send_their_own_items_and_read_these(self, city: accounts.City, entry: CatalogEntry) -> None:
        # given
        headers = token(city.health)
        rows = collecting.part_of(make.ROWS, collecting.OTHERS)
        push = {**headers, "HTTP_IDEMPOTENCY_KEY": "one"}

        # when
        receipt = post(f"{ENTRIES}{entry.pk}/batches/", push, {"mode": "upsert", "rows": rows})
        services.gather_waiting(at=make.AT)

        # then
        assert receipt.status_code == 202
        assert Load.objects.get().state == "done"
        read = Client().get(f"{ENTRIES}{entry.pk}/data/", **headers).json()  # type: ignore[arg-type]
        assert set(read["rows"][0]) == {"route", "length", "opened"}
        push["HTTP_IDEMPOTENCY_KEY"] = "two"
        refused = post(f"{ENTRIES}{entry.pk}/batches/", push, {"mode": "upsert", "rows": list(make.ROWS)})
        assert refused.status_code == 422
        assert "线路名称（由提供机关采集）" in refused.json()["message"]
        unknown = post(f"{ENTRIES}{entry.pk}/batches/?collector=1", push, {"mode": "upsert", "rows": rows})
        assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["collector"])


class TestFiles:
    def test_what_is_exported_names_the_agency_and_comes_back_as_it_was(
        self, city: accounts.City, entry: CatalogEntry, lead: User
    ) -> None:
        # given
        content = b"".join(export(EntryRevision.objects.all(), "csv"))
        assert f"贵阳市卫生健康局,{city.health.code}".encode() in content

        # when
        whole = services.import_whole(
            provider=city.transport, uploaded=ContentFile(content, name="目录.csv"), by=lead, at=make.AT
        )

        # then
        assert (whole.job.unchanged, whole.job.refused) == (1, 0)

    def test_a_file_names_another_agency_by_its_name(
        self, city: accounts.City, entry: CatalogEntry, lead: User
    ) -> None:
        # given
        content = b"".join(export(EntryRevision.objects.all(), "csv")).decode()
        content = content.replace(f"贵阳市卫生健康局,{city.health.code}", "贵阳市大数据发展管理局,")

        # when
        services.import_whole(
            provider=city.transport, uploaded=ContentFile(content.encode(), name="目录.csv"), by=lead, at=make.AT
        )

        # then
        draft = EntryRevision.objects.get(status="draft")
        assert set(draft.items.exclude(collector=None).values_list("collector__name", flat=True)) == {
            "贵阳市大数据发展管理局"
        }

    def test_an_unknown_agency_refuses_the_row(self, city: accounts.City, entry: CatalogEntry, lead: User) -> None:
        # given
        content = b"".join(export(EntryRevision.objects.all(), "csv")).decode()
        content = content.replace(f"贵阳市卫生健康局,{city.health.code}", "贵阳市某局,")

        # when
        whole = services.import_whole(
            provider=city.transport, uploaded=ContentFile(content.encode(), name="目录.csv"), by=lead, at=make.AT
        )

        # then
        assert whole.stands_against is not None
        assert "没有这个机关" in whole.seen.problems[0].message
        assert CoCollection.objects.count() == 1
