"""The structure of the house holds: imports and foreign keys point down, rules take dates, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("guiyang_data", "catalog", "sharing", "opendata", "requests_app", "oversight")
FLOORS: tuple[tuple[str, ...], ...] = (
    ("web",),
    ("oversight",),
    ("requests_app",),
    ("sharing", "opendata"),
    ("catalog",),
    ("faces",),
    ("statute", "search", "attachments"),
    ("notices",),
    ("accounts",),
    ("ledger",),
)
"""App labels from the top floor down, as the import rules have them."""

FACES = ("views", "api", "tasks", "management", "admin", "middleware", "context", "forms", "gateways")
"""Where the clock may be asked: pages, interfaces, tasks and commands."""
ASKS_THE_CLOCK = {
    "guiyang_data/timekeeping.py",
    "guiyang_data/faces",
    "guiyang_data/web",
    "guiyang_data/accounts/signin.py",
    "guiyang_data/accounts/adapters.py",
    "guiyang_data/accounts/sessions.py",
    "sharing/exporting.py",
}
"""Faces that are not called so."""


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def floor(label: str) -> int:
    return next(number for number, labels in enumerate(FLOORS) if label in labels)


def test_imports_point_downwards_only() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_foreign_keys_point_downwards_only() -> None:
    own = {label for labels in FLOORS for label in labels}
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in own
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.OneToOneField | models.ManyToManyField)
        and field.related_model._meta.app_label in own
        and floor(field.related_model._meta.app_label) < floor(model._meta.app_label)
    ]
    assert upward == []


def test_apps_of_one_floor_hold_no_keys_to_each_other() -> None:
    across = [
        f"{model._meta.label}.{field.name}"
        for labels in FLOORS
        for model in apps.get_models()
        if model._meta.app_label in labels
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and field.related_model._meta.app_label in labels
        and field.related_model._meta.app_label != model._meta.app_label
    ]
    assert across == []


def test_every_app_of_ours_stands_on_a_floor() -> None:
    labels = {config.label for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES}
    assert labels == {label for floor_labels in FLOORS for label in floor_labels}


def calls_of_the_clock(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "guiyang_data.timekeeping":
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
            owner = node.value
            if isinstance(owner, ast.Name) and owner.id in {"timezone", "datetime", "date", "dt"}:
                yield node.lineno
            if isinstance(owner, ast.Attribute) and owner.attr in {"datetime", "date"}:
                yield node.lineno


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_take_dates_and_only_faces_ask_the_clock(path: Path) -> None:
    relative = path.relative_to(ROOT).as_posix()
    is_face = any(part.removesuffix(".py") in FACES for part in Path(relative).parts)
    if is_face or any(relative == known or relative.startswith(f"{known}/") for known in ASKS_THE_CLOCK):
        return
    assert list(calls_of_the_clock(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_no_file_grows_past_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_grows_past_fifty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{name} ({length})"
        for path in sources()
        for name, length in functions(ast.parse(path.read_text(encoding="utf-8")))
        if length > 50
    ]
    assert long == []


def status_is_set(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                if any(isinstance(part, ast.Attribute) and part.attr == "status" for part in parts):
                    yield node.lineno


def test_a_status_is_set_in_services_only() -> None:
    outside = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if "services" not in path.relative_to(ROOT).as_posix() and "reactions" not in path.name
        for line in status_is_set(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert outside == []


def test_nothing_swallows_every_error() -> None:
    swallowing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
        and not any(isinstance(part, ast.Raise) for part in ast.walk(node))
    ]
    assert swallowing == []


def test_no_module_is_called_utils() -> None:
    banned = {"utils", "helpers", "common", "misc"}
    assert [path for path in sources() if path.stem in banned or path.parent.name in banned] == []


def test_the_tables_library_and_the_engine_need_no_django() -> None:
    code = (
        "import sys; import guiyang_data.tables.query, guiyang_data.tables.loading, opendata.desensitize.plan; "
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_dependency_says_why_it_is_there() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *declared["dependencies"],
        *(name for names in declared["optional-dependencies"].values() for name in names),
    ]
    names = {
        requirement.split("[")[0].split("~")[0].split("<")[0].split(">")[0].split("=")[0].strip()
        for requirement in wanted
    }
    listed = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert sorted(name for name in names if f"`{name}`" not in listed) == []


def test_no_test_empties_the_cache_that_runs_beside_it_share() -> None:
    own = {ROOT / "tests" / "caching.py", Path(__file__).resolve()}
    emptying = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path not in own and "cache.clear()" in path.read_text(encoding="utf-8")
    ]
    assert emptying == []


def test_every_reading_of_sharing_begins_at_one_place() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in sources()
        if path.is_relative_to(ROOT / "sharing")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.alias) and node.name == "open_access")
        or (isinstance(node, ast.Attribute) and node.attr == "open_access")
    }
    assert found == {"sharing/log_writing.py"}
