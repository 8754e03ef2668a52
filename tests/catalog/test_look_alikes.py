"""Keys that only look alike: told to whoever brings them, in catalogues and in rows; nothing is changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from catalog import services
from catalog.models import CatalogEntry, CatalogImport, DataVersion, Load
from guiyang_data.tables.alike import alike
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WIDE = "".join(chr(ord(sign) + 0xFEE0) for sign in "001")
DEFAULTS = {
    "category": "203001",
    "sharing_type": "conditional",
    "update_cycle": "irregular",
    "field": "other",
    "is_open": False,
}


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def start(city: accounts.City, *titles: str) -> CatalogImport:
    records = [{"资源名称": title, "资源摘要": f"第{place}条"} for place, title in enumerate(titles)]
    uploaded = ContentFile(json.dumps(records, ensure_ascii=False).encode(), name="目录.json")
    return services.start_import(
        provider=city.provider, uploaded=uploaded, by=make.steward_of(city.provider), at=make.AT
    )


def told(job: CatalogImport) -> list[tuple[int, str, bool]]:
    problems = services.preview(job, job.mapping, DEFAULTS).problems
    return [(one.line, one.message, one.fatal) for one in problems if "只差" in one.message]


@pytest.mark.parametrize(
    ("one", "other"), [("001", WIDE), ("0O2", "002"), ("A 1", "a1"), ("公交　站点", "公交站点"), ("（一）", "(一)")]
)
def test_what_looks_alike(one: str, other: str) -> None:
    assert alike(one) == alike(other)


def test_what_is_different() -> None:
    assert len({alike(text) for text in ("001", "002", "公交站点", "公交站台")}) == 4


class TestOfACatalogue:
    def test_two_of_a_file_are_told_and_both_imported(self, city: accounts.City) -> None:
        # given
        job = start(city, "2026年公交站点", "２０２６年 公交站点", "停车场")

        # when
        found = told(job)
        given = {"mapping": job.mapping, "defaults": DEFAULTS}
        services.begin_import(import_id=job.pk, by=make.steward_of(city.provider), at=make.AT, **given)
        done = services.run_import(job.pk, at=make.AT)

        # then
        (line, message, is_fatal) = found[0]
        assert (len(found), line, is_fatal) == (1, 2, False)
        assert message.startswith("与第 1 行的「2026年公交站点」只差")
        assert (done.created, CatalogEntry.objects.count()) == (3, 3)

    def test_one_like_an_entry_that_is_there_is_told(self, city: accounts.City) -> None:
        # given
        first = start(city, "公交站点O1")
        given = {"mapping": first.mapping, "defaults": DEFAULTS}
        services.begin_import(import_id=first.pk, by=make.steward_of(city.provider), at=make.AT, **given)
        services.run_import(first.pk, at=make.AT)

        # when
        again, other = told(start(city, "公交站点O1")), told(start(city, "公交站点01"))

        # then
        assert again == []
        assert [message[:16] for _line, message, _fatal in other] == ["与已有条目的「公交站点O1」只差"[:16]]


class TestOfRows:
    def rows(self, *keys: str) -> list[dict[str, str]]:
        return [dict(make.ROWS[0]) | {"线路编号": key, "线路名称": f"线路{place}"} for place, key in enumerate(keys)]

    def page(self, city: accounts.City, load: Load) -> str:
        client = Client()
        client.force_login(
            make.steward_of(city.provider), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client.get(load.get_absolute_url()).content.decode()

    def test_keys_that_look_alike_are_told_and_all_taken_in(self, city: accounts.City) -> None:
        # given
        entry = make.entry_in_force(city.provider)

        # when
        load = make.gather(entry, self.rows("001", WIDE, "0O2", "002", "003"))

        # then
        version = DataVersion.objects.get()
        assert version.rows == 5
        assert version.alike == {"number": 2, "first": [["001", WIDE], ["002", "0O2"]]}
        page = self.page(city, load)
        assert "有 2 组主键看起来相同" in page
        assert f"<code>{WIDE}</code>" in page
        token = accounts.bearer(accounts.system(city.provider), "catalog:read")
        assert Client().get(f"/api/v1/catalog/loads/{load.pk}/", **token).json()["keys_alike"] == 2

    def test_of_others_nothing_is_said(self, city: accounts.City) -> None:
        load = make.gather(make.entry_in_force(city.provider), self.rows("001", "002"))
        assert DataVersion.objects.get().alike == {}
        assert "看起来相同" not in self.page(city, load)
        token = accounts.bearer(accounts.system(city.provider), "catalog:read")
        assert Client().get(f"/api/v1/catalog/loads/{load.pk}/", **token).json()["keys_alike"] == 0

    def test_personal_keys_are_shown_masked(self, city: accounts.City) -> None:
        items: Any = [replace(item, sensitivity="direct") if item.is_key else item for item in make.ITEMS]
        entry = make.entry_in_force(city.provider, items=items)
        make.gather(entry, self.rows("ZJ0012345", "ZJOO12345"))
        assert DataVersion.objects.get().alike["first"] == [["ZJ0****45", "ZJO****45"]]

    def test_a_table_without_a_key_has_none(self, city: accounts.City) -> None:
        items: Any = [replace(item, is_key=False) for item in make.ITEMS]
        make.gather(make.entry_in_force(city.provider, items=items), self.rows("001", WIDE))
        assert DataVersion.objects.get().alike == {}
