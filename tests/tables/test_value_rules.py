"""Rules for the values of a column: each with good, bad, empty and edge values on every type that admits it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from stdnum import luhn
from stdnum.cn import ric, uscc

from guiyang_data.tables.batches import Batch
from guiyang_data.tables.check_digits import AT_ONCE, CheckDigits, holds
from guiyang_data.tables.checking import Checker
from guiyang_data.tables.columns import Column, DataType, Reference
from guiyang_data.tables.conversion import clean
from guiyang_data.tables.gathering import Push, gather
from guiyang_data.tables.loading import load
from guiyang_data.tables.patterns import check_pattern
from guiyang_data.tables.pushed import as_pushed
from guiyang_data.tables.query import query
from guiyang_data.tables.referencing import NOT_FOUND
from guiyang_data.tables.refusals import LoadRefused
from guiyang_data.tables.refused_rows import read_refused

CREDIT_CODE = "91110000600037341L"
CARD = "6222021234567890128"
RESIDENT_ID = "52010219900307521" + ric.calc_check_digit("520102199003075210")


def judged(column: Column, values: list[str]) -> dict[str, str]:
    """The reason by value for those that are refused; the quick look and the full check must say the same."""
    batch = Batch.of([(line, [value]) for line, value in enumerate(values, start=1)], [], 1)
    with duckdb.connect() as connection:
        checker = Checker(connection, [column], [0])
        good, refused = checker.check(batch)
        full, every = checker.examine(batch, {0: clean(batch.cells[0], column.data_type)})
    assert good.equals(full)
    assert refused == every
    return {refusal.value: refusal.reason for refusal in refused}


def column(data_type: str, **rules: Any) -> Column:
    return Column(name="值", code="value", data_type=DataType(data_type), **rules)


def completed(body: str, kind: CheckDigits) -> str:
    """A number with its right check sign, as another library has it."""
    if kind is CheckDigits.RESIDENT_ID:
        return body + ric.calc_check_digit(body + "0")
    return body + (uscc.calc_check_digit(body) if kind is CheckDigits.CREDIT_CODE else luhn.calc_check_digit(body))


def bodies(kind: CheckDigits, number: int) -> list[str]:
    chosen = random.Random(11)
    digits = lambda count: "".join(chosen.choices("0123456789", k=count))  # noqa: E731
    signs = lambda count: "".join(chosen.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=count))  # noqa: E731
    made = {
        CheckDigits.RESIDENT_ID: lambda: f"{digits(6)}19{chosen.randint(10, 99)}0{chosen.randint(1, 9)}15{digits(3)}",
        CheckDigits.CREDIT_CODE: lambda: signs(2) + digits(6) + signs(9),
        CheckDigits.BANK_CARD: lambda: f"6{digits(chosen.randint(14, 17))}",
    }
    return [made[kind]() for _number in range(number)]


@pytest.mark.parametrize("kind", CheckDigits)
def test_only_the_right_check_sign_passes(kind: CheckDigits) -> None:
    # given
    numbers = [completed(body, kind) for body in bodies(kind, 300)]
    signs = {CheckDigits.RESIDENT_ID: "0123456789X", CheckDigits.BANK_CARD: "0123456789"}.get(
        kind, "0123456789ABCDEFGHJKLMNPQRTUWXY"
    )
    wrong = [number[:-1] + sign for number in numbers for sign in signs if sign != number[-1]]

    # then
    assert all(holds(kind, pa.array(numbers)).to_pylist())
    assert not any(holds(kind, pa.array(wrong)).to_pylist())


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            CheckDigits.RESIDENT_ID,
            [RESIDENT_ID, completed("52010220000229001", CheckDigits.RESIDENT_ID)],
            [
                RESIDENT_ID[:-1],
                RESIDENT_ID + "0",
                "520102900307521",
                completed("52010219010229001", CheckDigits.RESIDENT_ID),
                completed("52010219900231001", CheckDigits.RESIDENT_ID),
                completed("52010217990101001", CheckDigits.RESIDENT_ID),
                "520102 19900307 5210",
                "五二〇",
            ],
        ),
        (CheckDigits.CREDIT_CODE, [CREDIT_CODE], [CREDIT_CODE.lower(), CREDIT_CODE[:-1], "91110000600037341O", "甲"]),
        (
            CheckDigits.BANK_CARD,
            [completed(CARD[:-1], CheckDigits.BANK_CARD)],
            ["0" * 16, "6222 0212 3456 7890", "79927398713"],
        ),
    ],
)
def test_a_number_is_refused_for_its_length_its_signs_and_its_day(kind: CheckDigits, good: Any, bad: Any) -> None:
    refused = judged(column("C", check_digits=kind), [*good, *bad, "", " \u3000"])

    assert set(refused) == set(bad)
    assert set(refused.values()) == {kind.reason}


def test_check_signs_are_summed_for_any_number_of_rows_and_for_a_part_of_an_array() -> None:
    # given more than are summed at once, and every third wrong or empty
    good = completed("52010219900307521", CheckDigits.RESIDENT_ID)
    values = [(good, good[:-1] + "9", None)[place % 3] for place in range(AT_ONCE * 3 + 2)]
    expected = [value == good for value in values]

    # then
    whole = pa.array(values, pa.string())
    assert holds(CheckDigits.RESIDENT_ID, whole).to_pylist() == expected
    assert holds(CheckDigits.RESIDENT_ID, whole.slice(5, 100)).to_pylist() == expected[5:105]
    assert holds(CheckDigits.BANK_CARD, pa.array([], pa.string())).to_pylist() == []


@pytest.mark.parametrize(
    ("data_type", "minimum", "maximum", "good", "bad"),
    [
        ("N", "-1.5", "2", ["-1.5", "2", "0", "2.0"], ["-1.51", "2.000001"]),
        ("B", "0", "1e22", ["0", "1e22"], ["-0.0001", "1e23"]),
        ("F", "0.1", "", ["0.1", "7"], ["0.09"]),
        ("Y", "0", "100.5", ["0", "100.50", "0.01"], ["-0.01", "100.51"]),
        ("I", "1", "3", ["1", "3", "3.0"], ["0", "4", "-1"]),
        ("I", "", "999999999999999999", ["999999999999999999"], ["1000000000000000000"]),
        ("I", "9007199254740993", "", ["9007199254740993"], ["9007199254740992"]),
        ("D", "2020-01-01", "2020-12-31", ["2020-01-01", "2020年12月31日", "20200615"], ["2019-12-31", "2021/1/1"]),
        (
            "T",
            "2020-01-01 08:00:00",
            "2020-12-31 00:00:00",
            ["2020-01-01 08:00:00", "2020-12-31", "2020-06-01T00:00:00Z"],
            ["2020-01-01 07:59:59", "2020-12-31 00:00:01"],
        ),
    ],
)
def test_a_range_holds_its_own_bounds(data_type: str, minimum: str, maximum: str, good: Any, bad: Any) -> None:
    refused = judged(column(data_type, minimum=minimum or None, maximum=maximum or None), [*good, *bad, ""])

    assert set(refused) == set(bad)
    words = f"{minimum}至{maximum}" if minimum and maximum else f"不小于{minimum}" if minimum else f"不大于{maximum}"
    assert set(refused.values()) == {f"超出规定范围（{words}）"}


@pytest.mark.parametrize("data_type", ["C", "M", "G"])
def test_a_pattern_holds_for_the_whole_value(data_type: str) -> None:
    refused = judged(
        column(data_type, pattern="[一-龥]{2}\\d+|x"), ["贵阳1", " x ", "", "贵阳", "x贵阳1", "贵阳1\n", "X"]
    )

    assert set(refused) == {"贵阳", "x贵阳1", "X"}


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(a", "圆括号没有成对"),
        ("a)", "圆括号没有成对"),
        ("[a", "方括号没有成对"),
        ("[b-a]", "起止写反"),
        ("*a", "前面没有内容"),
        ("a**", "写了两次"),
        ("a(?=b)", "不支持"),
        ("(a)\\1", "反斜杠"),
        ("a{1001}", "最多 1000 次"),
        ("(a{100}){100}", "最多 1000 次"),
        ("((a{1,50}b){1,50}c?){2}", "最多 1000 次"),
        ("a" * 301, "超过 300"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_pattern(pattern)
    with pytest.raises(ValueError, match="信息项“值”的格式规则不能使用"):
        column("C", pattern=pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        r"^\d{17}[\dX]$",
        r"(?i)ab",
        r"(?P<year>\d{4})-\d{2}",
        r"[\]{}()]{3}",
        r"\p{Han}{1,200}",
        ".",
    ],
)
def test_what_would_run_away_elsewhere_is_a_plain_pattern_here(pattern: str) -> None:
    check_pattern(pattern)

    # one that tries out every way would not come to an end within a lifetime
    assert set(judged(column("C", pattern=pattern), ["a" * 200_000 + "!"])) == {"a" * 200_000 + "!"}


COMPANIES = (
    Column(name="代码", code="code", data_type=DataType.TEXT, is_key=True),
    Column(name="序号", code="number", data_type=DataType.INTEGER, unique=True),
    Column(name="成立", code="founded", data_type=DataType.DATE, unique=True),
)


@pytest.fixture
def companies(tmp_path: Path) -> Path:
    """Two companies in version 0, a third in version 1."""
    table = tmp_path / "companies" / "table"
    for place, rows in enumerate(("A,1,2020-01-01\nB,2,2020-01-02\n", "C,3,2020-01-03\n")):
        path = tmp_path / f"companies-{place}.csv"
        path.write_text("代码,序号,成立\n" + rows)
        load(path, file_name="c.csv", columns=COMPANIES, table=table, load_id=f"c{place}", mode="append")
    return table


def permits(companies: Path, version: int = 0) -> tuple[Column, ...]:
    to = {code: Reference(table=companies, version=version, code=code) for code in ("code", "number", "founded")}
    return (
        Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True),
        Column(name="企业", code="company", data_type=DataType.TEXT, reference=to["code"]),
        Column(name="企业序号", code="place", data_type=DataType.INTEGER, reference=to["number"]),
        Column(name="日期", code="day", data_type=DataType.DATE, reference=to["founded"]),
    )


ROWS = ["1,A,1,2020-01-01", "2,,,", "3,C,3,2020年1月3日", "4,Z,2,2020-01-02", "5,B,9,2020-01-02", "1,Y,,", "6,B,02,"]


def test_values_must_be_in_the_version_they_refer_to(load_lines, table, companies) -> None:
    result = load_lines(ROWS, header="编号,企业,企业序号,日期", columns=permits(companies))

    # the third company is in a later version; a row without values refers to nothing
    assert (result.rows_accepted, result.rows_refused) == (3, 4)
    total, cells = read_refused(result.bad_rows_path, offset=0, limit=10)
    assert total == 4
    assert [(cell.line, cell.column, cell.value, cell.reason) for cell in cells] == [
        (4, "企业", "C", NOT_FOUND),
        (4, "企业序号", "3", NOT_FOUND),
        (4, "日期", "2020-01-03", NOT_FOUND),
        (5, "企业", "Z", NOT_FOUND),
        (6, "企业序号", "9", NOT_FOUND),
        (7, "企业", "Y", NOT_FOUND),
    ]
    assert [row[0] for row in query(table, 0, columns=permits(companies)).rows] == ["1", "2", "6"]


SPELLINGS = {
    "C": ("甲", "\u3000甲 ", "甲乙"),
    "M": ("第一行", "第一行", "第二行"),
    "G": ("a.pdf", " a.pdf", "A.pdf"),
    "N": ("1.50", "1.5", "1.51"),
    "Y": ("1200", "1,200.00", "1200.01"),
    "D": ("2020-01-01", "2020年1月1日", "2020-01-02"),
    "T": ("2020-01-01", "2020-01-01 00:00:00", "2020-01-01 00:00:01"),
    "I": ("7", "7.0", "8"),
    "B": ("1e3", "1000", "1000.5"),
    "F": ("0.1", "0.10", "0.2"),
}


@pytest.mark.parametrize(("data_type", "values"), SPELLINGS.items())
def test_a_value_is_found_however_it_is_written(load_lines, tmp_path: Path, data_type: str, values: Any) -> None:
    # given
    there, again, other = (f'"{value}"' for value in values)
    target = tmp_path / "other" / "table"
    load_lines([there], header="值", columns=(column(data_type, unique=True),), table=target)
    reference = Reference(table=target, version=0, code="value")
    columns = (Column(name="编号", code="id", data_type=DataType.TEXT), column(data_type, reference=reference))

    # when
    result = load_lines([f"1,{there}", f"2,{again}", f"3,{other}", "4,"], header="编号,值", columns=columns)

    # then
    _total, cells = read_refused(result.bad_rows_path, offset=0, limit=10)
    assert (result.rows_accepted, [cell.line for cell in cells]) == (3, [4])


def test_a_later_version_knows_what_came_later(load_lines, companies) -> None:
    result = load_lines(["3,C,3,2020-01-03"], header="编号,企业,企业序号,日期", columns=permits(companies, 1))

    assert result.rows_accepted == 1


def test_what_is_not_found_tells_nothing_of_the_other_table(load_lines, companies) -> None:
    result = load_lines(ROWS, header="编号,企业,企业序号,日期", columns=permits(companies))

    listed = result.bad_rows_path.read_text(encoding="utf-8-sig")
    assert "2020-01-02" in listed  # sent by the row itself
    assert not any(strange in listed for strange in ("companies", '"A"', "代码", "成立"))


def test_a_table_without_the_version_or_the_column_refuses_the_load(load_lines, table, companies, tmp_path) -> None:
    gone = Reference(table=tmp_path / "gone", version=0, code="code")
    other = Reference(table=companies, version=0, code="name")
    for reference in (gone, other, Reference(table=companies, version=7, code="code")):
        columns = (Column(name="企业", code="company", data_type=DataType.TEXT, reference=reference),)
        with pytest.raises(LoadRefused, match=r"“企业”所引用的目录条目现在没有可以核对的数据.*原有数据没有变动"):
            load_lines(["A"], header="企业", columns=columns)
    assert not (table / "_delta_log").exists()


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_pushes_are_held_against_what_they_refer_to(mode: Any, companies, tmp_path) -> None:
    # given
    def push(name: str, *rows: tuple[str, str]) -> Push:
        return Push(push_id=name, pushed=as_pushed([{"编号": key, "企业": company} for key, company in rows]))

    sent = [push("a", ("1", "A"), ("2", "Z")), push("b", ("2", "B"), ("3", "")), push("c", ("4", "X"), ("5", "Y"))]

    # when
    done = gather(sent, columns=permits(companies), table=tmp_path / "rows", gathering_id="g", mode=mode)

    # then
    outcomes = {name: (one.rows_accepted, one.rows_refused) for name, one in done.outcomes.items()}
    assert outcomes == {"a": (1, 1), "b": (2, 0), "c": (0, 2)}
    assert done.outcomes["c"].refused.startswith("共2行，没有一行通过检查")
    _total, cells = read_refused(done.outcomes["a"].bad_rows_path, offset=0, limit=10)  # type: ignore[arg-type]
    assert [(cell.line, cell.column, cell.value, cell.reason, cell.row) for cell in cells] == [
        (2, "企业", "Z", NOT_FOUND, {"编号": "2", "企业": "Z"})
    ]
    found = query(tmp_path / "rows", done.version, columns=permits(companies)).rows  # type: ignore[arg-type]
    assert [row[:2] for row in found] == [("1", "A"), ("2", "B"), ("3", None)]


UNIQUE = {
    "C": ("甲", " 甲 ", "乙"),
    "N": ("1.50", "1.5", "2"),
    "Y": ("3", "3.00", "4"),
    "D": ("2020-01-01", "2020年1月1日", "2020-01-02"),
    "T": ("2020-01-01", "2020-01-01 00:00:00", "2020-01-01 00:00:01"),
    "I": ("7", "7.0", "8"),
    "B": ("1e3", "1000", "1000.5"),
    "F": ("0.1", "0.10", "0.2"),
    "G": ("a.pdf", "a.pdf", "A.pdf"),
}


@pytest.mark.parametrize(("data_type", "values"), UNIQUE.items())
def test_a_unique_value_stands_once_in_the_version_however_it_is_written(
    load_lines, table, data_type: str, values: Any
) -> None:
    # given
    columns = (Column(name="编号", code="id", data_type=DataType.TEXT, is_key=True), column(data_type, unique=True))
    first, again, other = values
    options = {"header": "编号,值", "columns": columns}

    # when the value stands twice in the file, is added once more, and comes with another key
    replaced = load_lines([f"1,{first}", f"2,{again}", "3,", "4,", f"5,{other}"], **options)
    added = load_lines([f"6,{again}", "7,"], **options, mode="append", load_id="load-2")
    updated = load_lines([f"1,{first}", f"8,{first}"], **options, mode="upsert", load_id="load-3")

    # then
    assert replaced.reasons == {"值：与文件中前面的行重复": 1}
    assert added.reasons == {"值：与已有数据重复": 1}
    assert updated.reasons == {"值：与文件中前面的行重复": 1}
    assert sorted(row[0] for row in query(table, updated.version, columns=columns).rows) == ["1", "3", "4", "5", "7"]


def test_too_many_bad_rows_are_told_with_number_share_and_limit(load_lines, table) -> None:
    columns = (column("I", minimum="0"),)
    rows = ["1", "2", "-1", "4"]

    # exactly as many as allowed
    assert load_lines(rows, header="值", columns=columns, limit_bad_share=0.25).rows_refused == 1
    with pytest.raises(LoadRefused) as refused:
        load_lines([*rows, "x"], header="值", columns=columns, limit_bad_share=0.25, load_id="load-2")

    assert refused.value.reason == (
        "共5行，有2行没有通过检查，占40.00%，超过了允许的25.00%，因此一行都没有入库。"
        "请按问题清单改正后重新上传，原有数据没有变动。"
    )
    assert refused.value.bad_rows_path.exists()  # type: ignore[union-attr]
    assert json.loads(json.dumps(refused.value.reasons)) == {"值：不是整数": 1, "值：超出规定范围（不小于0）": 1}
