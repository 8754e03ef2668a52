"""The due-day calculator: the page, the same over REST, and the rules it counts by."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.statute.models import PeriodRule
from guiyang_data.statute.reckoning import countable_kinds

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGE, API = "/due-day/", "/api/v1/due-day/"


def asked(client: Client, rule: str, start: str) -> dict[str, Any]:
    answer = client.get(API, {"rule": rule, "from": start})
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.mark.parametrize(
    ("rule", "start", "due"),
    [
        ("sharing-reply", "2025-01-15", "2025-01-26"),
        ("open-reply", "2025-09-21", "2025-10-09"),
        ("review-result", "2026-02-05", "2026-02-24"),
        ("open-reply", "2026-09-30", "2026-10-10"),
        ("catalog-update", "2026-01-31", "2026-02-24"),
        ("catalog-review", "2026-09-30", "2026-10-13"),
    ],
)
def test_page_api_and_shell_give_the_same_day(client: Client, rule: str, start: str, due: str) -> None:
    out = StringIO()
    call_command("due_day", rule_option=rule, from_option=start, json=True, stdout=out)
    told = asked(client, rule, start)
    assert told["due_on"] == due
    assert json.loads(out.getvalue()) == told
    day = dt.date.fromisoformat(due)
    page = client.get(PAGE, {"rule": rule, "from": start}).content.decode()
    assert f"{day.year}年{day.month}月{day.day}日" in page


def test_the_answer_says_everything_that_a_program_needs(client: Client) -> None:
    told = asked(client, "open-reply", "2026-09-30")
    assert told | {"steps": []} == {
        "rule": "open-reply",
        "label": "开放申请",
        "from": "2026-09-30",
        "due_on": "2026-10-10",
        "provisional": False,
        "unit": "calendar",
        "length": 10,
        "statutory": True,
        "basis": "《贵阳市政府数据共享开放条例》第二十一条第一款",
        "in_force_from": "2017-05-01",
        "in_force_to": None,
        "note": "",
        "steps": [],
    }
    assert [bool(step["basis"]) for step in told["steps"]] == [True] * len(told["steps"])


def test_the_address_of_the_brief_reads_without_an_account_from_any_website(client: Client) -> None:
    answer = client.get("/api/v1/due-day/?rule=open-reply&from=2026-09-30")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["due_on"] == "2026-10-10"


@pytest.mark.parametrize("start", ["2026-12-22", "2028-02-29", "2050-09-30", "2099-12-31"])
def test_a_year_without_notice_is_counted_and_said_to_be_provisional(client: Client, start: str) -> None:
    assert asked(client, "open-reply", start)["provisional"]
    page = client.get(PAGE, {"rule": "open-reply", "from": start}).content.decode()
    assert "（暂定）" in page
    assert "放假安排尚未公布" in page


@pytest.mark.parametrize(
    ("rule", "start", "field", "words"),
    [
        ("", "2026-01-01", "rule", "请写明期限规则"),
        ("no-such-rule", "2026-01-01", "rule", "没有期限规则"),
        ("rectification", "2026-01-01", "rule", "以文书载明的日期为准"),
        ("open-reply", "30.9.2026", "from", "不是日期"),
        ("open-reply", "2026-02-30", "from", "不是日期"),
        ("open-reply", "2016-12-31", "from", "2017"),
        ("open-reply", "2100-01-01", "from", "2099"),
        ("open-reply", "9999-12-31", "from", "2099"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_words_at_its_field(
    client: Client, rule: str, start: str, field: str, words: str
) -> None:
    answer = client.get(API, {"rule": rule, "from": start})
    assert answer.status_code == 422
    assert words in answer.json()["fields"][field]
    page = client.get(PAGE, {"rule": rule, "from": start})
    assert page.status_code == 422
    assert start in page.content.decode()
    with pytest.raises(CommandError):
        call_command("due_day", rule or "", start)


@pytest.mark.parametrize("kind", countable_kinds(), ids=lambda kind: kind.code)
def test_every_rule_with_a_length_is_explained_on_the_page(client: Client, kind: Any) -> None:
    page = client.get(PAGE, {"rule": kind.code, "from": "2026-09-28"})
    assert page.status_code == 200
    assert "逐日看" in page.content.decode()


def test_the_days_are_drawn_with_words_and_not_by_colour_alone(client: Client) -> None:
    page = client.get(PAGE, {"rule": "open-reply", "from": "2026-09-30"}).content.decode()
    for words in ("9月30日周三，起算", "10月1日周四，国庆节，第1日", "10月10日周六，调休上班，到期"):
        assert f'<span class="sr-only">{words}</span>' in page
    assert '<span class="day__mark" aria-hidden="true">班</span>' in page


def test_a_period_of_working_days_numbers_working_days_only(client: Client) -> None:
    page = client.get(PAGE, {"rule": "catalog-review", "from": "2026-09-30"}).content.decode()
    assert "10月7日周三，国庆节</span>" in page
    assert "10月8日周四，第1日</span>" in page


def test_the_page_costs_as_many_queries_for_a_short_period_as_for_a_long_one(client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE, {"rule": "open-fulfilment", "from": "2026-12-01"}).status_code == 200
        return len(captured)

    short = cost()
    PeriodRule.objects.filter(kind="open-fulfilment").update(length=200)
    assert cost() == short


def test_the_law_map_and_the_rules_say_what_is_in_force_today(client: Client) -> None:
    rule = PeriodRule.objects.get(kind="open-fulfilment")
    rule.in_force_to = dt.date(2020, 1, 1)
    rule.save()
    PeriodRule.objects.create(
        kind=rule.kind,
        unit="working",
        length=7,
        statutory=False,
        instrument=rule.instrument,
        article=rule.article,
        in_force_from=rule.in_force_to,
    )
    assert "7 个工作日" in client.get("/law/").content.decode()
    assert "7 个工作日" in client.get(PAGE).content.decode()
    told = [row for row in client.get("/api/v1/period-rules/").json() if row["rule"] == "open-fulfilment"]
    assert [(row["length"], row["in_force_from"], row["in_force_to"]) for row in told] == [
        (15, "2017-05-01", "2020-01-01"),
        (7, "2020-01-01", None),
    ]
    assert asked(client, "open-fulfilment", "2019-12-31")["length"] == 15
    assert asked(client, "open-fulfilment", "2020-01-01")["length"] == 7
