"""``manage.py import_catalogue``: the import of the page from the shell, whole or not at all, with a report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from catalog import services
from catalog.models import CatalogEntry, CatalogImport, EntryRevision
from guiyang_data.accounts.models import ServiceAccount
from guiyang_data.ledger.selectors import events_of
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ROWS: list[dict[str, str]] = [
    {"资源名称": "停车场信息", "摘要": "位置和泊位", "更新频率": "每月", "网址": "https://portal.example/1"},
    {"资源名称": "公厕信息", "摘要": "位置和开放时间", "更新频率": "每年", "网址": "https://portal.example/2"},
]
DECIDED = ("--default=共享类型=无条件共享", "--default=is_open=是")
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


@pytest.fixture
def run(city: accounts.City, tmp_path: Path) -> Run:
    """Run the command over rows, or a file as it is; gives the report, and the exit code as ``code``."""

    def command(
        content: Any = ROWS,
        *options: str,
        name: str = "目录.csv",
        agency: str = "",
        decided: Sequence[str] = DECIDED,
    ) -> dict[str, Any]:
        file, report = tmp_path / name, tmp_path / "report.json"
        if content is not None:
            file.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        code = 0
        try:
            call_command(
                "import_catalogue",
                str(file),
                f"--agency={agency or city.provider.code}",
                f"--report={report}",
                *decided,
                *options,
                stdout=io.StringIO(),
            )
        except CommandError as error:
            code = error.returncode
        return {"code": code, **json.loads(report.read_text(encoding="utf-8"))}

    return command


def as_csv(rows: Sequence[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Sequence[dict[str, str]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(out)
    return out.getvalue()


def landed() -> set[Path]:
    folder = Path(settings.DATA_DIR) / "landing" / "imports"
    return set(folder.iterdir()) if folder.exists() else set()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (as_csv(ROWS), "目录.csv"),
        (as_csv(ROWS).decode().encode("gb18030"), "目录.csv"),
        (as_xlsx(ROWS), "目录.xlsx"),
        (json.dumps(ROWS, ensure_ascii=False).encode(), "目录.json"),
    ],
    ids=["csv", "gb18030", "xlsx", "json"],
)
def test_every_format_becomes_drafts_of_the_agency(content: bytes, name: str, run: Run, city: accounts.City) -> None:
    # when
    report = run(content, name=name)

    # then
    assert (report["code"], report["state"], report["message"]) == (0, "imported", "")
    assert [report[key] for key in ("read", "created", "updated", "unchanged", "refused")] == [2, 2, 0, 0, 0]
    assert report["mapping"] == {
        "资源名称": "title",
        "摘要": "abstract",
        "更新频率": "update_cycle",
        "网址": "source_key",
    }
    first = EntryRevision.objects.get(title="停车场信息")
    assert (first.status, first.entry.provider, first.update_cycle) == ("draft", city.provider, "monthly")


def test_a_repeat_updates_instead_of_doubling(run: Run) -> None:
    # given
    run()

    # when
    again, changed = run(), run([ROWS[0] | {"摘要": "位置、泊位和收费"}, ROWS[1]])

    # then
    assert [again[key] for key in ("created", "updated", "unchanged")] == [0, 0, 2]
    assert [changed[key] for key in ("created", "updated", "unchanged")] == [0, 1, 1]
    assert CatalogEntry.objects.count() == 2
    assert EntryRevision.objects.get(title="停车场信息").abstract == "位置、泊位和收费"


def test_a_dry_run_tells_the_same_and_changes_nothing(run: Run) -> None:
    # given
    before = landed()

    # when
    tried = run(ROWS, "--dry-run")

    # then
    assert (tried["code"], tried["state"], tried["created"]) == (0, "tried", 2)
    assert not CatalogEntry.objects.exists()
    assert not CatalogImport.objects.exists()
    assert not ServiceAccount.objects.exists()
    assert landed() == before
    done = run()
    same = ("read", "created", "updated", "unchanged", "refused", "mapping", "defaults")
    assert {key: done[key] for key in same} == {key: tried[key] for key in same}


def test_a_refused_row_stands_against_all_of_them_unless_the_others_are_asked_for(run: Run) -> None:
    # given
    rows = [*ROWS, {"资源名称": "", "摘要": "没有名称", "更新频率": "每年", "网址": "https://portal.example/3"}]
    before = landed()

    # when
    refused = run(rows)

    # then
    assert (refused["code"], refused["state"], refused["created"], refused["refused"]) == (1, "refused", 0, 1)
    assert refused["refused_rows"] == [{"row": 4, "column": "资源名称", "value": "", "reason": "没有资源名称"}]
    assert "1 行不能导入" in refused["message"]
    assert not CatalogEntry.objects.exists()
    assert not CatalogImport.objects.exists()
    assert landed() == before
    taken = run(rows, "--take-good-rows")
    assert [taken[key] for key in ("code", "created", "refused")] == [0, 2, 1]
    assert taken["refused_rows"] == refused["refused_rows"]


class TestWhatTheFileLeavesOpen:
    def test_silence_shares_on_condition_and_opens_nothing_and_the_report_tells_it(self, run: Run) -> None:
        # when
        report = run(decided=())

        # then
        assert (report["code"], report["created"], report["to_decide"]) == (0, 2, [])
        assert [report["defaults"][name] for name in ("sharing_type", "is_open")] == ["conditional", False]
        assert [report["defaulted"][name] for name in ("sharing_type", "is_open")] == [2, 2]
        revision = EntryRevision.objects.get(title="停车场信息")
        assert (revision.sharing_type, revision.is_open) == ("conditional", False)

    def test_what_was_said_for_one_file_does_not_hold_for_the_next(self, run: Run) -> None:
        # when
        report = run()
        more = run(
            [{"资源名称": "路灯", "摘要": "", "更新频率": "每年", "网址": "https://portal.example/9"}], decided=()
        )

        # then
        assert [report["defaults"][name] for name in ("sharing_type", "is_open")] == ["unconditional", True]
        assert [more["defaults"][name] for name in ("sharing_type", "is_open")] == ["conditional", False]

    def test_what_the_file_says_of_every_new_entry_is_not_asked_for(self, run: Run) -> None:
        stated = [row | {"共享类型": "有条件共享", "是否开放": "否"} for row in ROWS]
        assert run(stated, decided=())["code"] == 0
        # a repeat says nothing of what stands there already
        assert run([ROWS[0] | {"摘要": "改了"}], decided=())["code"] == 0

    @pytest.mark.parametrize("wrong", ["颜色=红", "共享类型=随便", "category=2", "是否开放="])
    def test_a_default_that_is_none_is_refused_by_name(self, run: Run, wrong: str) -> None:
        report = run(ROWS, f"--default={wrong}")
        assert (report["code"], report["state"]) == (1, "failed")
        assert not CatalogEntry.objects.exists()


def test_rows_that_are_the_same_word_for_word_are_imported_once(run: Run) -> None:
    # when
    report = run([*ROWS, ROWS[0]])

    # then
    assert [report[key] for key in ("code", "read", "created", "unchanged", "refused")] == [0, 3, 2, 1, 0]
    assert [row["row"] for row in report["taken_with_remarks"]] == [4]


def test_what_is_under_review_is_refused_by_row_and_told_beforehand(run: Run, city: accounts.City) -> None:
    # given
    rows = [row | {"信息项": "名称、地址"} for row in ROWS]
    run(rows)
    revision = make.pass_confidentiality(EntryRevision.objects.get(title="停车场信息"))
    services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=make.AT)

    # when
    unchanged, changed = run(rows, "--dry-run"), run([row | {"摘要": "改了"} for row in rows], "--dry-run")

    # then
    assert (unchanged["code"], unchanged["unchanged"]) == (0, 2)
    assert (changed["code"], changed["updated"], changed["refused"]) == (1, 1, 1)
    assert changed["refused_rows"][0]["row"] == 2
    assert "待审核" in changed["refused_rows"][0]["reason"]


@pytest.mark.parametrize(
    "mapping",
    [
        {"资源名称": "abstract", "摘要": "title"},
        {"资源名称": "资源摘要", "摘要": "标题"},
        {"abstract": "资源名称", "title": "摘要"},
        {"mapping": {"资源名称": "description", "摘要": "title"}, "defaults": {"update_cycle": "daily"}},
    ],
    ids=["names", "words", "turned round", "a report"],
)
def test_a_mapping_is_taken_in_any_words(mapping: dict[str, Any], run: Run, tmp_path: Path) -> None:
    # given
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(mapping, ensure_ascii=False), encoding="utf-8")

    # when
    report = run(ROWS, f"--mapping={file}")

    # then
    assert report["mapping"] == {
        "资源名称": "abstract",
        "摘要": "title",
        "更新频率": "update_cycle",
        "网址": "source_key",
    }
    assert EntryRevision.objects.filter(title="位置和泊位", abstract="停车场信息").exists()


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (b'{"\xe6\x97\xa0\xe6\xad\xa4\xe5\x88\x97": "title"}', "无此列"),
        ('{"资源名称": "颜色"}'.encode(), "颜色"),
        ('{"资源名称": ""}'.encode(), "资源名称"),
        ('{"摘要": "title", "资源名称": "title"}'.encode(), "不止一列"),
        (b"no json", "JSON"),
        (b"[1]", "对象"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_by_name(mapping: bytes, told: str, run: Run, tmp_path: Path) -> None:
    # given
    file = tmp_path / "mapping.json"
    file.write_bytes(mapping)

    # when
    report = run(ROWS, f"--mapping={file}")

    # then
    assert (report["code"], report["state"]) == (1, "failed")
    assert told in report["message"]
    assert not CatalogEntry.objects.exists()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ({"agency": "115201000000000000"}, 2, "115201000000000000"),
        ({"content": b"<html></html>"}, 1, "网页"),
        ({"content": b"\x00\x01\x02", "name": "目录.xlsx"}, 1, "不是表格"),
        ({"content": b"[1, 2]", "name": "目录.json"}, 1, "由对象组成的数组"),
        ({"content": None, "name": "没有这个文件.csv"}, 1, "不能读取"),
    ],
    ids=["agency", "web page", "no table", "no records", "no file"],
)
def test_what_is_wrong_is_said_and_nothing_is_done(options: dict[str, Any], code: int, told: str, run: Run) -> None:
    # given
    before = landed()

    # when
    report = run(**options)

    # then
    assert (report["code"], report["state"]) == (code, "failed")
    assert told in report["message"]
    assert not CatalogImport.objects.exists()
    assert landed() == before


def test_the_operator_acts_through_a_system_of_the_agency_which_can_end_it(run: Run, city: accounts.City) -> None:
    # given
    run()
    account = ServiceAccount.objects.get(agency=city.provider)
    revision = EntryRevision.objects.get(title="停车场信息")

    # then
    assert revision.compiled_by == account.user
    event = events_of(CatalogImport.objects.get()).first()
    assert event is not None
    assert (event.verb, event.actor) == ("import", "platform")

    # when
    account.user.is_active = False
    account.user.save()
    refused = run([ROWS[0] | {"摘要": "改了"}])

    # then
    assert refused["code"] == 2
    revision.refresh_from_db()
    assert revision.abstract == "位置和泊位"


def test_a_named_steward_acts_in_person_and_nobody_of_another_agency(run: Run, city: accounts.City) -> None:
    # given
    steward, stranger = make.steward_of(city.provider), make.steward_of(city.requester)

    # when
    own = run(ROWS, f"--by={steward.username}")
    foreign = run(ROWS, f"--by={stranger.username}")
    nobody = run(ROWS, "--by=nobody")

    # then
    assert [report["code"] for report in (own, foreign, nobody)] == [0, 2, 2]
    assert EntryRevision.objects.get(title="停车场信息").compiled_by == steward
    assert not ServiceAccount.objects.exists()


def test_a_repeat_leaves_what_a_steward_completed_and_the_file_says_nothing_about(
    run: Run, city: accounts.City
) -> None:
    # given
    run()
    revision = EntryRevision.objects.get(title="停车场信息")
    services.edit_revision(
        revision_id=revision.pk,
        by=make.steward_of(city.provider),
        at=make.AT,
        elements={"sharing_type": "conditional", "sharing_condition": "限城管执法", "contact": "设施科"},
    )

    # when
    report = run([ROWS[0] | {"摘要": "改了"}, ROWS[1]])

    # then
    assert report["updated"] == 1
    revision.refresh_from_db()
    assert (revision.abstract, revision.sharing_type, revision.contact) == ("改了", "conditional", "设施科")


def test_a_report_that_cannot_be_written_stops_the_command_before_anything(city: accounts.City, tmp_path: Path) -> None:
    # given
    file = tmp_path / "目录.csv"
    file.write_bytes(as_csv(ROWS))

    # when, then
    with pytest.raises(CommandError, match="报告"):
        call_command(
            "import_catalogue", str(file), f"--agency={city.provider.code}", f"--report={tmp_path}/none/report.json"
        )
    assert not CatalogEntry.objects.exists()


@pytest.mark.real_input
@pytest.mark.parametrize("name", ["anhui_bengbu", "anhui_hefei", "ningxia_ningxia"])
def test_real_catalogues_are_tried_with_the_mapping_that_comes_with_them(
    name: str, city: accounts.City, real_input: Path, tmp_path: Path
) -> None:
    # given
    file, report = real_input / "catalogues" / f"{name}.json", tmp_path / "report.json"
    mapping = real_input / "catalogues" / "mapping" / f"{name}.json"

    # when
    call_command(
        "import_catalogue",
        str(file),
        f"--agency={city.provider.code}",
        f"--mapping={mapping}",
        f"--report={report}",
        "--take-good-rows",
        stdout=io.StringIO(),
    )

    # then
    told = json.loads(report.read_text(encoding="utf-8"))
    nameless = sum(1 for row in json.loads(file.read_text(encoding="utf-8")) if not row["标题"].strip())
    assert told["read"] == told["created"] + told["unchanged"] + told["refused"]
    assert told["refused"] == nameless
    assert CatalogEntry.objects.count() == told["created"]
