"""The walk, chapter 3 of the regulation: taking at once, applying, being refused, coordination."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.walk.chapter_two import does, fill
from tests.walk.people import Someone


def finds_to_share(someone: Someone, title: str) -> None:
    """Find an entry among what agencies share, and open its page."""
    someone.opens(f"/desk/sharing/?q={title}")
    someone.follows(re.compile(title))
    expect(someone.main.get_by_role("heading", name=re.compile(title), level=1)).to_be_visible()


def takes_at_once(someone: Someone, title: str, *, rows: str, downloads: Path) -> None:
    """Unconditional data: the duty is declared, the rows are there (第十五条第一款、第十七条)."""
    someone.opens("/desk/sharing/")
    someone.picture("共享-查找")
    finds_to_share(someone, title)
    someone.picture("共享-无条件")
    someone.follows(re.compile("登记|获取"))
    fill(someone, "所履行的职责", "公共卫生应急处置")
    fill(someone, "用途", "研判空气质量与呼吸道就诊人数的关系。")
    someone.main.get_by_role("checkbox").last.check()
    someone.presses("登记并打开数据")
    someone.sees(re.compile(rows))
    someone.picture("共享-数据")
    with someone.page.expect_download() as started:
        someone.main.get_by_role("link", name="下载 CSV", exact=True).first.click()
    started.value.save_as(downloads / "taken.csv")


def applies(someone: Someone, title: str, *, items: list[str], on: dt.date) -> str:
    """Apply for some items of a conditional entry, with duty, basis and purpose; the number."""
    finds_to_share(someone, title)
    someone.follows(re.compile("申请"))
    for box in someone.main.get_by_role("checkbox", checked=True).all():
        box.uncheck()
    for item in items:
        someone.main.get_by_role("checkbox", name=re.compile(f"^{item}")).first.check()
    fill(someone, "所履行的法定职责", "医疗救助对象身份核对")
    fill(someone, "职责依据", "《社会救助暂行办法》第二十九条")
    fill(someone, "用途", "办理医疗救助时核对申请人身份。")
    someone.main.get_by_label("使用期限自").fill(on.isoformat())
    someone.main.get_by_label("使用期限至").fill((on + dt.timedelta(days=300)).isoformat())
    someone.main.get_by_role("checkbox").last.check()
    someone.presses("提出共享申请")
    found = re.search(r"GX-\d{4}-\d{5}", someone.main.inner_text())
    assert found is not None, someone.main.inner_text()
    someone.sees(re.compile("还剩"))
    someone.picture("共享-申请")
    return found[0]


def agrees(approver: Someone, number: str) -> None:
    """The provider agrees; the grant opens at once, since the data is there."""
    approver.opens("/desk/")
    approver.sees(number)
    approver.opens(f"/desk/sharing/applications/{number}/")
    approver.picture("共享-待答复")
    does(approver, "答复：同意")
    approver.sees(re.compile("同意"))
    approver.picture("共享-已同意")


def reads_through_the_grant(someone: Someone, number: str, *, hidden: str, downloads: Path) -> None:
    """The requester queries and downloads through the grant, and sees only what was granted."""
    someone.opens(f"/desk/sharing/applications/{number}/")
    someone.follows(re.compile("授权"))
    someone.picture("共享-授权")
    someone.follows(re.compile("查询|数据"))
    someone.sees(re.compile("行"))
    assert not someone.main.get_by_role("columnheader", name=re.compile(hidden)).count()
    someone.picture("共享-经授权查询")
    with someone.page.expect_download() as started:
        someone.main.get_by_role("link", name="下载 CSV", exact=True).first.click()
    started.value.save_as(downloads / "granted.csv")


def sees_who_read(steward: Someone, title: str, agency: str) -> None:
    """The provider sees each reading: who, for what, how many rows (第十七条)."""
    finds_to_share(steward, title)
    steward.follows(re.compile("谁读取了这项数据"))
    expect(steward.main.get_by_role("cell", name=re.compile(agency)).first).to_be_visible()
    steward.picture("共享-读取记录")


def refuses(approver: Someone, number: str) -> None:
    """A refusal without reasons is sent back; with reasons it stands (第十五条第二款)."""
    approver.opens(f"/desk/sharing/applications/{number}/refuse/")
    approver.main.locator("form[method=post] button[type=submit]").last.click()
    approver.sees(re.compile("理由"))
    approver.picture("共享-缺理由")
    fill(approver, "理由", "申请的信息项超出所列职责需要，且没有说明必要性。")
    sure(approver)
    approver.sees("不同意")


def sure(someone: Someone) -> None:
    """Press the act's button, twice where it is dangerous and asks again."""
    button = someone.main.locator("form[method=post] button[type=submit]").last
    before = someone.page.url
    button.click()
    someone.page.wait_for_timeout(600)
    if someone.page.url == before and button.is_visible() and "确认" in button.inner_text():
        button.click()
    someone.page.wait_for_load_state()


def is_coordinated(requester: Someone, coordinator: Someone, approver: Someone, number: str) -> None:
    """The municipal authority hears both and gives its opinion; the provider makes the grant by its own act."""
    requester.opens(f"/desk/sharing/applications/{number}/")
    does(requester, "提请协调", 理由="履行医疗救助审核职责确需核对身份，没有其他来源。")
    found = re.search(r"XT-\d{4}-\d{5}", requester.main.inner_text())
    assert found is not None, requester.main.inner_text()
    coordinator.opens(f"/desk/sharing/coordinations/{found[0]}/")
    coordinator.picture("协调")
    does(
        coordinator,
        "协调意见：应当提供",
        意见内容="所申请的信息项为履行职责所必需，应当提供。",
        怎样听取="电话听取，提供机关坚持原答复意见。",
    )
    coordinator.picture("协调-意见")
    approver.opens(f"/desk/sharing/applications/{number}/")
    does(approver, "依协调意见提供")
    approver.sees(re.compile("授权"))
    approver.picture("协调-已提供")
