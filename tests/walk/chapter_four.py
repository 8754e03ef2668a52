"""The walk, chapter 4 of the regulation: opening an entry, asking for another, objecting to the answer."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.walk.chapter_two import does, fill
from tests.walk.people import Someone


def plans_opening(steward: Someone, title: str, *, suppressed: str, masked: str) -> str:
    """The steward leaves one column out and masks another; the plan's address."""
    steward.opens("/desk/opening/")
    steward.picture("待开放清单")
    row = steward.main.get_by_role("listitem").filter(has_text=title).first
    row.get_by_role("link", name=re.compile("编制开放方案")).click()
    steward.presses("编制开放方案")
    steward.sees("脱敏方法")
    choose_technique(steward, suppressed, "不开放该项")
    choose_technique(steward, masked, "掩码")
    place = steward.main.get_by_role("listitem").filter(
        has=steward.page.get_by_role("heading", name=masked, exact=True)
    )
    place.get_by_label(re.compile("前")).first.fill("1")
    steward.presses("保存方案")
    steward.picture("开放方案")
    plan = steward.page.url
    does(steward, "提请保密审查")
    return plan


def choose_technique(steward: Someone, column: str, technique: str) -> None:
    """Choose what is done to a column of the plan."""
    place = steward.main.get_by_role("listitem").filter(
        has=steward.page.get_by_role("heading", name=column, exact=True)
    )
    field = place.get_by_label(re.compile("脱敏方法"))
    field.select_option(value=field.locator("option", has_text=technique).first.get_attribute("value"))


def clears_the_plan(approver: Someone, title: str) -> None:
    """The second person judges the plan (第二十四条)."""
    approver.opens("/desk/")
    approver.follows(re.compile(f"保密审查.*{title}"))
    approver.picture("开放的保密审查")
    if not approver.main.get_by_text("审查结论").count():
        approver.follows(re.compile("作出保密审查结论"))
    approver.main.get_by_role("radio", name=re.compile("可以|通过")).first.check()
    approver.presses("作出审查结论")
    approver.sees("保密审查通过")


def opens(steward: Someone, plan: str) -> None:
    """The plan is carried out by the worker; the data set stands on the public site."""
    steward.page.goto(plan)
    does(steward, "开放数据")
    expect(steward.main.get_by_role("link", name=re.compile("查看公众页面")).first).to_be_visible(timeout=60_000)
    steward.page.goto(plan)
    steward.sees("已开放")
    steward.picture("已向社会开放")


def finds_and_downloads(visitor: Someone, title: str, *, hidden: str, downloads: Path) -> str:
    """Somebody finds the data set, looks at it, downloads it in two presses; its address."""
    visitor.opens("/")
    visitor.picture("首页")
    visitor.main.get_by_label("找数据").fill(title)
    visitor.presses("搜索")
    visitor.picture("数据目录")
    visitor.follows(re.compile(f"^{re.escape(title)}$"))
    expect(visitor.main.get_by_role("heading", name=title, level=1)).to_be_visible()
    visitor.picture("数据集")
    assert not visitor.main.get_by_role("columnheader", name=re.compile(hidden)).count()
    dataset = visitor.page.url
    for tab, picture in (("字段", "字段"), ("下载", "下载"), ("接口", "接口"), ("版本", "版本")):
        visitor.page.goto(dataset)
        visitor.main.locator("nav.tabs").get_by_role("link", name=re.compile(f"^{tab}")).first.click()
        visitor.page.wait_for_load_state()
        visitor.picture(f"数据集-{picture}")
    for kind in ("csv", "json"):
        visitor.page.goto(f"{dataset}download/")
        with visitor.page.expect_download() as started:
            visitor.main.locator(f"a[href*='.{kind}']").first.click()
        started.value.save_as(downloads / f"open.{kind}")
    return dataset


