"""What the papers say is so: settings and accounts of the READMEs, words, links, commands and addresses."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from guiyang_data.accounts.roles import Role
from guiyang_data.web.demonstration.accounts import ACCOUNTS, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")
SET_BY_THE_PORTAL = {"GUIYANG_PORTAL_OF"}
"""A mark of the supervisor on its children, not a setting."""
NAME = re.compile(r"GUIYANG_[A-Z][A-Z_]*[A-Z]")
READ_SETTINGS = (
    "guiyang_data/**/*.py",
    "docker-compose.yml",
    "Dockerfile",
    "Makefile",
    ".ci/run",
    "tests/surroundings.py",
)
EMPTY_WORDS = ("empty", "空")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def papers() -> tuple[Path, ...]:
    return (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


def settings_read_by_the_code() -> set[str]:
    files = {path for pattern in READ_SETTINGS for path in ROOT.glob(pattern)}
    names = {name for path in files for name in NAME.findall(path.read_text(encoding="utf-8"))}
    return names - SET_BY_THE_PORTAL


def rows_of_settings(readme: str) -> dict[str, str]:
    """Name -> what stands in the column of defaults."""
    rows = re.findall(r"^\| `(GUIYANG_[A-Z_]+)` \| ([^|]*) \| [^|]+ \|$", text_of(readme), re.MULTILINE)
    assert len(rows) == len({name for name, _ in rows})
    return dict(rows)


def plain_defaults() -> Iterator[tuple[str, object]]:
    """Every setting whose default in the code is made of constants (``or`` behind the call names another)."""
    for file in ("base", "embedded", "production"):
        tree = ast.parse(text_of(f"guiyang_data/settings/{file}.py"))
        replaced = {call for node in ast.walk(tree) if isinstance(node, ast.BoolOp) for call in node.values}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or node in replaced or not node.args:
                continue
            name = node.args[0]
            default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), None)
            if default is None or not (isinstance(name, ast.Constant) and NAME.fullmatch(str(name.value))):
                continue
            if not any(isinstance(part, ast.Name | ast.JoinedStr) for part in ast.walk(default)):
                yield name.value, eval(ast.unparse(default), {"__builtins__": {}})  # noqa: S307


def as_written(default: object) -> str:
    return ",".join(default) if isinstance(default, list) else str(default)


@pytest.mark.parametrize("readme", READMES)
def test_each_readme_lists_exactly_the_settings_that_are_read(readme: str) -> None:
    assert set(rows_of_settings(readme)) == settings_read_by_the_code()


@pytest.mark.parametrize("readme", READMES)
def test_each_readme_gives_the_defaults_of_the_code(readme: str) -> None:
    rows = rows_of_settings(readme)
    wrong = {
        name: default
        for name, default in plain_defaults()
        if (f"`{as_written(default)}`" not in rows[name] if as_written(default) else rows[name] not in EMPTY_WORDS)
    }
    assert wrong == {}


@pytest.mark.parametrize("readme", READMES)
def test_each_readme_names_every_demonstration_account_and_the_password(readme: str) -> None:
    text = text_of(readme)
    assert f"`{PASSWORD}`" in text
    assert [account.username for account in ACCOUNTS if f"`{account.username}`" not in text] == []


def test_the_demonstration_has_an_account_for_every_role() -> None:
    assert {role for account in ACCOUNTS for role in account.roles} == set(Role)


@pytest.mark.parametrize("readme", READMES)
def test_each_readme_shows_every_folder_of_the_house(readme: str) -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    rooms = {path.parent.name for path in ROOT.glob("guiyang_data/*/__init__.py")}
    assert sorted(name for name in packages | rooms if f"{name}/" not in text_of(readme)) == []


@pytest.mark.parametrize("paper", papers(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_paper_lead_somewhere(paper: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", paper.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (paper.parent / target).exists()] == []


def test_every_word_of_the_glossary_is_defined_where_it_says() -> None:
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| .+ \| `([\w.]+)` \|$", text_of("docs/glossary.md"), re.MULTILINE)
    assert len(rows) > 40
    for symbol in rows:
        pkgutil.resolve_name(symbol)


def test_every_command_that_is_named_exists() -> None:
    named = {
        name for paper in papers() for name in re.findall(r"manage\.py ([a-z_]+)", paper.read_text(encoding="utf-8"))
    }
    assert "verify_ledger" in named
    assert named - set(get_commands()) == set()


def test_every_decision_has_a_number_of_its_own_and_fits_on_a_page() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert len(set(numbers)) == len(numbers)
    assert numbers[0] == 1
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences"))
        assert len(text) < 4000


def test_every_address_of_the_api_guide_is_served() -> None:
    addresses = set(re.findall(r"\$PORTAL(/[^\s'\"?]*)", text_of("docs/api.md")))
    assert len(addresses) > 5
    lost = []
    for address in addresses:
        try:
            resolve(re.sub(r"\$\w+", "1", address))
        except Resolver404:
            lost.append(address)
    assert lost == []
