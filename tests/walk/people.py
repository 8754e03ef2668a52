"""People at browsers: each has a window of their own, finds the way by what the page says, leaves pictures if asked."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from guiyang_data.web.demonstration.accounts import PASSWORD
from tests.walk.city import RunningPortal

SLOW = 20_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Someone:
    """A person at a browser."""

    pictures = itertools.count(1)

    def __init__(self, browser: Browser, address: str, name: str, folder: Path, *, phone: bool = False) -> None:
        self.name = name
        self.address = address
        self.folder = folder
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        self.window = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size, accept_downloads=True, base_url=address
        )
        self.page: Page = self.window.new_page()
        self.page.set_default_timeout(SLOW)
        self.main: Locator = self.page.locator("main")
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def signs_in(self, username: str) -> Someone:
        self.page.goto("/accounts/login/")
        self.main.get_by_label(re.compile("用户名|邮箱|账号")).first.fill(username)
        self.main.get_by_label("密码", exact=False).first.fill(PASSWORD)
        self.main.get_by_role("button", name=re.compile("登录")).last.click()
        expect(self.page.get_by_role("link", name=re.compile("退出"))).to_be_visible()
        return self

    def opens(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def follows(self, name: str | re.Pattern[str]) -> None:
        self.main.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    def presses(self, name: str | re.Pattern[str]) -> None:
        self.main.get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()

    def fills(self, label: str | re.Pattern[str], text: str) -> None:
        self.main.get_by_label(label).first.fill(text)

    def chooses(self, label: str | re.Pattern[str], option: str) -> None:
        self.main.get_by_label(label).first.select_option(label=option)

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        found = self.main.get_by_text(text).first
        expect(found).to_be_visible(timeout=SLOW)
        return found

    def picture(self, name: str) -> None:
        """A picture of the whole page, numbered in the order of the walk, where GUIYANG_PICTURES asks for them."""
        if not os.environ.get("GUIYANG_PICTURES"):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.folder / f"{next(self.pictures):02d}-{name}.png", full_page=True)

    def leaves(self) -> None:
        self.window.close()
        assert self.complaints == [], f"{self.name}: {self.complaints}"


class People:
    """People at the portal, each signed in once they are needed, all leaving without a complaint of the page."""

    def __init__(self, browser: Browser, portal: RunningPortal, pictures: Path) -> None:
        self.browser = browser
        self.pictures = pictures
        self.portal = portal
        self.present: dict[str, Someone] = {}

    def __getitem__(self, username: str) -> Someone:
        if username not in self.present:
            someone = Someone(self.browser, self.portal.address, username, self.pictures)
            self.present[username] = someone.signs_in(username)
        return self.present[username]

    def visitor(self, name: str, *, phone: bool = False) -> Someone:
        self.present[name] = Someone(self.browser, self.portal.address, name, self.pictures, phone=phone)
        return self.present[name]

    def leave(self) -> None:
        for someone in self.present.values():
            someone.leaves()
        self.present.clear()
