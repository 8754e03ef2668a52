"""The page of one clock: why this day, and everything that ever happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.accounts.policies import Principal, acts_for, is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.months import Month, count_grid
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader, timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.counting import DueDay, years_for
from guiyang_data.statute.law import Unit
from guiyang_data.statute.models import Clock, ClockGeneration, ClockHolding, PeriodRule, Rung
from guiyang_data.statute.selectors import calendar, face, hands_of, length_text, newer_rule
from guiyang_data.timekeeping import today
from oversight import policies as oversight

PUBLIC_KINDS = {"open-reply", "open-fulfilment", "reply-again", "review-acceptance", "review-result"}
"""Clocks of requests and reviews by the public; what agencies owe each other is theirs."""
EVENTS = {
    "clock.start": "开始计算期限",
    "clock.hand-on": "转交办理，期限不重新起算",
    "clock.recompute": "重新计算到期日",
    "clock.withdraw-rung": "到期日已变更，撤回逾期记录",
    "clock.stop": "期限停止",
}
PRIVATE = {"clock.withdraw-rung"}
"""What the portal said to those who owe and supervise."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """One count of the clock: the day it gave, the day before it, and why it was made."""

    number: int
    due_on: dt.date
    before: dt.date | None
    provisional: bool
    cause: str
    made_at: dt.datetime
    is_current: bool

    @property
    def moved_text(self) -> str:
        """``2027年1月4日（周一） → 2027年1月7日（周四）``."""
        after = zh_date(self.due_on, with_year=True)
        if self.before is None:
            return after
        if self.before == self.due_on:
            return _("%(day)s，没有变化") % {"day": after}
        return f"{zh_date(self.before, with_year=True)} → {after}"


@require_safe
def clock_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this day: the steps, every count, every hand, every reminder, the rule, and how it ended."""
    clock = Clock.objects.select_related("owed_by", "rule").filter(pk=pk).first()
    if clock is None or not (clock.kind in PUBLIC_KINDS or is_staff_member(request.user)):
        raise NotSeen("没有这个期限。请从办件页面的「为什么是这一天」进入。")
    on = today()
    generations = list(clock.generations.order_by("number"))
    knows_case = _knows_case(request.user, clock, list(clock.holdings.all()))
    newer = newer_rule(clock.rule, on)
    context = {
        "clock": clock,
        "face": face(clock, on),
        "current": generations[-1],
        "counts": _counts(generations),
        "months": _months(clock, generations[-1]),
        "holdings": hands_of(clock, on),
        "rungs": list(Rung.objects.filter(clock=clock).order_by("fired_at", "pk")) if knows_case else [],
        "shows_title": knows_case,
        "rule_facts": _rule_facts(clock),
        "newer": newer,
        "newer_length": length_text(newer) if newer else "",
        "events": timeline(
            events_of(clock), EVENTS, reader=Reader.OFFICE if knows_case else Reader.PUBLIC, private=PRIVATE
        ),
    }
    return render(request, "web/clock.html", context)


def _knows_case(user: Principal, clock: Clock, holdings: Sequence[ClockHolding]) -> bool:
    """Whoever owes, holds or supervises the case. To others its title says what is not theirs to know."""
    if any(acts_for(user, agency) for agency in {clock.owed_by_id, *(holding.agency_id for holding in holdings)}):
        return True
    return oversight.visible_clocks(user, Clock.objects.filter(pk=clock.pk)).exists()


def _counts(generations: Sequence[ClockGeneration]) -> list[Count]:
    """Every count, the first one first."""
    return [
        Count(
            number=generation.number,
            due_on=generation.due_on,
            before=generations[place - 1].due_on if place else None,
            provisional=generation.provisional,
            cause=generation.cause,
            made_at=generation.made_at,
            is_current=place == len(generations) - 1,
        )
        for place, generation in enumerate(generations)
    ]


def _months(clock: Clock, current: ClockGeneration) -> list[Month]:
    """The days of the count as it stands; none where a paper set the day."""
    if not clock.rule.length:
        return []
    return count_grid(
        clock.started_on,
        DueDay(on=clock.due_on, provisional=current.provisional),
        unit=Unit(clock.rule.unit),
        length=clock.rule.length,
        calendar=calendar(years_for(clock.started_on, clock.rule.length)),
    )


def _rule_facts(clock: Clock) -> list[tuple[str, str]]:
    rule: PeriodRule = clock.rule
    until = _("，至 %(day)s 止") % {"day": zh_date(rule.in_force_to, with_year=True)} if rule.in_force_to else ""
    return [
        (_("期限"), f"{clock.definition.label}：{length_text(rule) or _('以文书载明的日期为准')}"),
        (_("依据"), str(rule.basis)),
        (_("性质"), _("法定期限") if clock.statutory else _("服务目标，非法定期限")),
        (_("规则施行"), zh_date(rule.in_force_from, with_year=True) + until),
        (_("起算"), zh_date(clock.started_on, with_year=True)),
    ]
