"""Rules of items on their pages and over REST: written down, shown, refused beside the item they are wrong in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog import exporting, services
from catalog.exporting import revisions_in_force
from catalog.models import CatalogEntry, EntryRevision
from guiyang_data.accounts.models import User
from tests.factories import accounts
from tests.factories import catalog as make
from tests.factories import opendata as opened

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NEW = "/desk/catalog/new/"
RULES = {
    "items-0-name": "证件号码",
    "items-0-code": "paper",
    "items-0-data_type": "C",
    "items-0-is_unique": "on",
    "items-0-pattern": r"\d{17}[\dX]",
    "items-0-check_digits": "resident-id",
    "items-1-name": "金额",
    "items-1-code": "money",
    "items-1-data_type": "Y",
    "items-1-minimum": "0.50",
    "items-1-maximum": "1000",
}


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def form(**changed: Any) -> dict[str, Any]:
    said = {name: value for name, value in make.elements().items() if name != "category"}
    rows = {"items-TOTAL_FORMS": "2", "items-INITIAL_FORMS": "0", **RULES}
    return {**said, "category": "203001", "is_open": "1", **rows, **changed}


def test_rules_are_written_down_in_the_form_and_shown_on_the_page(city: accounts.City) -> None:
    # given
    client = signed_in(make.steward_of(city.provider))

    # when
    answer = client.post(NEW, form(bad_share_limit="2.5"))

    # then
    revision = EntryRevision.objects.get()
    paper, money = revision.items.all()
    assert (paper.is_unique, paper.pattern, paper.check_digits) == (True, r"\d{17}[\dX]", "resident-id")
    assert (money.minimum, money.maximum, revision.bad_share_limit) == ("0.5", "1000", Decimal("2.5"))
    page = client.get(answer["Location"]).content.decode()
    assert "唯一；格式 \\d{17}[\\dX]；核对居民身份证号码" in page
    assert "0.5 至 1000" in page
    assert "不超过 2.5%，超过的整批不入库" in page
    edit = client.get(f"{answer['Location']}edit/").content.decode()
    assert "检查规则：唯一、格式规则、校验码" in edit
    assert 'name="bad_share_limit" value="2.5"' in edit


def test_a_wrong_rule_is_said_in_its_item_and_nothing_is_lost(city: accounts.City) -> None:
    # when
    wrong = {"items-0-pattern": "(a", "items-1-minimum": "2000", "items-1-check_digits": "bank-card"}
    answer = signed_in(make.steward_of(city.provider)).post(NEW, form(**wrong))

    # then
    page = answer.content.decode()
    assert answer.status_code == 422
    for told in ("格式规则不能使用：圆括号没有成对", "最小值大于最大值", "银行卡号要用字符型保存"):
        assert told in page
    assert 'value="(a"' in page
    assert not EntryRevision.objects.exists()


def test_a_row_that_has_rules_and_no_name_is_not_dropped(city: accounts.City) -> None:
    answer = signed_in(make.steward_of(city.provider)).post(NEW, form(**{"items-1-name": ""}))

    assert answer.status_code == 422
    assert "请填写信息项名称" in answer.content.decode()


@pytest.mark.parametrize(("share", "status"), [("", 302), ("0", 302), ("100", 302), ("100.5", 422), ("x", 422)])
def test_a_share_that_is_left_blank_sets_none(city: accounts.City, share: str, status: int) -> None:
    answer = signed_in(make.steward_of(city.provider)).post(NEW, form(bad_share_limit=share))

    assert answer.status_code == status
    if status == 302:
        assert EntryRevision.objects.get().bad_share_limit == Decimal(share or 100)


def test_whoever_gathers_reads_how_many_bad_rows_are_allowed(city: accounts.City) -> None:
    # given
    strict = make.entry_in_force(city.provider, bad_share_limit=0)
    usual = make.entry_in_force(city.provider)
    client = signed_in(make.steward_of(city.provider))

    # then
    assert "有一行不合格，整批不入库" in client.get(f"/desk/catalog/entries/{strict.pk}/gather/").content.decode()
    assert "不设上限：有一行通过检查就入库" in client.get(f"/desk/catalog/entries/{usual.pk}/gather/").content.decode()


def test_a_reference_that_leads_nowhere_stands_on_the_page_of_the_draft(city: accounts.City) -> None:
    client = signed_in(make.steward_of(city.provider))
    said = {"items-0-reference_code": "303001/009999", "items-0-reference_item": "code"}

    page = client.post(NEW, form(**said), follow=True).content.decode()

    assert "没有找到资源代码为 303001/009999 的现行目录条目" in page


def test_an_entry_says_how_many_others_are_held_against_it(city: accounts.City) -> None:
    # given one entry in force that refers to it twice, and a draft that does too
    client = signed_in(make.steward_of(city.provider))
    referred = make.entry_in_force(city.provider, rows=make.ROWS)
    before = client.get(referred.get_absolute_url()).content.decode()
    refers = {"reference_code": referred.resource_code, "reference_item": "route"}
    items = [services.ItemSpec(name=name, code=code, **refers) for name, code in (("从", "a"), ("到", "b"))]
    make.entry_in_force(city.provider, items=items, title="换乘")
    make.draft_entry(city.provider, items=items, title="还没有公布")

    # then
    assert "被引用" not in before
    assert "1 个条目用它核对数据" in client.get(referred.get_absolute_url()).content.decode()


def test_a_form_with_every_field_of_a_thousand_items_is_taken(city: accounts.City) -> None:
    # given
    each = {"unit": "元", "meaning": "说明", "code_list": "1", "required": "on", "is_key": "on", "is_unique": "on"}
    each |= {"data_type": "C", "length": "20", "pattern": ".+", "check_digits": "", "minimum": "", "maximum": ""}
    each |= {"reference_code": "", "reference_item": "", "sensitivity": "none", "grade": "1", "collector": ""}
    rows = {
        f"items-{place}-{name}": value
        for place in range(1000)
        for name, value in {**each, "name": f"项{place}", "code": f"c{place}"}.items()
    }

    # when
    answer = signed_in(make.steward_of(city.provider)).post(NEW, form(**{"items-TOTAL_FORMS": "1000", **rows}))

    # then
    assert answer.status_code == 302
    assert EntryRevision.objects.get().items.filter(is_unique=True).count() == 1000


def test_a_system_writes_rules_and_reads_them(city: accounts.City) -> None:
    # given
    token = accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")
    items = [
        {"name": "证件号码", "code": "paper", "data_type": "C", "is_unique": True, "check_digits": "resident-id"},
        {"name": "日期", "code": "day", "data_type": "D", "minimum": "2020年1月1日", "pattern": ""},
    ]
    body = make.elements() | {"category": "203001", "items": items, "bad_share_limit": 2.5}

    # when
    made = Client().post("/api/v1/catalog/entries/", body, content_type="application/json", **token)

    # then
    assert made.status_code == 201
    shown = Client().get(f"/api/v1/catalog/entries/{made.json()['entry']}/", **token).json()["revision"]
    assert shown["bad_share_limit"] == 2.5
    paper, day = shown["items"]
    assert (paper["is_unique"], paper["check_digits"], day["minimum"]) == (True, "resident-id", "2020-01-01")
    assert {day[name] for name in ("maximum", "pattern", "check_digits", "reference_code", "reference_item")} == {""}


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"pattern": "("}, "items"),
        ({"check_digits": "isbn"}, "items"),
        ({"data_type": "N", "minimum": "3", "maximum": "2"}, "items"),
    ],
)
def test_wrong_rules_over_rest_are_refused_with_their_place(city: accounts.City, item: Any, field: str) -> None:
    token = accounts.bearer(accounts.system(city.provider), "catalog:read", "catalog:write")
    body = make.elements() | {"category": "203001", "items": [{"name": "甲", "code": "a", "data_type": "C", **item}]}

    answer = Client().post("/api/v1/catalog/entries/", body, content_type="application/json", **token)

    assert answer.status_code in {400, 422}
    assert any(name.startswith(field) for name in answer.json()["fields"])
    assert not CatalogEntry.objects.exists()


def test_the_public_catalogues_tell_no_rules(city: accounts.City) -> None:
    make.entry_in_force(city.provider, bad_share_limit=5)

    public = b"".join(exporting.export(revisions_in_force(CatalogEntry.objects.all()), "json", public=True)).decode()

    for label in ("格式规则", "最小值", "校验码", "引用的资源代码", "允许的问题行比例"):
        assert label not in public


def test_the_data_dictionary_shows_what_the_catalogue_demands_of_what_is_published_as_it_is(
    city: accounts.City,
) -> None:
    # given
    rules: dict[str, dict[str, Any]] = {
        "route": {"is_unique": True, "pattern": r"\d{3}"},
        "name": {"is_unique": True},
        "length": {"minimum": "0", "maximum": "99.5"},
        "opened": {"minimum": "2000-01-01"},
    }
    items = [services.ItemSpec(**vars(one) | rules[one.code]) for one in make.ITEMS]
    entry = make.entry_in_force(city.provider, items=items, rows=make.ROWS)
    dataset = opened.carried_out(entry, techniques={"name": {"technique": "mask", "keep_first": 1}})

    # when
    rows = Client().get(f"{dataset.get_absolute_url()}fields/").context["rows"]
    columns = Client().get(f"/api/v1/open/datasets/{dataset.slug}/").json()["columns"]

    # then a treated item promises nothing
    assert {row["code"]: row["demanded"] for row in rows} == {
        "route": "唯一",
        "name": "",
        "length": "0 — 99.5",
        "opened": "不小于 2000-01-01",
    }
    told = {one["code"]: (one["is_unique"], one["minimum"], one["maximum"], one["code_list"]) for one in columns}
    assert told["length"] == (False, "0", "99.5", [])
    assert told["name"] == (False, "", "", [])
