"""Every part in every state, read as a screen reader reads it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from guiyang_data.faces.cells import clock_line
from tests.look.gallery import FACES, Face, RequestForm, context
from tests.look.reading import LANDMARKS, Page


def draw(template: str, values: dict[str, object], cookies: dict[str, str] | None = None) -> str:
    """The template with the shell's context, for somebody who is not signed in."""
    request = RequestFactory().get("/gallery/?page=6&site=云岩")
    request.COOKIES.update(cookies or {})
    portal = {"name": "贵阳市政府数据平台", "section": "data", "demonstration": True}
    shell = {"request": request, "user": AnonymousUser(), "csrf_token": "token", "portal": portal}
    return render_to_string(template, shell | values)


@pytest.fixture(scope="module")
def gallery() -> Page:
    return Page(draw("parts/gallery.html", context()))


def test_the_gallery_has_nothing_in_the_way_of_a_screen_reader(gallery: Page) -> None:
    assert gallery.faults() == []


def test_every_page_has_its_landmarks_and_a_skip_link_to_the_text(gallery: Page) -> None:
    assert {one.tag for one in gallery.elements} >= LANDMARKS
    first_link = gallery.all("a")[0]
    assert first_link.attributes["href"] == "#content"
    assert gallery.all("main")[0].attributes["id"] == "content"


def test_navigations_are_told_apart_by_their_names(gallery: Page) -> None:
    names = [one.attributes.get("aria-label", "") for one in gallery.all("nav")]
    assert all(names)
    assert len(set(names)) == len(names)


def test_the_section_one_is_in_is_marked_in_the_main_navigation(gallery: Page) -> None:
    current = [
        one.text for one in gallery.all("a") if one.attributes.get("aria-current") == "page" and one.within("header")
    ]
    assert current == ["数据"]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.headline)
def test_a_clock_says_its_state_in_words_and_shows_an_icon(face: Face) -> None:
    for html in (render_to_string("parts/clock.html", {"face": face}), clock_line(face)):
        page = Page(html)
        assert face.headline in page.elements[0].text
        assert page.all("svg")[0].attributes["aria-hidden"] == "true"


def test_a_provisional_clock_says_so_and_why() -> None:
    face = Face(state="on_time", days=9, headline="还剩 9 天", provisional=True, provisional_reason="安排尚未公布。")
    html = render_to_string("parts/clock.html", {"face": face})
    assert "（暂定）" in html
    assert "暂定：安排尚未公布。" in html


def test_a_service_target_is_never_called_statutory() -> None:
    face = Face(state="near", days=1, headline="还剩 1 天", statutory=False)
    for html in (render_to_string("parts/clock.html", {"face": face}), clock_line(face)):
        assert "服务目标，非法定期限" in html


def test_a_late_clock_says_when_it_was_due() -> None:
    html = render_to_string("parts/clock.html", {"face": FACES[2], "ending": "反馈结果"})
    assert "逾期 3 天 · 应于 11月25日（周三）24:00 前反馈结果" in html


def test_the_error_summary_names_each_field_and_leads_to_it(gallery: Page) -> None:
    links = [one for one in gallery.all("a") if one.attributes["href"].startswith("#id_")]
    assert [one.attributes["href"] for one in links] == ["#id_kind_0", "#id_agency", "#id_agreed"]
    assert links[1].text.startswith("向谁申请：")


def test_a_wrong_field_is_tied_to_its_message_and_its_hint() -> None:
    form = RequestForm({"title": ""})
    page = Page(render_to_string("parts/field.html", {"field": form["title"]}))
    entry = page.all("input")[0].attributes
    assert entry["aria-invalid"] == "true"
    assert set(entry["aria-describedby"].split()) == {"id_title_helptext", "id_title_error"}
    assert set(page.ids()) >= {"id_title_helptext", "id_title_error"}


def test_what_a_form_prints_of_itself_is_the_portals_part() -> None:
    assert str(RequestForm()["agency"].as_field_group()).strip().startswith('<div class="field">')
    assert 'class="field field--check"' in str(RequestForm())


def test_a_form_carries_its_submission_token_and_says_what_is_optional(gallery: Page) -> None:
    tokens = [one for one in gallery.all("input") if one.attributes.get("name") == "submission"]
    assert [one.attributes["value"] for one in tokens] == ["7d1c"]
    labels = {one.attributes["for"]: one.text for one in gallery.all("label") if "for" in one.attributes}
    assert labels["id_purpose"].endswith("（可不填）")
    assert not labels["id_title"].endswith("（可不填）")


