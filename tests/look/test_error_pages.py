"""Error pages say what happened, what to do, and that nothing was lost."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from tests.look.reading import Page
from tests.look.test_gallery import draw

STATUSES = ("400", "403", "403_csrf", "404", "409", "422")


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_is_whole_without_any_message(status: str) -> None:
    page = Page(draw(f"{status}.html", {}))
    assert page.faults() == []
    assert len(page.all("h1")[0].text) > 5


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "409", "422"])
def test_an_error_page_says_that_nothing_was_changed(status: str) -> None:
    assert "没有改动任何内容" in draw(f"{status}.html", {})


@pytest.mark.parametrize("status", ["403", "404", "409", "422"])
def test_a_refusal_shows_its_own_message_its_fields_and_its_article(status: str) -> None:
    refusal = {"message": "没有理由不能保存。", "basis": "第十五条第二款", "fields": {"reasons": "请写明理由。"}}
    html = draw(f"{status}.html", refusal)
    assert "没有理由不能保存。" in html
    assert "请写明理由。" in html
    assert 'href="/law/#a15"' in html


def test_the_page_of_a_broken_server_needs_no_context_at_all() -> None:
    html = render_to_string("500.html")
    assert Page(html).faults() == []
    assert "没有改动任何内容" in html
