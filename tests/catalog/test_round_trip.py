"""What is exported can be imported: nothing changed where it came from, the same again in an empty portal."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from catalog import exporting, records, services
from catalog.exporting import revisions_to_work_on
from catalog.models import CatalogEntry, CodeSeries, EntryRevision, InformationItem
from catalog.services import ItemSpec, Whole
from guiyang_data.errors import NotAllowed
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.tables.conversion import add_guard, strip_guard
from guiyang_data.texts import legible
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AWKWARD = '=A1 首行，"引号"\'\n\n  次行\t_x0041_ <b>&amp;</b>；全角＝号\u3000尾\r\n-末行'  # noqa: RUF001
KINDS = list(exporting.FORMATS)
FLAGS = ({"required": True}, {"is_key": True}, {})
RULES: dict[str, dict[str, Any]] = {
    "C": {
        "is_unique": True,
        "pattern": r"=[甲-龥]{2}\\d+|(?i)-\|\"x\"，；、'",
        "check_digits": "credit-code",
        "length": 18,
    },
    "M": {"pattern": r"@\s*.+", "reference_code": "303001/000009", "reference_item": "code"},
    "G": {"check_digits": "bank-card", "is_unique": True, "length": 20},
    "N": {"minimum": "-1.5", "maximum": "1e22"},
    "Y": {"minimum": "-100.5"},
    "I": {"maximum": "999999999999999999", "is_unique": True},
    "D": {"minimum": "2020-01-01", "maximum": "2020-12-31"},
    "T": {"minimum": "2020-01-01 08:00:00", "reference_code": "303001/000009", "reference_item": "time"},
}


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    make.category("303001")
    return made


def everything() -> Any:
    entries = CatalogEntry.objects.all()
    return revisions_to_work_on(entries, entries)


def exported(kind: str) -> bytes:
    return b"".join(exporting.export(everything(), kind))


def cells(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content))["目录"].iter_rows(values_only=True))


def brought_in(city: accounts.City, content: bytes, kind: str, **options: Any) -> Whole:
    file = ContentFile(content, name=f"目录.{kind}")
    return services.import_whole(provider=city.provider, uploaded=file, by=PLATFORM, at=make.AT, **options)


def every_element(city: accounts.City) -> None:
    """Entries that have every value of every list, texts that files find hard, and blanks."""
    kinds, levels = InformationItem.DataType.values, InformationItem.Sensitivity.values
    items = [
        ItemSpec(
            name=f"信息项{place}" if place else "=1+1、两件，事",
            code=f"Item_{place}",
            data_type=letter,
            length=RULES.get(letter, {}).get("length") or place or None,
            unit="-万元",
            meaning=AWKWARD if place % 2 else "",
            code_list=([], ["身份证", "护照"], ["甲、乙", "[丙]", "丁\n戊", "=1"])[place % 3],
            sensitivity=levels[place % len(levels)],
            grade=place % 6 + 1,
            **FLAGS[place % 3],
            **{name: rule for name, rule in RULES.get(letter, {}).items() if name != "length"},
        )
        for place, letter in enumerate(kinds)
    ]
    texts = {
        element.name: AWKWARD.replace("\n", " ") if element.longest <= 120 else AWKWARD
        for element in records.ELEMENTS
        if element.longest and not element.choices
    }
    choices = [
        (element.name, value)
        for element in records.ELEMENTS
        for value in element.choices
        if element.name != "closed_ground"
    ]
    shares = (0, Decimal("0.25"), 5, Decimal("99.99"))
    for share in shares:
        make.draft_entry(city.provider, items=(), title=f"比例{share}", bad_share_limit=share)
    short = {"contact_phone": "+86-851-1", "contact": "@信息科", "format_type": "'=CSV", "sharing_method": "-"}
    make.draft_entry(city.provider, items=items, **{**texts, **short, "title": "'=标题 全部"})
    for number, (name, value) in enumerate(choices):
        make.draft_entry(city.provider, items=items[number % 3 :][:2], title=f"条目{number}", **{name: value})
    closed = {"is_open": False, "closed_basis": "《条例》第一条", "related_codes": ["203001/000001", "a、b"]}
    for ground in (1, 2, 3, 4):
        make.draft_entry(city.provider, items=(), title=f"不开放{ground}", closed_ground=ground, **closed)
    blank = {element.name: "" for element in records.ELEMENTS if element.longest and not element.choices}
    other = {"category": make.category("303001"), "title": "全部留空"}
    make.draft_entry(city.provider, items=(), **{**blank, "is_open": False, **other})


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_brought_in_again_changes_nothing(kind: str, city: accounts.City) -> None:
    # given
    every_element(city)
    entry = make.entry_in_force(city.provider, title="已公布的")
    revised = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
    make.pass_confidentiality(revised)
    services.submit(revision_id=revised.pk, by=make.steward_of(city.provider), at=make.AT)

    # when
    tried = brought_in(city, exported(kind), kind, dry_run=True)

    # then
    number = CatalogEntry.objects.count()
    assert [problem for problem in tried.seen.problems if problem.fatal] == []
    assert (tried.seen.rows, tried.seen.unchanged) == (number, number)
    assert tried.seen.items == InformationItem.objects.filter(revision__in=everything()).count()


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_portal_exports_what_it_was_given(kind: str, city: accounts.City) -> None:
    # given
    every_element(city)
    before = exported(kind)
    for model in (InformationItem, EntryRevision, CatalogEntry, CodeSeries):
        model._default_manager.all().delete()

    # when
    whole = brought_in(city, before, kind, keep_codes=True)

    # then
    assert whole.stands_against is None, whole.stands_against.message
    after = exported(kind)
    assert (cells(after) == cells(before)) if kind == "xlsx" else (after == before)
    # the next code follows those that were kept
    kept = set(CatalogEntry.objects.values_list("resource_code", flat=True))
    assert make.draft_entry(city.provider).entry.resource_code not in kept


def test_a_corrected_export_updates_its_entries_and_a_cleared_cell_clears(city: accounts.City) -> None:
    # given
    revision = make.draft_entry(city.provider, note="旧备注", keywords="公交")
    (record,) = json.loads(exported("json"))
    record |= {"资源名称": "公交线路（新）", "备注": "", "信息项": record["信息项"][:2]}
    record["信息项"][0] |= {"信息项说明": "改了"}

    # when
    whole = brought_in(city, json.dumps([record], ensure_ascii=False).encode(), "json")

    # then
    assert (whole.job.updated, whole.job.created) == (1, 0)
    revision.refresh_from_db()
    assert (revision.title, revision.note, revision.keywords) == ("公交线路（新）", "", "公交")
    assert [(item.code, item.meaning) for item in revision.items.all()] == [
        ("route", "改了"),
        ("name", "对外公布的线路名称"),
    ]


def test_a_record_of_another_agency_is_refused(city: accounts.City) -> None:
    # given
    make.draft_entry(city.requester)

    # when
    whole = brought_in(city, exported("csv"), "csv")

    # then
    assert whole.stands_against is not None
    (problem,) = whole.seen.problems
    assert (problem.line, problem.column) == (2, "提供机关代码")
    assert city.requester.name in problem.message


def test_a_code_of_another_city_is_only_a_mark_by_which_a_repeat_is_known(city: accounts.City) -> None:
    # given
    mine = make.draft_entry(city.provider, title="我的")
    row = {"资源代码": mine.entry.resource_code, "资源名称": "别的城市的", "提供机关代码": "11330100002489399X"}
    content = json.dumps([row], ensure_ascii=False).encode()

    # when
    decided = {"sharing_type": "conditional", "is_open": False}
    first, second = brought_in(city, content, "json", defaults=decided), brought_in(city, content, "json")

    # then
    assert (first.job.created, second.job.unchanged) == (1, 1)
    mine.refresh_from_db()
    assert mine.title == "我的"
    assert CatalogEntry.objects.get(source_key=mine.entry.resource_code).pk != mine.entry_id


def test_only_the_operator_brings_in_codes(city: accounts.City) -> None:
    with pytest.raises(NotAllowed):
        services.import_whole(
            provider=city.provider,
            uploaded=ContentFile(b"[]", name="x.json"),
            by=make.steward_of(city.provider),
            at=make.AT,
            keep_codes=True,
        )


@pytest.mark.parametrize(
    ("code", "reason"), [("303001/000001", "不符"), ("203001/12", "六位"), ("203001/000001", "已经是")]
)
def test_a_code_that_no_entry_can_have_refuses_the_row(code: str, reason: str, city: accounts.City) -> None:
    # given
    make.draft_entry(city.provider, title="在先")
    CatalogEntry.objects.update(provider=city.requester)
    row = {"资源代码": code, "资源名称": "后来", "提供机关代码": city.provider.code, "资源分类": "203001"}

    # when
    whole = brought_in(city, json.dumps([row], ensure_ascii=False).encode(), "json", keep_codes=True)

    # then
    assert whole.stands_against is not None
    assert not CatalogEntry.objects.filter(provider=city.provider).exists()
    (told,) = [problem.message for problem in whole.seen.problems if problem.fatal]
    assert reason in told


@given(st.text())
def test_every_text_comes_back_from_behind_its_guard(text: str) -> None:
    assert strip_guard(add_guard(text)) == text


@given(st.lists(st.text(min_size=1).map(legible).filter(bool), unique=True))
def test_every_list_comes_back_from_its_cell(words: Sequence[str]) -> None:
    assert records.listed(str(records.joined(list(words)))) == list(words)
