"""What the scripts add, in a real browser: menu, look, copying, drafts, the second press, charts, files going up."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import surroundings
from tests.look.gallery import RequestForm, context
from tests.look.test_gallery import draw

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("scripts")]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the folder under the portal's own content security policy; a POST is answered with the posted length.

    Answers wait while ``may_answer`` is cleared.
    """

    may_answer = threading.Event()
    may_answer.set()

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.rfile.read(length)
        self.may_answer.wait(30)
        sheet = '<link rel="stylesheet" href="/static/css/catalog.css">'
        body = f"<!doctype html><head><title>收到</title>{sheet}</head><main><h1>收到 {length > 0}</h1></main>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        return


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("look")
    (folder / "static").symlink_to(settings.BASE_DIR / "static")
    unsent = context() | {"form": RequestForm(), "jobs": []}
    (folder / "gallery.html").write_text(draw("parts/gallery.html", unsent), encoding="utf-8")
    (folder / "wrong.html").write_text(draw("parts/gallery.html", context() | {"jobs": []}), encoding="utf-8")
    (folder / "other.html").write_text(draw("404.html", {}).replace("error-page", "plain"), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=surroundings.chromium(), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh browser profile at the gallery; a fault in a script or against the policy fails the test."""
    tab = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address).new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    tab.goto("/gallery.html")
    yield tab
    tab.context.close()
    assert faults == []


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_no_page_is_wider_than_its_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_menu_opens_by_its_button_and_closes_by_escape(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="菜单").click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.get_by_role("button", name="菜单")).to_be_focused()


def test_without_scripts_everything_can_be_reached(browser: Browser, address: str) -> None:
    tab = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800}).new_page()
    tab.goto(f"{address}/gallery.html")
    expect(tab.locator("#menu").get_by_role("link", name="数据", exact=True)).to_be_visible()
    expect(tab.locator(".chart table")).to_be_visible()
    expect(tab.get_by_role("button", name="大字版")).to_have_count(0)
    tab.get_by_text("撤回申请", exact=True).click()
    expect(tab.get_by_role("button", name="确认撤回申请")).to_be_visible()
    tab.context.close()


@pytest.mark.parametrize(
    ("button", "attribute", "cookie"),
    [("大字版", "data-text", "look_text"), ("高对比", "data-contrast", "look_contrast")],
)
def test_the_look_is_switched_at_once_and_kept_in_a_cookie(
    page: Page, button: str, attribute: str, cookie: str
) -> None:
    switch = page.get_by_role("button", name=button)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("name => document.documentElement.getAttribute(name)", attribute)
    assert cookie in {one["name"] for one in page.context.cookies()}
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert cookie not in {one["name"] for one in page.context.cookies()}


def test_one_line_is_copied_whole(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制", exact=True).click()
    expect(page.locator("#say")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == context()["call"]


def test_what_was_typed_comes_back_after_leaving_the_page_but_nothing_hidden_does(page: Page) -> None:
    # given half a request
    page.get_by_label("需要的数据").fill("公交车辆实时位置")
    page.get_by_label("应当开放未开放").check()
    page.get_by_label("短信").check()
    expect(page.locator(".draft")).to_contain_text("草稿已保存在本机浏览器")
    # when the page is left and opened again
    page.goto("/other.html")
    page.goto("/gallery.html")
    # then it is there, and can be thrown away
    expect(page.get_by_label("需要的数据")).to_have_value("公交车辆实时位置")
    expect(page.get_by_label("应当开放未开放")).to_be_checked()
    expect(page.get_by_label("短信")).to_be_checked()
    assert "7d1c" not in page.evaluate("JSON.stringify(localStorage)")
    page.get_by_role("button", name="清除草稿").click()
    expect(page.get_by_label("需要的数据")).to_have_value("")
    assert page.evaluate("localStorage.length") == 0


def test_a_sent_draft_goes_only_when_the_answer_is_another_page(page: Page) -> None:
    page.get_by_label("需要的数据").fill("公交车辆实时位置")
    expect(page.locator(".draft")).to_contain_text("草稿已保存在本机浏览器")
    page.evaluate("localStorage.setItem('draft-sent', JSON.stringify({key: 'draft:-:gallery', at: Date.now()}))")
    page.goto("/wrong.html")
    assert page.evaluate("localStorage.getItem('draft:-:gallery') !== null")
    page.evaluate("localStorage.setItem('draft-sent', JSON.stringify({key: 'draft:-:gallery', at: Date.now()}))")
    page.goto("/other.html")
    assert page.evaluate("localStorage.getItem('draft:-:gallery')") is None


def test_a_form_is_sent_once_however_often_it_is_pressed(page: Page) -> None:
    sent = page.get_by_role("button", name="登记收到").evaluate(
        """button => { let sent = 0;
        addEventListener("submit", event => { if (!event.defaultPrevented) { sent += 1; event.preventDefault(); } });
        button.click(); button.click(); return sent; }"""
    )
    assert sent == 1
    expect(page.locator("#say")).to_contain_text("正在提交")


def test_what_cannot_be_undone_asks_for_a_second_press_without_a_dialog(page: Page) -> None:
    page.get_by_role("button", name="注销账号").click()
    armed = page.get_by_role("button", name="再按一次，确认：注销账号")
    expect(armed).to_be_visible()
    assert page.url.endswith("/gallery.html")
    armed.click()
    expect(page.get_by_role("heading", name="收到 True")).to_be_visible()


def test_a_chart_is_drawn_and_its_numbers_stay_one_press_away(page: Page) -> None:
    if not (settings.BASE_DIR / "static/vendor/echarts.min.js").exists():
        pytest.skip("charts are put under static/vendor at set-up")
    expect(page.locator(".chart svg").first).to_be_visible()
    numbers = page.locator(".chart table")
    expect(numbers).to_be_hidden()
    page.get_by_text("看表格").click()
    expect(numbers).to_be_visible()


def test_files_go_up_with_a_bar_and_the_answer_becomes_the_page(page: Page, tmp_path: Path) -> None:
    paper = tmp_path / "说明.txt"
    paper.write_text("内容" * 1000, encoding="utf-8")
    page.get_by_label("附件").set_input_files(paper)
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="收到 True")).to_be_visible()
    # with its own look: a page is more than its body
    expect(page.locator('head link[href="/static/css/catalog.css"]')).to_have_count(1)


def test_while_what_was_sent_is_looked_at_the_page_says_so(page: Page, tmp_path: Path) -> None:
    paper = tmp_path / "说明.txt"
    paper.write_text("内容", encoding="utf-8")
    page.get_by_label("附件").set_input_files(paper)
    Quiet.may_answer.clear()
    try:
        page.get_by_role("button", name="提交申请").click()
        expect(page.locator(".upload")).to_contain_text("正在检查")
        expect(page.locator(".upload progress")).not_to_have_attribute("value", "100")
    finally:
        Quiet.may_answer.set()
    expect(page.get_by_role("heading", name="收到 True")).to_be_visible()


def test_an_upload_cut_off_keeps_the_page_and_says_what_to_do(page: Page, tmp_path: Path) -> None:
    paper = tmp_path / "说明.txt"
    paper.write_text("内容", encoding="utf-8")
    page.get_by_label("需要的数据").fill("公交车辆实时位置")
    page.get_by_label("附件").set_input_files(paper)
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".upload")).to_contain_text("上传中断")
    expect(page.get_by_label("需要的数据")).to_have_value("公交车辆实时位置")


def test_the_error_summary_has_the_focus_and_its_links_lead_to_the_fields(page: Page) -> None:
    page.goto("/wrong.html")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="向谁申请：").click()
    expect(page.get_by_label("向谁申请")).to_be_focused()


def test_the_letters_left_are_told(page: Page) -> None:
    page.get_by_label("用途").fill("到站提醒")
    expect(page.locator("#id_purpose + .field__count")).to_have_text("还可输入 496 字")


def test_how_much_is_missing_is_told_until_it_is_enough(page: Page) -> None:
    purpose, told = page.get_by_label("用途"), page.locator("#id_purpose + .field__count")
    purpose.fill("到站")
    expect(told).to_have_text("还差 2 字")
    purpose.fill("")
    expect(told).to_contain_text("还可输入")


def test_one_agency_among_many_is_found_and_chosen_by_the_keyboard_alone(page: Page) -> None:
    looked_for = page.get_by_label("按名称查找")
    looked_for.fill("南明 教育")
    shown = page.locator("#id_to_all").get_by_role("radio")
    expect(shown).to_have_count(1)
    expect(page.locator("#say")).to_have_text("找到 1 个机关")
    looked_for.press("Enter")
    looked_for.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_text("已选：贵阳市南明区教育局")).to_be_visible()

    # another search keeps the chosen one in sight, and an empty result says so
    looked_for.fill("没有这样的机关")
    expect(shown).to_have_count(1)
    expect(page.get_by_text("没有这个名称的机关")).to_be_visible()
    page.get_by_role("button", name="查找机关").click()
    expect(page.get_by_text("已选：贵阳市南明区教育局")).to_be_visible()
    looked_for.fill("")
    expect(shown).to_have_count(5)
