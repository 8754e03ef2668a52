"""``manage.py load_calendar``: the same acts from the shell, with two persons, messages by line and exit codes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import CalendarYear
from oversight.models import CalendarProposal, Recount
from tests.factories.rulebook import NOTICE_2027, PROPOSED_ON, Keepers, keepers
from tests.factories.statute import running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def people(move_to: Callable[[dt.date], None], db: None) -> Keepers:
    move_to(PROPOSED_ON)
    return keepers()


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., str]:
    def run(text: str = NOTICE_2027, *options: str) -> str:
        file, said = tmp_path / "notice.txt", io.StringIO()
        file.write_text(text, encoding="utf-8")
        call_command("load_calendar", str(file), *options, stdout=said)
        return said.getvalue()

    return run


def test_a_dry_run_tells_what_would_change_and_changes_nothing(people: Keepers, load: Callable[..., str]) -> None:
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))
    said = load(NOTICE_2027, "--dry-run")
    assert "2027年1月4日（周一）  工作日 → 元旦休息" in said
    assert "重新计算在办期限 1 个，到期日或者暂定状态有变化 1 个" in said
    assert f"{clock.number}  市交通委  2027-01-04（暂定） → 2027-01-05" in said
    assert said.rstrip().endswith("只作核对，没有改变任何内容。")
    assert not CalendarProposal.objects.exists()
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_every_mistake_is_told_with_its_line_and_nothing_is_loaded(people: Keepers, load: Callable[..., str]) -> None:
    text = NOTICE_2027.replace("共7天", "共8天").replace("4月25日（周日）", "4月25日（周六）")
    for options in (["--dry-run"], []):
        with pytest.raises(CommandError) as refusal:
            load(text, *options)
        assert refusal.value.returncode == 1
        assert str(refusal.value).splitlines() == [
            "第 7 行：春节写明共 8 天，列出的放假日期是 7 天。请对照通知原文核对。",
            "第 9 行：2027-04-25 是周日，文中写的是周六。请对照通知原文核对日期。",
            "第 12 行：国庆节写明共 8 天，列出的放假日期是 7 天。请对照通知原文核对。",
        ]
    assert not CalendarProposal.objects.exists()


def test_the_operator_alone_enters_and_a_keeper_is_waited_for(people: Keepers, load: Callable[..., str]) -> None:
    said = load()
    proposal = CalendarProposal.objects.get()
    assert (proposal.status, proposal.proposed_by) == ("proposed", None)
    assert f"请另一个人在 {proposal.get_absolute_url()} 核定" in said
    assert Notice.objects.filter(kind="calendar", title__startswith="请核定").count() == 3
    assert not CalendarYear.objects.filter(year=2027).exists()


@pytest.mark.parametrize("first", [[], ["--proposed-by", "first"]], ids=["operator", "account"])
def test_with_a_second_person_the_year_is_in_force_and_clocks_are_counted_again(
    people: Keepers, load: Callable[..., str], first: list[str]
) -> None:
    people.officer.username, people.second.username = "first", "second"
    people.officer.save()
    people.second.save()
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))
    said = load(NOTICE_2027, *first, "--confirmed-by", "second")
    assert "已核定并生效，重新计算期限 1 个" in said
    clock.refresh_from_db()
    assert (clock.due_on, clock.provisional) == (dt.date(2027, 1, 5), False)
    assert CalendarYear.objects.get(year=2027).loaded_by == people.second
    assert Recount.objects.get().finished_at is not None


def test_nobody_is_told_that_something_waits_where_the_second_person_has_confirmed(
    people: Keepers, load: Callable[..., str]
) -> None:
    load(NOTICE_2027, "--proposed-by", people.officer.username, "--confirmed-by", people.second.username)
    told = Notice.objects.filter(kind="calendar")
    assert [(notice.recipient, notice.title[:3]) for notice in told] == [(people.officer, "已核定")]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("officer", "officer", "应当是两个人"),
        ("officer", "steward", "没有办理这一事项的权限"),
        ("steward", "officer", "没有办理这一事项的权限"),
        ("officer", "nobody", "没有账号 nobody"),
    ],
)
def test_who_may_not_is_told_so_and_nothing_is_loaded(
    people: Keepers, load: Callable[..., str], first: str, second: str, said: str
) -> None:
    names = [getattr(people, who).username if hasattr(people, who) else who for who in (first, second)]
    with pytest.raises(CommandError) as refusal:
        load(NOTICE_2027, "--proposed-by", names[0], "--confirmed-by", names[1])
    assert refusal.value.returncode == 2
    assert said in str(refusal.value)
    assert not CalendarProposal.objects.exists()
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_single_days_of_a_loaded_year_change_with_their_paper(people: Keepers, load: Callable[..., str]) -> None:
    table = "day,working,name\n2026-12-31,0,应急放假\n"
    with pytest.raises(CommandError) as refusal:
        load(table, "--change")
    assert str(refusal.value).splitlines() == ["请填写文号，例如 国办发明电〔2026〕9号。", "请填写印发日期。"]
    paper = ("--document", "国办发明电〔2026〕10号", "--issued", "2026-12-28")
    said = load(table, "--change", *paper, "--confirmed-by", people.second.username)
    assert "2026年12月31日（周四）  工作日 → 应急放假休息" in said


def test_a_file_that_is_not_there_or_no_text_is_said(people: Keepers, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff\xff\xff")
    for name, said in ((str(tmp_path / "none.txt"), "不能读取"), (str(picture), "不是文本文件")):
        with pytest.raises(CommandError, match=said):
            call_command("load_calendar", name)
