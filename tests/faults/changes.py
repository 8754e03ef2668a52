"""A city on the eve of a change: running clocks of every kind, and two keepers who change the calendar or a rule.

Each change exists twice, for the model and for the portal. What must hold once its recount is finished is asked of the
rows that only a recount writes: generations, its events and notices, and its own row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.models import Clock, ClockGeneration
from oversight import services
from oversight.models import Recount
from tests.faults.cases_model import ClockModel
from tests.faults.eve import day
from tests.faults.model import LawModel
from tests.faults.town import Observed, Town

DAYS = (day(3, 19), day(3, 20))
"""A Thursday and a Friday, which the change makes days of rest."""
LAST_SWEEP = day(3, 20)
CHANGED_ON = day(3, 21)
"""Then what ran out on the 19th is reported already, and its new day is still to come."""
STEPS: tuple[tuple[dt.date, str, tuple[Any, ...]], ...] = (
    # late for a week, and before the days that change
    (day(3, 2), "file", ("late", "transport", "mail")),
    # agreed to, and to be opened by the 20th
    (day(3, 2), "file", ("promise", "health", "mail")),
    (day(3, 5), "reply", ("promise", "agree")),
    # a new reply was ordered by a day that the result set, which no calendar moves
    (day(3, 2), "file", ("again", "transport", "account")),
    (day(3, 4), "reply", ("again", "refuse")),
    (day(3, 5), "object", ("again",)),
    (day(3, 6), "accept", ("again",)),
    (day(3, 9), "decide", ("again", "require-new-reply", day(3, 25))),
    # run out on the 19th, as is reported on the 20th
    (day(3, 9), "file", ("first", "transport", "both")),
    (day(3, 9), "file", ("second", "health", "mail")),
    (day(3, 9), "file", ("third", "county", "account")),
    (day(3, 9), "file", ("fourth", "authority", "none")),
    # ended before the change
    (day(3, 9), "file", ("answered", "transport", "mail")),
    (day(3, 11), "reply", ("answered", "agree-in-part")),
    (day(3, 9), "file", ("gone", "health", "both")),
    (day(3, 10), "withdraw", ("gone",)),
    # to be answered by the 20th, one of them in other hands than at first
    (day(3, 10), "file", ("fifth", "transport", "account")),
    (day(3, 10), "file", ("handed", "transport", "both")),
    (day(3, 12), "transfer", ("handed", "county")),
    # touched and not moved
    (day(3, 12), "file", ("spans", "health", "both")),
    # objected to: not decided on yet, and accepted
    (day(3, 9), "file", ("asked", "county", "account")),
    (day(3, 11), "reply", ("asked", "refuse")),
    (day(3, 16), "object", ("asked",)),
    (day(3, 10), "file", ("taken", "health", "both")),
    (day(3, 11), "reply", ("taken", "refuse")),
    (day(3, 12), "object", ("taken",)),
    (day(3, 13), "accept", ("taken",)),
    (LAST_SWEEP, "sweep", ()),
    # begun after the days that change
    (CHANGED_ON, "file", ("new", "health", "both")),
)


def live(model: LawModel, town: Town) -> None:
    """The city up to the change, in the model and in the default database of this process."""
    for when, what, given in sorted(STEPS, key=lambda step: step[0]):
        for side in (model, town):
            getattr(side, what)(*given, when)


# --- the two changes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A change of the law's days or lengths, as the two keepers make it, and as the model has it."""

    name: str

    def confirm(self, town: Town, on: dt.date = CHANGED_ON) -> Recount:
        """One proposes it, the other confirms it; the running clocks are not counted again yet."""
        raise NotImplementedError

    def carry_out(self, model: LawModel, on: dt.date = CHANGED_ON) -> None:
        raise NotImplementedError

    def touches(self, clock: ClockModel) -> bool:
        """Whether a running clock is to be counted again, moved or not."""
        raise NotImplementedError

    def job(self) -> Recount:
        """Its recount; no other change is made in these cities."""
        return Recount.objects.get()


@dataclass(frozen=True)
class LongerHoliday(Change):
    """Days become days of rest by decree."""

    days: tuple[dt.date, ...] = DAYS

    def confirm(self, town: Town, on: dt.date = CHANGED_ON) -> Recount:
        table = "day,working,name\n" + "".join(f"{day.isoformat()},0,应急放假\n" for day in self.days)
        first, second = town.people["authority-officer"], town.people["authority-supervisor"]
        said: Any = {"text": table, "scope": "days", "document_number": "国办发明电〔2026〕1号", "issued_on": on}
        proposal = services.propose_calendar(by=first, on=on, at=town.at(on), **said)
        services.confirm_calendar(proposal_id=proposal.pk, by=second, on=on, at=town.at(on))
        return self.job()

    def carry_out(self, model: LawModel, on: dt.date = CHANGED_ON) -> None:
        model.extend_holiday(set(self.days), on)

    def touches(self, clock: ClockModel) -> bool:
        return any(clock.started < day <= clock.due for day in self.days)


