"""The versions of an entry's data over pages and REST, and what follows a restoration elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services as catalog
from catalog.models import CatalogEntry, DataVersion
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.sealing import seal
from guiyang_data.notices.models import Notice
from opendata import reactions as opening
from opendata import services as opendata
from opendata.models import PublishJob
from sharing import reactions as sharing
from tests.factories import accounts
from tests.factories import catalog as make
from tests.factories import opendata as open_data
from tests.factories import sharing as share

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

CHANGED = [make.ROWS[0] | {"长度": "13"}, make.ROWS[1]]
REASONS = "第2版漏报了一条线路。"


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(days=1), tick=True):
        yield


@pytest.fixture(autouse=True)
def own_rows(tmp_path: Path, settings: Any) -> None:
    """Tables that no other test has written."""
    settings.ROWS_DIR = tmp_path / "rows"


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    made = make.entry_in_force(city.provider, rows=make.ROWS)
    make.gather(made, CHANGED, at=make.AT + dt.timedelta(hours=20))
    return made


@pytest.fixture
def client(entry: CatalogEntry) -> Client:
    """The provider's steward."""
    signed = Client()
    signed.force_login(make.steward_of(entry.provider), backend="allauth.account.auth_backends.AuthenticationBackend")
    return signed


@pytest.fixture
def token(city: accounts.City) -> dict[str, str]:
    return accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")


def test_the_list_tells_what_changed_and_leads_to_each_version(entry: CatalogEntry, client: Client) -> None:
    # when
    page = client.get(f"{entry.get_absolute_url()}data/versions/").content.decode()
    first = client.get(f"{entry.get_absolute_url()}data/?on=2026-09-01")
    load = entry.loads.get(version__number=2)

    # then
    for told in (page, client.get(load.get_absolute_url()).content.decode()):
        assert "与前一版相比新增 0 行，减少 1 行，变动 1 行" in told
    assert page.count("恢复到这一版") == 1
    assert "已被后来的版本取代" in client.get(entry.loads.get(version__number=1).get_absolute_url()).content.decode()
    assert first.context["version"].number == 1
    assert 'name="version" value="1"' in first.content.decode()
    assert client.get(f"{entry.get_absolute_url()}data/?on=2026-08-01").status_code == 404


def test_a_load_that_leaves_most_rows_out_says_so_and_leads_back(entry: CatalogEntry, client: Client) -> None:
    # given a load that left out one of three rows, and one that left out all but one
    load = entry.loads.get(version__number=2)
    make.gather(entry, CHANGED[:1], at=make.AT + dt.timedelta(hours=21))
    make.gather(entry, make.ROWS[-1:], at=make.AT + dt.timedelta(hours=22))
    # when
    few, most = (
        client.get(entry.loads.get(version__number=number).get_absolute_url()).content.decode() for number in (2, 4)
    )
    # then
    assert load.version is not None
    assert not load.version.lost_most
    assert "占多数" not in few
    assert "前一版的 1 行不在这一版里，占多数" in most
    assert f'href="{entry.get_absolute_url()}data/versions/">恢复到前一版' in most


def test_a_version_is_restored_by_its_form_once(entry: CatalogEntry, client: Client) -> None:
    # given
    address = f"{entry.get_absolute_url()}data/versions/1/restore/"
    form = client.get(address)
    filled = {"reasons": REASONS, "submission": form.context["form"]["submission"].value()}

    # when
    empty = client.post(address, filled | {"reasons": " "})
    answers = [client.post(address, filled) for _time in range(2)]

    # then
    assert "获取数据的机关会收到通知" in form.content.decode()
    assert (empty.status_code, "请写明恢复旧版数据的理由" in empty.content.decode()) == (422, True)
    assert {answer["Location"] for answer in answers} == {f"{entry.get_absolute_url()}data/versions/"}
    entry.refresh_from_db()
    assert entry.current_data is not None
    assert (entry.current_data.number, entry.data_versions.count()) == (3, 3)
    listed = client.get(answers[0]["Location"]).content.decode()
    assert f"恢复自第 1 版。理由：{REASONS}" in listed
    # what is current again is not offered once more
    assert ("1/restore/" in listed, "2/restore/" in listed) == (False, True)
    assert client.get(f"{entry.get_absolute_url()}data/versions/3/restore/").status_code == 409
    assert "恢复旧版数据为现行数据" in client.get(entry.get_absolute_url()).content.decode()


