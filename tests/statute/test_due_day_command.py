"""``manage.py due_day``: the steps, and the date alone on the last line."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from guiyang_data.statute.deadlines import KINDS

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def output(rule: str, date: str) -> list[str]:
    out = StringIO()
    call_command("due_day", rule, date, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("rule", "date", "due"),
    [
        ("sharing-reply", "2025-01-15", "2025-01-26"),
        ("open-reply", "2025-09-21", "2025-10-09"),
        ("review-result", "2026-02-05", "2026-02-24"),
        ("sharing-reply", "2026-09-30", "2026-10-10"),
        ("catalog-update", "2026-01-31", "2026-02-24"),
        ("catalog-review", "2026-09-30", "2026-10-13"),
    ],
)
def test_the_last_line_is_the_due_day_alone(rule: str, date: str, due: str) -> None:
    assert output(rule, date)[-1] == due


def test_the_steps_cite_the_civil_code_and_the_regulation() -> None:
    text = "\n".join(output("open-reply", "2026-02-05"))
    assert "民法典》第二百零一条" in text
    assert "第二十一条第一款" in text
    assert "春节" in text


def test_a_year_without_notice_is_said_to_be_provisional() -> None:
    lines = output("open-reply", "2026-12-22")
    assert lines[-1] == "2027-01-04"
    assert any("暂定" in line for line in lines)


def test_a_day_before_the_regulation_is_computed_and_said_to_be_so() -> None:
    lines = output("open-reply", "2017-01-03")
    assert lines[-1] == "2017-01-13"
    assert "施行之前" in lines[0]


@pytest.mark.parametrize("rule", [code for code, kind in KINDS.items() if kind.period.length])
def test_every_kind_of_clock_with_a_length_can_be_asked(rule: str) -> None:
    assert output(rule, "2026-11-23")[-1].startswith("202")


@pytest.mark.parametrize(
    ("rule", "date", "words"),
    [
        ("no-such-rule", "2026-01-01", "没有期限规则"),
        ("open-reply", "30.9.2026", "不是日期"),
        ("open-reply", "2026-02-30", "不是日期"),
        ("rectification", "2026-01-01", "以文书载明的日期为准"),
        ("open-reply", "2016-12-31", "2017"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_words(rule: str, date: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        output(rule, date)
