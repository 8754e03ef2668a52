"""Journeys of the public in a real browser: without an account on a wide screen and on a phone, and with one."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import desk, public
from tests.walk import chapter_four
from tests.walk.city import RunningPortal
from tests.walk.people import People

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("public")]

TRANSPORT, POLICE = "贵阳市交通委员会", "贵阳市公安局"


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_citizen_without_an_account_asks_and_objects(
    people: People, portal: RunningPortal, screen: str, tmp_path: Path
) -> None:
    phone = screen == "phone"
    due = portal.due_text("open-reply")
    paper = tmp_path / "线路清单.csv"
    paper.write_text("线路,方向\n1路,上行\n", encoding="utf-8")

    # given somebody who finds the way from the home page, and types what is needed
    citizen = people.visitor("citizen", phone=phone)
    citizen.opens("/requests/")
    citizen.follows("申请开放数据")
    public.types(citizen, f"公交车辆实时位置和满载率（{screen}）", like="公交车辆实时位置")
    citizen.fills("具体说明", "全市公交线路，每分钟一次，含线路、方向、经纬度和满载率。")
    public.attaches(citizen, paper)
    citizen.picture("需要什么")
    citizen.presses("下一步：向谁申请")
    chapter_four.chooses_agencies(citizen, TRANSPORT, POLICE)
    citizen.picture("两个机关")
    citizen.presses("下一步：您是谁")
    citizen.fills("邮箱", f"{screen}@example.org")
    citizen.picture("您是谁")
    citizen.presses("下一步：核对")
    citizen.sees("您向 2 个机关申请")

    # when it is filed, each agency has a clock; the receipt can be kept as paper and as a day of the calendar
    filed = public.submits(citizen, due=due)
    assert len(filed.numbers) == 2
    number, other = filed.numbers
    assert public.downloads(citizen, "下载回执（PDF）", tmp_path / "receipt.pdf").startswith(b"%PDF-")
    days = public.downloads(citizen, "加入日历", tmp_path / "due.ics").decode()
    assert days.count("BEGIN:VEVENT") == 2
    assert number in days
    citizen.leaves()

    # then the agency asks, and the citizen, back with number and code, answers
    clerk, approver = people["transport"], people["transport-approver"]
    desk.asks_question(clerk, number, "需要历史数据，还是只要实时的？")
    citizen = people.visitor("citizen", phone=phone)
    chapter_four.tracks(citizen, number, filed.code)
    public.answers(citizen, "需要历史数据，还是只要实时的？", "只要实时的。")

    # and the reply of two persons is read and objected to
    desk.drafts_in_part(
        clerk,
        number,
        part="线路、方向和位置",
        ground="商业秘密",
        basis="《中华人民共和国反不正当竞争法》第九条",
        reasons="满载率由运营企业采集，合同约定保密，现阶段不同意开放。",
    )
    desk.delivers(approver, number)
    citizen.opens(f"/requests/{number}/")
    citizen.sees("部分同意")
    citizen.picture("答复")
    objected = public.objects_to(
        citizen, "不同意的部分", which="满载率", why="企业已在手机应用里向乘客显示满载率，不构成商业秘密。"
    )
    assert objected.number.startswith("FH-")
    citizen.follows("查看办理进展")
    citizen.sees(re.compile("还剩"))
    citizen.picture("复核")

    # and a like request is followed, and the one to the other agency withdrawn
    like = portal.manage("shell", "-v", "0", "-c", LIKE).split()[-1]
    public.follows_by_mail(citizen, like, f"{screen}@example.org")
    public.withdraws(citizen, other)
    expect(citizen.main.get_by_text("待答复").or_(citizen.main.get_by_text("部分同意")).first).to_be_visible()
    people.leave()


LIKE = """
from requests_app.models import OpenRequest
print(OpenRequest.objects.get(title="公交车辆实时到站时间").number)
"""


def test_a_citizen_with_an_account_objects_and_complains(people: People, portal: RunningPortal) -> None:
    # given somebody who signs up with a mail address, and files two requests
    name = f"lin-{secrets.token_hex(3)}"
    mail = f"{name}@example.org"
    citizen = people.visitor(name)
    public.signs_up(citizen, name, mail)
    citizen.opens("/me/requests/")
    citizen.sees("还没有用这个账号提出过申请")
    citizen.picture("我的申请-空")
    answered, _code = chapter_four.files_request(citizen, title="道路停车泊位收费标准", agency=TRANSPORT)
    ignored, _code = chapter_four.files_request(citizen, title="公交专用道路段", agency=TRANSPORT)
    filed_on = portal.today()

    # then both stand among the own requests, and a question of the agency is marked there
    clerk, approver = people["transport"], people["transport-approver"]
    desk.asks_question(clerk, answered, "需要路内停车还是路外停车场？")
    citizen.opens("/me/requests/")
    citizen.sees("有询问待您回答")
    citizen.sees(ignored)
    citizen.picture("我的申请")

    # when one is answered, the notice is on the page and in the mail, and leads to the reply
    desk.drafts_in_part(
        clerk,
        answered,
        part="路内停车收费标准",
        ground="商业秘密",
        basis="《中华人民共和国反不正当竞争法》第九条",
        reasons="路外停车场由企业自主定价，合同约定保密，不同意开放。",
    )
    desk.delivers(approver, answered)
    citizen.opens("/notices/")
    citizen.picture("通知")
    citizen.main.get_by_role("link", name=re.compile("答复")).first.click()
    citizen.sees("路外停车场由企业自主定价")
    objected = public.objects_to(
        citizen, "不同意的部分", which="路外停车场", why="路外停车场的价格应当明码标价，不构成商业秘密。"
    )
    citizen.opens("/me/requests/?show=reviews")
    citizen.sees(objected.number)
    citizen.picture("我的复核")
    people.leave()

    # and the one nobody answers is overdue; a complaint about it is one step away and reaches the superior
    portal.let_days_pass((portal.due("open-reply", filed_on) - portal.today()).days + 1)
    citizen = people.visitor(name)
    citizen.signs_in(name)
    complaint = public.complains(citizen, ignored, superior="贵阳市人民政府", about=TRANSPORT)
    citizen.follows("查看办理进展")
    citizen.sees("公交专用道路段")
    citizen.picture("投诉举报-进展")
    receiver = people["government"]
    receiver.opens("/desk/complaints/")
    receiver.sees(complaint.number)
    receiver.picture("收到的投诉举报")
    clerk = people["transport"]
    clerk.opens("/desk/complaints/")
    expect(clerk.main.get_by_text(complaint.number)).to_have_count(0)
    people.leave()
