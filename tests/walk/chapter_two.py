"""The walk, chapter 2 of the regulation: a catalogue entry from a file to publication, with its data."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.walk.people import Someone


def compiles_from_file(steward: Someone, file: Path, *, title: str, elements: dict[str, str], picture: str) -> str:
    """The steward lets the file propose the items, fills in the rest and saves the draft; the entry's address."""
    page = steward.page
    steward.opens("/desk/catalog/new/from-file/")
    page.get_by_label("数据文件").set_input_files(file)
    if "表头在第几行" in elements:
        page.get_by_label("表头在第几行").fill(elements.pop("表头在第几行"))
    steward.presses("读取表头，推算信息项")
    steward.sees("已读取")
    steward.picture(f"{picture}-推算信息项")
    page.get_by_label("资源名称").fill(title)
    page.get_by_label("资源摘要").fill(f"{title}，来自本机关业务系统。")
    for label, value in elements.items():
        fill(steward, label, value)
    steward.presses("保存草稿")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    steward.picture(f"{picture}-草稿")
    return page.url


def fill(someone: Someone, label: str, value: str) -> None:
    """Fill a field of the form by its label, whatever it is."""
    if label in {"共享类型", "是否向社会开放"}:
        someone.page.get_by_role("radio", name=value, exact=True).check()
        return
    found = someone.page.get_by_label(label, exact=False).first
    if found.evaluate("field => field.tagName") == "SELECT":
        option = found.locator("option", has_text=value).first.get_attribute("value")
        found.select_option(value=option)
    else:
        found.fill(value)


def gathers(steward: Someone, entry: str, file: Path, *, rows: str, picture: str, header_row: str = "") -> None:
    """The steward uploads the file; the worker checks it and the page says what became of its rows."""
    page = steward.page
    page.goto(entry)
    steward.follows(re.compile("汇聚数据|上传数据"))
    page.get_by_label("数据文件").set_input_files(file)
    if header_row:
        page.get_by_label("表头在第几行").fill(header_row)
    steward.presses("上传并检查入库")
    shown = steward.main.get_by_role("link", name="查看结果").or_(steward.main.get_by_text("已入库")).first
    expect(shown).to_be_visible(timeout=60_000)
    page.reload()
    steward.sees("已入库")
    expect(page.get_by_text(rows).first).to_be_visible()
    steward.picture(f"{picture}-入库")


def is_reviewed_for_secrets(steward: Someone, approver: Someone, entry: str, title: str) -> None:
    """A second person of the agency finds that the entry may be shared (第二十四条)."""
    steward.page.goto(entry)
    does(steward, "提请保密审查")
    approver.opens("/desk/")
    approver.sees(re.compile(f"保密审查.*{title}"))
    approver.picture("审批人-待办")
    approver.follows(re.compile(f"保密审查.*{title}"))
    approver.picture("保密审查")
    does(approver, "审查通过", contains=True)


def does(someone: Someone, act: str, *, contains: bool = False, **fields: str) -> None:
    """Open an act from the page of its case, fill what it asks, carry it out."""
    name = re.compile(act) if contains else re.compile(f"^{act}$")
    page = someone.page
    someone.follows(name)
    for label, text in fields.items():
        fill(someone, label, text)
    button = page.locator("main form[method=post] button[type=submit]").last
    button.click()
    page.wait_for_load_state()


def is_published(steward: Someone, authority: Someone, government: Someone, entry: str, title: str) -> None:
    """Submitted, reviewed by the authority, approved by the government, in force (第十一条第三款)."""
    steward.page.goto(entry)
    does(steward, "提交审核")
    steward.sees("待审核")
    authority.opens("/desk/")
    authority.follows(re.compile(f"目录审核.*{title}"))
    authority.picture("目录审核")
    does(authority, "审核通过", contains=True)
    government.opens("/desk/")
    government.follows(re.compile(f"目录审定.*{title}"))
    government.picture("目录审定")
    does(government, "审定并公布", contains=True)
    government.sees("已公布")
    government.picture("已公布")


def imports_a_catalogue(steward: Someone, file: Path, *, column: str, element: str) -> None:
    """Another portal's catalogue: columns matched, one corrected by the steward, drafts made (第十一条)."""
    steward.opens("/desk/catalog/imports/new/")
    steward.main.locator("input[type=file]").set_input_files(file)
    steward.presses("上传，核对各列")
    steward.sees("文件的各列对应哪个要素")
    steward.picture("导入-核对各列")
    mapping = steward.main.locator("table.catalog-mapping")
    field = mapping.get_by_label(column, exact=True)
    option = field.locator("option", has_text=re.compile(f"^{element}$")).first.get_attribute("value")
    field.select_option(value=option)
    for label, value in (
        ("资源分类", "办事服务"),
        ("更新周期", "每年"),
        ("共享类型", "有条件共享"),
        ("是否向社会开放", "不开放"),
    ):
        defaults = steward.main.locator(".catalog-defaults")
        chosen = defaults.get_by_label(label).first
        chosen.select_option(value=chosen.locator("option", has_text=value).first.get_attribute("value"))
    steward.presses("按这样的对应预览")
    steward.picture("导入-预览")
    box = steward.main.get_by_role("checkbox", name=re.compile("有问题的行不导入"))
    box.check()
    steward.presses("导入为草稿")
    # of the bar, or of the page that found the work done already
    done = steward.main.locator(".progress--done").or_(steward.main.get_by_text("导入已完成"))
    expect(done.first).to_be_visible(timeout=120_000)
    steward.page.reload()
    steward.picture("导入-结果")