def test_text_typed_by_people_is_escaped_in_every_part() -> None:
    evil = "<script>alert(1)</script>"
    values = context()
    values["facts"] = [(evil, evil, evil)]
    values["events"] = [{"what": evil, "who": evil, "article": evil, "note": evil}]
    values["rows"] = [[evil, {"text": evil, "url": evil}, evil, evil * 3]]
    values["chart"]["title"] = evil
    values["items"][0] |= {"title": evil, "detail": evil, "article": evil}
    values["acts"][0] |= {"label": evil, "consequence": evil}
    values["call"] = evil
    assert evil not in draw("parts/gallery.html", values)


def test_a_dangerous_act_is_opened_first_and_its_consequence_written_out(gallery: Page) -> None:
    summary = next(one for one in gallery.all("summary") if one.text == "撤回申请")
    box = summary.around[-1]
    assert "open" not in box.attributes
    assert "撤回后时钟停止" in box.text
    confirm = next(one for one in gallery.all("button") if one.text == "确认撤回申请")
    assert box in confirm.around


def test_the_main_act_comes_first_and_a_dangerous_one_last(gallery: Page) -> None:
    labels = ["变更：应当开放", "维持原答复", "打印卷宗", "登记收到", "撤回申请"]
    found = [one.text for one in gallery.all("a", "button", "summary") if "button" in one.attributes.get("class", "")]
    assert [text for text in dict.fromkeys(found) if text in labels] == labels


def test_the_form_of_a_refused_act_stands_open_with_what_was_typed() -> None:
    form = RequestForm({"title": "公交车辆实时位置"})
    html = render_to_string("parts/act.html", {"act": {"label": "提交", "url": "#", "form": form}})
    assert '<details class="act" open>' in html
    assert 'value="公交车辆实时位置"' in html


def test_a_table_row_tells_its_column_on_a_phone_and_an_empty_cell_says_so(gallery: Page) -> None:
    cells = [one for one in gallery.all("td") if "data-label" in one.attributes]
    assert [one.attributes["data-label"] for one in cells[:4]] == ["监测时间", "站点", "PM2.5（μg/m³）", "说明"]
    assert any(one.attributes.get("aria-label") == "空" for one in gallery.all("span"))


def test_a_sorted_column_says_which_way(gallery: Page) -> None:
    sorted_columns = [one for one in gallery.all("th") if "aria-sort" in one.attributes]
    assert [(one.attributes["aria-sort"], one.text[:4]) for one in sorted_columns] == [("descending", "监测时间")]


def test_turning_a_page_keeps_the_rest_of_the_address(gallery: Page) -> None:
    following = next(one for one in gallery.all("a") if one.attributes.get("rel") == "next")
    assert following.attributes["href"].startswith("?page=7&site=")


def test_a_chart_gives_the_numbers_it_is_drawn_from(gallery: Page) -> None:
    figure = gallery.all("figure")[0]
    cells = [one.text for one in gallery.all("td") if figure in one.around]
    assert cells == ["31", "27", "38", "29", "40", "—", "33", "24"]


def test_a_running_job_is_polled_and_an_ended_one_is_not(gallery: Page) -> None:
    polled = [one.attributes["hx-get"] for one in gallery.elements if "hx-get" in one.attributes]
    assert polled == ["/jobs/1/", "/jobs/2/"]


def test_a_history_is_told_in_words_and_each_of_its_states_has_a_height_of_its_own(gallery: Page) -> None:
    strip = next(one for one in gallery.elements if one.attributes.get("class") == "strip")
    assert strip.attributes["role"] == "img"
    assert strip.attributes["aria-label"].startswith("近 30 天：24 天正常")


def test_an_empty_list_says_what_would_appear_and_what_to_do_next(gallery: Page) -> None:
    empty = next(one for one in gallery.elements if one.attributes.get("class") == "empty")
    assert "按到期日排列" in empty.text
    assert "看已办结的" in empty.text


def test_large_text_and_high_contrast_are_drawn_by_the_server_from_the_cookie() -> None:
    chosen = Page(draw("404.html", {}, {"look_text": "large", "look_contrast": "high"}))
    assert chosen.all("html")[0].attributes.items() >= {"data-text": "large", "data-contrast": "high"}.items()
    forged = Page(draw("404.html", {}, {"look_text": '"><script>', "look_contrast": "none"}))
    assert set(forged.all("html")[0].attributes) == {"lang"}
