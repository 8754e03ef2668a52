"""The law as data: instruments, their articles, and periods with their unit and basis.

No ORM here. An article is always named together with its instrument, since superior law has articles with the same
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A law, regulation or standard: its full name, and the name it is cited by."""

    name: str
    short: str = ""
    adopted: str = ""
    in_force_from: str = ""

    def article(self, number: str) -> Article:
        """An article, with paragraph and item where the rule stands in one: ``第二十一条第一款``."""
        return Article(instrument=self, number=number)


@dataclass(frozen=True, kw_only=True)
class Article:
    """A place in an instrument."""

    instrument: Instrument
    number: str

    def __str__(self) -> str:
        return f"《{self.instrument.name}》{self.number}"


class Unit(StrEnum):
    """What a period counts."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, kw_only=True)
class StatutoryPeriod:
    """A period whose length stands in the law."""

    basis: Article
    calendar_days: int = 0
    working_days: int = 0
    statutory: bool = True

    @property
    def unit(self) -> Unit:
        return Unit.WORKING if self.working_days else Unit.CALENDAR

    @property
    def length(self) -> int:
        return self.working_days or self.calendar_days


@dataclass(frozen=True, kw_only=True)
class ServiceTarget(StatutoryPeriod):
    """A period that the portal sets where the law says promptly, or nothing. The screen never calls it statutory."""

    statutory: bool = False


REGULATION = Instrument(
    name="贵阳市政府数据共享开放条例", short="条例", adopted="2021-05-27", in_force_from="2017-05-01"
)
CIVIL_CODE = Instrument(name="中华人民共和国民法典", short="民法典", adopted="2020-05-28", in_force_from="2021-01-01")
PERSONAL_INFORMATION_LAW = Instrument(
    name="中华人民共和国个人信息保护法", short="个人信息保护法", adopted="2021-08-20", in_force_from="2021-11-01"
)
HOLIDAYS = Instrument(
    name="全国年节及纪念日放假办法", short="放假办法", adopted="2024-11-10", in_force_from="2025-01-01"
)
