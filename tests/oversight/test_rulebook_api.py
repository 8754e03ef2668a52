"""Calendar and rules over REST: the same two persons, the same refusals, the same effects as on the pages."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.models import CalendarYear, PeriodRule
from oversight import services
from oversight.models import CalendarProposal, Recount, RuleProposal
from tests.factories.accounts import bearer, citizen, system
from tests.factories.rulebook import NOTICE_2027, PROPOSED_ON, Keepers, keepers, proposed, proposed_rule
from tests.factories.statute import at, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

API = "/api/v1/"
CALENDAR = "calendar/proposals/"
RULES = "period-rules/proposals/"
RULE = {
    "rule": "open-reply",
    "unit": "working",
    "length": 7,
    "statutory": True,
    "instrument": "《政务公开条例》",
    "article": "第三条",
    "in_force_from": "2027-03-01",
}


@pytest.fixture
def people(move_to: Callable[[dt.date], None], db: None) -> Keepers:
    move_to(PROPOSED_ON)
    return keepers()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def got(user: User, path: str, status: int = 200) -> Any:
    response = as_(user).get(f"{API}{path}")
    assert response.status_code == status, response.content.decode()[:2000]
    return response.json()


def post(user: User, path: str, status: int = 200, key: str = "", **values: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    response = as_(user).post(f"{API}{path}", values, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.json()


# --- reading -----------------------------------------------------------------------------------------------


def test_the_years_are_listed_and_a_year_tells_its_days(people: Keepers) -> None:
    years = got(people.officer, "calendar/years/")
    assert years["results"][0]["year"] == 2026
    assert years["results"][0]["document_number"] == "国办发明电〔2025〕7号"
    year = got(people.officer, "calendar/years/2026/")
    assert (year["official"], year["waiting"]) == (True, None)
    assert {"day": "2026-02-14", "working": True, "name": ""} in year["days"]
    assert {"day": "2026-10-01", "working": False, "name": "国庆节"} in year["days"]


def test_a_year_without_notice_has_the_fixed_holidays_and_names_what_waits(people: Keepers) -> None:
    proposal = proposed(people)
    year = got(people.second, "calendar/years/2027/")
    assert (year["official"], year["document_number"], year["waiting"]) == (False, "", proposal.pk)
    assert len(year["days"]) == 13


@pytest.mark.parametrize("year", [1999, 2099])
def test_a_year_that_the_calendar_does_not_reach_is_not_there(people: Keepers, year: int) -> None:
    assert "日历从 2017 年到 2098 年" in got(people.officer, f"calendar/years/{year}/", 404)["message"]


def test_what_was_entered_is_listed_by_its_status(people: Keepers) -> None:
    sent_back = proposed(people)
    services.reject_calendar(proposal_id=sent_back.pk, by=people.second, reasons="文号不对", at=at(PROPOSED_ON))
    waits = proposed(people)
    assert [one["id"] for one in got(people.officer, CALENDAR)["results"]] == [waits.pk, sent_back.pk]
    [one] = got(people.officer, f"{CALENDAR}?status=rejected")["results"]
    assert (one["reasons"], one["decided_by"]) == ("文号不对", people.second.display_name)
    assert got(people.officer, f"{CALENDAR}?status=nothing")["results"] == []


def test_the_acts_are_those_of_the_reader(people: Keepers) -> None:
    for path, made in ((CALENDAR, proposed(people)), (RULES, proposed_rule(people))):
        own = got(people.officer, f"{path}{made.pk}/")["actions"]
        assert [action["verb"] for action in own] == ["reject"]
        others = got(people.second, f"{path}{made.pk}/")["actions"]
        assert [action["url"] for action in others] == [
            f"{API}{path}{made.pk}/{verb}/" for verb in ("confirm", "reject")
        ]


# --- the calendar --------------------------------------------------------------------------------------------


def test_one_enters_a_notice_another_confirms_and_clocks_are_counted_again(people: Keepers) -> None:
    # given a clock into a year without notice
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))

    # when one person enters the notice
    made = post(people.officer, CALENDAR, 201, text=NOTICE_2027)

    # then it says what it would change, and its proposer cannot confirm it
    assert (made["year"], made["status"], made["document_number"]) == (2027, "proposed", "国办发明电〔2026〕9号")
    assert {"day": "2027-01-04", "before": "工作日", "after": "元旦休息"} in made["changes"]
    [move] = made["clocks"]["first"]
    assert (move["number"], move["due_on"], move["provisional"]) == (clock.number, "2027-01-04", True)
    assert (move["new_due_on"], move["new_provisional"]) == ("2027-01-05", False)
    path = f"{CALENDAR}{made['id']}/"
    assert "另一个人核定" in post(people.officer, f"{path}confirm/", 403)["message"]
    assert not CalendarYear.objects.filter(year=2027).exists()

    # when another confirms
    done = post(people.second, f"{path}confirm/")
    assert (done["status"], done["decided_by"], done["actions"]) == ("confirmed", people.second.display_name, [])
    assert done["recount"] == {"not_before": "2026-12-28", "counted": 0, "moved": 0, "finished": False}
    assert done["clocks"] is None

    # then the year is in force, and the worker counts again
    services.run_recounts(at=at(PROPOSED_ON, 11), on=PROPOSED_ON)
    clock.refresh_from_db()
    assert clock.due_on == dt.date(2027, 1, 5)
    assert got(people.officer, path)["recount"]["finished"] is True
    events = events_of(CalendarProposal.objects.get()).filter(refused=False)
    assert [event.verb for event in events] == ["propose", "confirm", "recounted"]


def test_a_wrong_text_is_refused_with_every_line_and_what_to_do(people: Keepers) -> None:
    text = NOTICE_2027.replace("共7天", "共9天")
    for path in (CALENDAR, f"{CALENDAR}preview/"):
        refused = post(people.officer, path, 422, text=text)
        assert refused["code"] == "rule_broken"
        assert refused["basis"]
        assert refused["fields"]["text"].splitlines() == [
            "第 7 行：春节写明共 9 天，列出的放假日期是 7 天。请对照通知原文核对。",
            "第 12 行：国庆节写明共 9 天，列出的放假日期是 7 天。请对照通知原文核对。",
        ]
    assert not CalendarProposal.objects.exists()


def test_lines_are_counted_from_the_first_even_where_it_is_empty(people: Keepers) -> None:
    text = "\n\n" + NOTICE_2027.replace("元旦：1月1日（周五）", "元旦：1月1日（周四）")
    assert post(people.officer, CALENDAR, 422, text=text)["fields"]["text"].startswith("第 8 行：")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": "x", "scope": "month"}, "scope"),
        ({"text": "x", "year": "明年"}, "year"),
        ({"text": "x", "issued_on": "昨天"}, "issued_on"),
        ({"text": NOTICE_2027.replace("国办发明电〔2026〕9号", "")}, "document_number"),
    ],
)
def test_what_is_missing_is_named(people: Keepers, values: dict[str, str], field: str) -> None:
    assert field in post(people.officer, CALENDAR, 422, **values)["fields"]


def test_a_dry_run_tells_what_would_change_and_changes_nothing(people: Keepers) -> None:
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))
    events = Event.objects.count()
    told = post(people.officer, f"{CALENDAR}preview/", text=NOTICE_2027)
    assert (told["year"], told["document_number"], told["issued_on"]) == (2027, "国办发明电〔2026〕9号", "2026-12-25")
    assert (told["clocks"]["touched"], told["clocks"]["moved"]) == (1, 1)
    assert told["clocks"]["first"][0]["number"] == clock.number
    assert not CalendarProposal.objects.exists()
    assert Event.objects.count() == events
    # and where one waits already it says so, as entering would
    proposed(people)
    assert post(people.officer, f"{CALENDAR}preview/", 409, text=NOTICE_2027)["code"] == "wrong_state"


def test_a_table_or_json_is_entered_alike(people: Keepers) -> None:
    paper = {"scope": "days", "document_number": "国办发明电〔2026〕10号", "issued_on": "2026-12-28"}
    table = "day,working,name\n2026-12-31,0,应急放假\n"
    changes = post(people.officer, f"{CALENDAR}preview/", text=table, **paper)["changes"]
    assert changes == [{"day": "2026-12-31", "before": "工作日", "after": "应急放假休息"}]
    days = json.dumps([{"day": "2026-12-31", "working": False, "name": "应急放假"}])
    made = post(people.officer, CALENDAR, 201, text=days, **paper)
    assert (made["scope"], made["changes"]) == ("days", changes)


def test_a_file_is_sent_as_a_form(people: Keepers) -> None:
    response = as_(people.officer).post(f"{API}{CALENDAR}", {"text": NOTICE_2027})  # multipart
    assert response.status_code == 201
    assert response.json()["year"] == 2027


def test_entering_twice_under_one_key_enters_once(people: Keepers) -> None:
    first, again = (post(people.officer, CALENDAR, 201, key="k1", text=NOTICE_2027) for _time in range(2))
    assert first == again
    assert CalendarProposal.objects.count() == 1


def test_confirming_twice_under_one_key_confirms_once_and_without_it_comes_too_late(people: Keepers) -> None:
    path = f"{CALENDAR}{proposed(people).pk}/confirm/"
    for _time in range(2):
        assert post(people.second, path, key="k1")["status"] == "confirmed"
    assert Recount.objects.count() == 1
    assert post(people.second, path, 409)["code"] == "wrong_state"


def test_sending_back_needs_its_reasons(people: Keepers) -> None:
    path = f"{CALENDAR}{proposed(people).pk}/reject/"
    assert "reasons" in post(people.second, path, 422)["fields"]
    done = post(people.officer, path, reasons="文号不对")
    assert (done["status"], done["reasons"], done["clocks"]) == ("rejected", "文号不对", None)
    assert not CalendarYear.objects.filter(year=2027).exists()


# --- the rules -----------------------------------------------------------------------------------------------


def test_one_enters_a_version_another_confirms_and_it_is_listed_for_everyone(people: Keepers) -> None:
    assert post(people.officer, f"{RULES}preview/", **RULE)["clocks"] == {"touched": 0, "moved": 0, "first": []}
    assert not RuleProposal.objects.exists()
    made = post(people.officer, RULES, 201, **RULE)
    assert (made["rule"], made["length"], made["basis"]) == ("open-reply", 7, "《政务公开条例》第三条")
    assert post(people.officer, f"{RULES}{made['id']}/confirm/", 403)["code"] == "not_allowed"
    done = post(people.second, f"{RULES}{made['id']}/confirm/")
    assert (done["status"], done["recount"]) == ("confirmed", None)
    versions = [one for one in Client().get(f"{API}period-rules/").json() if one["rule"] == "open-reply"]
    assert versions[-1]["in_force_from"] == "2027-03-01"
    assert got(people.officer, RULES)["results"][0]["id"] == made["id"]


def test_where_the_law_reaches_running_clocks_the_dry_run_lists_them(people: Keepers) -> None:
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))
    reaches = {"reaches_running": True, "transition": "本条例施行前已经申请、尚未答复的，适用本条例规定的期限。"}
    assert post(people.officer, f"{RULES}preview/", 422, **RULE, reaches_running=True)["fields"]["transition"]
    told = post(people.officer, f"{RULES}preview/", **RULE, **reaches)
    assert [move["number"] for move in told["clocks"]["first"]] == [clock.number]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"rule": "rectification"}, "rule"),
        ({"rule": "nothing"}, "rule"),
        ({"length": 0}, "length"),
        ({"unit": "week"}, "unit"),
        ({"article": " "}, "article"),
        ({"in_force_from": "2017-05-01"}, "in_force_from"),
    ],
)
def test_a_wrong_version_is_refused_at_its_field(people: Keepers, changed: dict[str, Any], field: str) -> None:
    for path in (RULES, f"{RULES}preview/"):
        assert field in post(people.officer, path, 422, **(RULE | changed))["fields"]
    assert not RuleProposal.objects.exists()


def test_a_version_is_sent_back_with_reasons(people: Keepers) -> None:
    path = f"{RULES}{proposed_rule(people).pk}/"
    assert post(people.second, f"{path}reject/", 422)["code"] == "invalid"
    assert post(people.second, f"{path}reject/", reasons="条款不对")["status"] == "rejected"
    assert post(people.second, f"{path}confirm/", 409)["code"] == "wrong_state"
    assert PeriodRule.objects.filter(kind="sharing-reply").count() == 1


# --- who -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["steward", "county_officer", "citizen"])
def test_for_everybody_else_none_of_it_is_there(people: Keepers, who: str) -> None:
    user = citizen() if who == "citizen" else getattr(people, who)
    arrangement, rule = proposed(people), proposed_rule(people)
    for path in ("calendar/years/", "calendar/years/2026/", CALENDAR, f"{CALENDAR}{arrangement.pk}/", RULES):
        assert got(user, path, 404)["code"] == "not_found"
    for path, values in ((CALENDAR, {"text": NOTICE_2027}), (RULES, RULE), (f"{CALENDAR}preview/", {})):
        assert post(user, path, 404, **values)["code"] == "not_found"
    for path in (f"{CALENDAR}{arrangement.pk}/", f"{RULES}{rule.pk}/"):
        post(user, f"{path}confirm/", 404)
        post(user, f"{path}reject/", 404, reasons="不对")
    assert CalendarProposal.objects.get().status == RuleProposal.objects.get().status == "proposed"


def test_a_system_is_no_person(people: Keepers) -> None:
    token = bearer(system(people.town.authority), "oversight:read")
    path = f"{API}{CALENDAR}{proposed(people).pk}/confirm/"
    assert Client().post(path, {}, content_type="application/json", **token).status_code == 404
    assert Client().get(f"{API}{CALENDAR}").status_code == 401


@pytest.mark.parametrize("path", [CALENDAR, RULES, "calendar/years/"])
def test_lists_cost_the_same_number_of_queries_however_long(
    people: Keepers, path: str, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        client = as_(people.officer)
        with django_assert_max_num_queries(40) as captured:
            assert client.get(f"{API}{path}").status_code == 200
        return len(captured)

    def more(number: int) -> None:
        for made in (proposed(people), proposed_rule(people)):
            type(made).objects.filter(pk=made.pk).update(status="rejected", decided_by=people.second)
        CalendarYear.objects.create(
            year=2040 + number, document_number="x", issued_on=PROPOSED_ON, loaded_by=people.second
        )

    more(0)
    queries()
    few = queries()
    for number in range(1, 6):
        more(number)
    assert queries() == few


def test_the_openapi_document_names_every_act_with_its_refusals() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    acts = {
        path: told["post"]
        for path, told in document["paths"].items()
        if path.startswith((f"{API}calendar/", f"{API}period-rules/")) and "post" in told
    }
    assert len(acts) == 8
    for told in acts.values():
        assert {"401", "403", "404", "409", "422"} <= set(told["responses"])
        assert told["summary"]
    once = [told for path, told in acts.items() if not path.endswith("preview/")]
    assert all(any(one["name"] == "Idempotency-Key" for one in told["parameters"]) for told in once)
