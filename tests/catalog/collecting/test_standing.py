"""An agency that collects for another's entry finds it, reads how its part stands, and is named where it is used."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import CatalogEntry
from catalog.part_quality import part_qualities
from catalog.quality import quality_of
from guiyang_data.accounts.models import User
from tests.catalog.collecting.conftest import SignIn
from tests.factories import accounts, collecting
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

TODAY = make.AT.date()
OWN = collecting.part_of(make.ROWS, collecting.OWN)
OTHERS = collecting.part_of(make.ROWS, collecting.OTHERS)


def again(entry: CatalogEntry) -> CatalogEntry:
    return CatalogEntry.objects.select_related("provider", "in_force", "current_data__load").get(pk=entry.pk)


class TestQuality:
    def test_each_agency_has_a_score_of_its_own_part(self, entry: CatalogEntry, lead: User, other: User) -> None:
        # given the lead sent good rows, the other one that is bad among three, a month and a half ago
        collecting.gather(entry, lead, OWN, at=make.AT + dt.timedelta(days=45))
        collecting.gather(entry, other, [OTHERS[0] | {"长度": "很长"}, *OTHERS[1:]])

        # when
        ours, theirs = part_qualities(again(entry), TODAY + dt.timedelta(days=45))

        # then
        assert (ours.agency, ours.score, ours.state) == (entry.provider, 100, "on-time")
        assert (theirs.agency, theirs.state, theirs.late_days) == (other.agency, "late", 14)
        assert theirs.score == round(100 * (20 * 2 / 3 + 25 / 2) / 45)
        assert theirs.figure == "最近一次报送 3 行，退回 1 行"

    def test_rows_of_the_entry_count_for_all_whoever_sent_last(
        self, entry: CatalogEntry, lead: User, other: User
    ) -> None:
        collecting.gather(entry, other, [OTHERS[0] | {"长度": "很长"}, *OTHERS[1:]])
        collecting.gather(entry, lead, OWN, at=make.AT + dt.timedelta(hours=1))

        part = next(one for one in quality_of(again(entry), TODAY).parts if one.code == "rows")

        assert (part.points, part.figure) == (17, "各机关最近一次共报送 6 行，退回 1 行")

    def test_it_stands_in_the_list_and_over_rest_and_takes_as_many_queries_for_many(
        self, city: accounts.City, entry: CatalogEntry, lead: User, other: User, sign_in: SignIn
    ) -> None:
        # given
        collecting.gather(entry, lead, OWN)
        client, address = sign_in(other), f"/desk/catalog/quality/?agency={city.health.pk}"
        client.get(address)
        with CaptureQueriesContext(connection) as one:
            page = client.get(address).content.decode()

        # when
        for number in range(3):
            more = collecting.in_force(city.transport, city.health, title=f"线路{number}")
            collecting.gather(more, lead, OWN)
        with CaptureQueriesContext(connection) as many:
            client.get(address)

        # then
        assert "本机关部分 44 分" in page
        assert "还没有报送" in page
        assert len(many) == len(one)
        token: Any = accounts.bearer(accounts.system(city.health), "catalog:read")
        told = Client().get("/api/v1/catalog/quality/", {"agency": city.health.code}, **token).json()
        assert told["count"] == 4
        assert [part["agency"] for part in told["results"][0]["collectors"]] == [city.transport.code, city.health.code]


class TestFinding:
    def test_the_list_of_an_agency_has_what_it_collects_for(
        self, city: accounts.City, entry: CatalogEntry, other: User, sign_in: SignIn
    ) -> None:
        make.entry_in_force(city.transport, title="别的条目")
        title = entry.in_force.title if entry.in_force else ""

        page = sign_in(other).get("/desk/catalog/", {"agency": city.health.pk}).content.decode()
        public = Client().get("/catalog/sharing/", {"agency": city.health.pk}).content.decode()

        for shown in (page, public):
            assert title in shown
            assert "别的条目" not in shown
            assert "贵阳市卫生健康局" in shown

    def test_those_who_take_the_data_read_which_agency_collects_an_item(
        self, city: accounts.City, entry: CatalogEntry, lead: User, sign_in: SignIn
    ) -> None:
        page = sign_in(lead).get(f"/desk/sharing/entries/{entry.pk}/")

        assert page.status_code == 200
        assert page.content.decode().count("市卫健局采集") == 2
