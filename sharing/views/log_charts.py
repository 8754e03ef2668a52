"""How data was used, drawn: by day and by hour of the day, from what was counted of the sealed log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sharing.logbook import Wanted, drawn_from
from sharing.models import UsageDay, UsageFlag
from sharing.models.watching import HOURS, FlagKind
from sharing.watching.selectors import used_by_day


def charts_of(usage: QuerySet[UsageDay], wanted: Wanted, today: dt.date) -> list[dict[str, Any]]:
    """Calls of each day and of each hour; none where nothing was counted in the days that are drawn."""
    since, until = drawn_from(wanted, today)
    used = {one["day"]: one for one in used_by_day(usage.filter(day__gte=since, day__lte=until))}
    if not used:
        return []
    days = [since + dt.timedelta(days=number) for number in range((until - since).days + 1)]
    hours = [sum(one["hours"][hour] for one in used.values()) for hour in range(HOURS)]
    source = {"source": _("已封存的读取记录"), "as_of": _("每分钟更新")}
    return [
        {
            "id": "use-by-day",
            "title": _("每天的读取"),
            "kind": "bar",
            "x": [f"{day.month}月{day.day}日" for day in days],
            "x_name": _("日期"),
            "series": [{"name": _("次数"), "values": [used[day]["calls"] if day in used else 0 for day in days]}],
            "unit": _("次"),
            **source,
        },
        {
            "id": "use-by-hour",
            "title": _("一天中各时段的读取"),
            "kind": "bar",
            "x": [_("%(hour)d时") % {"hour": hour} for hour in range(HOURS)],
            "x_name": _("时段"),
            "series": [{"name": _("次数"), "values": hours}],
            "unit": _("次"),
            **source,
        },
    ]


def chart_of_flag(flag: UsageFlag) -> dict[str, Any]:
    """What was seen, drawn as it was then."""
    rows = flag.kind == FlagKind.VOLUME
    return {
        "id": f"flag-{flag.pk}",
        "title": _("当日与此前各使用日的行数") if rows else _("当日各时段的读取"),
        "kind": "bar",
        "x": flag.seen["x"],
        "x_name": _("日期") if rows else _("时段"),
        "series": [{"name": _("行数") if rows else _("次数"), "values": flag.seen["series"]}],
        "unit": _("行") if rows else _("次"),
        "source": _("已封存的读取记录"),
    }
