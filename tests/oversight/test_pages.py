"""The pages: who sees the board, what it shows, and every act through its form."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks
from oversight import services
from oversight.models import DisciplineRecommendation, Escalation, Finding, RectificationOrder, Urging
from tests.factories.accounts import citizen
from tests.factories.oversight import (
    LATE,
    ORDER_DUE,
    Cast,
    confirmed_finding,
    drafted_finding,
    escalation_to,
    overdue_clock,
    reported_order,
    standing_order,
    stopped,
    swept,
)
from tests.factories.statute import at, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.usefixtures("on_the_day_after")]

BOARD = "/desk/oversight/"


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, path: str, status: int = 200) -> str:
    response = as_(user).get(path)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def test_what_ran_out_appears_on_the_board_with_its_article_and_its_days(people: Cast) -> None:
    clock = overdue_clock(people.town.transport)
    html = page(people.supervisor, BOARD)
    assert clock.title in html
    assert "第二十一条第一款" in html
    assert "1 天" in html
    assert "市交通委" in html
    assert "全市情况" in html


def test_it_stays_there_when_the_clock_has_stopped_until_it_is_dealt_with(people: Cast) -> None:
    clock = stopped(overdue_clock(people.town.transport), LATE)
    html = page(people.supervisor, BOARD)
    assert clock.title in html
    assert "已办结，待记录处理结果" in html
    for escalation in Escalation.objects.filter(clock=clock):
        services.conclude(escalation_id=escalation.pk, by=people.supervisor, conclusion="已约谈。", at=at(LATE))
    assert clock.title not in page(people.supervisor, BOARD)


def test_the_board_of_a_county_shows_its_county_only(people: Cast) -> None:
    overdue_clock(people.town.transport, subject="a.b:1", title="市级事项")
    overdue_clock(people.town.county_department, subject="a.b:2", title="云岩事项")
    html = page(people.county_officer, BOARD)
    assert "云岩区情况" in html
    assert "云岩事项" in html
    assert "市级事项" not in html


def test_the_board_says_for_how_long_a_reviewer_has_held_a_case(people: Cast) -> None:
    clock = running_clock(people.town.transport, "catalog-update", on=dt.date(2026, 2, 2))
    day = dt.date(2026, 3, 8)
    clocks.hand_on(clock, to=people.town.authority, on=day, at=at(day), by=PLATFORM, owes=False)
    swept(LATE)
    assert "市交通委（在市大数据局 5 天）" in page(people.supervisor, BOARD)


def test_whoever_oversees_nobody_is_not_shown_the_board(people: Cast) -> None:
    for user in (people.steward, citizen()):
        assert "监督页面供" in page(user, BOARD, 404)


def test_a_visitor_is_asked_to_sign_in(people: Cast) -> None:
    response = Client().get(BOARD)
    assert response.status_code == 302
    assert "login" in response["Location"]


@pytest.mark.parametrize("path", [BOARD, f"{BOARD}escalations/", f"{BOARD}findings/", f"{BOARD}orders/"])
def test_lists_cost_the_same_number_of_queries_however_long(
    people: Cast, path: str, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        client = as_(people.government)
        with django_assert_max_num_queries(100) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    def one_more(number: int) -> None:
        overdue_clock(people.town.transport, subject=f"a.b:{number}", number=f"GY-2026-{number:05d}")
        finding = Finding.objects.latest("pk")
        services.confirm_finding(finding_id=finding.pk, by=people.government, on=LATE, at=at(LATE))
        services.order_rectification(
            finding_id=finding.pk,
            by=people.government,
            on=LATE,
            at=at(LATE),
            due_on=ORDER_DUE,
            text="改正。",
            circular="通报。",
        )

    one_more(1)
    queries()
    few = queries()
    for number in range(2, 9):
        one_more(number)
    assert queries() == few


def test_another_agencys_case_is_not_found(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    for path in (escalation.get_absolute_url(), f"{escalation.get_absolute_url()}urge/"):
        assert "没有找到这一监督事项" in page(people.county_officer, path, 404)


def test_a_case_shows_its_facts_its_hands_and_what_happened(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    html = page(people.supervisor, escalation.get_absolute_url())
    for words in ("逾期 1 天", "贵阳市交通委员会", "逾期上报", "督办", "第三十条第（六）项", "为什么是这一天"):
        assert words in html


# --- acts through their forms ---------------------------------------------------------------------


def sent(user: User, path: str, **values: Any) -> Any:
    return as_(user).post(path, {"submission": "form-1", **values})


def test_an_urging_is_sent_once_though_its_form_is_sent_twice(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    client = as_(people.supervisor)
    path = f"{escalation.get_absolute_url()}urge/"
    assert "督办意见" in client.get(path).content.decode()
    for _ in range(2):
        response = client.post(path, {"submission": "form-1", "words": "请三日内答复。"})
        assert (response.status_code, response["Location"]) == (302, escalation.get_absolute_url())
    assert Urging.objects.count() == 1
    html = page(people.supervisor, BOARD)
    assert "已督办 1 次" in html


def test_an_urging_without_words_is_sent_back_and_says_so(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    response = sent(people.supervisor, f"{escalation.get_absolute_url()}urge/", words="")
    assert response.status_code == 422
    assert "请写明督办意见" in response.content.decode()
    assert not Urging.objects.exists()


def test_concluding_what_still_runs_keeps_what_was_typed(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    response = sent(people.supervisor, f"{escalation.get_absolute_url()}conclude/", conclusion="已经约谈承办科室")
    assert response.status_code == 422
    html = response.content.decode()
    assert "还没有办结" in html
    assert "已经约谈承办科室" in html
    assert Event.objects.filter(verb="conclude", refused=True).count() == 1


def test_a_case_is_concluded_through_its_form_once(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, stopped(overdue_clock(people.town.transport), LATE))
    path = f"{escalation.get_absolute_url()}conclude/"
    assert sent(people.supervisor, path, conclusion="已约谈。").status_code == 302
    again = as_(people.supervisor).post(path, {"submission": "form-2", "conclusion": "又一次"})
    assert again.status_code == 409
    assert "又一次" in again.content.decode()


def test_a_finding_is_confirmed_and_ordered_through_its_pages(people: Cast) -> None:
    finding = drafted_finding(people)
    path = finding.get_absolute_url()
    assert "认定" in page(people.supervisor, path)
    assert sent(people.supervisor, f"{path}confirm/", note="").status_code == 302
    html = page(people.supervisor, path)
    assert "由其上级机关或者监察机关作出" in html
    refused = sent(people.supervisor, f"{path}order/", due_on="2026-03-31", text="改正", circular="通报")
    assert refused.status_code == 403
    made = sent(people.government, f"{path}order/", due_on="2026-03-31", text="限期答复", circular="通报批评")
    order = RectificationOrder.objects.get()
    assert (made.status_code, made["Location"]) == (302, order.get_absolute_url())
    shown = page(people.approver, order.get_absolute_url())
    assert "限期答复" in shown
    assert "报告改正情况" in shown


@pytest.mark.parametrize("due_on", ["2026-03-13", "2020-01-01", "昨天", ""])
def test_an_order_with_a_past_or_broken_day_keeps_what_was_typed(people: Cast, due_on: str) -> None:
    finding = confirmed_finding(people)
    response = sent(
        people.government, f"{finding.get_absolute_url()}order/", due_on=due_on, text="限期答复", circular="通报"
    )
    assert response.status_code == 422
    assert "限期答复" in response.content.decode()
    assert not RectificationOrder.objects.exists()


def test_dismissing_a_finding_needs_its_reasons(people: Cast) -> None:
    path = f"{drafted_finding(people).get_absolute_url()}dismiss/"
    assert sent(people.supervisor, path, reasons="").status_code == 422
    assert sent(people.supervisor, path, reasons="系统故障所致。").status_code == 302
    assert Finding.objects.get().status == "dismissed"


def test_a_correction_is_reported_rejected_reported_again_and_accepted(people: Cast) -> None:
    order = standing_order(people)
    path = order.get_absolute_url()
    assert sent(people.approver, f"{path}report/", report="已答复。").status_code == 302
    assert sent(people.government, f"{path}reject/", reasons="").status_code == 422
    assert sent(people.government, f"{path}reject/", reasons="流程未整改。").status_code == 302
    again = as_(people.approver).post(f"{path}report/", {"submission": "form-2", "report": "流程已整改。"})
    assert again.status_code == 302
    assert sent(people.government, f"{path}accept/", answer="").status_code == 302
    html = page(people.approver, path)
    assert "改正完毕" in html
    assert "流程已整改。" in html


@pytest.mark.parametrize(("act", "field"), [("recommend-discipline", "text"), ("drop-discipline", "reasons")])
def test_a_recommendation_is_decided_through_its_page(people: Cast, act: str, field: str) -> None:
    order = standing_order(people)
    swept(ORDER_DUE + dt.timedelta(1))
    path = order.get_absolute_url()
    assert "待决定" in page(people.government, path)
    assert "处分建议" not in page(people.approver, path)
    assert sent(people.government, f"{path}{act}/", **{field: ""}).status_code == 422
    assert sent(people.government, f"{path}{act}/", **{field: "依据事实决定。"}).status_code == 302
    assert DisciplineRecommendation.objects.get().decided_by == people.government


@pytest.mark.parametrize("state", ["", "draft", "no-such-state"])
def test_lists_are_filtered_by_state_and_shrug_at_nonsense(people: Cast, state: str) -> None:
    drafted_finding(people)
    assert "第三十条第（六）项" in page(people.supervisor, f"{BOARD}findings/?state={state}")


def test_an_empty_list_says_what_would_appear(people: Cast) -> None:
    assert "期限届满仍未办结的事项会自动报到这里" in page(people.supervisor, f"{BOARD}escalations/")
    assert "没有逾期事项" in page(people.supervisor, BOARD)


def test_reports_that_wait_are_offered_on_the_board(people: Cast) -> None:
    reported_order(people, LATE)
    assert "1 项改正待认可" in page(people.government, BOARD)


# --- the public page ------------------------------------------------------------------------------


def test_everyone_reads_how_often_periods_were_kept_with_the_numbers_of_cases(people: Cast) -> None:
    overdue_clock(people.town.transport, subject="a.b:1")
    stopped(running_clock(people.town.transport, subject="a.b:2"), LATE - dt.timedelta(1))
    stopped(running_clock(people.town.health, "sharing-reply", subject="a.b:3"), LATE - dt.timedelta(3))
    response = Client().get("/publicity/")
    html = response.content.decode()
    assert response.status_code == 200
    assert "贵阳市交通委员会" in html
    assert "50.0%" in html
    assert "1 / 2 件" in html
    assert "100.0%" in html


@pytest.mark.parametrize("query", ["?year=2026", "?year=1066", "?year=abc", ""])
def test_the_public_page_answers_for_any_year_asked(people: Cast, query: str) -> None:
    assert Client().get(f"/publicity/{query}").status_code == 200
