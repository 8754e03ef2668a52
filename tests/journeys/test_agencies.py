"""Journeys of those who answer and those who review, in a real browser, with time moved on."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests.journeys import desk, public
from tests.walk.chapter_four import files_request, tracks
from tests.walk.chapter_two import does, fill
from tests.walk.city import RunningPortal
from tests.walk.people import People

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("agencies")]

TRANSPORT, HEALTH, AUTHORITY = "贵阳市交通委员会", "贵阳市卫生健康局", "贵阳市大数据发展管理局"
IN_PART = {
    "part": "名称、位置和泊位总数",
    "ground": "商业秘密",
    "basis": "《中华人民共和国反不正当竞争法》第九条",
    "reasons": "实时余位由合作企业采集，合同约定保密，现阶段不同意开放。",
}


def test_a_clerk_and_an_approver_answer(people: People, portal: RunningPortal) -> None:
    due = portal.due_text("open-reply")
    filed_on = portal.today()

    # given two requests, one of them with the wrong agency
    asker = people.visitor("asker")
    wrong, _code = files_request(asker, title="公路客运站实时余票", agency=HEALTH)
    late, _code = files_request(asker, title="网约车平台公司名录", agency=TRANSPORT)

    # when the wrong one hands it on, the clock does not begin anew
    health, clerk, approver = people["health"], people["transport"], people["transport-approver"]
    desk.transfers(health, wrong, TRANSPORT, "客运站由交通运输部门主管，本机关没有这项数据。")

    # then the clerk finds it in the to-do list, what is due first on top
    clerk.opens("/desk/")
    days = desk.days_left(clerk)
    assert days == sorted(days)
    clerk.sees(re.compile("公路客运站实时余票"))
    clerk.picture("待办")
    clerk.opens(desk.case(wrong))
    clerk.sees(re.compile(due))
    clerk.sees("客运站由交通运输部门主管，本机关没有这项数据。")

    # and asks, drafts, and cannot approve the own draft; a second person sends it back, then delivers it
    desk.asks_question(clerk, wrong, "需要哪几个客运站？")
    desk.drafts_in_part(clerk, wrong, **IN_PART)
    assert not clerk.main.get_by_role("link", name=re.compile("批准并送达")).count()
    desk.returns(approver, wrong, "请写明名称和位置何时开放。")
    clerk.opens(desk.case(wrong))
    clerk.sees("请写明名称和位置何时开放。")
    clerk.picture("退回的草稿")
    desk.drafts_in_part(clerk, wrong, **IN_PART | {"part": "名称和位置，一个月内开放"})
    desk.delivers(approver, wrong)
    asker.opens(f"/requests/{wrong}/")
    asker.sees("部分同意")
    asker.sees(IN_PART["reasons"])
    people.leave()

    # and what is answered after its due day is answered all the same, and marked late
    portal.let_days_pass((portal.due("open-reply", filed_on) - portal.today()).days + 2)
    clerk, approver = people["transport"], people["transport-approver"]
    clerk.opens("/desk/requests/?state=late")
    clerk.sees("网约车平台公司名录")
    clerk.picture("逾期的申请")
    desk.drafts_in_part(clerk, late, **IN_PART)
    desk.delivers(approver, late)
    approver.sees(re.compile("逾期 2 天"))
    reader = people.visitor("reader")
    reader.opens(f"/requests/{late}/")
    reader.sees("逾期答复")
    reader.picture("逾期答复")
    people.leave()


def test_a_reviewer_decides_and_silence_accepts(people: People, portal: RunningPortal) -> None:
    asker = people.visitor("asker")
    first, _code = files_request(asker, title="停车场实时余位", agency=TRANSPORT)
    second, code = files_request(asker, title="公共自行车站点", agency=TRANSPORT)
    clerk, approver = people["transport"], people["transport-approver"]
    for asked in (first, second):
        desk.drafts_in_part(clerk, asked, **IN_PART)
        desk.delivers(approver, asked)

    # given objections to both replies
    asker.opens(f"/requests/{first}/")
    heard = public.objects_to(asker, "不同意的部分", which="实时余位", why="余位在企业的应用里公开，不是商业秘密。")
    asker.opens(f"/requests/{second}/")
    silent = public.objects_to(asker, "不同意的情形和依据", which="", why="站点位置在街上人人看得见，不是商业秘密。")

    # when the reviewer accepts one, and the agency explains itself
    reviewer = people["reviewer"]
    reviewer.opens("/desk/reviews/")
    reviewer.picture("复核列表")
    reviewer.opens(f"/desk/reviews/{heard.number}/")
    reviewer.picture("待受理")
    does(reviewer, "受理")
    reviewer.sees("已受理，10 日内反馈结果")
    clerk.opens(f"/desk/reviews/{heard.number}/")
    clerk.picture("答复机关看复核")
    does(clerk, "提交说明", 说明="企业的应用只显示有无余位，不显示数量。")
    reviewer.opens(f"/desk/reviews/{heard.number}/")
    reviewer.sees("企业的应用只显示有无余位，不显示数量。")
    reviewer.picture("复核中")

    # then a new reply is required by a day that no law sets
    by = portal.today() + dt.timedelta(days=20)
    does(
        reviewer,
        "要求重新答复",
        重新答复的期限=by.isoformat(),
        理由="原答复没有写明合同约定的范围，应当核实后重新答复。",
    )
    reviewer.sees("复核结果已反馈申请人并公开")
    reviewer.picture("要求重新答复")
    asker.opens(f"/requests/{first}/")
    asker.sees(re.compile(f"{by.month}月{by.day}日"))
    asker.sees(re.compile("非法定期限"))
    asker.picture("等待重新答复")
    reader = people.visitor("reader")
    reader.opens(f"/reviews/{heard.number}/")
    reader.sees("某公民")
    reader.picture("公开的复核结果")
    people.leave()

    # and an objection on which nobody decides in five working days is accepted on that day
    silent_until = portal.due("review-acceptance", portal.today())
    portal.let_days_pass((silent_until - portal.today()).days + 1)
    reviewer = people["reviewer"]
    reviewer.opens(f"/desk/reviews/{silent.number}/")
    reviewer.sees("五个工作日内未作决定，视为受理")
    reviewer.picture("视为受理")
    asker = people.visitor("asker-again")
    tracks(asker, second, code)
    asker.opens(f"/reviews/{silent.number}/")
    result_due = portal.due("review-result", silent_until)
    asker.sees(re.compile(f"{result_due.month}月{result_due.day}日"))
    asker.picture("视为受理-申请人")
    people.leave()

    # and a result that does not come in ten days is brought before the municipal government
    portal.let_days_pass((result_due - portal.today()).days + 1)
    government = people["government"]
    government.opens("/desk/oversight/")
    government.sees(re.compile("公共自行车站点"))
    government.picture("市政府-逾期的复核")
    government.main.get_by_role("link", name=re.compile("公共自行车站点")).first.click()
    government.sees(re.compile("逾期 1 天"))
    government.picture("市政府-逾期上报")
    people.leave()


def test_who_took_part_in_a_reply_does_not_review_it(people: People, portal: RunningPortal) -> None:
    # given a reviewer who is made approver of the authority too, and delivers its reply
    asker = people.visitor("asker")
    asked, _code = files_request(asker, title="政务云使用情况", agency=AUTHORITY)
    administrator = people["system-admin"]
    administrator.opens("/me/agency/")
    administrator.follows("分配角色")
    fill(administrator, "用户名", "reviewer")
    fill(administrator, "角色", "审批人")
    administrator.picture("分配角色")
    administrator.main.locator("form[method=post] button[type=submit]").last.click()
    administrator.page.wait_for_load_state()
    reviewer = people["reviewer"]
    desk.drafts_in_part(people["authority"], asked, **IN_PART)
    desk.delivers(reviewer, asked)

    # when somebody objects to it
    asker.opens(f"/requests/{asked}/")
    objected = public.objects_to(asker, "答复写的理由", which="", why="理由没有说明哪些内容属于商业秘密。")

    # then that reviewer is told why it is for others to decide
    reviewer.opens(f"/desk/reviews/{objected.number}/")
    reviewer.sees("您参与过这份答复的起草或者审批，复核由未参与的人员办理。")
    expect(reviewer.main.get_by_role("link", name="受理", exact=True)).to_have_count(0)
    reviewer.picture("参与过答复的人不能复核")
    people.leave()
