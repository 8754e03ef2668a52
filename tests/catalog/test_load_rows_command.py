"""``manage.py load_rows``: gathering from the shell by the way of the page, with a report."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.models import CatalogEntry, DataVersion, Load
from catalog.selectors import columns_of
from guiyang_data.accounts.models import ServiceAccount
from guiyang_data.ledger.selectors import events_of
from guiyang_data.tables.query import query
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BAD = {"线路编号": "011", "线路名称": "断头线", "长度": "=很长", "开通日期": "2024-02-30"}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.provider)


@pytest.fixture
def run(entry: CatalogEntry, tmp_path: Path) -> Run:
    """Run the command over some bytes; gives the report, and the exit code as ``code``."""

    def command(content: bytes | None, *options: str, resource_code: str = "") -> dict[str, Any]:
        file, report = tmp_path / "线路.csv", tmp_path / "report.json"
        if content is not None:
            file.write_bytes(content)
        code = 0
        try:
            call_command(
                "load_rows",
                resource_code or entry.resource_code,
                str(file),
                f"--report={report}",
                *options,
                stdout=io.StringIO(),
            )
        except CommandError as error:
            code = error.returncode
        return {"code": code, **json.loads(report.read_text(encoding="utf-8"))}

    return command


def rows_of(entry: CatalogEntry) -> list[tuple[object, ...]]:
    entry.refresh_from_db()
    assert entry.current_data is not None
    assert entry.in_force is not None
    return query(entry.table, entry.current_data.table_version, columns=columns_of(entry.in_force)).rows


def test_good_rows_become_one_version_and_bad_ones_are_told_by_row(run: Run, entry: CatalogEntry) -> None:
    # when
    report = run(make.csv_bytes([*make.ROWS, BAD]).decode("utf-8-sig").encode("gb18030"))

    # then
    assert (report["code"], report["state"], report["encoding"]) == (0, "loaded", "GBK")
    assert [report[key] for key in ("read", "accepted", "refused", "version", "is_current")] == [4, 3, 1, 1, True]
    assert {(one["row"], one["column"], one["value"]) for one in report["refused_rows"]} == {
        (5, "长度", "=很长"),
        (5, "开通日期", "2024-02-30"),
    }
    assert sum(report["reasons"].values()) == 2
    assert Path(report["refused_rows_file"]).is_file()
    assert len(rows_of(entry)) == 3


def test_it_is_the_act_of_the_agencys_system_in_the_ledger(run: Run, entry: CatalogEntry, city: accounts.City) -> None:
    # when
    report = run(make.csv_bytes(make.ROWS))

    # then
    account = ServiceAccount.objects.get(agency=city.provider)
    event = events_of(entry).last()
    assert event is not None
    assert (event.verb, event.actor, event.payload["load"]) == ("gather", account.user.actor_key, report["load"])
    assert Load.objects.get().by == account.user


def test_rows_are_added_to_and_replaced(run: Run, entry: CatalogEntry) -> None:
    # when
    first = run(make.csv_bytes(make.ROWS[:1]))
    added = run(make.csv_bytes(make.ROWS[1:]), "--mode=append")
    again = run(make.csv_bytes(make.ROWS))

    # then
    assert [one["version"] for one in (first, added, again)] == [1, 2, 3]
    assert [one["rows_in_version"] for one in (first, added, again)] == [1, 3, 3]
    assert len(rows_of(entry)) == 3


def test_what_no_row_passes_leaves_the_version_as_it_was(run: Run, entry: CatalogEntry) -> None:
    # given
    run(make.csv_bytes(make.ROWS))

    # when
    all_bad, foreign = run(make.csv_bytes([BAD])), run("名字\n甲\n".encode())

    # then
    assert (all_bad["code"], all_bad["state"], all_bad["read"], all_bad["version"]) == (1, "refused", 1, None)
    assert {one["row"] for one in all_bad["refused_rows"]} == {2}
    assert (foreign["code"], foreign["state"]) == (1, "refused")
    assert "名字" in foreign["message"]
    assert len(rows_of(entry)) == 3
    assert DataVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "options", "resource_code", "code", "told"),
    [
        (b"x", (), "999999/000001", 1, "999999/000001"),
        (None, (), "", 1, "不能读取"),
        (b"", (), "", 1, "空文件"),
        (b"x", ("--by=nobody",), "", 2, "nobody"),
    ],
    ids=["code", "no file", "empty", "account"],
)
def test_what_is_wrong_is_said_and_nothing_is_done(
    content: bytes | None, options: tuple[str, ...], resource_code: str, code: int, told: str, run: Run
) -> None:
    # when
    report = run(content, *options, resource_code=resource_code)

    # then
    assert (report["code"], report["state"]) == (code, "failed")
    assert told in report["message"]
    assert not Load.objects.exists()


def test_nobody_of_another_agency_gathers_here(run: Run, city: accounts.City) -> None:
    # given
    stranger = make.steward_of(city.requester)
    folder = Path(settings.DATA_DIR) / "landing" / "loads"
    before = set(folder.iterdir()) if folder.exists() else set()

    # when
    report = run(make.csv_bytes(make.ROWS), f"--by={stranger.username}")

    # then
    assert report["code"] == 2
    assert not Load.objects.exists()
    assert (set(folder.iterdir()) if folder.exists() else set()) == before


def test_the_limit_of_uploads_is_none_for_the_operator(run: Run, city: accounts.City, settings: Any) -> None:
    # given
    settings.UPLOAD_LIMIT_BYTES = 64
    steward = make.steward_of(city.provider)

    # when
    by_steward = run(make.csv_bytes(make.ROWS), f"--by={steward.username}")
    by_operator = run(make.csv_bytes(make.ROWS))

    # then
    assert (by_steward["code"], by_steward["state"]) == (1, "failed")
    assert (by_operator["code"], by_operator["accepted"]) == (0, 3)