@dataclass(frozen=True)
class LongerPeriod(Change):
    """Replies have twenty days, also those that are owed already."""

    length: int = 20

    def confirm(self, town: Town, on: dt.date = CHANGED_ON) -> Recount:
        first, second = town.people["authority-officer"], town.people["authority-supervisor"]
        proposal = services.propose_rule(
            kind="open-reply",
            unit="calendar",
            length=self.length,
            statutory=True,
            instrument="贵阳市政府数据共享开放条例",
            article="第二十一条第一款",
            in_force_from=on,
            reaches_running=True,
            transition="本决定施行前已经申请、尚未答复的，适用本决定规定的期限。",
            by=first,
            at=town.at(on),
        )
        services.confirm_rule(proposal_id=proposal.pk, by=second, on=on, at=town.at(on))
        return self.job()

    def carry_out(self, model: LawModel, on: dt.date = CHANGED_ON) -> None:
        model.lengthen("open-reply", self.length, on)

    def touches(self, clock: ClockModel) -> bool:
        return clock.kind == "open-reply"


HOLIDAY, PERIOD = LongerHoliday("holiday"), LongerPeriod("period")


# --- what must hold afterwards -------------------------------------------------------------------------------


def touched(change: Change, model: LawModel) -> set[str]:
    """The running clocks that the recount of a change is for, by their names; asked before it is carried out."""
    running = [clock for clock in model.clocks if clock.stopped is None and not clock.fixed]
    return {clock.name for clock in running if change.touches(clock)}


def assert_counted_once(
    job: Recount,
    model: LawModel,
    names: set[str],
    labels: dict[str, str],
    *,
    at_their_end: frozenset[str] = frozenset(),
) -> None:
    """Each of these clocks has one new generation and one event, each that moved one notice to everybody concerned.

    ``at_their_end``: clocks that were counted before the recount came to them, by the act that stopped them late: they
    have a generation and an event, and nobody is told. The row of the recount is finished, and its counts are true.
    """
    moved = {str(row[1]) for row in model.happened if row[0] == "recompute"} - at_their_end
    clock_names = Observed(labels).clock_names
    counted = Counter(names | at_their_end)
    generations = ClockGeneration.objects.exclude(number=1).values_list("clock", "number")
    assert Counter(clock_names[pk] for pk, _number in generations) == counted
    assert {number for _pk, number in generations} <= {2}
    assert {clock_names[clock.pk] for clock in Clock.objects.filter(generation=2)} == set(counted)
    events = Event.objects.filter(verb="clock.recompute", refused=False).values_list("subject", flat=True)
    assert Counter(clock_names[int(subject.rpartition(":")[2])] for subject in events) == counted
    assert told_of_moves(job, clock_names) == to_tell_of_moves(model, moved)
    job.refresh_from_db()
    assert job.finished_at is not None
    assert (job.counted, job.moved, job.left_over) == (len(names), len(moved), [])
    end = Event.objects.get(subject=subject_of(job.proposal), verb="recounted")
    assert end.payload == {"counted": len(names), "moved": len(moved)}


def to_tell_of_moves(model: LawModel, moved: set[str]) -> Counter[tuple[str, str]]:
    """Whoever owes, and whoever waits, in each way they can be reached."""
    ways = {"account": ("account",), "mail": ("address",), "both": ("account", "address"), "none": ()}
    found: Counter[tuple[str, str]] = Counter()
    for clock in model.clocks:
        if clock.name in moved:
            contact = model.cases[clock.case.partition(".")[0]].contact
            found.update((clock.name, who) for who in (*clock.who_owes(), *ways[contact]))
    return found


_KEY = re.compile(r"(?P<to_applicant>.+:)?recount:(?P<job>\d+):(?P<clock>\d+)\b.*")


def told_of_moves(job: Recount, clock_names: dict[int, str]) -> Counter[tuple[str, str]]:
    """Whom the notices of a recount went to, by clock."""
    found: Counter[tuple[str, str]] = Counter()
    for notice in Notice.objects.filter(key__contains=f"recount:{job.pk}:").select_related("recipient"):
        key = _KEY.fullmatch(notice.key)
        assert key is not None
        staff = notice.recipient.username if notice.recipient else ""
        way = ("account" if notice.recipient else "address") if key["to_applicant"] else staff
        found[clock_names[int(key["clock"])], way] += 1
    return found
