"""The State Council's notice, CSV and JSON become days, or every problem is named with its line."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from guiyang_data.statute.arrangements import Arrangement, arrange, changes, read
from guiyang_data.statute.counting import Calendar, Day
from guiyang_data.statute.seed import calendar_years
from tests.factories.statute import seeded_calendar

NOTICE_2026 = """国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：

经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。

一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。

二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。

三、清明节：4月4日（周六）至6日（周一）放假，共3天。

四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。

五、端午节：6月19日（周五）至21日（周日）放假，共3天。

六、中秋节：9月25日（周五）至27日（周日）放假，共3天。

七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。

鼓励单位和个人结合落实带薪年休假等制度，实际形成较长假期，推动错峰出行。节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。

国务院办公厅
2025年11月4日
"""
NOTICE_2025 = """国务院办公厅关于2025年部分节假日安排的通知
国办发明电〔2024〕12号
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
国务院办公厅
2024年11月12日
"""
NOTICE_2024 = """国务院办公厅关于2024年部分节假日安排的通知
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班。
"""
NOTICE_2023 = """国务院办公厅关于2023年部分节假日安排的通知
一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。
"""
NOTICES = {2023: NOTICE_2023, 2024: NOTICE_2024, 2025: NOTICE_2025, 2026: NOTICE_2026}
SEEDED = seeded_calendar()


def calendar_of(arrangement: Arrangement) -> Calendar:
    year = arrangement.year
    return Calendar(days=arrangement.days, official=frozenset({year}), years=frozenset({year - 1, year}))


def wrong(text: str, year: int | None = None) -> list[str]:
    return [str(problem) for problem in arrange(read(text, year=year)).problems]


@pytest.mark.parametrize("year", sorted(NOTICES))
def test_a_notice_gives_the_days_that_the_libraries_have(year: int) -> None:
    arrangement = arrange(read(NOTICES[year]))
    assert arrangement.problems == ()
    assert arrangement.year == year
    read_days, day = calendar_of(arrangement), dt.date(year, 1, 1)
    # the end of December follows the notice of the next year
    while day < dt.date(year, 12, 28):
        assert read_days.is_working(day) == SEEDED.is_working(day), day
        day += dt.timedelta(1)


def test_number_and_day_of_issue_are_read_from_the_paper() -> None:
    reading = read(NOTICE_2026)
    assert (reading.year, reading.document_number) == (2026, "国办发明电〔2025〕7号")
    assert reading.issued_on == dt.date(2025, 11, 4)


def test_half_width_signs_spaces_and_broken_lines_read_alike() -> None:
    pasted = NOTICE_2026.translate(str.maketrans("（）：，。", "():,.")).replace("放假调休", " 放假\n  调休 ")
    assert arrange(read(pasted)).days == arrange(read(NOTICE_2026)).days


def test_new_year_reaches_back_into_the_old_year() -> None:
    days = arrange(read(NOTICE_2023)).days
    assert days[dt.date(2022, 12, 31)] == Day(working=False, name="元旦")
    assert days[dt.date(2023, 1, 2)] == Day(working=False, name="元旦")


def test_a_day_that_offices_are_encouraged_to_give_is_no_day_of_rest() -> None:
    assert dt.date(2024, 2, 9) not in arrange(read(NOTICE_2024)).days


def test_two_holidays_in_one_share_its_days() -> None:
    days = arrange(read(NOTICE_2025)).days
    assert days[dt.date(2025, 10, 8)] == Day(working=False, name="国庆节、中秋节")


@pytest.mark.parametrize(
    ("was", "became", "said"),
    [
        ("共9天", "共8天", "第 11 行：春节写明共 8 天，列出的放假日期是 9 天"),
        ("1月4日（周日）上班", "1月4日（周六）上班", "第 9 行：2026-01-04 是周日，文中写的是周六"),
        ("5月9日（周六）上班", "5月8日（周五）上班", "第 15 行：2026-05-08 是周五，调休上班只能在周六、周日"),
        ("三、清明节：4月4日（周六）至6日（周一）放假，共3天。", "", "没有找到清明节的安排"),
        ("六、中秋节：9月25日（周五）至27日（周日）", "六、端午节：9月25日（周五）至27日（周日）", "端午节安排了 2 次"),
        ("10月10日（周六）上班", "2月14日（周六）上班", "2026-02-14 在第 11 行已经写过"),
        ("6月19日（周五）至21日（周日）放假，共3天", "6月19日（周五）至21日（周日），共三天", "没有看懂 2026-06-19"),
        ("2月28日（周六）上班", "2月30日（周六）上班", "第 11 行：2026年没有2月30日"),
        ("10月1日（周四）至7日（周三）", "10月2日（周五）至7日（周三）", "2026-10-01 是法定节日（国庆节）"),
        ("4月4日（周六）至6日（周一）", "4月6日（周一）至4日（周六）", "先后颠倒"),
        ("2月15日（农历", "2027年2月15日（农历", "不在 2026 年的安排之内"),
    ],
)
def test_a_mistake_is_named_with_its_line(was: str, became: str, said: str) -> None:
    assert was in NOTICE_2026
    found = wrong(NOTICE_2026.replace(was, became))
    assert any(said in problem for problem in found), found


def test_every_mistake_is_listed_at_once() -> None:
    text = NOTICE_2026.replace("共9天", "共8天").replace("共5天", "共6天").replace("1月4日（周日）", "1月4日（周一）")
    assert len(wrong(text)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("你好", "没有找到是哪一年的安排"),
        ("关于2027年部分节假日安排的通知", "没有找到「元旦：…放假」这样的安排"),
        ("", "没有找到是哪一年的安排"),
        ("day,working,name\n2027-13-01,0,元旦\n", "第 2 行：「2027-13-01」不是日期"),
        ("day,working,name\n2027-01-01,也许,元旦\n", "第 2 行：「也许」看不出是上班还是休息"),
        ("day,working,name\n2027-01-01,0,\n", "第 2 行：2027-01-01 休息，没有写节日名称"),
        ("day,working,name\n", "没有读到任何一天"),
        ('{"year": 2027,\n "days": [}', "第 2 行：不是完整的 JSON"),
        ('{"year": 2027, "days": [1]}', "「1」不是日期"),
        ('{"year": 2027, "rest": [{"from": "x"}]}', "不是日期"),
        ('[{"day": "2027-01-01"}]', "看不出是上班还是休息"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(text: str, said: str) -> None:
    found = wrong(text)
    assert any(said in problem for problem in found), found


def test_csv_and_every_form_of_json_give_the_same_days_as_the_text() -> None:
    # given the days of the notice
    days = arrange(read(NOTICE_2026)).days
    rows = [{"day": day.isoformat(), "working": one.working, "name": one.name} for day, one in days.items()]
    entry = next(entry for entry in calendar_years() if entry["year"] == 2026)

    # when they are written in other forms
    table = "日期,上班,节日\n" + "".join(f"{row['day']},{int(row['working'])},{row['name']}\n" for row in rows)
    public = [{"date": row["day"], "isOffDay": not row["working"], "name": row["name"]} for row in rows]
    spans = {
        "year": 2026,
        "rest": [
            {"name": name, "from": day.isoformat(), "until": day.isoformat()}
            for day, work, name in entry["days"]
            if not work
        ],
        "work": [day.isoformat() for day, work, _name in entry["days"] if work],
    }
    forms = [
        table,
        json.dumps({"year": 2026, "days": rows}),
        json.dumps(rows),
        json.dumps({"days": public}),
        json.dumps(spans),
    ]

    # then all of them say the same
    for form in forms:
        arrangement = arrange(read(form))
        assert arrangement.problems == ()
        assert arrangement.days == days


def before_the_extension() -> dict[dt.date, Day]:
    """2020 as its first notice had it: rest until 30 January, 1 February worked."""
    entry = next(entry for entry in calendar_years() if entry["year"] == 2020)
    days = {day: Day(working=work, name=name) for day, work, name in entry["days"]}
    del days[dt.date(2020, 1, 31)], days[dt.date(2020, 2, 2)]
    return days | {dt.date(2020, 2, 1): Day(working=True)}


def test_an_extended_holiday_is_read_on_the_days_that_are_loaded() -> None:
    text = "国办发明电〔2020〕1号\n一、延长2020年春节假期至2月2日（农历正月初九、星期日），2月3日（星期一）起正常上班。"
    loaded = before_the_extension()
    arrangement = arrange(read(text, loaded=loaded), loaded=loaded)
    assert arrangement.problems == ()
    extended = Day(working=False, name="春节")
    assert {day for day, one in arrangement.days.items() if one != loaded.get(day)} == {
        dt.date(2020, 1, 31),
        dt.date(2020, 2, 1),
        dt.date(2020, 2, 2),
    }
    assert arrangement.days[dt.date(2020, 2, 1)] == extended


def test_a_holiday_arranged_anew_gives_up_its_old_days_and_leaves_the_others() -> None:
    loaded = dict(arrange(read(NOTICE_2026)).days)
    text = (
        "经国务院批准，现将2026年劳动节放假安排调整如下：\n"
        "2026年5月1日（周五）至4日（周一）放假调休，共4天。5月9日（周六）上班。"
    )
    arrangement = arrange(read(text), loaded=loaded)
    assert arrangement.problems == ()
    assert set(loaded) - set(arrangement.days) == {dt.date(2026, 5, 5)}


def test_single_days_change_by_a_table_and_become_ordinary_again() -> None:
    loaded = dict(arrange(read(NOTICE_2026)).days)
    table = "day,working,name\n2026-10-08,0,国庆节\n2026-10-10,普通,\n"
    after = arrange(read(table), loaded=loaded)
    assert after.problems == ()
    calendars = [
        Calendar(days=days, official=frozenset({2026}), years=frozenset({2025, 2026})) for days in (loaded, after.days)
    ]
    assert [(one.day.isoformat(), one.before, one.after) for one in changes(*calendars, 2026)] == [
        ("2026-10-08", "工作日", "国庆节休息"),
        ("2026-10-10", "调休上班", "周末休息"),
    ]


def test_a_change_that_changes_nothing_is_said() -> None:
    loaded = dict(arrange(read(NOTICE_2026)).days)
    again = arrange(read("day,working,name\n2026-10-01,0,国庆节\n"), loaded=loaded)
    assert [str(problem) for problem in again.problems] == ["与现在的安排没有不同，不需要变更。"]
