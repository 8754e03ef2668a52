"""Why this day: for everyone where the public waits, for staff where agencies wait for each other."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock, PeriodRule
from oversight.services import sweep
from tests.factories.accounts import city, staff
from tests.factories.statute import at, load_notice, recounted, running_clock

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

START = dt.date(2026, 11, 2)


@pytest.mark.parametrize(
    ("kind", "nobody", "somebody"), [("open-reply", 200, 200), ("review-result", 200, 200), ("sharing-reply", 404, 200)]
)
def test_a_clock_explains_itself_to_those_who_wait(client: Client, kind: str, nobody: int, somebody: int) -> None:
    # given a clock of a provider
    play = city()
    clock = running_clock(play.provider, kind, on=START)
    # then its page is there for the public where the public waits, and for staff always
    assert client.get(f"/clocks/{clock.pk}/").status_code == nobody
    client.force_login(staff(play.requester, Role.DATA_STEWARD))
    answer = client.get(f"/clocks/{clock.pk}/")
    assert answer.status_code == somebody
    assert "怎么算出来的" in answer.content.decode()


def page_of(client: Client, clock: Clock) -> str:
    answer = client.get(f"/clocks/{clock.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tells_every_count_from_day_to_day_with_its_cause(client: Client) -> None:
    # given a clock into a year without notice, then the notice, then an emergency
    clock = running_clock(city().provider, on=dt.date(2026, 12, 22))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, 7)))
    recounted(clock, cause="2027年放假安排（国办发明电〔2026〕9号）", at=at(dt.date(2026, 12, 28)))
    page = page_of(client, clock)
    assert "2027年1月4日（周一）" in page
    assert "2027年1月4日（周一） → 2027年1月7日（周四）" in page
    assert "2027年放假安排（国办发明电〔2026〕9号）" in page
    assert "重新计算到期日" in page


def test_the_page_tells_every_hand_with_its_days_and_how_it_stopped(client: Client) -> None:
    town = city()
    clock = running_clock(town.provider, on=START)
    clocks.hand_on(clock, to=town.health, on=dt.date(2026, 11, 6), at=at(dt.date(2026, 11, 6)), by=PLATFORM)
    late = dt.date(2026, 11, 17)
    clocks.stop(clock.subject, clock.kind, on=late, at=at(late), by=PLATFORM)
    page = page_of(client, clock)
    assert page.index("贵阳市交通委员会") < page.index("贵阳市卫生健康局</th>")
    assert '<td class="numeric">4</td>' in page
    assert '<td class="numeric">11</td>' in page
    assert "逾期 5 天，第 15 天办结" in page
    assert "转交办理，期限不重新起算" in page
    assert "期限停止" in page


def test_rungs_and_their_withdrawal_are_for_those_who_know_the_case(client: Client) -> None:
    town = city()
    clock = running_clock(town.provider, on=dt.date(2026, 12, 22))
    sweep(at=at(dt.date(2027, 1, 5)), on=dt.date(2027, 1, 5))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, 7)))
    recounted(clock, cause="2027年放假安排", at=at(dt.date(2027, 1, 5), 11))
    for stranger in (None, staff(town.requester, Role.DATA_STEWARD)):
        if stranger:
            client.force_login(stranger)
        page = page_of(client, clock)
        assert "提醒与上报" not in page
        assert "撤回逾期记录" not in page
        assert clock.title not in page
    client.force_login(staff(town.provider, Role.DATA_STEWARD))
    page = page_of(client, clock)
    assert "按到期日 1月4日（周一）" in page
    assert "到期日变动，2027年1月5日 11:00 撤回" in page
    assert "到期日已变更，撤回逾期记录" in page
    assert clock.title in page


def test_the_page_says_that_a_clock_stays_on_its_rule_when_a_newer_one_is_in_force(client: Client) -> None:
    clock = running_clock(city().provider, on=dt.date(2019, 11, 4))
    assert "有新的规则" not in page_of(client, clock)
    PeriodRule.objects.filter(pk=clock.rule_id).update(in_force_to=dt.date(2019, 11, 11))
    PeriodRule.objects.create(
        kind=clock.kind,
        unit="working",
        length=20,
        statutory=True,
        instrument="某条例",
        article="第九条",
        in_force_from=dt.date(2019, 11, 11),
    )
    page = page_of(client, clock)
    assert "自 2019年11月11日（周一） 起有新的规则（20 个工作日，《某条例》第九条）" in page
    assert "仍按原规则计算" in page


def test_an_order_without_a_length_draws_no_days(client: Client) -> None:
    town = city()
    clock = running_clock(town.provider, "rectification", due_on=dt.date(2026, 4, 5))
    client.force_login(staff(town.provider, Role.APPROVER))
    page = page_of(client, clock)
    assert "以文书载明的日期为准" in page
    assert "逐日看" not in page


def test_a_long_life_costs_no_more_queries_than_a_short_one(client: Client) -> None:
    town = city()
    clock = running_clock(town.provider, on=dt.date(2026, 12, 22))
    client.force_login(staff(town.provider, Role.DATA_STEWARD))

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(client, clock)
        return len(captured)

    page_of(client, clock)
    short = cost()
    for number in range(1, 6):
        day = dt.date(2026, 12, 22 + number)
        clocks.hand_on(clock, to=(town.health, town.provider)[number % 2], on=day, at=at(day), by=PLATFORM)
    sweep(at=at(dt.date(2027, 1, 20)), on=dt.date(2027, 1, 20))
    load_notice(2027, rest=tuple(dt.date(2027, 1, day) for day in range(1, 7)))
    recounted(clock, cause="2027年放假安排", at=at(dt.date(2027, 1, 20)))
    assert cost() == short
