"""Thousands of requests at random days, against a simple model of the law: the set of events is the same.

Each life is one request with what is done to it; twenty-five are lived at once in one city, with changes of calendar
and with sweeps, some of them missed for days. In one process, so that ten thousand acts take minutes: what several
processes and broken machines add is in the other files here.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from guiyang_data.errors import DomainError
from tests.faults.amount import TIMES
from tests.faults.model import LawModel, Unlawful
from tests.faults.town import Observed, Town, difference

pytestmark = [pytest.mark.django_db, pytest.mark.faults(long=True)]

LIVES = 25
EXAMPLES = 10
SEEDS = tuple(range(1, 1 + 4 * TIMES))
"""Four seeds of ten cities with twenty-five lives: a thousand. ``make faults`` lives more."""
ASKED = ("transport", "health", "county", "authority")
CONTACTS = ("none", "mail", "account", "both")
REPLIES = ("agree", "agree-in-part", "refuse")
RESULTS = ("uphold", "require-new-reply", "to-open", "to-withhold")
DAY = dt.timedelta(days=1)
STARTS = (dt.date(2025, 9, 12), dt.date(2026, 1, 26), dt.date(2026, 4, 20), dt.date(2026, 9, 14), dt.date(2026, 12, 1))
"""Before the long holidays of two arrangements, and into a year whose notice has not come."""

REVIEW_ACTS = ("accept", "decline", "withdraw_review", "decide")
SENSIBLE: dict[str, tuple[tuple[str, ...], ...]] = {
    "waiting": (*[("reply", outcome) for outcome in REPLIES], ("transfer",), ("transfer",), ("ask",), ("withdraw",)),
    "agreed": (("fulfil",), ("anew",), ("object",)),
    "agreed-in-part": (("fulfil",), ("anew",), ("object",)),
    "refused": (("object",),),
    "fulfilled": (("object",),),
    "withdrawn": (("object",),),
    "submitted": (("accept",), ("accept",), ("decline",), ("withdraw_review",)),
    "accepted": (*[("decide", outcome) for outcome in RESULTS], ("withdraw_review",)),
}
"""What people do in each state; one act in eight is any act at all, which the portal has to refuse."""
ANYTHING = tuple(sorted({act for acts in SENSIBLE.values() for act in acts}))
lives = st.tuples(
    st.sampled_from(ASKED),
    st.sampled_from(CONTACTS),
    st.integers(0, 8),
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 2**16)), min_size=1, max_size=7),
)
calendars = st.lists(
    st.tuples(
        st.integers(4, 50), st.sampled_from(("extend", "extend", "notice")), st.integers(-6, 12), st.integers(1, 5)
    ),
    max_size=3,
)
sweeps = st.lists(st.sampled_from((1, 1, 1, 2, 3, 4, 9)), min_size=8, max_size=40)


def _schedule(begin: dt.date, drawn: list[Any], changes: list[Any], gaps: list[int]) -> list[tuple[Any, ...]]:
    """Everything that happens, by day; on one day acts and sweeps come in the order in which they were drawn."""
    plan: list[tuple[dt.date, tuple[Any, ...]]] = []
    for number, (agency, contact, wait, doings) in enumerate(drawn):
        label, day = f"r{number}", begin + DAY * wait
        plan.append((day, ("file", label, agency, contact)))
        for gap, choice in doings:
            day += DAY * gap
            plan.append((day, ("act", label, choice)))
    for after, kind, shift, length in changes:
        plan.append((begin + DAY * after, (kind, begin + DAY * (after + shift), length)))
    day = begin
    for gap in gaps:
        day += DAY * gap
        plan.append((day, ("sweep",)))
    plan.sort(key=lambda step: step[0])
    last = max(day, *(when for when, _what in plan))
    return [(when, *what) for when, what in plan] + [(last + DAY * 9, "sweep")]


def _chosen(model: LawModel, day: dt.date, label: str, choice: int) -> tuple[Any, ...]:
    """The act a number stands for, in the state the case is in."""
    case = model.cases[label]
    review = case.reviews[-1].status if case.reviews else ""
    known = (*SENSIBLE[case.status], *SENSIBLE.get(review, ())) if choice % 8 else ANYTHING
    what, *outcome = known[choice // 8 % len(known)]
    if what == "transfer":
        return ("transfer", label, ASKED[choice // 64 % len(ASKED)])
    until = (day + DAY * (1 + choice // 64 % 20),) if what == "decide" else ()
    return (what, label, *outcome, *until)


def _do(side: Any, day: dt.date, what: str, given: tuple[Any, ...]) -> None:
    if what == "sweep":
        side.sweep(day)
    elif what == "extend":
        first, length = given
        side.extend_holiday({first + DAY * number for number in range(length)}, day)
    elif what == "notice":
        rest = {dt.date(2027, 1, day) for day in (1, 2, 3)} | {dt.date(2027, 2, day) for day in range(5, 12)}
        side.publish_notice(2027, rest, {dt.date(2027, 1, 9), dt.date(2027, 2, 13)}, day)
    else:
        getattr(side, what)(*given, day)


def _both(model: LawModel, town: Town, step: tuple[Any, ...]) -> None:
    day, what, *given = step
    if what == "act":
        what, *given = _chosen(model, day, *given)
    if what in REVIEW_ACTS and not model.cases[given[0]].reviews:
        return  # there is no address at which it could be tried
    if what == "notice" and 2027 in model.days.known:
        return  # a year's notice comes once
    if what == "extend" and given[0].year not in model.days.known:
        return  # only an arrangement that was published can be changed
    if what == "extend" and (given[0] + DAY * (given[1] - 1)).year not in model.days.known:
        return
    try:
        _do(model, day, what, tuple(given))
    except Unlawful:
        with pytest.raises(DomainError), transaction.atomic():
            _do(town, day, what, tuple(given))
        return
    _do(town, day, what, tuple(given))


@pytest.mark.parametrize("number", SEEDS)
def test_what_happens_is_what_the_law_says_whatever_is_done_on_whatever_day(number: int) -> None:
    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        begin=st.sampled_from(STARTS),
        drawn=st.lists(lives, min_size=LIVES, max_size=LIVES),
        changes=calendars,
        gaps=sweeps,
    )
    def live(begin: dt.date, drawn: list[Any], changes: list[Any], gaps: list[int]) -> None:
        steps = _schedule(begin, drawn, changes, gaps)
        with transaction.atomic():
            model, town = LawModel(), Town.build()
            for step in steps:
                _both(model, town, step)
            wrong = difference(model.everything(), Observed(town.labels).everything())
            transaction.set_rollback(True)
        assert not wrong, wrong

    live()
