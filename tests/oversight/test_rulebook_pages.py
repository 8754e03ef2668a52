"""The pages on which the calendar and the rules are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.roles import Role
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import CalendarYear
from oversight.models import CalendarProposal, RuleProposal
from tests.factories.accounts import staff
from tests.factories.oversight import swept
from tests.factories.rulebook import NOTICE_2027, PROPOSED_ON, Keepers, keepers, proposed, proposed_rule
from tests.factories.statute import load_notice, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

RULE = {
    "kind": "open-reply",
    "length": "7",
    "unit": "working",
    "statutory": "on",
    "instrument": "《政务公开条例》",
    "article": "第三条",
    "in_force_from": "2027-03-01",
}


@pytest.fixture
def people(move_to: Callable[[dt.date], None], db: None) -> Keepers:
    move_to(PROPOSED_ON)
    return keepers()


def read(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return str(response.content.decode())


def test_one_pastes_the_notice_another_confirms_and_the_page_says_what_it_moves(
    people: Keepers, client: Client
) -> None:
    # given a clock into a year without notice
    clock = running_clock(people.town.transport, on=dt.date(2026, 12, 22))

    # when one person pastes the notice
    client.force_login(people.officer)
    answer = client.post("/desk/calendar/new/", {"scope": "year", "text": NOTICE_2027})
    proposal = CalendarProposal.objects.get()
    assert answer["Location"] == f"/desk/calendar/proposals/{proposal.pk}/"

    # then the preview shows days and clocks, and that another person confirms
    page = read(client, answer["Location"])
    for words in ("工作日", "元旦休息", clock.number, "1月5日", "由另一个人核定", "国办发明电〔2026〕9号"):
        assert words in page
    assert f'href="{answer["Location"]}confirm/"' not in page
    assert client.get(f"{answer['Location']}confirm/").status_code == 403

    # when the other confirms
    client.force_login(people.second)
    assert f'href="{answer["Location"]}confirm/"' in read(client, answer["Location"])
    done = client.post(f"{answer['Location']}confirm/")
    assert done.status_code == 302
    assert CalendarYear.objects.filter(year=2027).exists()
    assert "已核定" in read(client, answer["Location"])
    assert "国办发明电〔2026〕9号" in read(client, "/desk/calendar/")
    assert "正在重新计算" in read(client, "/desk/calendar/")


def test_a_notice_with_mistakes_comes_back_with_every_line_and_what_was_pasted(people: Keepers, client: Client) -> None:
    client.force_login(people.officer)
    text = NOTICE_2027.replace("共7天", "共9天")
    answer = client.post("/desk/calendar/new/", {"scope": "year", "text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("共 9 天") >= 2
    assert "第 7 行" in page
    assert "第 12 行" in page
    assert "国务院办公厅关于2027年部分节假日安排的通知" in page
    assert not CalendarProposal.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"scope": "year"}, "请粘贴通知原文"),
        ({"scope": "year", "text": "x", "year": "明年"}, "请写成 2027 这样的年份"),
        ({"scope": "year", "text": "x", "issued_on": "昨天"}, "请写成 2026-11-04 这样的日期"),
        ({"text": "x"}, "请选择录入全年安排"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    people: Keepers, client: Client, values: dict[str, str], said: str
) -> None:
    client.force_login(people.officer)
    answer = client.post("/desk/calendar/new/", values)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_file_in_the_old_encoding_is_read_and_a_picture_is_not(people: Keepers, client: Client) -> None:
    client.force_login(people.officer)
    for content, status in ((b"\x89PNG\xff\xff\xff", 422), (NOTICE_2027.encode("gb18030"), 302)):
        file = SimpleUploadedFile("notice.txt", content)
        assert client.post("/desk/calendar/new/", {"scope": "year", "file": file}).status_code == status
    assert CalendarProposal.objects.count() == 1


def test_sending_the_form_twice_enters_once(people: Keepers, client: Client) -> None:
    client.force_login(people.officer)
    values = {"scope": "year", "text": NOTICE_2027, "submission": "the-same"}
    first, again = (client.post("/desk/calendar/new/", values) for _time in range(2))
    assert first["Location"] == again["Location"]
    assert CalendarProposal.objects.count() == 1


def test_sending_back_needs_reasons_and_is_said_to_whoever_entered(people: Keepers, client: Client) -> None:
    path = proposed(people).get_absolute_url()
    client.force_login(people.supervisor)
    assert client.post(f"{path}reject/", {"reasons": ""}).status_code == 422
    assert client.post(f"{path}reject/", {"reasons": "文号不对"}).status_code == 302
    assert "文号不对" in read(client, path)
    assert client.post(f"{path}reject/", {"reasons": "再退"}).status_code == 409
    assert Notice.objects.get(recipient=people.officer).body == "文号不对"


def test_every_year_is_drawn_with_its_state(people: Keepers, client: Client) -> None:
    client.force_login(people.officer)
    assert "尚未公布或者尚未录入" in read(client, "/desk/calendar/2027/")
    page = read(client, "/desk/calendar/2026/")
    assert "国办发明电〔2025〕7号" in page
    assert "2月14日周六，调休上班" in page
    read(client, "/desk/calendar/1999/", 404)


def test_a_rule_is_entered_previewed_confirmed_and_listed(people: Keepers, client: Client) -> None:
    client.force_login(people.officer)
    assert 'value="10"' in read(client, "/desk/rules/new/?kind=open-reply")
    answer = client.post("/desk/rules/new/", RULE)
    path = RuleProposal.objects.get().get_absolute_url()
    assert answer["Location"] == path
    page = read(client, path)
    for words in ("7 个工作日", "10 日", "《政务公开条例》第三条", "只适用于施行之日起开始的期限"):
        assert words in page
    client.force_login(people.second)
    assert client.post(f"{path}confirm/").status_code == 302
    listed = read(client, "/desk/rules/")
    assert "尚未施行" in listed
    assert "2027-03-01 失效" in listed
    assert "3月1日（周一）起 7 个工作日" in read(client, "/due-day/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"length": "0"}, "长度应当在 1 至 365 之间"),
        ({"reaches_running": "on"}, "请摘录该条文"),
        ({"in_force_from": "2016-01-01"}, "施行日应当晚于现有版本的施行日"),
    ],
)
def test_a_wrong_rule_comes_back_with_what_to_do(
    people: Keepers, client: Client, changed: dict[str, str], said: str
) -> None:
    client.force_login(people.officer)
    answer = client.post("/desk/rules/new/", RULE | changed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not RuleProposal.objects.exists()


def test_a_rule_is_sent_back_with_reasons(people: Keepers, client: Client) -> None:
    path = proposed_rule(people).get_absolute_url()
    client.force_login(people.second)
    assert client.post(f"{path}reject/", {"reasons": ""}).status_code == 422
    assert client.post(f"{path}reject/", {"reasons": "条款不对"}).status_code == 302
    assert "条款不对" in read(client, path)


@pytest.mark.parametrize("who", ["officer", "supervisor"])
def test_every_page_says_in_the_navigation_where_one_is(people: Keepers, client: Client, who: str) -> None:
    client.force_login(getattr(people, who))
    arrangement, rule = proposed(people).get_absolute_url(), proposed_rule(people).get_absolute_url()
    pages = ["/desk/calendar/", "/desk/calendar/new/", "/desk/calendar/2026/", "/desk/rules/", "/desk/rules/new/"]
    for path in (*pages, arrangement, rule, f"{arrangement}reject/", f"{rule}reject/"):
        assert '<a href="/desk/calendar/" aria-current="page">日历与规则</a>' in read(client, path)


def test_the_navigation_leads_nobody_else_there(people: Keepers, client: Client) -> None:
    elsewhere = staff(people.town.transport, Role.SUPERVISOR)
    for user in (people.steward, people.county_officer, elsewhere):
        client.force_login(user)
        assert 'href="/desk/calendar/"' not in read(client, "/desk/")


def test_the_end_of_the_calendar_is_told_once_and_shown_where_the_authority_works(
    people: Keepers, client: Client, move_to: Callable[[dt.date], None]
) -> None:
    # given nothing that runs near the end of 2026
    on = dt.date(2026, 11, 2)
    move_to(on)
    client.force_login(people.officer)
    swept(on)
    assert "放假安排只录入到" not in read(client, "/desk/oversight/")
    assert not Notice.objects.filter(kind="calendar").exists()

    # when a clock falls due within sixty days of it
    running_clock(people.town.transport, on=on)
    for day in (1, 1, 2, 3):
        swept(on + dt.timedelta(day))

    # then both pages say so, and each keeper was told once
    assert "放假安排只录入到 2026 年" in read(client, "/desk/oversight/")
    assert "日历只到 2026 年底" in read(client, "/desk/calendar/")
    told = Notice.objects.filter(kind="calendar").values_list("recipient", flat=True)
    assert sorted(told) == sorted(user.pk for user in (people.officer, people.second, people.supervisor))
    assert client.get("/readyz").json()["checks"]["calendar"]["last_year"] == 2026

    # and with the next year loaded it is over
    load_notice(2027, rest=(dt.date(2027, 1, 1),))
    assert "日历只到" not in read(client, "/desk/calendar/")
    assert client.get("/readyz").json()["checks"]["calendar"]["message"] == "the calendar reaches far enough"


def test_the_pages_cost_the_same_for_many_clocks_and_proposals(people: Keepers, client: Client) -> None:
    client.force_login(people.officer)
    path = proposed(people).get_absolute_url()

    def cost() -> list[int]:
        found = []
        for page in ("/desk/calendar/", "/desk/rules/", path):
            with CaptureQueriesContext(connection) as captured:
                read(client, page)
            found.append(len(captured))
        return found

    running_clock(people.town.transport, on=dt.date(2026, 12, 22))
    cost()
    few = cost()
    for number in range(2, 12):
        running_clock(people.town.transport, on=dt.date(2026, 12, 22), subject=f"a.b:{number}")
    for year in range(2028, 2032):
        load_notice(year)
    assert cost() == few
