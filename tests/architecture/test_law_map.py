"""The law map is true: every article stands there, and what it names carries it out and proves it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from guiyang_data.statute import deadlines
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.law import REGULATION, StatutoryPeriod
from guiyang_data.statute.regulation import chapters
from guiyang_data.statute.workflow import Workflow

ROOT = Path(__file__).resolve().parents[2]
APPS = ("catalog", "sharing", "opendata", "requests_app", "oversight")
WITHOUT_CODE = ("not yet", "nothing to carry out")


@dataclass(frozen=True)
class Row:
    """One place of the regulation: what carries it out, and what proves it."""

    place: str
    text: str
    code: str
    proof: str

    @property
    def symbols(self) -> list[str]:
        return re.findall(r"`([\w.]+)`", self.code)

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`(tests/[\w/]+\.py(?:::\w+)+)`", self.proof)


@cache
def law_map() -> str:
    return (ROOT / "docs" / "law-map.md").read_text(encoding="utf-8")


@cache
def rows() -> tuple[Row, ...]:
    found = re.findall(r"^\| (第[^ |]+条[^ |]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", law_map(), re.MULTILINE)
    return tuple(Row(*cells) for cells in found)


def rows_at(place: str) -> list[Row]:
    return [row for row in rows() if row.place == place]


def names_at(place: str) -> set[str]:
    return {symbol for row in rows_at(place) for symbol in row.symbols}


def workflows() -> Iterator[tuple[str, Workflow]]:
    for app in APPS:
        module = importlib.import_module(f"{app}.workflow")
        for name, value in vars(module).items():
            if isinstance(value, Workflow):
                yield f"{app}.workflow.{name}", value


def acts(app: str) -> Iterator[str]:
    """Services that somebody carries out: they say by whom."""
    services = importlib.import_module(f"{app}.services")
    for name in services.__all__:
        act = getattr(services, name)
        if inspect.isfunction(act) and "by" in inspect.signature(act).parameters:
            yield f"{app}.services.{name}"


@cache
def names_in(path: str) -> frozenset[str]:
    """Tests of a file as pytest names them: ``test_it`` or ``TestClass::test_it``."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {f"{prefix}{part.name}" for part in inside if isinstance(part, ast.FunctionDef)}
    return frozenset(name for name in found if "test_" in name)


@pytest.mark.parametrize("number", [article.number for chapter in chapters() for article in chapter.articles])
def test_every_article_has_its_place(number: str) -> None:
    assert [row for row in rows() if row.place == number or row.place.startswith(f"{number}第")] != []


def test_the_places_stand_in_the_order_of_the_regulation() -> None:
    order = [article.number for chapter in chapters() for article in chapter.articles]
    found = [order.index(re.sub(r"条.*", "条", row.place)) for row in rows()]
    assert found == sorted(found)


def test_no_place_stands_twice_and_none_is_beyond_its_article() -> None:
    places = [row.place for row in rows()]
    assert len(places) == len(set(places))
    numerals = "一二三四五六七八九十"
    paragraphs = {article.number: article.paragraphs for chapter in chapters() for article in chapter.articles}
    beyond = [
        place
        for place in places
        if (found := re.fullmatch(r"(第.+条)第(.)款", place))
        and numerals.index(found[2]) >= sum(not text.startswith("（") for text in paragraphs[found[1]])
    ]
    assert beyond == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.place)
def test_a_place_is_carried_out_by_code_that_exists_or_says_plainly_that_it_is_not(row: Row) -> None:
    if not row.symbols:
        assert row.code.startswith(WITHOUT_CODE)
    for symbol in row.symbols:
        pkgutil.resolve_name(symbol)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.place)
def test_a_place_that_is_carried_out_is_proved_by_tests_that_exist(row: Row) -> None:
    if row.code.startswith(WITHOUT_CODE):
        assert row.proof == "-"
        return
    assert row.tests != []
    named = [test.partition("::") for test in row.tests]
    assert [f"{path}::{name}" for path, _, name in named if name not in names_in(path)] == []


@pytest.mark.parametrize(
    "name", [name for name, value in vars(deadlines).items() if isinstance(value, StatutoryPeriod)]
)
def test_every_period_stands_at_the_place_of_its_basis(name: str) -> None:
    period: StatutoryPeriod = getattr(deadlines, name)
    assert period.basis.instrument == REGULATION
    assert f"guiyang_data.statute.deadlines.{name}" in names_at(period.basis.number)


@pytest.mark.parametrize(("name", "workflow"), [pytest.param(*found, id=found[0]) for found in workflows()])
def test_every_transition_stands_at_the_place_of_its_basis(name: str, workflow: Workflow) -> None:
    elsewhere = {
        transition.verb: transition.basis.number
        for transition in workflow.transitions.values()
        if transition.basis.instrument == REGULATION and name not in names_at(transition.basis.number)
    }
    assert elsewhere == {}


@pytest.mark.parametrize("app", APPS)
def test_every_act_of_an_app_is_named(app: str) -> None:
    named = {symbol for row in rows() for symbol in row.symbols}
    assert [act for act in acts(app) if act not in named] == []


def test_the_table_of_clocks_is_the_one_in_code() -> None:
    lines = [
        f"| `{kind.code}` | {kind.period.basis.number} | "
        f"{f'{kind.period.length} {kind.period.unit.value} days' if kind.period.length else 'set by the act'} | "
        f"{'yes' if kind.period.statutory else 'no'} | {', '.join(role.value for role in kind.owed_by_roles)} |"
        for kind in KINDS.values()
    ]
    assert re.findall(r"^\| `[a-z-]+` \|.*\|$", law_map(), re.MULTILINE) == lines


def test_other_names_of_the_map_exist() -> None:
    for symbol in re.findall(r"`((?:guiyang_data|tests)[\w.]+)`", law_map().split("## Clocks")[1]):
        pkgutil.resolve_name(symbol)
    for path in re.findall(r"`(tests/[\w/]+\.py)`", law_map()):
        assert (ROOT / path).is_file()
