"""What counts as unusual: the thresholds of each kind, with what they mean. Data; the authority sets other values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sharing.models.watching import FlagKind

DAYS_BEFORE = 28
"""So many days before a day are what it is compared with."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """One number of a rule: what it is called, its usual value, and the least and most it may be set to."""

    label: str | Promise
    usual: int
    least: int
    most: int


RULES: Mapping[str, Mapping[str, Threshold]] = {
    FlagKind.HOUR: {
        "night_from": Threshold(label=_("夜间从几点起"), usual=22, least=18, most=23),
        "night_until": Threshold(label=_("夜间到几点止"), usual=6, least=1, most=9),
        "least_calls": Threshold(label=_("夜间和休息日至少多少次"), usual=30, least=1, most=1_000_000),
        "times_before": Threshold(label=_("达到以往日均的多少倍"), usual=3, least=1, most=1000),
    },
    FlagKind.VOLUME: {
        "least_rows": Threshold(label=_("当日至少多少行"), usual=1000, least=1, most=1_000_000_000),
        "times_before": Threshold(label=_("达到以往日均的多少倍"), usual=5, least=2, most=1000),
        "days_known": Threshold(label=_("以往至少使用过多少天才比较"), usual=5, least=1, most=28),
        "share_of_limit": Threshold(label=_("达到每日行数上限的百分之几"), usual=90, least=10, most=100),
    },
    FlagKind.WALKING: {
        "least_lookups": Threshold(label=_("当日逐个查询单个对象至少多少次"), usual=200, least=10, most=10_000_000),
        "share_of_keys": Threshold(label=_("查过的不同对象占全部的百分之几"), usual=20, least=1, most=100),
        "rising_share": Threshold(label=_("标识逐次递增的占百分之几"), usual=85, least=55, most=100),
    },
}


def usual(kind: str) -> dict[str, int]:
    """The thresholds of a kind before anybody set others."""
    return {name: threshold.usual for name, threshold in RULES[kind].items()}
