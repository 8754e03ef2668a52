"""The holidays that 全国年节及纪念日放假办法 fixes, for a year whose notice has not been issued."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from types import MappingProxyType

from lunar_python import Lunar, Solar

from guiyang_data.statute.counting import DAY, Day


def _solar(lunar: Lunar) -> dt.date:
    solar = lunar.getSolar()
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def _qingming(year: int) -> dt.date:
    solar: Solar = Lunar.fromYmd(year, 1, 1).getJieQiTable()["清明"]
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


@functools.lru_cache(maxsize=64)
def fixed_holidays(year: int) -> Mapping[dt.date, Day]:
    """Rest days of ``year`` by the fixed rule alone: no swapped days are guessed.

    元旦 1, 春节 4 (from the eve), 清明 1, 劳动节 2, 端午 1, 中秋 1, 国庆 3; from 2025 on, and one day less of 春节 and
    劳动节 before.
    """
    spring = _solar(Lunar.fromYmd(year, 1, 1))
    longer = year >= 2025
    first_rest = spring - DAY if longer else spring
    spans = [
        ("元旦", dt.date(year, 1, 1), 1),
        ("春节", first_rest, 4 if longer else 3),
        ("清明节", _qingming(year), 1),
        ("劳动节", dt.date(year, 5, 1), 2 if longer else 1),
        ("端午节", _solar(Lunar.fromYmd(year, 5, 5)), 1),
        ("中秋节", _solar(Lunar.fromYmd(year, 8, 15)), 1),
        ("国庆节", dt.date(year, 10, 1), 3),
    ]
    days = {first + DAY * n: Day(working=False, name=name) for name, first, length in spans for n in range(length)}
    return MappingProxyType(days)
