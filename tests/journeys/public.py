"""What somebody of the public does about a request: writes it, keeps the receipt, follows it, objects, withdraws."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect

from guiyang_data.web.demonstration.accounts import PASSWORD
from tests.services.composed import wait_until
from tests.walk.chapter_two import fill
from tests.walk.people import Someone

NUMBER = re.compile(r"(?:GY|FH|TS)-\d{4}-\d{5}")
CODE = re.compile(r"查询码\s*([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What stands on a receipt: the numbers in the order of the agencies, and the one code of them all."""

    numbers: tuple[str, ...]
    code: str = ""

    @property
    def number(self) -> str:
        return self.numbers[0]


def types(citizen: Someone, title: str, *, like: str) -> None:
    """Type what is needed, key by key; what is like it appears, and the form stays as it is."""
    field = citizen.main.get_by_label("需要什么数据")
    field.press_sequentially(title, delay=30)
    similar = citizen.main.get_by_label("类似的数据和申请")
    expect(similar.get_by_role("link", name=re.compile(like)).first).to_be_visible()
    expect(similar.get_by_text("关注不代替申请")).to_be_visible()
    expect(field).to_have_value(title)


def attaches(citizen: Someone, paper: Path) -> None:
    citizen.main.get_by_label(re.compile("^附件")).set_input_files(paper)


def submits(citizen: Someone, *, due: str) -> Kept:
    """The check shows the due day before sending; the receipt shows numbers and code."""
    citizen.sees(re.compile(f"最迟 {due}"))
    citizen.picture("核对")
    citizen.presses("提交申请")
    citizen.sees("申请已收到")
    citizen.picture("回执")
    return kept(citizen)


def kept(citizen: Someone) -> Kept:
    """Numbers and code of the receipt that stands on the screen."""
    text = citizen.main.inner_text()
    code = CODE.search(text)
    own = citizen.main.locator("#number").inner_text().strip()
    numbers = dict.fromkeys([own, *(found for found in NUMBER.findall(text) if found[:2] == own[:2])])
    return Kept(numbers=tuple(numbers), code=code[1] if code else "")


def downloads(citizen: Someone, link: str, to: Path) -> bytes:
    """What the link gives as a file."""
    with citizen.page.expect_download() as started:
        citizen.main.get_by_role("link", name=link).first.click()
    started.value.save_as(to)
    return to.read_bytes()


def answers(citizen: Someone, question: str, answer: str) -> None:
    """Answer what the agency asked."""
    citizen.sees(question)
    citizen.picture("收到询问")
    citizen.follows("回答询问")
    fill(citizen, "您的回答", answer)
    citizen.picture("回答询问")
    citizen.presses("提交回答")
    citizen.sees(answer)


def objects_to(citizen: Someone, part: str, *, which: str, why: str) -> Kept:
    """Apply for a review of a part of the reply, from the page of the request."""
    citizen.follows("申请复核")
    citizen.picture("申请复核")
    citizen.main.get_by_role("checkbox", name=part, exact=True).check()
    fill(citizen, "具体是哪一部分", which)
    citizen.main.get_by_label("异议的理由").fill(why)
    citizen.presses("提交复核申请")
    citizen.sees("复核申请已收到")
    citizen.picture("复核回执")
    return kept(citizen)


def follows_by_mail(citizen: Someone, number: str, mail: str) -> None:
    """Follow somebody else's request: an address, a mail, a press."""
    citizen.opens(f"/requests/{number}/")
    citizen.follows("用邮箱关注")
    fill(citizen, "邮箱", mail)
    citizen.picture("关注")
    citizen.main.locator("form[method=post] button[type=submit]").last.click()
    citizen.sees(re.compile("确认邮件"))
    citizen.picture("关注-待确认")
    opens_mail(citizen, mail, "/follow/confirm/")
    citizen.picture("关注-确认")
    citizen.main.locator("form[method=post] button[type=submit]").last.click()
    citizen.sees(re.compile("已关注|开始关注|已确认"))
    citizen.picture("关注-已确认")


def opens_mail(citizen: Someone, mail: str, link: str) -> None:
    """Open the link in the newest mail to this address that has one; the worker may still be sending it."""
    citizen.opens("/demo/outbox/")
    found = citizen.main.get_by_role("listitem").filter(has_text=mail).locator(f"a[href*='{link}']")

    def has_come() -> bool:
        if not found.count():
            citizen.page.reload()
        return found.count() > 0

    wait_until(has_come, what=f"the mail to {mail}")
    found.first.click()
    citizen.page.wait_for_load_state()


def withdraws(citizen: Someone, number: str) -> None:
    """Withdraw a request from its page; what was filed with it goes on."""
    citizen.opens(f"/requests/{number}/")
    citizen.follows("撤回申请")
    citizen.picture("撤回")
    citizen.presses("撤回申请")
    citizen.presses(re.compile("再按一次"))
    citizen.sees("申请已撤回")
    citizen.picture("已撤回")


def signs_up(citizen: Someone, name: str, mail: str) -> None:
    """Make an account with a mail address, and confirm the address."""
    citizen.opens("/accounts/signup/")
    form = citizen.main.locator("form").filter(has=citizen.page.locator("[name=password1]"))
    form.locator("[name=username]").fill(name)
    form.locator("[name=email]").fill(mail)
    for field in ("password1", "password2"):
        form.locator(f"[name={field}]").fill(PASSWORD)
    form.locator("[name=consent]").check()
    citizen.picture("注册")
    form.get_by_role("button", name="注册账号").click()
    citizen.sees(f"验证邮件已发到 {mail}")
    opens_mail(citizen, mail, "/accounts/confirm-email/")
    citizen.picture("验证邮箱")
    citizen.presses("确认这个邮箱")
    citizen.page.wait_for_load_state()


def complains(citizen: Someone, number: str, *, superior: str, about: str) -> Kept:
    """Complain about an overdue request, one step from its page (第二十九条)."""
    citizen.opens(f"/requests/{number}/")
    citizen.sees("已超过答复期限")
    citizen.picture("逾期的申请")
    citizen.follows("投诉举报")
    expect(citizen.main.get_by_role("radio", name=about, exact=True)).to_be_checked()
    citizen.sees(f"已选：{about}")
    expect(citizen.main.get_by_label(re.compile("事实和经过"))).to_have_value(re.compile(number))
    citizen.picture("投诉举报-什么事")
    citizen.presses("下一步：向谁提出")
    expect(citizen.main.get_by_role("checkbox", name=re.compile(superior))).to_be_checked()
    citizen.picture("投诉举报-向谁")
    citizen.presses("下一步：您是谁")
    citizen.picture("投诉举报-您是谁")
    citizen.presses(re.compile("下一步"))
    citizen.sees("服务目标，不是法定期限")
    citizen.picture("投诉举报-核对")
    citizen.main.locator("form[method=post] button[type=submit]").last.click()
    citizen.sees("投诉举报已收到")
    citizen.picture("投诉举报-回执")
    return kept(citizen)
