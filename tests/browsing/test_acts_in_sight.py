"""On a telephone's screen the acts follow what one decides about, before the long rest of the page (look: a case)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from requests_app import services
from tests.factories.requests import FILED_ON, REFUSE, Cast, at, cast, drafted, waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def play(live_server: LiveServer, page: Page) -> Cast:
    """The approver is signed in."""
    play = cast()
    signed_in = Client()
    signed_in.force_login(play.approver)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": signed_in.cookies[name].value, "url": live_server.url}])
    return play


def top(place: Locator) -> float:
    expect(place).to_be_visible()
    box = place.bounding_box()
    assert box is not None
    return box["y"]


def assert_in_this_order(page: Page, *places: Locator) -> None:
    tops = [top(place) for place in places]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_acts_of_a_long_batch_stand_between_its_text_and_its_list(page: Page, play: Cast) -> None:
    requests = [waiting(play, title=f"停车场余位（{number}）") for number in range(30)]
    ids = [request.pk for request in requests]
    batch = services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=FILED_ON, at=at(FILED_ON)).batch
    page.goto(batch.get_absolute_url())
    text = page.get_by_role("heading", name="共同的答复")
    acts = page.get_by_role("link", name="批准并一并送达")
    rest = page.get_by_role("heading", name="每件申请")
    assert_in_this_order(page, text, acts, rest)

    # on a wide screen they stand beside both
    page.set_viewport_size({"width": 1280, "height": 900})
    assert top(acts) < top(rest)
    expect(acts).to_be_in_viewport()
    assert page.locator("aside").bounding_box()["x"] > rest.bounding_box()["x"] + 600  # type: ignore[index]


def test_the_acts_of_a_request_stand_between_the_draft_and_what_happened(page: Page, play: Cast) -> None:
    page.goto(drafted(play).work_path)
    draft = page.get_by_role("heading", name="答复草稿")
    acts = page.get_by_role("heading", name="办理", exact=True)
    assert_in_this_order(page, draft, acts, page.get_by_role("heading", name="经过"))
