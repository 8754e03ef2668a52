"""The due-day calculator: any day and any rule that has a length, with the steps of the count and its calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from guiyang_data.errors import RuleBroken
from guiyang_data.statute.counting import Calendar, DueDay, years_for
from guiyang_data.statute.deadlines import KINDS, ClockKind
from guiyang_data.statute.models import PeriodRule
from guiyang_data.statute.seed import IN_FORCE_FROM
from guiyang_data.statute.selectors import IN_FORCE, calendar, count, rule_in_force

FIRST_DAY = IN_FORCE_FROM.replace(month=1, day=1)
LAST_DAY = dt.date(2099, 12, 31)
"""The calendar reaches from the year of the regulation to the end of what the lunar tables are sure of."""


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """One count: its rule, from which day, the due day, and the calendar it was counted by.

    ``note``: what must be said with it, or empty.
    """

    kind: ClockKind
    rule: PeriodRule
    start: dt.date
    due: DueDay
    calendar: Calendar
    note: str

    def values(self) -> dict[str, Any]:
        """The count as JSON, for programs."""
        return {
            "rule": self.kind.code,
            "label": self.kind.label,
            "from": self.start.isoformat(),
            "due_on": self.due.on.isoformat(),
            "provisional": self.due.provisional,
            "unit": self.rule.unit,
            "length": self.rule.length,
            "statutory": self.rule.statutory,
            "basis": str(self.rule.basis),
            "in_force_from": self.rule.in_force_from.isoformat(),
            "in_force_to": self.rule.in_force_to.isoformat() if self.rule.in_force_to else None,
            "note": self.note,
            "steps": [{"text": step.text, "basis": str(step.basis or "")} for step in self.due.steps],
        }


def countable_kinds() -> list[ClockKind]:
    """The kinds whose length a rule sets; that of the others is what an order or a result says."""
    return [kind for kind in KINDS.values() if kind.period.length]


def _day(text: str | dt.date) -> dt.date:
    if isinstance(text, dt.date):
        return text
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise _refused("from", f"{text[:40] or '起算日'} 不是日期，请写成 2026-09-30 这样。") from error


def _refused(field: str, message: str) -> RuleBroken:
    return RuleBroken(message, basis=IN_FORCE, fields={field: message})


def reckon(kind: str, start: str | dt.date) -> Reckoning:
    """The due day of a period of ``kind`` that starts on ``start`` (a date, or its ISO text).

    Raises ``RuleBroken`` with ``fields`` ``rule`` or ``from`` where there is nothing to count.
    """
    if kind not in KINDS:
        codes = "、".join(each.code for each in countable_kinds())
        missing = f"没有期限规则 {kind[:40]}。" if kind else "请写明期限规则。"
        raise _refused("rule", f"{missing}可用的规则：{codes}")
    if not KINDS[kind].period.length:
        raise _refused("rule", f"{KINDS[kind].label}以文书载明的日期为准，没有固定长度。")
    day = _day(start)
    if day < FIRST_DAY:
        raise _refused("from", "《条例》自2017年5月1日起施行，日历从 2017 年起。请填写 2017 年以后的日期。")
    if day > LAST_DAY:
        raise _refused("from", f"日历推算到 {LAST_DAY.year} 年为止。请填写更早的日期。")
    rule = rule_in_force(kind, max(day, IN_FORCE_FROM))
    by = calendar(years_for(day, rule.length))
    note = "这一天在《条例》2017年5月1日施行之前，仅供推算。" if day < IN_FORCE_FROM else ""
    return Reckoning(kind=KINDS[kind], rule=rule, start=day, due=count(rule, day, by=by), calendar=by, note=note)