def test_versions_rows_and_restoration_over_rest(entry: CatalogEntry, token: dict[str, str]) -> None:
    # given
    base, caller = f"/api/v1/catalog/entries/{entry.pk}/", Client()
    restore = f"{base}data-versions/1/restore/"

    # when
    versions = caller.get(f"{base}data-versions/", **token).json()["results"]
    before = caller.get(f"{base}data/?sort=-length&limit=1", **token).json()
    then = caller.get(f"{base}data/?on=2026-09-01&offset=1", **token).json()
    key = {"HTTP_IDEMPOTENCY_KEY": "restore-1"}
    answers = [
        caller.post(restore, {"reasons": REASONS}, content_type="application/json", **token, **key) for _time in "ab"
    ]

    # then
    load = caller.get(f"/api/v1/catalog/loads/{entry.loads.get(version__number=2).pk}/", **token).json()
    assert (load["rows_added"], load["rows_removed"], load["rows_changed"]) == (0, 1, 1)
    known = [(one["number"], one["is_current"], one["rows"], one["rows_changed"]) for one in versions]
    assert known == [(2, True, 2, 1), (1, False, 3, None)]
    assert before["rows"] == [{"route": "001", "name": "火车站环线", "length": 13.0, "opened": "2017-05-01"}]
    assert (before["total"], before["version"]) == (2, 2)
    assert ([row["route"] for row in then["rows"]], then["version"]) == (["002", "010"], 1)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["number"], answers[0].json()["restored"]) == (3, 1)
    assert Access.objects.filter(phase="closed").count() == 2


@pytest.mark.parametrize(
    ("question", "status", "told"),
    [
        ("version=9", 404, "没有找到这一版数据"),
        ("version=१", 404, "没有找到这一版数据"),
        ("on=9月1日", 404, "不是日期"),
        ("limit=-1", 422, "limit 要填不小于零的整数"),
        ("offset=1e9", 422, "offset 要填不小于零的整数"),
        ("sort=nothing", 422, "没有名为“nothing”的信息项"),
    ],
)
def test_a_question_about_rows_that_makes_no_sense_is_told_so(
    entry: CatalogEntry, token: dict[str, str], question: str, status: int, told: str
) -> None:
    answer = Client().get(f"/api/v1/catalog/entries/{entry.pk}/data/?{question}", **token)

    assert answer.status_code == status
    assert told in answer.json()["message"]


def test_the_list_costs_as_many_queries_for_twelve_versions_as_for_three(
    entry: CatalogEntry, client: Client, token: dict[str, str]
) -> None:
    # given
    addresses = {
        f"{entry.get_absolute_url()}data/versions/": client,
        f"/api/v1/catalog/entries/{entry.pk}/data-versions/": Client(
            headers={"authorization": token["HTTP_AUTHORIZATION"]}
        ),
    }
    first = entry.data_versions.get(number=1)

    def cost(until: int) -> list[int]:
        for number in range(entry.data_versions.count() + 1, until + 1):
            DataVersion.objects.create(
                entry=entry,
                number=number,
                table_version=number,
                revision=first.revision,
                layout=first.layout,
                restored=first,
                restored_by=make.steward_of(entry.provider),
                reasons=REASONS,
                rows=3,
                made_at=make.AT,
            )
        found = []
        for address, caller in addresses.items():
            caller.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert caller.get(address).status_code == 200
            found.append(len(captured))
        return found

    # when, then
    assert cost(3) == cost(12)


def test_another_agency_sees_neither_versions_nor_rows(entry: CatalogEntry, city: accounts.City) -> None:
    foreign = accounts.bearer(accounts.system(city.requester), "catalog:read", "catalog:write")
    base = f"/api/v1/catalog/entries/{entry.pk}/"

    for address in ("data/", "data-versions/"):
        assert Client().get(base + address, **foreign).status_code == 403
    refused = Client().post(f"{base}data-versions/1/restore/", {}, content_type="application/json", **foreign)
    assert refused.status_code == 403
    assert not Access.objects.exists()


def test_who_takes_the_data_is_told_once_and_what_is_open_follows() -> None:
    # given
    scene = share.scene(sharing_type="unconditional")
    share.taking(scene)
    dataset = open_data.carried_out(scene.entry)
    make.gather(scene.entry, CHANGED, at=make.AT + dt.timedelta(hours=20))
    at = make.AT + dt.timedelta(days=2)
    restored = {"entry_id": scene.entry.pk, "number": 1, "by": scene.steward, "at": at, "reasons": REASONS}

    # when
    catalog.restore_data(**restored)
    for _time in range(2):
        seal(at=at)
        sharing.react(at, at.date())
        opening.react(at)
        for pk in PublishJob.objects.filter(state=PublishJob.State.WAITING).values_list("pk", flat=True):
            opendata.run_publish(pk, at=at)

    # then
    told = Notice.objects.get(title__contains="已恢复为第1版", recipient__isnull=False)
    assert REASONS in told.body
    dataset.refresh_from_db()
    assert dataset.current is not None
    assert dataset.current.rows == 3
