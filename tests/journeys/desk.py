"""What the staff of an agency do about a request: find it by its due day, ask, draft, approve, transfer."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.walk.chapter_two import does, fill
from tests.walk.people import Someone


def case(number: str) -> str:
    return f"/desk/requests/{number}/"


def asks_question(clerk: Someone, number: str, question: str) -> None:
    """Ask the applicant; the clock goes on."""
    clerk.opens(case(number))
    clerk.picture("申请")
    clerk.follows("向申请人询问")
    fill(clerk, "要问申请人的内容", question)
    clerk.picture("询问")
    clerk.presses("发出询问")
    clerk.sees("期限继续计算")


TREATABLE = ("国家秘密", "商业秘密", "个人隐私")


def drafts_in_part(clerk: Someone, number: str, *, part: str, ground: str, basis: str, reasons: str) -> None:
    """Draft: agreed in part, the rest refused with its ground, its basis, why treating it would not do, and reasons."""
    clerk.opens(case(number))
    clerk.follows("起草答复")
    # what only another answer asks for is not in the way
    expect(clerk.main.get_by_label("没有数据的：检索了哪里")).to_be_hidden()
    clerk.main.get_by_role("radio", name="部分同意", exact=True).check()
    clerk.main.get_by_role("radio", name=re.compile("^开放|向社会开放")).first.check()
    fill(clerk, "同意的是哪一部分", part)
    fill(clerk, "不同意的情形", ground)
    fill(clerk, "依据或者证明", basis)
    if ground in TREATABLE:
        fill(clerk, "为什么脱敏、脱密后仍不能开放", "保密的正是不同意的部分，处理后没有可以开放的内容。")
    fill(clerk, "理由", reasons)
    clerk.picture("起草答复")
    clerk.presses("报请审批")
    clerk.sees("答复草稿已报请审批")
    clerk.picture("已报审")


def delivers(approver: Someone, number: str) -> None:
    """The second person reads the draft and delivers it."""
    approver.opens(case(number))
    approver.picture("审批")
    does(approver, "批准并送达", contains=True)
    approver.sees("答复已送达申请人")
    approver.picture("已送达")


def returns(approver: Someone, number: str, why: str) -> None:
    """The second person sends the draft back; the clock goes on."""
    approver.opens(case(number))
    approver.follows("退回修改")
    fill(approver, "为什么退回", why)
    approver.main.locator("form[method=post] button[type=submit]").last.click()
    approver.sees("草稿已退回起草人")


def transfers(clerk: Someone, number: str, to: str, why: str) -> None:
    """Hand the request to the agency in charge; the clock does not begin anew."""
    clerk.opens(case(number))
    clerk.follows("转给主管该数据的机关")
    clerk.main.get_by_label("按名称查找").fill(to)
    clerk.main.get_by_role("radio", name=to, exact=True).check()
    clerk.sees(f"已选：{to}")
    fill(clerk, "为什么由对方答复", why)
    clerk.picture("转办")
    clerk.presses("转出")
    clerk.sees("期限不重新计算")
    clerk.picture("已转出")


def days_left(clerk: Someone) -> list[int]:
    """How many days each line of the list has left, from the top; what is late counts below zero."""
    found = []
    for line in clerk.main.locator(".work .clock-line__headline").all_inner_texts():
        days = re.search(r"\d+", line)
        number = int(days[0]) if days else 0
        found.append(-number if "逾期" in line else number)
    return found
