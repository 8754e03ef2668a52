"""On a telephone's screen the row of sections is cut; the one the reader is in stays in sight."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.rulebook import Keepers, keepers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(live_server: LiveServer) -> Keepers:
    return keepers()


@pytest.mark.parametrize(("who", "path"), [("supervisor", "/desk/calendar/"), ("officer", "/desk/rules/")])
def test_the_section_of_calendar_and_rules_is_in_sight(
    page: Page, live_server: LiveServer, people: Keepers, who: str, path: str
) -> None:
    signed_in = Client()
    signed_in.force_login(getattr(people, who))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": signed_in.cookies[name].value, "url": live_server.url}])
    page.goto(path)
    here = page.locator(".subnav [aria-current]")
    expect(here).to_have_text("日历与规则")
    expect(here).to_be_in_viewport(ratio=1)
