"""Foreign spreadsheets as they really come: titles above the header, groups over columns, merged cells, stray marks."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from catalog import records, services, template
from catalog.models import CatalogImport, EntryRevision, InformationItem
from catalog.services.import_values import as_data_type
from catalog.services.import_words import SYNONYMS, TARGETS, element_named
from guiyang_data.errors import RuleBroken
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DEFAULTS = {"category": "203001", "sharing_type": "unconditional", "update_cycle": "irregular", "field": "other"}


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def as_xlsx(rows: Sequence[Sequence[Any]], *, merged: Sequence[str] = ()) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    for area in merged:
        book.active.merge_cells(area)
    book.save(out)
    return out.getvalue()


def start(city: accounts.City, content: bytes, name: str = "目录.xlsx") -> CatalogImport:
    file = ContentFile(content, name=name)
    return services.start_import(provider=city.provider, uploaded=file, by=make.steward_of(city.provider), at=make.AT)


def carry_out(city: accounts.City, job: CatalogImport, **options: Any) -> CatalogImport:
    by = make.steward_of(city.provider)
    given = {"mapping": job.mapping, "defaults": {**DEFAULTS, "is_open": True}, **options}
    services.begin_import(import_id=job.pk, by=by, at=make.AT, **given)
    return services.run_import(job.pk, at=make.AT)


@pytest.mark.parametrize(
    ("header", "element"),
    [
        ("*信息资源名称", "title"),
        ("1.信息资源名称（必填）", "title"),
        ("信息资源\n名称", "title"),
        ("信息项信息/数据类型", "item_data_type"),
        ("更新周期：", "update_cycle"),
        ("完全没见过", None),
    ],
)
def test_what_stands_around_a_name_does_not_count(header: str, element: str | None) -> None:
    assert (element_named(header) or (None,))[0] == element


@pytest.mark.parametrize(
    ("written", "letter"),
    [
        ("字符串型C", "C"),
        ("varchar(20)", "C"),
        ("整型", "I"),
        ("日期时间型", "T"),
        ("金额", "Y"),
        ("D", "D"),
        ("乱写", None),
    ],
)
def test_a_data_type_is_known_however_it_is_spelled(written: str, letter: str | None) -> None:
    assert as_data_type(written) == letter


def test_a_header_below_titles_and_in_two_rows_is_found_with_its_merged_cells(city: accounts.City) -> None:
    # given
    rows = [
        ["贵阳市交通委政务信息资源目录"],
        ["填报人：信息科"],
        ["序号", "信息资源名称", "信息项信息", None, None, "共享属性", None, "更新周期"],
        [None, None, "信息项名称", "数据类型", "数据长度", "共享类型", "共享条件", None],
        [1, "客运线路", "线路编号", "字符串型C", 10, "有条件共享", "限执法使用", "每月"],
        [None, None, "线路名称", "varchar(40)", 40, None, None, None],
        [None, None, "里程", "数值型N", None, None, None, None],
        [2, "客运场站", "名称", "字符型", None, "无条件共享", None, "按年更新"],
    ]
    job = start(city, as_xlsx(rows, merged=["C3:E3", "F3:G3", "B5:B7"]))

    # when
    done = carry_out(city, job)

    # then
    assert job.mapping["信息项名称"] == "items"
    assert (done.state, done.created, done.rows_read) == ("done", 2, 2)
    first, second = EntryRevision.objects.order_by("pk")
    assert (first.title, first.sharing_type, first.sharing_condition) == ("客运线路", "conditional", "限执法使用")
    assert list(first.items.values_list("name", "data_type", "length")) == [
        ("线路编号", "C", 10),
        ("线路名称", "C", 40),
        ("里程", "N", None),
    ]
    assert (second.update_cycle, second.items.count()) == ("yearly", 1)


def test_rows_that_repeat_the_entry_for_each_item_are_one_entry(city: accounts.City) -> None:
    # given
    header = ["资源名称", "摘要", "信息项名称", "数据类型"]
    rows = [header, ["甲", "说明", "一", "整型"], ["甲", "说明", "二", "日期型"], ["乙", "别的", "一", ""]]

    # when
    done = carry_out(city, start(city, as_xlsx(rows)))

    # then
    assert done.created == 2
    assert list(InformationItem.objects.filter(revision__title="甲").values_list("name", "data_type")) == [
        ("一", "I"),
        ("二", "D"),
    ]


def test_wrong_items_are_told_by_their_own_row_and_column(city: accounts.City) -> None:
    # given
    header = ["资源名称", "信息项名称", "长度", "敏感性"]
    rows = [header, ["甲", "一", "很长", ""], ["", "一", "", ""], ["", "二", "", "绝密"], ["乙", "三", "5", ""]]

    # when
    job = start(city, as_xlsx(rows))
    seen = services.preview(job, job.mapping, {})

    # then
    told = [(one.line, one.column, one.fatal) for one in seen.problems]
    assert told == [(2, "长度", False), (3, "信息项名称", True), (4, "敏感性", False)]
    assert (seen.rows, seen.lines, seen.items, seen.created, seen.refused) == (2, 4, 4, 1, 1)


def test_a_repeat_keeps_what_a_steward_added_to_items_that_the_file_names(city: accounts.City) -> None:
    # given
    rows = [["资源名称", "信息项名称", "说明列", "数据类型"], ["甲", "一", "", "整型"], ["", "二", "", "日期型"]]
    carry_out(city, start(city, as_xlsx(rows)))
    InformationItem.objects.filter(name="一").update(sensitivity="direct", meaning="补写的")

    # when
    same = carry_out(city, start(city, as_xlsx(rows)))
    changed = carry_out(city, start(city, as_xlsx([*rows[:2], ["", "二", "", "日期时间型"]])))

    # then
    assert (same.unchanged, changed.updated) == (1, 1)
    assert list(InformationItem.objects.values_list("name", "data_type", "sensitivity", "meaning")) == [
        ("一", "I", "direct", "补写的"),
        ("二", "T", "none", ""),
    ]


def test_columns_without_a_known_name_are_taken_by_what_stands_in_them(city: accounts.City) -> None:
    # given
    rows = [
        ["序号", "甲列", "乙列", "丙列", "丁列", "戊列", "己列"],
        [
            1,
            "停车场信息",
            "全市公共停车场的位置、泊位数量和收费标准，每月核对一次。",
            "每月",
            "无条件共享",
            "字符型",
            "Y",
        ],
        [
            2,
            "公共厕所",
            "全市公共厕所的位置、开放时间和无障碍设施的情况，每年核对。",
            "每年",
            "有条件共享",
            "整型",
            "N",
        ],
    ]

    # when
    job = start(city, as_xlsx(rows))

    # then
    assert list(job.mapping.values()) == [
        *("", "title", "abstract", "update_cycle", "sharing_type", "item_data_type", ""),
    ]


def test_whether_and_on_what_condition_may_stand_in_two_columns_or_one(city: accounts.City) -> None:
    two = start(city, as_xlsx([["名称", "是否开放", "开放条件"], ["甲", "是", "实名登记"]]))
    one = start(city, as_xlsx([["名称", "开放条件"], ["乙", "不予开放"]]))
    assert list(two.mapping.values()) == ["title", "opening", "opening_condition"]
    assert list(one.mapping.values()) == ["title", "opening"]
    carry_out(city, two)
    carry_out(city, one)
    assert list(EntryRevision.objects.order_by("pk").values_list("is_open", "opening_condition")) == [
        (True, "实名登记"),
        (False, ""),
    ]


def test_every_element_has_a_name_that_files_call_it_by() -> None:
    assert set(SYNONYMS) == set(TARGETS)


class TestTemplate:
    def test_it_has_every_column_that_a_person_fills_in_and_says_how(self, city: accounts.City) -> None:
        # when
        book = load_workbook(io.BytesIO(template.as_xlsx()))

        # then
        stated = {element.label for element in (*records.ELEMENTS, *records.ITEM_COLUMNS)} | {records.CATEGORY}
        header = [cell.value for cell in book["目录"][1]]
        assert set(header) == stated == set(template.HINTS)
        assert template.as_csv().decode("utf-8-sig").strip().split(",") == header
        assert [row[0] for row in book["填写说明"].iter_rows(min_row=2, values_only=True)] == header
        listed = {row[0]: row[1:] for row in zip(*book["取值"].iter_rows(values_only=True), strict=True)}
        assert f"203001 {make.category().name}" in listed["资源分类"]
        assert len(book["目录"].data_validations.dataValidation) == len(listed)

    @pytest.mark.parametrize("kind", ["xlsx", "csv"])
    def test_filled_in_it_is_imported_as_it_says(self, kind: str, city: accounts.City, tmp_path: Path) -> None:
        # given
        said = {
            "资源名称": "停车场",
            "资源分类": "203001 名称",
            "领域": "其他民生",
            "格式分类": "数据库",
            "共享类型": "有条件共享",
            "共享条件": "限执法",
            "是否开放": "否",
            "不开放的情形": "第三项：涉及个人隐私",
            "更新周期": "每半年",
            "备注": "手写的备注",
            "信息项名称": "车主",
            "数据类型": "字符型",
            "必填": "是",
            "值域": "个人、单位",
            "唯一": "是",
            "格式规则": r"\p{Han}{2}|\d+",
            "校验码": "统一社会信用代码",
            "引用的资源代码": "303001/000001",
            "引用的字段名": "code",
            "允许的问题行比例": "2.5%",
            "敏感性": "直接标识",
            "信息项分级": "一般数据 3 级",
        }
        row = [said.get(label, "") for label in template.columns()]
        if kind == "xlsx":
            book, out = load_workbook(io.BytesIO(template.as_xlsx())), io.BytesIO()
            book["目录"].append(row)
            book.save(out)
            content = out.getvalue()
        else:
            content = template.as_csv() + ",".join(row).encode()

        # when
        job = start(city, content, f"模板.{kind}")
        done = carry_out(city, job)

        # then
        assert all(job.mapping.values()), job.mapping
        assert (done.created, done.refused) == (1, 0)
        made = EntryRevision.objects.get()
        assert (made.title, made.field, made.format_class, made.closed_ground) == ("停车场", "other", "database", 3)
        assert (made.sharing_condition, made.update_cycle, made.keywords) == ("限执法", "half-yearly", "")
        assert made.note.startswith("手写的备注；由「")
        item = made.items.get()
        assert (item.required, item.code_list, item.sensitivity, item.grade) == (True, ["个人", "单位"], "direct", 3)
        assert (item.is_unique, item.pattern, item.check_digits) == (True, r"\p{Han}{2}|\d+", "credit-code")
        assert (item.reference_code, item.reference_item) == ("303001/000001", "code")
        assert made.bad_share_limit == Decimal("2.5")

    @pytest.mark.parametrize("kind", ["xlsx", "csv"])
    def test_a_steward_downloads_it_and_an_empty_one_is_refused_kindly(self, kind: str, city: accounts.City) -> None:
        client = Client()
        client.force_login(
            make.steward_of(city.provider), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        assert f"template.{kind}" in client.get("/desk/catalog/imports/").content.decode()
        content = b"".join(client.get(f"/desk/catalog/imports/template.{kind}").streaming_content)  # type: ignore[attr-defined]
        with pytest.raises(RuleBroken, match="没有目录条目"):
            start(city, content, f"模板.{kind}")


def test_a_file_of_records_with_their_items_is_read_record_by_record(city: accounts.City) -> None:
    # given
    record = {"资源名称": "甲", "说明": "外层", "信息项": [{"信息项名称": "一", "说明": "内层"}, {"信息项名称": "二"}]}

    # when
    job = start(city, json.dumps([record], ensure_ascii=False).encode(), "目录.json")

    # then
    assert list(job.columns) == ["资源名称", "说明", "信息项名称", "信息项/说明"]
    assert carry_out(city, job).created == 1
    assert list(InformationItem.objects.values_list("name", flat=True)) == ["一", "二"]


def test_a_header_of_which_nothing_is_known_is_found_below_titles_and_notes(city: accounts.City) -> None:
    # given
    table = [
        ["某市数据一览表（2023年）"],
        ["填报单位：", "某某局"],
        ["号", "叫什么", "讲什么", "多久一次"],
        *([number, f"目录{number}", "说明" * 20, "每年"] for number in range(1, 9)),
    ]

    # when
    job = start(city, as_xlsx(table))

    # then
    assert job.columns == ["号", "叫什么", "讲什么", "多久一次"]
    assert (job.mapping["叫什么"], job.mapping["多久一次"], job.rows_read) == ("title", "update_cycle", 8)


def test_a_corrected_mapping_stays_on_further_pages_and_in_the_list_of_problems(city: accounts.City) -> None:
    # given a column that is not understood by itself
    job = start(city, as_xlsx([["资源名称", "甲"], *([f"目录{number}", "随便"] for number in range(60))]))
    steward = Client()
    steward.force_login(job.by, backend="allauth.account.auth_backends.AuthenticationBackend")
    chosen = {"column_0": "title", "column_1": "update_cycle", "preview": "1"}
    chosen |= {"category": "203001", "update_cycle": "monthly", "field": "other"}

    # when
    looked_at = steward.post(job.get_absolute_url(), chosen)
    second = steward.get(f"{job.get_absolute_url()}?page=2").content.decode()
    problems = b"".join(steward.get(f"{job.get_absolute_url()}problems.csv").streaming_content).decode()

    # then
    job.refresh_from_db()
    assert (looked_at.status_code, job.state) == (200, "mapping")
    assert (job.mapping["甲"], job.defaults["update_cycle"]) == ("update_cycle", "monthly")
    assert second.count("不认识的更新周期") == 10
    assert problems.count("不认识的更新周期") == 60
