"""The portal served by the test itself, and a browser that visits it: cases are made by the factories."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests import surroundings
from tests.caching import forget
from tests.walk.people import FLAGS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright runs a loop in this thread, in which Django would not let the factories work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=surroundings.chromium(), args=FLAGS)
            yield running
            running.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A fresh profile on a telephone's screen; a fault in a script or against the policy fails the test."""
    forget()
    profile = browser.new_context(viewport={"width": 390, "height": 844}, base_url=live_server.url, locale="zh-CN")
    profile.set_default_timeout(20_000)
    tab = profile.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield tab
    profile.close()
    assert faults == []
