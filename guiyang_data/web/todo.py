"""What a signed-in person owes: every running clock, soonest first, with the days left and why that day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from guiyang_data.accounts.models import User
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import face, owed_by, standing

STATES = (("late", "已逾期"), ("near", "三日内"), ("on_time", "其余"))


def worklist(user: User, *, today: dt.date, state: str = "", kind: str = "") -> dict[str, Any]:
    """Context of parts/worklist.html for ``user``: items, counts by state, and the kinds that occur."""
    clocks = list(owed_by(user))
    of_kind = [clock for clock in clocks if not kind or clock.kind == kind]
    shown = [clock for clock in of_kind if not state or standing(clock, today) == state]
    return {
        "items": [item(clock, today) for clock in shown],
        "filters": _state_filters(of_kind, today, state, kind),
        "choices": _kind_filters(clocks, state, kind),
        "empty": {
            "title": "现在没有要办的事项" if not (state or kind) else "没有符合筛选条件的事项",
            "text": "收到申请、目录报审或者其他有期限的事项时，会按到期日列在这里。",
            "action": {"label": "查看全部", "url": "/desk/"} if state or kind else None,
        },
    }


def item(clock: Clock, today: dt.date) -> dict[str, Any]:
    """One line of the list."""
    shown = face(clock, today)
    return {
        "face": shown,
        "title": clock.title,
        "url": clock.path,
        "detail": f"{clock.number} · {shown.detail}",
        "article": clock.rule.article,
        "act_label": "办理",
        "act_url": clock.path,
        "pk": clock.pk,
    }


def _address(**values: str) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/desk/?{query}" if query else "/desk/"


def _state_filters(clocks: Sequence[Clock], today: dt.date, state: str, kind: str) -> list[dict[str, Any]]:
    counts = Counter(standing(clock, today) for clock in clocks)
    return [
        {
            "label": label,
            "count": counts[code],
            "url": _address(state="" if state == code else code, kind=kind),
            "state": code if code != "on_time" else "",
            "current": state == code,
        }
        for code, label in STATES
    ]


def _kind_filters(clocks: Sequence[Clock], state: str, kind: str) -> list[dict[str, Any]]:
    present = {clock.kind for clock in clocks}
    chosen = [{"label": "全部类型", "url": _address(state=state), "current": not kind}]
    chosen += [
        {"label": entry.label, "url": _address(state=state, kind=entry.code), "current": kind == entry.code}
        for entry in KINDS.values()
        if entry.code in present
    ]
    return chosen if len(chosen) > 2 else []
