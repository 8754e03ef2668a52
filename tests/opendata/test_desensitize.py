"""The desensitization library alone: what each technique does to real values, and what a plan refuses."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest

from guiyang_data.detection import DIRECT, QUASI, Detected, detect
from opendata.desensitize import __main__ as command
from opendata.desensitize.plan import make_plan
from opendata.desensitize.risk import measure
from opendata.desensitize.techniques import (
    GeneralizeDate,
    Keep,
    Mask,
    PlanError,
    Pseudonym,
    Round,
    Technique,
    Truncate,
    technique_from,
)

KEY = "a-key-of-sixteen-or-more"
RESIDENT_ID = "110101194912310008"


def applied(technique: Technique, value: object, sql_type: str = "VARCHAR") -> object:
    with duckdb.connect() as connection:
        query = f'SELECT {technique.sql(chr(34) + "v" + chr(34))} FROM (SELECT CAST(? AS {sql_type}) AS "v")'  # noqa: S608
        row = connection.execute(query, [value]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("technique", "value", "expected"),
    [
        (Mask(keep_first=3, keep_last=4), "13500010001", "135****0001"),
        (Mask(keep_first=1), "王示一", "王**"),
        (Mask(keep_first=3, keep_last=4), "1234567", "*******"),
        (Mask(keep_first=3, keep_last=4), "12", "**"),
        (Mask(keep_first=1), "", ""),
        (Truncate(keep_first=3), "13500010001", "135"),
        (Keep(), "原样", "原样"),
    ],
)
def test_text_is_covered_as_the_guide_shows(technique: Technique, value: str, expected: str) -> None:
    assert applied(technique, value) == expected


def test_numbers_become_multiples_of_the_step() -> None:
    assert applied(Round(step=500), 1189.0, "DOUBLE") == 1000.0
    assert applied(Round(step=500), 1250.1, "DOUBLE") == 1500.0


@pytest.mark.parametrize(("to", "expected"), [("month", "1969-02"), ("year", "1969")])
def test_dates_become_their_month_or_year(to: str, expected: str) -> None:
    assert applied(GeneralizeDate(to=to), dt.date(1969, 2, 8), "DATE") == expected


def test_pseudonyms_are_equal_for_equal_values_and_differ_with_the_key() -> None:
    first, again = applied(Pseudonym(key=KEY), RESIDENT_ID), applied(Pseudonym(key=KEY), RESIDENT_ID)
    other_key = applied(Pseudonym(key=KEY + "!"), RESIDENT_ID)
    other_value = applied(Pseudonym(key=KEY), "110101194912310003")
    assert first == again
    assert len({first, other_key, other_value}) == 3
    assert RESIDENT_ID not in str(first)


@pytest.mark.parametrize(
    "technique", [Mask(keep_first=1), Truncate(keep_first=1), Pseudonym(key=KEY), Keep()], ids=lambda one: one.code
)
def test_an_empty_cell_stays_empty(technique: Technique) -> None:
    assert applied(technique, None) is None


@pytest.mark.parametrize(
    ("name", "sample", "kind"),
    [
        ("号码", [RESIDENT_ID, RESIDENT_ID, ""], DIRECT),
        ("联系方式", ["13800000001", "+86 13900000002"], DIRECT),
        ("备注", ["a@example.org", "b@example.org"], DIRECT),
        ("号牌", ["贵A12345"], DIRECT),
        ("姓名", ["王示一"], DIRECT),
        ("出生日期", ["1969-02-08"], QUASI),
        ("性别", ["男"], QUASI),
    ],
)
def test_identifiers_are_found_by_content_or_name(name: str, sample: list[str], kind: str) -> None:
    found = detect(name, sample)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    ("name", "sample"), [("站点", ["南明站"]), ("PM2.5", ["23"]), ("编号", ["110101194912310003"])]
)
def test_plain_columns_are_left_alone(name: str, sample: list[str]) -> None:
    assert detect(name, sample) is None


def test_a_plan_that_keeps_a_direct_identifier_is_refused() -> None:
    # given a column found to hold names
    held = {"name": Detected(kind=DIRECT, what="姓名", by="名称")}
    # when nothing is done to it
    plan = make_plan([("姓名", "name", "C"), ("区", "county", "C")], {}, detected=held)
    # then the plan says so, and only for that column
    assert set(plan.faults()) == {"name"}
    covered = make_plan(
        [("姓名", "name", "C"), ("区", "county", "C")],
        {"name": {"technique": "mask", "keep_first": "1"}},
        detected=held,
    )
    assert covered.faults() == {}


def test_a_plan_that_opens_nothing_is_refused() -> None:
    plan = make_plan([("姓名", "name", "C")], {"name": {"technique": "suppress"}}, detected={})
    assert "" in plan.faults()


def test_a_technique_that_does_not_fit_the_type_is_refused() -> None:
    plan = make_plan([("姓名", "name", "C")], {"name": {"technique": "round", "step": "10"}}, detected={})
    assert "数值型" in plan.faults()["name"]


@pytest.mark.parametrize(
    "values", [{"technique": "invent"}, {"technique": "mask", "keep_first": "x; DROP TABLE"}, {}], ids=str
)
def test_what_is_no_technique_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(PlanError):
        technique_from(values)


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(PlanError, match="没有这样的信息项"):
        make_plan([("姓名", "name", "C")], {"ghost": {"technique": "keep"}}, detected={})


@pytest.mark.parametrize(
    ("counts", "level", "smallest", "at_risk"),
    [((20, 20), 3, 20, 0), ((20, 19), 2, 19, 19), ((1, 40), 2, 1, 1)],
)
def test_the_risk_is_that_of_the_smallest_class(
    counts: tuple[int, ...], level: int, smallest: int, at_risk: int
) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (sex VARCHAR)")
        for index, count in enumerate(counts):
            connection.execute("INSERT INTO t SELECT ? FROM range(?)", [str(index), count])
        report = measure(connection, "t", quasi=['"sex"'], direct_left=False, personal=True)
    assert (report.level, report.smallest_class, report.rows_at_risk) == (level, smallest, at_risk)
    assert report.highest_risk == pytest.approx(1 / smallest, abs=1e-6)
    assert report.is_acceptable is (level >= 3)


def test_a_direct_identifier_left_is_level_one_whatever_the_classes() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT 'm' AS sex FROM range(100)")
        report = measure(connection, "t", quasi=['"sex"'], direct_left=True, personal=True)
    assert report.level == 1
    assert not report.is_acceptable


def test_the_command_writes_nothing_where_the_plan_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given people with their identity numbers, and a plan that covers only the names
    source, target, plan = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "plan.json"
    source.write_text(f"姓名,身份证号,区\n王示一,{RESIDENT_ID},南明区\n", encoding="utf-8")
    plan.write_text(json.dumps({"columns": {"姓名": {"technique": "mask", "keep_first": 1}}}), encoding="utf-8")
    # when it is run
    status = command.main([str(plan), str(source), str(target)])
    # then it says why, and there is no result
    assert status == 2
    assert "身份证号" in capsys.readouterr().err
    assert not target.exists()


def test_the_command_desensitizes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target, plan = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "plan.json"
    source.write_text(f"姓名,身份证号,区\n王示一,{RESIDENT_ID},南明区\n", encoding="utf-8")
    columns = {"姓名": {"technique": "mask", "keep_first": 1}, "身份证号": {"technique": "suppress"}}
    plan.write_text(json.dumps({"columns": columns}), encoding="utf-8")
    assert command.main([str(plan), str(source), str(target)]) == 0
    assert target.read_text(encoding="utf-8") == "姓名,区\n王**,南明区\n"
    assert json.loads(capsys.readouterr().out)["rows"] == 1
