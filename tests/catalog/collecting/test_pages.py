"""Pages of entries that several agencies collect for: form, entry, what is asked, data, list of work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.models import CatalogAdjustment, CatalogEntry, CoCollection, EntryRevision, Load
from guiyang_data.accounts.models import User
from tests.catalog.collecting.conftest import SignIn
from tests.factories import accounts, collecting
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


def filled(city: accounts.City, **changed: Any) -> dict[str, Any]:
    """A form with two items, the second collected by the health department."""
    elements = {**make.elements(), "category": "203001", "is_open": "1", "closed_ground": "", "related_codes": ""}
    rows = {
        "items-TOTAL_FORMS": "2",
        "items-INITIAL_FORMS": "0",
        "items-0-name": "线路编号",
        "items-0-code": "route",
        "items-0-is_key": "on",
        "items-1-name": "长度",
        "items-1-code": "length",
        "items-1-collector": str(city.health.pk),
        "collectors": [str(city.health.pk)],
    }
    return {name: value for name, value in {**elements, **rows, **changed}.items() if value is not None}


class TestForm:
    def test_an_agency_is_ticked_and_chosen_at_an_item(self, city: accounts.City, lead: User, sign_in: SignIn) -> None:
        # when
        answer = sign_in(lead).post("/desk/catalog/new/", filled(city))

        # then
        assert answer.status_code == 302
        item = EntryRevision.objects.get().items.get(code="length")
        assert item.collector == city.health
        page = sign_in(lead).get(f"{EntryRevision.objects.get().get_absolute_url()}edit/").content.decode()
        assert f'<option value="{city.health.pk}" selected>贵阳市卫生健康局</option>' in page

    def test_an_agency_that_collects_nothing_is_told(self, city: accounts.City, lead: User, sign_in: SignIn) -> None:
        # when
        answer = sign_in(lead).post("/desk/catalog/new/", filled(city, **{"items-1-collector": ""}))

        # then
        assert answer.status_code == 422
        assert "还没有信息项由贵阳市卫生健康局采集" in answer.content.decode()
        assert not EntryRevision.objects.exists()

    def test_an_agency_that_is_not_ticked_cannot_be_chosen(
        self, city: accounts.City, lead: User, sign_in: SignIn
    ) -> None:
        # when
        answer = sign_in(lead).post("/desk/catalog/new/", filled(city, collectors=[]))

        # then
        assert answer.status_code == 422
        assert "请先在「共同采集的机关」里选上这个机关" in answer.content.decode()

    def test_without_scripts_looking_for_an_agency_loses_nothing(
        self, city: accounts.City, lead: User, sign_in: SignIn
    ) -> None:
        # when
        form = filled(city, look="1", collectors_find="大数据发展管理局")
        answer = sign_in(lead).post("/desk/catalog/new/", form)

        # then
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'value="长度"' in page
        assert "贵阳市大数据发展管理局" in page
        assert "头桥乡人民政府" not in page
        assert not EntryRevision.objects.exists()


class TestEntry:
    def test_the_lead_asks_and_the_other_confirms_on_its_page(
        self, city: accounts.City, lead: User, other: User, sign_in: SignIn
    ) -> None:
        # given
        revision = collecting.draft(city.transport, city.health)
        before = sign_in(lead).get(revision.get_absolute_url()).content.decode()
        assert "尚未提请" in before
        assert "贵阳市卫生健康局还没有确认共同采集" in before
        sign_in(lead).post(f"{revision.get_absolute_url()}ask-co-collection/")

        # when
        todo = sign_in(other).get("/desk/").content.decode()
        asked = CoCollection.objects.get()
        page = sign_in(other).get(asked.get_absolute_url()).content.decode()
        answer = sign_in(other).post(f"{asked.get_absolute_url()}confirm/", follow=True)

        # then
        assert "没有规定期限的" in todo
        assert asked.get_absolute_url() in todo
        assert "长度、开通日期" in page
        assert "已确认" in answer.content.decode()
        assert "没有规定期限的" not in sign_in(other).get("/desk/").content.decode()

    def test_declining_without_reasons_keeps_the_form(self, city: accounts.City, other: User, sign_in: SignIn) -> None:
        # given
        asked = collecting.asked(city.transport, city.health)

        # when
        answer = sign_in(other).post(f"{asked.get_absolute_url()}decline/", {"reasons": ""})

        # then
        assert answer.status_code == 422
        assert CoCollection.objects.get().status == "waiting"

    def test_the_entry_shows_each_agency_its_items_and_its_last_load(
        self, entry: CatalogEntry, lead: User, other: User, sign_in: SignIn
    ) -> None:
        # given
        collecting.gather(entry, other, collecting.part_of(make.ROWS, collecting.OTHERS))

        # when
        page = sign_in(lead).get(entry.get_absolute_url()).content.decode()

        # then
        assert "2 个机关" in page
        assert "牵头，提供机关" in page
        assert "入库 3 行" in page
        assert "完整 100.0%（3 行中有 3 行齐全）" in page
        assert "还没有报送" in page

    def test_another_agency_reads_who_collects_what_and_no_figures(
        self, city: accounts.City, entry: CatalogEntry, other: User, sign_in: SignIn
    ) -> None:
        # given
        collecting.gather(entry, other, collecting.part_of(make.ROWS, collecting.OTHERS))

        # when
        page = sign_in(make.steward_of(city.county_department)).get(entry.get_absolute_url()).content.decode()

        # then
        assert "共同采集" in page
        assert "最近一次报送" not in page

    def test_the_list_of_what_is_asked_may_be_empty_and_takes_as_many_queries_for_many(
        self, city: accounts.City, other: User, sign_in: SignIn
    ) -> None:
        # given
        client, address = sign_in(other), "/desk/catalog/co-collections/"
        assert "没有共同采集的事项" in client.get(address).content.decode()
        collecting.asked(city.transport, city.health)
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get(address)

        # when
        for number in range(3):
            collecting.asked(city.transport, city.health, title=f"线路{number}")
        with CaptureQueriesContext(connection) as many:
            page = client.get(f"{address}?status=waiting").content.decode()

        # then
        assert len(many) == len(one)
        assert "共 4 项" in page


class TestData:
    def test_the_collecting_agency_hands_in_a_file_and_sees_its_own_columns(
        self,
        city: accounts.City,
        entry: CatalogEntry,
        lead: User,
        other: User,
        sign_in: SignIn,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        # given
        collecting.gather(entry, lead, collecting.part_of(make.ROWS, collecting.OWN))
        client, address = sign_in(other), f"{entry.get_absolute_url()}gather/"
        form = client.get(address).content.decode()
        content = make.csv_bytes(collecting.part_of(make.ROWS, collecting.OTHERS))
        file = SimpleUploadedFile("长度.csv", content)

        # when
        with django_capture_on_commit_callbacks():
            answer = client.post(address, {"file": file, "mode": "upsert", "revision": entry.in_force_id})
        load = Load.objects.latest("pk")
        services.run_load(load.pk, at=make.AT)

        # then
        assert "<strong>贵阳市卫生健康局</strong>：线路编号、长度、开通日期" in form
        assert "追加：" not in form
        assert "替换本机关报送的部分" in form
        assert answer.status_code == 302
        assert load.collector == city.health
        page = client.get(f"{entry.get_absolute_url()}data/").content.decode()
        assert "12.5" in page
        assert "火车站环线" not in page
        assert "火车站环线" in sign_in(lead).get(f"{entry.get_absolute_url()}data/").content.decode()
        assert client.get(load.get_absolute_url()).status_code == 200
        assert sign_in(lead).get(load.get_absolute_url()).status_code == 404

    def test_the_versions_lead_to_ones_own_loads_alone(
        self, entry: CatalogEntry, lead: User, other: User, sign_in: SignIn
    ) -> None:
        # given
        ours = collecting.gather(entry, lead, collecting.part_of(make.ROWS, collecting.OWN))
        theirs = collecting.gather(entry, other, collecting.part_of(make.ROWS, collecting.OTHERS))

        # when
        page = sign_in(lead).get(f"{entry.get_absolute_url()}data/versions/").content.decode()

        # then
        assert ours.get_absolute_url() in page
        assert theirs.get_absolute_url() not in page
        assert "由另一采集机关报送" in page
        assert "恢复到这一版" not in page

    def test_the_collecting_agency_states_an_event_about_its_items(
        self, city: accounts.City, entry: CatalogEntry, other: User, sign_in: SignIn
    ) -> None:
        # given
        address = f"{entry.get_absolute_url()}adjust/"
        client: Client = sign_in(other)
        assert "涉及哪个机关采集的信息项" in client.get(address).content.decode()

        # when
        form = {"kind": "data", "event_on": "2026-09-01", "description": "长度重测。", "collector": city.health.pk}
        answer = client.post(address, form)

        # then
        assert answer.status_code == 302
        assert CatalogAdjustment.objects.get().collector == city.health
        assert "涉及贵阳市卫生健康局采集的信息项" in client.get(entry.get_absolute_url()).content.decode()
