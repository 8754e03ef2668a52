"""Other portals' catalogues: columns matched and corrected, problems told by row and column, repeats that update."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from catalog import services
from catalog.models import CatalogEntry, CatalogImport, EntryRevision
from catalog.services import import_files
from catalog.services.import_values import as_cycle, as_day, as_field, as_opening
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

RECORDS: list[dict[str, Any]] = [
    {
        "标题": "纳溪区图书馆读书活动信息",
        "提供方": "纳溪区文旅局",
        "数据领域": "教育文化",
        "更新周期": "按年更新",
        "资源摘要": "读书活动",
        "开放条件": "无条件开放",
        "发布时间": "2023-6-16",
        "数据格式": "['xls', 'csv']",
        "详情页网址": "https://portal.example/1",
    },
    {
        "标题": "提灌站电力需求统计表",
        "提供方": "经商局",
        "数据领域": "资源能源",
        "更新周期": "随心所欲",
        "资源摘要": "",
        "开放条件": "有条件开放",
        "发布时间": "2023-13-45",
        "数据格式": "['api']",
        "详情页网址": "https://portal.example/2",
    },
]
DEFAULTS = {
    "category": "203001",
    "sharing_type": "unconditional",
    "update_cycle": "irregular",
    "field": "other",
    "is_open": True,
}


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def start(city: accounts.City, content: Any = None, name: str = "目录.json") -> CatalogImport:
    raw = content if isinstance(content, bytes) else json.dumps(content or RECORDS, ensure_ascii=False).encode()
    return services.start_import(
        provider=city.provider, uploaded=ContentFile(raw, name=name), by=make.steward_of(city.provider), at=make.AT
    )


def carry_out(
    job: CatalogImport, city: accounts.City, *, take_good_rows: bool = False, mapping: Mapping[str, str] | None = None
) -> CatalogImport:
    services.begin_import(
        import_id=job.pk,
        by=make.steward_of(city.provider),
        at=make.AT,
        mapping=mapping or job.mapping,
        defaults=DEFAULTS,
        take_good_rows=take_good_rows,
    )
    return services.run_import(job.pk, at=make.AT)


@pytest.mark.parametrize(
    "written", ["年", "每年", "\u2018每年\u2019", "按年更新", "每 年", "年度", "一年", "每年更新", "按年"]
)
def test_a_year_is_a_year_however_it_is_spelled(written: str) -> None:
    assert as_cycle(written) == "yearly"


@pytest.mark.parametrize(
    ("written", "cycle"),
    [
        ("实时", "real-time"),
        ("每天", "daily"),
        ("每日", "daily"),
        ("按周更新", "weekly"),
        ("月", "monthly"),
        ("每季度", "quarterly"),
        ("每半年", "half-yearly"),
        ("半年", "half-yearly"),
        ("每两年", "irregular"),
        ("不定期更新", "irregular"),
        ("其他", "irregular"),
        ("一次性", "irregular"),
        ("随心所欲", None),
        ("", None),
    ],
)
def test_other_cycles_are_known_or_not(written: str, cycle: str | None) -> None:
    assert as_cycle(written) == cycle


@pytest.mark.parametrize(
    ("written", "day"),
    [("2023-5-12", dt.date(2023, 5, 12)), ("2023-05-12 08:00:00", dt.date(2023, 5, 12)), ("2024-02-30", None)],
)
def test_days_are_read_in_the_spellings_of_files(written: str, day: dt.date | None) -> None:
    assert as_day(written) == day


def test_words_of_other_portals_name_our_fields_and_kinds_of_opening() -> None:
    assert as_field("文化、卫生、体育") == "culture"
    assert as_field("生活服务") is None
    assert as_opening("普通公开，简单注册用户可下载") is True
    assert as_opening("不予开放") is False
    assert as_opening("看情况") is None


def test_columns_are_matched_by_name_and_else_by_what_stands_in_them(city: accounts.City) -> None:
    # given
    records = [record | {"神秘列": record["详情页网址"]} for record in RECORDS]
    for record in records:
        record.pop("详情页网址")

    # when
    job = start(city, records)

    # then
    assert job.mapping["标题"] == "title"
    assert job.mapping["提供方"] == "department"
    assert job.mapping["神秘列"] == "source_key"
    assert not EntryRevision.objects.exists()


def test_problems_are_told_by_row_and_column_before_anything_is_imported(city: accounts.City) -> None:
    # given
    nameless, other = {"标题": "", "详情页网址": "https://portal.example/3"}, RECORDS[0] | {"资源摘要": "另一种说法"}
    job = start(city, [*RECORDS, nameless, other])

    # when
    seen = services.preview(job, job.mapping, DEFAULTS)

    # then
    told = {(problem.line, problem.column, problem.fatal) for problem in seen.problems}
    assert {(2, "更新周期", False), (2, "发布时间", False), (3, "标题", True), (4, "详情页网址", True)} <= told
    assert (seen.rows, seen.refused) == (4, 2)
    assert not EntryRevision.objects.exists()


def test_an_import_makes_drafts_of_the_importing_agency(city: accounts.City) -> None:
    # when
    job = carry_out(start(city), city)

    # then
    assert (job.state, job.created, job.refused) == ("done", 2, 0)
    first, second = EntryRevision.objects.order_by("pk")
    assert (first.entry.provider, first.status) == (city.provider, "draft")
    assert (first.update_cycle, first.format_type) == ("yearly", "XLS、CSV")
    assert "原提供部门：纳溪区文旅局" in first.note
    assert "原发布日期：2023-06-16" in first.note
    assert (second.update_cycle, second.opening_condition) == ("irregular", "有条件开放")
    assert second.abstract == second.title


def test_rows_with_problems_stand_against_the_import_unless_the_user_says_so(city: accounts.City) -> None:
    # given
    records = [*RECORDS, {"标题": "", "详情页网址": "https://portal.example/3"}]
    job = start(city, records)

    # when
    with pytest.raises(RuleBroken) as refused:
        carry_out(job, city)

    # then
    assert "take_good_rows" in refused.value.fields
    job.refresh_from_db()
    assert job.state == "mapping"
    assert not EntryRevision.objects.exists()
    job = carry_out(job, city, take_good_rows=True)
    assert (job.created, job.refused) == (2, 1)
    assert job.refusals[0]["line"] == 3


def test_a_repeated_import_updates_instead_of_doubling(city: accounts.City) -> None:
    # given
    carry_out(start(city), city)

    # when
    changed = [RECORDS[0] | {"资源摘要": "读书活动的时间和地点"}, RECORDS[1]]
    job = carry_out(start(city, changed), city)

    # then
    assert (job.created, job.updated, job.unchanged) == (0, 1, 1)
    assert CatalogEntry.objects.count() == 2
    assert EntryRevision.objects.get(title=RECORDS[0]["标题"]).abstract == "读书活动的时间和地点"


def test_a_repeat_revises_what_is_in_force_and_leaves_what_is_in_review(city: accounts.City) -> None:
    # given
    items = [record | {"信息项": "活动名称、活动日期"} for record in RECORDS]
    carry_out(start(city, items), city)
    published, waiting = EntryRevision.objects.order_by("pk")
    make.publish(make.pass_confidentiality(published))
    make.pass_confidentiality(waiting)
    services.submit(revision_id=waiting.pk, by=make.steward_of(city.provider), at=make.AT)

    # when
    changed = [record | {"资源摘要": "改了"} for record in items]
    job = carry_out(start(city, changed), city, take_good_rows=True)

    # then
    assert (job.updated, job.refused) == (1, 1)
    published.refresh_from_db()
    assert (published.status, published.abstract) == ("in-force", "读书活动")
    assert published.entry.revisions.get(number=2).abstract == "改了"
    assert "待审核" in job.refusals[0]["message"]


def test_a_correction_of_the_mapping_is_remembered_for_the_same_columns(city: accounts.City) -> None:
    # given
    job = start(city)
    corrected = job.mapping | {"数据领域": "field", "资源摘要": "", "提供方": "contact"}
    carry_out(job, city, mapping=corrected)

    # when
    again = start(city)

    # then
    assert again.mapping == corrected


@pytest.mark.parametrize("wrong", [{"标题": ""}, {"资源摘要": "title"}])
def test_a_mapping_needs_one_title_and_each_element_once(wrong: dict[str, str], city: accounts.City) -> None:
    # given
    job = start(city)

    # when, then
    with pytest.raises(RuleBroken) as refused:
        carry_out(job, city, mapping=job.mapping | wrong)
    assert "mapping" in refused.value.fields
    assert not EntryRevision.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"[1, 2, 3]", b"[{]", b'{"a": [], "b": []}', b"[]", "只有表头\n".encode(), b"<html></html>"],
)
def test_what_is_no_catalogue_is_refused_with_a_clear_message(content: bytes, city: accounts.City) -> None:
    with pytest.raises(RuleBroken):
        start(city, content)
    assert not CatalogImport.objects.exists()


def test_an_import_begins_once(city: accounts.City) -> None:
    # given
    job = carry_out(start(city), city)

    # when, then
    with pytest.raises(WrongState):
        carry_out(job, city)
    assert services.run_import(job.pk, at=make.AT).created == 2
    assert CatalogEntry.objects.count() == 2


def test_a_broken_worker_neither_loses_nor_doubles_rows(city: accounts.City) -> None:
    # given
    records = [{"标题": f"条目{number}", "网址": f"https://portal.example/{number}"} for number in range(250)]
    job = carry_out(start(city, records), city)
    CatalogImport.objects.filter(pk=job.pk).update(state="running", rows_done=100, created=100, seen_at=make.AT)

    # when
    assert services.requeue_stale_imports(make.AT + dt.timedelta(minutes=6)) == []
    assert services.requeue_stale_imports(make.AT + dt.timedelta(minutes=9)) == [job.pk]
    job = services.run_import(job.pk, at=make.AT)

    # then
    assert (job.state, job.created, job.unchanged, job.rows_done) == ("done", 100, 150, 250)
    assert CatalogEntry.objects.count() == 250


def test_another_agency_neither_starts_nor_begins_an_import_here(city: accounts.City) -> None:
    # given
    job = start(city)
    stranger = make.steward_of(city.requester)

    # when, then
    with pytest.raises(NotAllowed):
        services.start_import(
            provider=city.provider, uploaded=ContentFile(b"[]", name="x.json"), by=stranger, at=make.AT
        )
    with pytest.raises(NotAllowed):
        services.begin_import(import_id=job.pk, by=stranger, at=make.AT, mapping=job.mapping, defaults=DEFAULTS)
    job.refresh_from_db()
    assert job.state == "mapping"


def test_a_line_of_business_that_is_a_keyword_already_stands_once(city: accounts.City) -> None:
    records = [
        {"标题": "读书活动", "关键字": "文化", "所属行业": "文化"},
        {"标题": "演出", "关键字": "文化", "所属行业": "娱乐"},
    ]
    carry_out(start(city, records), city)
    assert list(EntryRevision.objects.order_by("pk").values_list("keywords", flat=True)) == ["文化", "文化、娱乐"]


@pytest.mark.real_input
@pytest.mark.parametrize(
    "name", ["anhui_bengbu", "anhui_hefei", "anhui_wuhu", "ningxia_ningxia", "shaanxi_shaanxi", "sichuan_luzhou"]
)
def test_every_real_portals_columns_are_understood(name: str, city: accounts.City, real_input: Path) -> None:
    # given
    ours = {
        "title": "title",
        "department": "department",
        "publish_time": "published_on",
        "update_time": "updated_on",
        "is_open": "opening",
        "update_frequency": "update_cycle",
        "description": "abstract",
        "data_formats": "format_type",
        "tags": "keywords",
        "telephone": "contact_phone",
        "url": "source_key",
        "category": "field",
        "industry": "industry",
    }
    truth = json.loads((real_input / "catalogues" / "mapping" / f"{name}.json").read_text(encoding="utf-8"))

    # when
    job = start(city, (real_input / "catalogues" / f"{name}.json").read_bytes(), f"{name}.json")

    # then
    right = {column: ours[meaning] for column, meaning in truth.items() if meaning in ours}
    assert {column: job.mapping[column] for column in right} == right


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize(("limit", "said"), [("MOST_ROWS", "超过 3 行"), ("MOST_CELLS", "超过 3 个单元格")])
def test_a_file_larger_than_any_list_is_refused_before_it_is_read_to_its_end(
    city: accounts.City, monkeypatch: pytest.MonkeyPatch, kind: str, limit: str, said: str
) -> None:
    # given
    monkeypatch.setattr(import_files, limit, 3)
    names = [f"目录{number}" for number in range(9)]
    texts = {
        "json": json.dumps([{"标题": name, "资源摘要": "一"} for name in names], ensure_ascii=False),
        "csv": "\n".join(["标题,资源摘要", *(f"{name},一" for name in names)]),
    }

    # when, then
    with pytest.raises(RuleBroken, match=said):
        start(city, texts[kind].encode(), f"目录.{kind}")
    assert not CatalogImport.objects.exists()


def test_json_that_would_take_all_memory_is_not_read(city: accounts.City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "MOST_JSON_BYTES", 10)
    with pytest.raises(RuleBroken, match="没有接收"):
        start(city)
