"""Pages of the data of an entry: a file handed in, its rows looked at, an adjustment declared, a catalogue imported."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog import services
from catalog.models import CatalogEntry, CatalogImport, EntryRevision, Load
from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Access
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SignIn = Callable[[User], Client]


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
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed


def test_a_file_goes_through_the_page_and_its_bad_rows_come_back(
    city: accounts.City, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    client = sign_in(make.steward_of(city.provider))
    rows = [*make.ROWS, {"线路编号": "011", "线路名称": "断头线", "长度": "=1+1", "开通日期": ""}]
    file = SimpleUploadedFile("线路.csv", make.csv_bytes(rows, "gbk"))
    form = {"file": file, "mode": "replace", "revision": entry.in_force_id}

    # when
    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(f"{entry.get_absolute_url()}gather/", form)
    load = Load.objects.get()
    waiting = client.get(answer["Location"]).content.decode()
    under_way = client.get(f"{answer['Location']}progress/")
    services.run_load(load.pk, at=make.AT)
    done = client.get(answer["Location"]).content.decode()
    ended = client.get(f"{answer['Location']}progress/")
    bad = client.get(f"{answer['Location']}bad-rows.csv")
    to_mend = client.get(f"{answer['Location']}to-mend.csv")

    # then
    assert len(queued) == 1
    assert "排队中" in waiting
    # what the page says besides its progress is old once that has ended
    assert [("HX-Refresh" in part.headers) for part in (under_way, ended)] == [False, True]
    assert f'hx-get="{answer["Location"]}progress/"' in waiting
    assert "已入库 3 行" in done
    assert "'=1+1" in b"".join(bad.streaming_content).decode("utf-8-sig")
    lines = b"".join(to_mend.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "退回的行号,退回的原因,线路编号,线路名称,长度,开通日期"
    assert lines[1].startswith("5,长度：不是数字")
    assert "待改正的行" in unquote(to_mend["Content-Disposition"])
    assert sign_in(make.steward_of(city.requester)).get(answer["Location"]).status_code == 404


class TestTheWaysAFileIsOfferedToJoinTheRows:
    def offered(self, client: Client, entry: CatalogEntry) -> tuple[list[str], str]:
        form = client.get(f"{entry.get_absolute_url()}gather/").context["form"]
        return [value for value, _label in form.fields["mode"].choices], str(form["mode"].help_text)

    def test_of_a_draft_it_can_only_replace_and_says_why(self, city: accounts.City, sign_in: SignIn) -> None:
        # given
        entry = make.draft_entry(city.provider).entry
        client = sign_in(make.steward_of(city.provider))

        # when
        modes, why = self.offered(client, entry)
        form = {"file": SimpleUploadedFile("线路.csv", make.csv_bytes(make.ROWS)), "mode": "append"}
        answer = client.post(f"{entry.get_absolute_url()}gather/", form | {"revision": entry.revisions.get().pk})

        # then
        assert (modes, "没有现行数据可以追加" in why) == (["replace"], True)
        assert (answer.status_code, Load.objects.count()) == (422, 0)
        assert why in answer.content.decode()

    def test_the_first_rows_replace_nothing_and_later_ones_may_be_added(
        self, city: accounts.City, sign_in: SignIn
    ) -> None:
        entry = make.entry_in_force(city.provider)
        client = sign_in(make.steward_of(city.provider))
        assert self.offered(client, entry)[0] == ["replace"]
        make.gather(entry, make.ROWS)
        assert self.offered(client, entry) == (["replace", "append", "upsert"], "")

    def test_without_a_key_nothing_is_updated_by_it(self, city: accounts.City, sign_in: SignIn) -> None:
        items = [replace(item, is_key=False) for item in make.ITEMS]
        entry = make.entry_in_force(city.provider, items=items, rows=make.ROWS)
        modes, why = self.offered(sign_in(make.steward_of(city.provider)), entry)
        assert (modes, "没有规定主键" in why) == (["replace", "append"], True)

    def test_a_draft_beside_what_is_in_force_is_told_apart(self, city: accounts.City, sign_in: SignIn) -> None:
        entry = make.entry_in_force(city.provider, rows=make.ROWS)
        services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
        modes, why = self.offered(sign_in(make.steward_of(city.provider)), entry)
        assert (modes, why) == (["replace", "append", "upsert"], "追加、按主键更新只用于现行目录。")


class TestWhatIsSaidOfRefusedRows:
    BAD = {"线路编号": "011", "线路名称": "断头线", "长度": "很长", "开通日期": ""}

    def page(self, entry: CatalogEntry, client: Client, load: Load) -> str:
        address = f"{entry.get_absolute_url()}gather/?revision={load.revision.number}"
        page = client.get(load.get_absolute_url()).content.decode()
        assert address in page
        return page

    def test_of_a_draft_only_the_whole_file_comes_again(self, city: accounts.City, sign_in: SignIn) -> None:
        # given
        entry = make.draft_entry(city.provider).entry

        # when
        load = make.gather(entry, [*make.ROWS, self.BAD])
        page = self.page(entry, sign_in(make.steward_of(city.provider)), load)

        # then
        assert load.rows_refused == 1
        assert "再整份上传" in page
        assert "选「追加」" not in page

    def test_of_an_entry_in_force_they_are_added_by_themselves(self, city: accounts.City, sign_in: SignIn) -> None:
        entry = make.entry_in_force(city.provider, rows=make.ROWS)
        load = make.gather(entry, [*make.ROWS, self.BAD])
        page = self.page(entry, sign_in(make.steward_of(city.provider)), load)
        assert "选「追加」上传，只补这些行；已有主键的选「按主键更新」" in page

    def test_without_a_key_they_are_only_added(self, city: accounts.City, sign_in: SignIn) -> None:
        items = [replace(item, is_key=False) for item in make.ITEMS]
        entry = make.entry_in_force(city.provider, items=items)
        load = make.gather(entry, [*make.ROWS, self.BAD])
        page = self.page(entry, sign_in(make.steward_of(city.provider)), load)
        assert "选「追加」上传，只补这些行。" in page


def test_the_provider_looks_at_its_rows_and_each_look_is_logged(city: accounts.City, sign_in: SignIn) -> None:
    # given
    entry = make.entry_in_force(city.provider, rows=make.ROWS)
    client = sign_in(make.steward_of(city.provider))
    address = f"{entry.get_absolute_url()}data/"

    # when
    rows = client.get(f"{address}?f_name=线&sort=-length").context["rows"]
    wrong = client.get(f"{address}?f_length=很长")
    unknown = client.get(f"{address}?sort=nothing")

    # then
    assert [row[0] for row in rows] == ["010", "001", "002"]
    assert "数值型" in wrong.content.decode()
    assert [wrong.status_code, unknown.status_code] == [200, 200]
    assert client.get(f"{address}?version=9").status_code == 404
    assert Access.objects.filter(phase="opened").count() == 3
    assert Access.objects.filter(phase="closed", rows=3).count() == 1


def test_an_adjustment_is_declared_and_its_due_day_shown(city: accounts.City, sign_in: SignIn) -> None:
    # given
    entry = make.entry_in_force(city.provider)
    client = sign_in(make.steward_of(city.provider))
    form = {"kind": "law", "event_on": "2026-08-31", "document": "", "description": "规则变化。"}

    # when
    refused = client.post(f"{entry.get_absolute_url()}adjust/", form | {"event_on": "2026-09-02"})
    answer = client.post(f"{entry.get_absolute_url()}adjust/", form)

    # then
    assert refused.status_code == 422
    assert "不能晚于今天" in refused.content.decode()
    assert answer.status_code == 302
    assert "9月15日（周二）24:00 前更新目录" in client.get(entry.get_absolute_url()).content.decode()


def test_a_catalogue_is_imported_through_the_page_with_a_corrected_mapping(
    city: accounts.City, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    # given
    records = [
        {
            "标题": "读书活动",
            "数据主题": "综合政务",
            "数据领域": "教育文化",
            "更新周期": "每年",
            "网址": "https://p.example/1",
        },
        {"标题": "", "数据主题": "财政", "数据领域": "财税金融", "更新周期": "每年", "网址": "https://p.example/2"},
    ]
    client = sign_in(make.steward_of(city.provider))
    file = SimpleUploadedFile("目录.json", json.dumps(records, ensure_ascii=False).encode())

    # when
    address = client.post("/desk/catalog/imports/new/", {"file": file})["Location"]
    first = client.get(address)
    chosen = {f"column_{place}": first.context["job"].mapping[name] for place, name in enumerate(records[0])}
    corrected = chosen | {"column_1": "industry", "column_2": "field"}
    defaults = {"category": "203001", "sharing_type": "unconditional", "update_cycle": "irregular"}
    form = corrected | defaults | {"field": "other", "is_open": "1"}
    seen = client.post(address, form | {"preview": "1"})
    refused = client.post(address, form)
    with django_capture_on_commit_callbacks() as queued:
        client.post(address, form | {"take_good_rows": "on"})
    services.run_import(CatalogImport.objects.get().pk, at=make.AT)

    # then
    assert chosen["column_1"] == "field"
    assert ("领域", "教育") in seen.context["first"][0][1]
    assert refused.status_code == 422
    assert "什么都没有导入" in refused.content.decode()
    assert len(queued) == 1
    revision = EntryRevision.objects.get()
    assert (revision.field, revision.keywords) == ("education", "综合政务")
    assert "没有资源名称" in client.get(address).content.decode()
    assert "没有资源名称" in b"".join(client.get(f"{address}problems.csv").streaming_content).decode()
