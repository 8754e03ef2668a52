"""Export: every element and information item, the public catalogues with what may be public, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from catalog import exporting, records
from catalog.exporting import revisions_to_work_on
from catalog.models import CatalogEntry, EntryRevision, InformationItem
from catalog.services import ELEMENTS, ItemSpec
from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ITEMS = (
    ItemSpec(
        name="证件类型",
        code="kind",
        length=20,
        meaning="持证人的证件",
        required=True,
        code_list=("身份证", "护照"),
        is_unique=True,
        pattern="身份证|护照",
        sensitivity="quasi",
        grade=2,
    ),
    ItemSpec(name="金额", code="amount", data_type="Y", unit="元"),
)
INTERNAL = {"备注", "来源系统", "联系电话", "联系科室", "不开放的依据", "来源标识", "数据分级", "状态"}


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def got(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def as_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheet_rows(content: bytes) -> list[dict[str, Any]]:
    header, *rows = load_workbook(io.BytesIO(content), read_only=True)["目录"].iter_rows(values_only=True)
    return [dict(zip_longest(header, row)) for row in rows]


def everything() -> Any:
    entries = CatalogEntry.objects.all()
    return revisions_to_work_on(entries, entries)


def test_every_element_and_item_is_exported_in_words(city: accounts.City) -> None:
    # given
    make.draft_entry(
        city.provider,
        items=ITEMS,
        is_open=False,
        closed_ground=3,
        closed_basis="个人隐私",
        related_codes=["203001/000009"],
        note="首行\n次行",
    )

    # when
    (record,) = json.loads(b"".join(exporting.export(everything(), "json")))

    # then
    assert record["提供机关代码"] == city.provider.code
    assert record["资源分类"] == f"203001 {make.category().name}"
    assert (record["是否开放"], record["不开放的情形"]) == ("否", "第三项：涉及个人隐私")
    assert (record["关联资源代码"], record["备注"]) == (["203001/000009"], "首行\n次行")
    assert (record["状态"], record["数据分级"], record["公布日期"]) == ("草稿", 2, "")
    first, second = record["信息项"]
    assert first == {
        "信息项名称": "证件类型",
        "字段名": "kind",
        "数据类型": "字符型",
        "长度": 20,
        "计量单位": "",
        "信息项说明": "持证人的证件",
        "必填": "是",
        "主键": "否",
        "值域": ["身份证", "护照"],
        "唯一": "是",
        "最小值": "",
        "最大值": "",
        "格式规则": "身份证|护照",
        "校验码": None,
        "引用的资源代码": "",
        "引用的字段名": "",
        "敏感性": "准标识",
        "信息项分级": "一般数据 2 级",
        "采集机关": "",
        "采集机关代码": "",
    }
    assert (second["数据类型"], second["计量单位"], second["值域"]) == ("货币型", "元", [])
    assert set(record) == {*records.entry_columns(), "信息项"}


def test_no_element_that_a_person_states_is_missing() -> None:
    exported = {element.name for element in records.ELEMENTS} | {"category"}
    inner = {"id", "revision", "position", "collector"}
    assert exported == set(ELEMENTS)
    items = {field.name for field in InformationItem._meta.concrete_fields}
    assert {element.name for element in records.ITEM_ELEMENTS} == items - inner


def test_a_table_has_a_row_for_each_item_and_says_an_element_once(city: accounts.City) -> None:
    # given
    make.draft_entry(city.provider, items=ITEMS, title="甲")
    make.draft_entry(city.provider, items=(), title="乙")

    # when
    rows = as_rows(b"".join(exporting.export(everything(), "csv")))
    sheet = sheet_rows(b"".join(exporting.export(everything(), "xlsx")))

    # then
    assert [(row["资源名称"], row["信息项名称"], row["共享类型"]) for row in rows] == [
        ("甲", "证件类型", "无条件共享"),
        ("甲", "金额", ""),
        ("乙", "", "无条件共享"),
    ]
    assert [{name: str(value or "") for name, value in row.items()} for row in sheet] == rows
    assert sheet[0]["长度"] == 20


def test_what_a_spreadsheet_would_run_is_guarded_and_json_has_the_value_itself(city: accounts.City) -> None:
    # given
    items = [ItemSpec(name="=1+1", meaning="@SUM(A1)")]
    make.draft_entry(city.provider, title="=cmd|' /C calc'!A0", abstract="-1", items=items)

    # when
    files = {kind: b"".join(exporting.export(everything(), kind)) for kind in exporting.FORMATS}

    # then
    for row in (as_rows(files["csv"])[0], sheet_rows(files["xlsx"])[0]):
        assert [row[name] for name in ("资源名称", "资源摘要", "信息项名称", "信息项说明")] == [
            "'=cmd|' /C calc'!A0",
            "'-1",
            "'=1+1",
            "'@SUM(A1)",
        ]
    assert json.loads(files["json"])[0]["资源名称"] == "=cmd|' /C calc'!A0"


def test_a_workbook_offers_the_words_to_choose_from(city: accounts.City) -> None:
    book = load_workbook(io.BytesIO(b"".join(exporting.export(everything(), "xlsx"))))
    rules = {
        str(rule.sqref).split(":")[0].rstrip("2"): rule.formula1
        for rule in book["目录"].data_validations.dataValidation
    }
    columns = {cell.value: cell.column_letter for cell in book["目录"][1]}
    sheet, _, area = rules[columns["敏感性"]].partition("!")
    words = [cell.value for row in book[sheet][area.replace("$", "")] for cell in row]
    assert words == ["非敏感", "直接标识", "准标识", "敏感属性"]
    assert columns["是否开放"] in rules
    assert columns["资源名称"] not in rules


@pytest.mark.parametrize("kind", list(exporting.FORMATS))
def test_the_public_catalogue_keeps_to_itself_what_nobody_judged_for_the_public(kind: str, city: accounts.City) -> None:
    # given
    make.entry_in_force(city.provider, items=ITEMS, note="内部备注", source_system="内部系统", contact_phone="0851-1")

    # when
    content = got(Client(), f"/catalog/sharing.{kind}")

    # then
    table = {"csv": as_rows, "xlsx": sheet_rows, "json": json.loads}[kind](content)
    shown = {**table[0], **(table[0]["信息项"][0] if kind == "json" else {})}
    assert not set(shown) & (INTERNAL | {"敏感性", "信息项分级", "值域", "必填", "主键"})
    assert (shown["信息项名称"], shown["数据类型"], int(shown["长度"])) == ("证件类型", "字符型", 20)
    assert (shown["信息项说明"], shown["更新周期"]) == ("持证人的证件", "每月")


def test_staff_get_the_drafts_of_their_own_agency_and_of_others_what_is_in_force(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.provider, title="公交线路")
    make.services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
    EntryRevision.objects.filter(entry=entry, number=2).update(title="公交线路（修订）")
    make.draft_entry(city.provider, title="尚未公布")

    # when
    def titles(user: User, query: str = "") -> list[str]:
        return [row["资源名称"] for row in json.loads(got(signed_in(user), f"/desk/catalog/export.json{query}"))]

    # then
    assert titles(make.steward_of(city.provider)) == ["公交线路（修订）", "尚未公布"]
    assert titles(make.steward_of(city.provider), "?standing=in-force") == ["公交线路"]
    assert titles(make.steward_of(city.provider), "?q=尚未") == ["尚未公布"]
    assert titles(make.steward_of(city.requester)) == ["公交线路"]


def test_an_export_costs_as_many_queries_for_twelve_entries_as_for_three(city: accounts.City) -> None:
    def cost(kind: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert b"".join(exporting.export(everything(), kind))
        return len(captured)

    for _ in range(3):
        make.draft_entry(city.provider)
    few = [cost(kind) for kind in exporting.FORMATS]
    for _ in range(9):
        make.draft_entry(city.provider)
    assert [cost(kind) for kind in exporting.FORMATS] == few


def test_what_no_sheet_holds_is_refused_before_the_first_byte(
    city: accounts.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    make.draft_entry(city.provider, items=ITEMS)

    # when, then
    monkeypatch.setattr(exporting, "CELL_CHARACTERS", 3)
    with pytest.raises(RuleBroken, match="CSV 或者 JSON"):
        exporting.export(everything(), "xlsx")
    monkeypatch.setattr(exporting, "CELL_CHARACTERS", 300)
    monkeypatch.setattr(exporting, "SHEET_ROWS", 1)
    with pytest.raises(RuleBroken, match="一张工作表"):
        exporting.export(everything(), "xlsx")


def test_the_command_exports_an_agency_or_the_whole(
    city: accounts.City, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    # given
    make.draft_entry(city.provider, title="甲")
    make.entry_in_force(city.requester, title="乙")
    out = tmp_path / "目录.xlsx"

    # when
    call_command("export_catalogue", f"--agency={city.provider.code}", f"--output={out}")
    call_command("export_catalogue", "--format=json")
    whole = capfdbinary.readouterr().out
    call_command("export_catalogue", "--public=open")
    public = capfdbinary.readouterr().out

    # then
    assert {row["资源名称"] for row in sheet_rows(out.read_bytes())} == {"甲"}
    assert {row["资源名称"] for row in json.loads(whole)} == {"甲", "乙"}
    assert {row["资源名称"] for row in as_rows(public)} == {"乙"}
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(("option", "code"), [("--agency=nobody", 2), ("--output=/nowhere/x.csv", 1)])
def test_the_command_says_why_it_exports_nothing(option: str, code: int, city: accounts.City) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export_catalogue", option)
    assert refused.value.returncode == code


def test_programs_export_too(city: accounts.City) -> None:
    make.draft_entry(city.provider, title="甲")
    client = signed_in(make.steward_of(city.provider))
    assert [row["资源名称"] for row in json.loads(got(client, "/api/v1/catalog/export.json"))] == ["甲"]
