"""``manage.py sweep`` and its dry run."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from guiyang_data.statute.models import Rung
from oversight.models import SweepRun
from tests.factories.oversight import cast
from tests.factories.statute import running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def output(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("sweep", *arguments, stdout=out)
    return out.getvalue().splitlines()


def move_to(day: str, settings: LazySettings, folder: object) -> None:
    shift = dt.datetime.fromisoformat(f"{day}T09:00:00+08:00") - dt.datetime.now(tz=dt.UTC)
    settings.TIME_SHIFT_FILE = folder / "shift"  # type: ignore[operator]
    settings.TIME_SHIFT_FILE.write_text(str(int(shift.total_seconds())))


def test_the_command_sweeps_without_a_broker(settings: LazySettings, tmp_path: object) -> None:
    running_clock(cast().town.transport)
    move_to("2026-03-13", settings, tmp_path)
    assert output() == ["巡查期限 1 个，触发 4 项，失败 0 项。"]
    assert output() == ["巡查期限 0 个，触发 0 项，失败 0 项。"]


def test_the_dry_run_lists_each_rung_with_its_day_and_fires_none() -> None:
    running_clock(cast().town.transport)
    lines = output("--dry-run", "--at", "2026-03-13")
    assert len(lines) == 5
    assert lines[3].startswith("2026-03-13  逾期  GY-2026-00001  开放申请：公交车辆实时位置  市交通委 → ")
    assert "市大数据局" in lines[3]
    assert "第二十一条第一款" in lines[3]
    assert lines[-1] == "到 2026-03-13 共 4 项，未触发任何一项。"
    assert not Rung.objects.exists()
    assert not SweepRun.objects.exists()


def test_the_dry_run_marks_a_provisional_day() -> None:
    running_clock(cast().town.transport, on=dt.date(2026, 12, 22))
    assert output("--dry-run", "--at", "2027-01-05")[-2].endswith("（暂定）")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--at", "2026-12-10"), "--dry-run"), (("--dry-run", "--at", "10.12.2026"), "不是日期")],
)
def test_what_makes_no_sense_is_refused_with_words(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        output(*arguments)
    assert not SweepRun.objects.exists()
