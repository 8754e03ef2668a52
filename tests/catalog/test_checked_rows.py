"""Rows held against the rules of their entry, in the same way however they come (第十二条)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from stdnum.cn import uscc

from catalog import services
from catalog.models import CatalogEntry, Load
from catalog.pulling import Pulled
from catalog.selectors import refused_rows
from catalog.services import ItemSpec, PullFacts
from catalog.services.pull_runs import begin_run, end_run
from guiyang_data.tables.referencing import NOT_FOUND
from tests.catalog.batches.conftest import push, rows_of, state_of
from tests.factories import accounts, systems
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

CREDIT_CODE = "91110000600037341L"
COMPANIES = (
    ItemSpec(name="信用代码", code="credit", is_key=True, check_digits="credit-code", meaning="统一社会信用代码"),
    ItemSpec(name="企业名称", code="company", meaning="登记的名称"),
)
OTHER_CODE = "91520100MA0000001" + uscc.calc_check_digit("91520100MA0000001")
KNOWN = ({"信用代码": CREDIT_CODE, "企业名称": "甲公司"}, {"信用代码": OTHER_CODE, "企业名称": "乙公司"})
Row = dict[str, str]
Way = Callable[[CatalogEntry, Sequence[Row]], Load]


def row(number: str = "1", **changed: str) -> Row:
    usual = {"编号": number, "证件": "520102199003075210", "电话": "13800000000", "金额": "0.5", "企业": CREDIT_CODE}
    return usual | changed


GOOD = [row("1"), row("2", 证件="", 电话="", 金额="", 企业=""), row("3", 证件="", 金额="100", 企业="")]
BAD = {
    "证件": ("520102199003075211", "不是有效的居民身份证号码（位数、出生日期或者校验码不对）"),
    "电话": ("0851-1", "不符合规定格式"),
    "金额": ("100.01", "超出规定范围（0.5至100）"),
    "企业": ("91110000600037342L", NOT_FOUND),
}


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def companies(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.requester, items=COMPANIES, rows=KNOWN, title="企业登记")


def permit_items(companies: CatalogEntry) -> list[ItemSpec]:
    return [
        ItemSpec(name="编号", code="id", is_key=True, meaning="许可的编号"),
        ItemSpec(name="证件", code="paper", is_unique=True, check_digits="resident-id"),
        ItemSpec(name="电话", code="phone", pattern=r"1\d{10}"),
        ItemSpec(name="金额", code="money", data_type="Y", minimum="0.5", maximum="100"),
        ItemSpec(
            name="企业", code="company", reference_code=companies.resource_code, reference_item="credit", meaning="企业"
        ),
    ]


@pytest.fixture
def permits(city: accounts.City, companies: CatalogEntry) -> CatalogEntry:
    return make.entry_in_force(city.provider, items=permit_items(companies), title="许可")


def by_file(entry: CatalogEntry, rows: Sequence[Row]) -> Load:
    return make.gather(entry, rows)


def by_push(entry: CatalogEntry, rows: Sequence[Row]) -> Load:
    receipt = push(entry, accounts.system(entry.provider).user, *rows)
    services.gather_waiting(at=make.AT)
    return state_of(receipt)


def by_replacement(entry: CatalogEntry, rows: Sequence[Row]) -> Load:
    receipt = push(entry, accounts.system(entry.provider).user, *rows, mode="replace")
    services.gather_waiting(at=make.AT)
    return state_of(receipt)


def by_pull(entry: CatalogEntry, rows: Sequence[Row]) -> Load:
    steward = make.steward_of(entry.provider)
    system = systems.system_in_use(entry.provider)
    facts = systems.interface_facts("https://rows.guiyang.gov.cn/v1")
    interface = services.add_interface(system_id=system.pk, by=steward, at=make.AT, facts=facts)
    names = {name: name for name in rows[0]}
    pull = services.add_pull(
        entry_id=entry.pk,
        by=steward,
        at=make.AT,
        facts=PullFacts(interface=interface.pk, path="/permits", mapping=names, mode="append", every=60),
    )
    run = begin_run(pull.pk, at=make.AT)
    assert run is not None
    end_run(run.pk, Pulled(rows=list(rows), pages=1), at=make.AT)
    services.gather_waiting(at=make.AT)
    return Load.objects.order_by("-pk")[0]


def by_shell(entry: CatalogEntry, rows: Sequence[Row]) -> Load:
    file = Path(entry.table).parent / "rows.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(make.csv_bytes(rows))
    call_command("load_rows", entry.resource_code, str(file), f"--report={file}.json", stdout=io.StringIO())
    return Load.objects.order_by("-pk")[0]


@pytest.mark.parametrize("way", [by_file, by_push, by_replacement, by_pull, by_shell])
def test_every_way_of_loading_holds_rows_against_the_same_rules(way: Way, permits: CatalogEntry) -> None:
    # given good rows, one bad cell a row, and two that repeat what stands before them
    bad = [row(f"x{place}", 证件="") | {name: value} for place, (name, (value, _why)) in enumerate(BAD.items())]
    twice = [row("9"), row("3", 证件="")]

    # when
    load = way(permits, [*GOOD, *bad, *twice])

    # then
    assert (load.state, load.rows_read, load.rows_accepted, load.rows_refused) == ("done", 9, 3, 6)
    repeats = "与文件中前面的行重复" if load.gathering is None else "与本批中前面的行重复"
    expected = {f"{name}：{why}": 1 for name, (_value, why) in BAD.items()}
    assert load.reasons == expected | {f"证件：{repeats}": 1, f"编号：{repeats}": 1}
    assert [one[0] for one in rows_of(permits)] == ["1", "2", "3"]


@pytest.mark.parametrize("way", [by_file, by_push, by_replacement, by_pull])
def test_refused_rows_can_be_mended_and_sent_again(way: Way, permits: CatalogEntry) -> None:
    # given
    bad = [row(f"x{place}", 证件="") | {name: value} for place, (name, (value, _why)) in enumerate(BAD.items())]
    load = way(permits, [*GOOD, *bad])

    # when
    told = refused_rows(load, offset=0, limit=10)
    mended = [one | {name: row()[name] if name != "证件" else ""} for one, name in zip(told["rows"], BAD, strict=True)]
    again = by_push(permits, mended)

    # then
    assert [(cell.column, cell.value) for cell in told["problems"]] == [
        (name, value) for name, (value, _why) in BAD.items()
    ]
    assert (again.rows_accepted, again.rows_refused) == (4, 0)
    assert len(rows_of(permits)) == 7


def test_a_value_stays_unique_over_every_later_load(permits: CatalogEntry) -> None:
    # given
    make.gather(permits, [row("1")])

    # when the value comes again by each way of adding, and with its own key
    added = make.gather(permits, [row("2"), row("3", 证件="")], mode="append")
    pushed = by_push(permits, [row("4"), row("5", 证件="")])
    updated = make.gather(permits, [row("1", 金额="7"), row("6")], mode="upsert")

    # then
    assert added.reasons == pushed.reasons == {"证件：与已有数据重复": 1}
    assert updated.reasons == {"证件：与文件中前面的行重复": 1}
    assert sorted(one[0] for one in rows_of(permits)) == ["1", "3", "5"]


def test_the_share_of_bad_rows_that_the_entry_sets_refuses_the_whole_load(
    city: accounts.City, companies: CatalogEntry
) -> None:
    # given
    entry = make.entry_in_force(city.provider, items=permit_items(companies), bad_share_limit=20)
    rows = [row(str(number), 证件="") for number in range(8)]
    bad = [row("x", 证件="", 电话="1"), row("y", 证件="", 电话="2")]

    # when exactly a fifth is bad, and then more
    make.gather(entry, [*rows, *bad])
    over = make.gather(entry, [*rows[:7], *bad])
    pushed = by_push(entry, [row("n", 证件=""), *bad])

    # then nothing of what is over was taken in, and every bad row is told
    assert [one.rows_accepted for one in (over, pushed)] == [0, 0]
    assert over.state == pushed.state == "refused"
    assert "共9行，有2行没有通过检查，占22.22%，超过了允许的20.00%，因此一行都没有入库" in over.message
    assert "共3行，有2行没有通过检查，占66.67%，超过了允许的20.00%" in pushed.message
    for load in (over, pushed):
        assert refused_rows(load, offset=0, limit=10)["total"] == 2
    assert len(rows_of(entry)) == 8


def test_without_a_share_one_good_row_is_enough(permits: CatalogEntry) -> None:
    load = make.gather(permits, [row("1"), *(row(f"x{number}", 电话="?") for number in range(9))])

    assert (load.state, load.rows_accepted, load.rows_refused) == ("done", 1, 9)


@pytest.mark.parametrize("way", [by_file, by_push])
def test_an_entry_without_data_cannot_be_asked_and_the_load_says_so(way: Way, city: accounts.City) -> None:
    # given
    empty = make.entry_in_force(city.requester, items=COMPANIES, title="企业登记")
    entry = make.entry_in_force(city.provider, items=permit_items(empty))

    # when
    load = way(entry, GOOD)

    # then
    assert load.state == "refused"
    assert "信息项「企业」引用的《企业登记》还没有数据，无法核对" in load.message
    assert "原有数据没有变动" in load.message
    assert rows_of(entry) == []


@pytest.mark.parametrize("way", [by_file, by_push])
def test_an_entry_that_is_no_longer_shared_with_all_is_no_longer_asked(
    way: Way, permits: CatalogEntry, companies: CatalogEntry
) -> None:
    # given
    make.revised_entry(companies, sharing_type="conditional", sharing_condition="限监管使用。")

    # when
    load = way(permits, GOOD)

    # then
    assert load.state == "refused"
    assert "《企业登记》不是无条件共享的" in load.message


def test_references_are_held_against_the_data_that_is_current_now(
    permits: CatalogEntry, companies: CatalogEntry
) -> None:
    # given
    assert make.gather(permits, [row("1")]).rows_accepted == 1
    make.gather(companies, [KNOWN[1]])

    # when
    load = make.gather(permits, [row("1")])

    # then
    assert load.state == "refused"
    assert load.reasons == {f"企业：{NOT_FOUND}": 1}


def test_a_broken_worker_finds_its_version_though_the_reference_is_gone(
    permits: CatalogEntry, companies: CatalogEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a load that was committed before its worker died
    load = make.land_csv(permits, GOOD)
    with monkeypatch.context() as broken:
        broken.setattr("catalog.services.gathering.build_view", _dies)
        with pytest.raises(KeyboardInterrupt):
            services.run_load(load.pk, at=make.AT)
    make.revised_entry(companies, sharing_type="conditional", sharing_condition="限监管使用。")
    Load.objects.filter(pk=load.pk).update(state="waiting")

    # when
    done = services.run_load(load.pk, at=make.AT)

    # then
    assert (done.state, done.rows_accepted) == ("done", 3)


def _dies(*_arguments: Any, **_more: Any) -> None:
    raise KeyboardInterrupt


def test_rules_of_a_draft_hold_for_a_file_that_is_loaded_before_it_is_published(
    city: accounts.City, companies: CatalogEntry
) -> None:
    draft = make.draft_entry(city.provider, items=permit_items(companies))

    landed = services.land_file(
        entry_id=draft.entry_id,
        uploaded=ContentFile(make.csv_bytes([row("1"), row("2", 证件="", 企业="?")]), name="a.csv"),
        by=make.steward_of(city.provider),
        at=make.AT,
    )
    load = services.run_load(landed.pk, at=make.AT)

    assert json.loads(json.dumps(load.reasons)) == {f"企业：{NOT_FOUND}": 1}