def files_request(citizen: Someone, *, title: str, agency: str) -> tuple[str, str]:
    """Without an account: what, whose, who, check with the due day, receipt; the number and the code."""
    citizen.opens("/requests/new/")
    fill(citizen, "需要什么数据", title)
    citizen.presses("下一步：向谁申请")
    chooses_agencies(citizen, agency)
    citizen.presses("下一步：您是谁")
    fill(citizen, "邮箱", "someone@example.org")
    citizen.presses("下一步：核对")
    citizen.sees(re.compile("24:00 前"))
    citizen.picture("申请-核对")
    citizen.presses("提交申请")
    number = citizen.sees(re.compile(r"GY-\d{4}-\d{5}")).inner_text()
    citizen.picture("申请-回执")
    found = re.search(r"GY-\d{4}-\d{5}", number)
    code = re.search(r"查询码\s*[:：]?\s*([A-Z0-9-]{6,})", citizen.main.inner_text())
    assert found is not None
    assert code is not None, citizen.main.inner_text()
    return found[0], code[1]


def chooses_agencies(citizen: Someone, *agencies: str) -> None:
    """Tick these agencies and no other: where they are suggested, else found by their names in the whole list."""
    expect(citizen.main.get_by_role("group", name="向哪个机关申请")).to_be_visible()
    for ticked in citizen.main.locator("input[name=agencies]:checked").all():
        ticked.uncheck()
    for agency in agencies:
        named = citizen.main.get_by_role("checkbox", name=re.compile(f"^{agency}"))
        if not named.first.is_visible():
            citizen.main.get_by_label(re.compile("按名称查找")).fill(agency)
        named.first.check()
    citizen.sees(f"已选 {len(agencies)} 个机关")


def refuses(steward: Someone, approver: Someone, number: str) -> None:
    """The provider refuses with reasons: drafted by one, delivered by a second."""
    steward.opens("/desk/")
    steward.sees(number)
    steward.picture("提供机关-待办")
    steward.opens(f"/desk/requests/{number}/")
    steward.picture("申请-办理")
    steward.follows("起草答复")
    steward.main.get_by_role("radio", name=re.compile("^不同意")).first.check()
    fill(steward, "不同意的情形", "商业秘密")
    fill(steward, "依据或者证明", "《中华人民共和国反不正当竞争法》第九条")
    fill(steward, "为什么脱敏、脱密后仍不能开放", "位置是保密的内容本身，模糊以后不能反映车辆在哪里。")
    fill(steward, "理由", "实时位置由运营企业采集，合同约定保密，现阶段不同意开放。")
    steward.picture("申请-起草答复")
    steward.presses("报请审批")
    approver.opens(f"/desk/requests/{number}/")
    approver.picture("申请-审批")
    does(approver, "批准并送达", contains=True)
    approver.sees(re.compile("不同意"))


def tracks(citizen: Someone, number: str, code: str) -> None:
    """Open one's case by number and code, as somebody does who comes back."""
    citizen.opens("/requests/track/")
    fill(citizen, "查询号", number)
    fill(citizen, "查询码", code)
    citizen.presses("查看进展")
    citizen.sees(re.compile("这是您"))


def objects(citizen: Someone, number: str, code: str) -> str:
    """The citizen reads the answer with number and code, and applies for a review; its number."""
    tracks(citizen, number, code)
    citizen.sees("不同意")
    citizen.picture("申请-答复")
    citizen.follows(re.compile("复核"))
    citizen.main.get_by_label("不同意的部分").check()
    fill(citizen, "具体是哪一部分", "不同意开放实时位置")
    fill(citizen, "异议的理由", "同样的数据在企业的手机应用里公开显示，不构成商业秘密。")
    citizen.presses("提交复核申请")
    text = citizen.sees(re.compile(r"FH-\d{4}-\d{5}")).inner_text()
    citizen.picture("复核-已提出")
    found = re.search(r"FH-\d{4}-\d{5}", text)
    assert found is not None
    return found[0]


def accepts_and_decides(reviewer: Someone, number: str) -> None:
    """The authority accepts the review, then answers within a clock of its own: open it."""
    reviewer.opens(f"/desk/reviews/{number}/")
    if reviewer.main.get_by_role("link", name="受理", exact=True).count():
        does(reviewer, "受理")
    reviewer.sees(re.compile("还剩"))
    reviewer.picture("复核-已受理")
    reviewer.follows("变更原答复")
    reviewer.main.get_by_role("radio", name=re.compile("应当开放")).first.check()
    fill(reviewer, "理由", "数据已由企业主动公开展示，不属于商业秘密，应当向社会开放。")
    reviewer.presses("反馈结果：变更原答复")
    reviewer.sees("变更")
    reviewer.picture("复核-结果")
