"""The whole path of the regulation in a real browser, by more than seven people, on real files, with time moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.timezone import localdate

from tests.walk import chapter_five, chapter_four, chapter_three, chapter_two
from tests.walk.city import RunningPortal
from tests.walk.moulds import Moulds
from tests.walk.people import People

pytestmark = [pytest.mark.browser, pytest.mark.real_input, pytest.mark.engine, pytest.mark.xdist_group("walk")]

AIR = "空气质量小时值"
PEOPLE = "社会救助对象基本信息"
LATE = "出租汽车经营权名录"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, moulds: Moulds) -> Iterator[RunningPortal]:
    running = RunningPortal(tmp_path_factory.mktemp("walk"), moulds)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def publish(people: People, provider: str, file: Path, title: str, elements: dict[str, str], rows: str) -> None:
    """An entry with its data, from the file to publication."""
    header_row = elements.get("表头在第几行", "")
    steward, approver = people[provider], people[f"{provider}-approver"]
    entry = chapter_two.compiles_from_file(steward, file, title=title, elements=dict(elements), picture=title)
    chapter_two.gathers(steward, entry, file, rows=rows, picture=title, header_row=header_row)
    chapter_two.is_reviewed_for_secrets(steward, approver, entry, title)
    chapter_two.is_published(steward, people["authority"], people["government"], entry, title)


def test_the_whole_path_is_walked(people: People, portal: RunningPortal, real_input: Path, tmp_path: Path) -> None:
    # chapter 2: two entries, one for all agencies and one conditional, from real files
    air = {"资源分类": "空气质量", "领域": "环境", "更新周期": "每日"}
    publish(people, "environment", real_input / "guiyang" / "air_hourly.csv", AIR, air, "950")
    persons = {
        "资源分类": "社会救助",
        "共享类型": "有条件共享",
        "共享条件": "限负有核对职责的机关，用于社会救助。",
        "是否向社会开放": "不开放",
        "不开放的情形": "个人隐私",
        "不开放的依据": "《中华人民共和国民法典》第一千零三十四条",
    }
    # the file proposes to check its identity numbers, 404 of which are broken
    publish(people, "civil", real_input / "people" / "synthetic_persons_gb18030.csv", PEOPLE, persons, "19,596")

    # chapter 3: taken at once, granted on application, refused and coordinated
    today = localdate()
    chapter_three.takes_at_once(people["health"], AIR, rows="950", downloads=tmp_path)
    granted = chapter_three.applies(people["health"], PEOPLE, items=["姓名", "身份证号", "单位"], on=today)
    chapter_three.agrees(people["civil-approver"], granted)
    chapter_three.reads_through_the_grant(people["health"], granted, hidden="银行卡号", downloads=tmp_path)
    chapter_three.sees_who_read(people["civil"], PEOPLE, "市卫健局")
    refused = chapter_three.applies(people["transport"], PEOPLE, items=["姓名", "身份证号"], on=today)
    chapter_three.refuses(people["civil-approver"], refused)
    chapter_three.is_coordinated(people["transport"], people["coordinator"], people["civil-approver"], refused)

    # chapter 4: opened after a second person's review, found and downloaded by anyone
    plan = chapter_four.plans_opening(people["environment"], AIR, suppressed="SO2", masked="WatchPoint")
    chapter_four.clears_the_plan(people["environment-approver"], AIR)
    chapter_four.opens(people["environment"], plan)
    visitor = people.visitor("visitor")
    chapter_four.finds_and_downloads(visitor, AIR, hidden="SO2", downloads=tmp_path)

    # Art. 21: asked, refused with reasons, objected to, decided; another one that nobody answers
    asker = people.visitor("asker")
    number, code = chapter_four.files_request(asker, title="公交车辆实时位置", agency="贵阳市交通委员会")
    late_asker = people.visitor("late-asker", phone=True)
    late_number, _late_code = chapter_four.files_request(late_asker, title=LATE, agency="贵阳市交通委员会")
    chapter_four.refuses(people["transport"], people["transport-approver"], number)
    review = chapter_four.objects(asker, number, code)
    chapter_four.accepts_and_decides(people["reviewer"], review)

    # what the files said is what came out, and nothing more
    taken = (tmp_path / "taken.csv").read_text(encoding="utf-8")
    granted_rows = (tmp_path / "granted.csv").read_text(encoding="utf-8")
    opened = (tmp_path / "open.csv").read_text(encoding="utf-8")
    assert taken.splitlines()[0].startswith("Date,Hour,WatchPoint")
    assert "马鞍山" in taken
    assert granted_rows.splitlines()[0] == "姓名,身份证号,单位"
    assert len(granted_rows.splitlines()) > 19_000
    assert "SO2" not in opened.splitlines()[0]
    assert "马鞍山" not in opened
    assert "马**" in opened
    people.leave()

    # chapters 5 and 6: eleven days pass, nobody acts, the sweep escalates; a late reply is marked late
    due = dt.date.fromisoformat(portal.manage("due_day", "open-reply", today.isoformat()).split()[-1])
    portal.move_time(days=(due - today).days + 2)
    portal.wait_for_sweep()
    chapter_five.sees_it_late(people["supervisor"], LATE, days=2)
    chapter_five.urges(people["supervisor"], LATE)
    chapter_four.refuses(people["transport"], people["transport-approver"], late_number)
    chapter_five.concludes(people["supervisor"], LATE)
    chapter_five.concludes(people["government"], LATE)
    chapter_five.sees_it_gone(people["supervisor"], LATE)
    people.leave()

    assert portal.manage("verify_ledger").startswith("the ledger holds")


def test_real_files_are_loaded_as_they_are(people: People, real_input: Path) -> None:
    steward = people["transport"]
    kind = {"资源分类": "办事服务", "更新周期": "每年"}
    files = (
        (real_input / "guiyang" / "guizhou_tender_notices.csv", "招标公告", {}, "1,477"),
        (real_input / "guiyang" / "guiyang_streets.csv", "乡镇街道代码", {}, "146"),
        (real_input / "files" / "全国高等学校名单.xls", "高等学校名单", {"表头在第几行": "3"}, "2,9"),
    )
    for file, title, extra, rows in files:
        entry = chapter_two.compiles_from_file(steward, file, title=title, elements={**kind, **extra}, picture=title)
        header_row = extra.get("表头在第几行", "")
        chapter_two.gathers(steward, entry, file, rows=rows, picture=title, header_row=header_row)
    people.leave()


def test_another_portals_catalogue_is_imported_through_the_page(people: People, real_input: Path) -> None:
    steward = people["environment"]
    catalogue = real_input / "catalogues" / "anhui_hefei.json"
    # the portal's own fields are not those of the regulation: the steward keeps them as key words
    chapter_two.imports_a_catalogue(steward, catalogue, column="所属领域", element="关键字")
    steward.opens("/desk/catalog/?q=动漫企业年审")
    steward.follows("动漫企业年审")
    steward.sees("公共安全")
    steward.picture("导入-草稿")
    people.leave()
