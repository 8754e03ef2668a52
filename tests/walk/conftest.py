"""What walks and journeys have in common: one browser for a module, and people who leave pictures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import surroundings
from tests.walk.city import ROOT, RunningPortal
from tests.walk.people import FLAGS, People

PICTURES = ROOT / "screenshots"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=surroundings.chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def people(browser: Browser, portal: RunningPortal, request: pytest.FixtureRequest) -> People:
    pictures = PICTURES / request.node.name.removeprefix("test_")
    if os.environ.get("GUIYANG_PICTURES"):
        shutil.rmtree(pictures, ignore_errors=True)
    return People(browser, portal, pictures)
