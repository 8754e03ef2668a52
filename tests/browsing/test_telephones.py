"""Signing up and in with a telephone, on a telephone's screen (an account by mail or telephone)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from guiyang_data.accounts.models import GatewayMessage, User
from tests.caching import forget

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.django_db(transaction=True)]

NUMBER = "138 0000 0001"


def code() -> str:
    """The code in the newest text message."""
    found = re.search(r"\d{6}", GatewayMessage.objects.latest("id").body)
    assert found is not None
    return found[0]


def ask_for_code(page: Page) -> None:
    page.get_by_label("手机号码").fill(NUMBER)
    page.get_by_role("button", name="发送短信验证码").click()
    expect(page.get_by_role("heading", name="填写短信验证码")).to_be_visible()
    expect(page.get_by_text("138****0001")).to_be_visible()


def test_a_citizen_signs_up_with_a_telephone_and_later_signs_in_with_it(page: Page) -> None:
    # given somebody who wants to file and has no account
    page.goto("/accounts/login/?next=/requests/new/")
    page.get_by_role("link", name="用短信验证码登录").click()
    # when the number is mistyped, then right, and the code mistyped, then right
    page.get_by_label("手机号码").fill("1380000")
    page.get_by_role("button", name="发送短信验证码").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写 11 位的中国大陆手机号码")
    ask_for_code(page)
    page.get_by_label("短信验证码").fill("000000" if code() != "000000" else "111111")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请检查短信中的六位数字")
    page.get_by_label("短信验证码").fill(code())
    page.get_by_role("button", name="登录", exact=True).click()
    # then a new number is asked for consent, and leads on to where they wanted to be
    page.get_by_role("button", name="同意并建立账号").click()
    expect(page.get_by_role("alert")).to_contain_text("同意后才能建立账号")
    page.get_by_label("我已阅读并同意隐私政策").check()
    page.get_by_role("button", name="同意并建立账号").click()
    expect(page.get_by_role("heading", name="申请开放数据")).to_be_visible()
    assert User.objects.get().phone == "13800000001"
    # when they come back another day
    page.context.clear_cookies()
    GatewayMessage.objects.all().delete()
    forget()  # the minute between two text messages
    page.goto("/accounts/phone/")
    ask_for_code(page)
    page.get_by_label("短信验证码").fill(code())
    page.get_by_role("button", name="登录", exact=True).click()
    # then they are in
    page.goto("/me/")
    expect(page.get_by_role("heading", name="我的账号")).to_be_visible()
    expect(page.locator("main").get_by_text("138****0001")).to_be_visible()
    assert User.objects.count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
