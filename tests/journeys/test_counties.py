"""A county reports its catalogue up, in a real browser: sent back, approved there, summed up in the city."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.walk.chapter_two import compiles_from_file, does, fill, is_reviewed_for_secrets
from tests.walk.people import People

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("agencies")]

TITLE = "南明区托管机构名录"
ROWS = "机构编号,机构名称,地址\n1,晨光托管,花果园\n2,小河托管,小河\n"


def test_a_county_reports_up_and_the_city_sums_up(people: People, tmp_path: Path) -> None:
    # given a department of a county compiles, and its second person reviews
    file = tmp_path / "托管机构.csv"
    file.write_text(ROWS, encoding="utf-8")
    county, approver = people["county"], people["county-approver"]
    elements = {"资源分类": "教育服务", "更新周期": "每月"}
    entry = compiles_from_file(county, file, title=TITLE, elements=elements, picture="区县目录")
    is_reviewed_for_secrets(county, approver, entry, TITLE)
    county.page.goto(entry)
    does(county, "提交审核")

    # when its authority sends it back with a reason beside the abstract
    authority, government = people["county-authority"], people["county-government"]
    authority.opens("/desk/catalog/review/")
    authority.follows(TITLE)
    authority.follows("退回修改")
    fill(authority, "资源摘要", "请写明包括哪些类型的托管机构。")
    authority.picture("逐项退回")
    authority.presses("退回修改")

    # then the compiler sees it there, mends and submits again
    county.page.goto(entry)
    county.sees("请写明包括哪些类型的托管机构。")
    county.follows(re.compile("^修改$"))
    county.sees("退回理由：请写明包括哪些类型的托管机构。")
    county.picture("逐项的退回理由")
    county.page.get_by_label("资源摘要").fill("全区午托、晚托机构的编号、名称和地址，每月更新。")
    county.presses("保存修改")
    does(county, "提交审核")

    # and the county's authority and government pass it on, from their lists
    for reviewer in (authority, government):
        reviewer.opens("/desk/catalog/review/")
        reviewer.main.get_by_role("checkbox", name=re.compile(TITLE)).check()
        reviewer.presses("一并办理选中的")
        reviewer.sees("选中 1 份目录")
        reviewer.picture("一并办理")
        reviewer.presses("一并办理")
        expect(reviewer.page.get_by_text("已办理 1 份目录")).to_be_visible()

    # and the city has it in its summary
    city = people["authority"]
    city.opens("/desk/catalog/summary/")
    city.picture("全市汇总")
    city.follows("南明区")
    city.follows(TITLE)
    city.sees("已公布")
    people.leave()
