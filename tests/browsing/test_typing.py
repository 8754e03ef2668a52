"""What is like the words one types: with an input method, by pasting, and never in the way of filing (第二十一条)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Request, expect

from guiyang_data.notices.models import Follow
from opendata.models import OpenDataset
from requests_app.models import OpenRequest
from tests.factories import catalog, opendata
from tests.factories.requests import Cast, cast, waiting

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def play(live_server: Any) -> Cast:
    """A request and an open data set that are like what is typed, and one of each that is not."""
    made = cast()
    for title in ("公共停车场实时余位", "义务教育学校学区划分"):
        waiting(made, title=title)
    for title in ("公共停车场余位历史", "空气质量小时值"):
        opendata.carried_out(catalog.entry_in_force(made.city.provider, title=title, rows=catalog.ROWS, is_open=True))
    return made


@pytest.fixture
def asked(page: Page, play: Cast) -> Iterator[list[str]]:
    """The page of a new request, and each question it puts to the server while one types."""
    questions: list[str] = []

    def note(request: Request) -> None:
        if "/requests/new/similar/" in request.url:
            questions.append(request.url)

    page.on("request", note)
    page.goto("/requests/new/")
    yield questions
    page.remove_listener("request", note)


@pytest.fixture
def input_method(page: Page) -> CDPSession:
    """The browser's own input method interface, as a Chinese keyboard drives it."""
    return page.context.new_cdp_session(page)


def compose(method: CDPSession, letters: str) -> None:
    """Letters that are not a word yet, under the cursor."""
    given = {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
    method.send("Input.imeSetComposition", given)


def similar_shown(page: Page) -> None:
    """What is like a car park stands on the page, and what is not does not."""
    found = page.locator("#similar")
    expect(found.get_by_role("heading", name="已有类似申请")).to_be_visible()
    expect(found.get_by_role("link", name="公共停车场实时余位")).to_be_visible()
    expect(found.get_by_role("link", name="公共停车场余位历史")).to_be_visible()
    expect(found.get_by_text("学区")).to_have_count(0)
    expect(found.get_by_text("空气")).to_have_count(0)


def test_letters_of_an_input_method_ask_nothing_and_the_word_they_become_does(
    page: Page, asked: list[str], input_method: CDPSession
) -> None:
    # given the cursor in the title
    title = page.get_by_label("需要什么数据")
    title.focus()
    # when letters are composed, slowly
    for letters in ("t", "ting", "ting'che", "ting'che'chang"):
        compose(input_method, letters)
        page.wait_for_timeout(400)
    # then nothing was asked
    expect(title).to_have_value("ting'che'chang")
    assert asked == []
    # when the word is chosen
    input_method.send("Input.insertText", {"text": "停车场余位"})
    # then it is looked up, once
    similar_shown(page)
    expect(title).to_have_value("停车场余位")
    assert len(asked) == 1


def test_a_composition_that_is_given_up_asks_nothing(page: Page, asked: list[str], input_method: CDPSession) -> None:
    page.get_by_label("需要什么数据").focus()
    compose(input_method, "ting'che")
    compose(input_method, "")
    page.wait_for_timeout(600)
    assert asked == []


@pytest.mark.parametrize("field", ["需要什么数据", "具体说明"])
def test_pasted_words_are_looked_up(page: Page, asked: list[str], field: str) -> None:
    # given words on the clipboard
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('公共停车场的余位')")
    # when
    page.get_by_label(field).focus()
    page.keyboard.press("Control+V")
    # then
    similar_shown(page)
    assert len(asked) == 1


def test_fast_typing_asks_once_it_pauses(page: Page, asked: list[str]) -> None:
    page.get_by_label("需要什么数据").press_sequentially("停车场", delay=40)
    similar_shown(page)
    assert len(asked) <= 2


def test_following_is_offered_and_filing_goes_on_with_everything_typed(page: Page, asked: list[str]) -> None:
    # given what is similar stands there, with following beside it
    page.get_by_label("需要什么数据").fill("停车场余位")
    page.get_by_label("具体说明").fill("分停车场，每五分钟。")
    similar_shown(page)
    found = page.locator("#similar")
    expect(found.get_by_role("link", name="关注进展")).to_be_visible()
    expect(found.get_by_text("您仍可提交自己的申请，单独计时、单独答复")).to_be_visible()
    # when one goes on, nothing stands in the way
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("group", name="向哪个机关申请")).to_be_visible()
    # when one follows instead, on the way back
    page.go_back()
    page.locator("#similar").get_by_role("link", name="关注进展").click()
    page.get_by_label("邮箱").fill("reader@mail.example")
    page.get_by_role("button", name="发送确认邮件").click()
    # then the request that was begun is still there
    page.goto("/requests/new/")
    expect(page.get_by_label("需要什么数据")).to_have_value("停车场余位")
    expect(page.get_by_label("具体说明")).to_have_value("分停车场，每五分钟。")
    assert Follow.objects.count() == 1
    assert OpenRequest.objects.count() == 2
    assert OpenDataset.objects.count() == 2
