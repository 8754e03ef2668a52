"""Notices of a year to come, proposals and their confirmation. The arrangement of 2027 is made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from oversight import services
from oversight.models import CalendarProposal, RuleProposal
from tests.factories.accounts import City, city, staff
from tests.factories.statute import at
from tests.remembering import remembered

PROPOSED_ON = dt.date(2026, 12, 28)
NOTICE_2027 = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕9号

经国务院批准，现将2027年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。

一、元旦：1月1日（周五）至4日（周一）放假调休，共4天。1月9日（周六）上班。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。2月13日（周六）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假，共1天。
六、中秋节：9月15日（周三）放假，共1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。

国务院办公厅
2026年12月25日
"""
"""Its New Year's rest ends on Monday 4 January, by the fixed holidays alone a working day."""


@dataclass(frozen=True, kw_only=True)
class Keepers:
    """The municipal authority with two who keep the calendar, and others who do not."""

    town: City
    officer: User
    second: User
    supervisor: User
    steward: User
    county_officer: User


@remembered
def keepers(town: City | None = None) -> Keepers:
    """Everybody, in a city of their own or in this one."""
    town = town or city()
    return Keepers(
        town=town,
        officer=staff(town.authority, Role.MUNICIPAL_AUTHORITY),
        second=staff(town.authority, Role.MUNICIPAL_AUTHORITY),
        supervisor=staff(town.authority, Role.SUPERVISOR),
        steward=staff(town.transport, Role.DATA_STEWARD),
        county_officer=staff(town.county_authority, Role.COUNTY_AUTHORITY),
    )


@remembered
def proposed(people: Keepers, text: str = NOTICE_2027, **values: object) -> CalendarProposal:
    """An arrangement that waits for the second person."""
    return services.propose_calendar(
        text=text,
        by=people.officer,
        on=PROPOSED_ON,
        at=at(PROPOSED_ON),
        **values,  # type: ignore[arg-type]
    )


@remembered
def confirmed(
    people: Keepers, text: str = NOTICE_2027, *, on: dt.date = PROPOSED_ON, **values: object
) -> CalendarProposal:
    """The same, confirmed on a day; the running clocks are not counted again yet."""
    return services.confirm_calendar(
        proposal_id=proposed(people, text, **values).pk, by=people.second, on=on, at=at(on)
    )


@remembered
def proposed_rule(people: Keepers, **values: object) -> RuleProposal:
    """Ten working days for replies to sharing applications from 2026-05-01 on, waiting for the second person."""
    given: dict[str, object] = {
        "kind": "sharing-reply",
        "unit": "working",
        "length": 10,
        "statutory": True,
        "instrument": "政务数据共享条例",
        "article": "第二十一条",
        "in_force_from": dt.date(2026, 5, 1),
        "by": people.officer,
        "at": at(dt.date(2026, 3, 2)),
    }
    return services.propose_rule(**(given | values))  # type: ignore[arg-type]
