"""A simple model of the law: what must have happened, given who did what on which day, and when anybody looked.

Written from the table of clocks in the regulation's row-by-row reading and from the ladder's own words (reminders five,
three and one day before; late from 00:00 of the next day; each further week). It imports nothing of the portal. One act
after the other, everything in plain sets: slow, obvious, and meant to be read beside the law.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from tests.faults.calendar_model import DayBook
from tests.faults.cases_model import (
    BREACH,
    IF_UNDONE,
    LENGTHS,
    OVERSEERS,
    WORKING_DAYS,
    CaseModel,
    ClockModel,
    ReviewModel,
)


class Unlawful(Exception):
    """The law, or the state of the case, does not let this act be."""


class LawModel:
    """The city's cases. Each act raises ``Unlawful`` where it is to be refused, and then nothing has changed."""

    def __init__(self) -> None:
        self.days = DayBook()
        self.lengths = dict(LENGTHS)
        self.cases: dict[str, CaseModel] = {}
        self.clocks: list[ClockModel] = []
        self.brought: dict[tuple[str, str], list[object]] = {}
        self.drafts: dict[tuple[str, str], str] = {}
        self.happened: Counter[tuple[object, ...]] = Counter()
        self.seen = dt.date.min

    def _note(self, *what: object) -> None:
        self.happened[what] += 1

    # --- clocks ------------------------------------------------------------------------------------

    def _start(self, case: str, kind: str, owner: str, on: dt.date, *, until: dt.date | None = None) -> ClockModel:
        working = kind in WORKING_DAYS
        due = until or self.days.end_of(on, self.lengths[kind], working_days=working)
        provisional = until is None and self.days.is_provisional(on, due, working_days=working)
        clock = ClockModel(case, kind, owner, on, due, provisional, fixed=until is not None, holders=[(owner, on)])
        clock.nth += sum((other.case, other.kind) == (case, kind) for other in self.clocks)
        self.clocks.append(clock)
        self._note("start", clock.name, owner, on, due)
        return clock

    def running(self, case: str, kind: str) -> ClockModel | None:
        found = [c for c in self.clocks if (c.case, c.kind, c.stopped) == (case, kind, None)]
        return found[0] if found else None

    def _stop(self, case: str, kind: str, on: dt.date, cause: str = "done") -> None:
        clock = self.running(case, kind)
        if clock is not None:
            clock.stopped, clock.cause = on, cause
            self._note("stop", clock.name, cause, on, max((on - clock.due).days, 0))

    # --- acts ----------------------------------------------------------------------------------------

    def _case(self, label: str, *, lawful: bool) -> CaseModel:
        if not lawful:
            raise Unlawful(label)
        return self.cases[label]

    def file(self, label: str, agency: str, contact: str, on: dt.date) -> None:
        self.cases[label] = CaseModel(label, agency, contact)
        self._start(label, "open-reply", agency, on)

    def transfer(self, label: str, to: str, on: dt.date) -> None:
        case = self.cases[label]
        decides = case.agency == "authority"
        bounces = to in case.passed_on_by and not decides and to != "authority"
        lawful = case.is_open and case.round == 1 and to != case.agency and not case.assigned and not bounces
        self._case(label, lawful=lawful)
        case.passed_on_by.append(case.agency)
        case.agency, case.assigned = to, decides
        clock = self.running(label, "open-reply")
        assert clock is not None
        clock.owner = to
        clock.holders.append((to, on))
        self._note("hand-on", clock.name, to, on)

    def ask(self, label: str, on: dt.date) -> None:
        self._case(label, lawful=self.cases[label].is_open)

    def withdraw(self, label: str, on: dt.date) -> None:
        case = self._case(label, lawful=self.cases[label].is_open)
        case.status = "withdrawn"
        for kind in ("open-reply", "reply-again", "open-fulfilment"):
            self._stop(label, kind, on, "withdrawn")

    def reply(self, label: str, outcome: str, on: dt.date) -> None:
        case = self._case(label, lawful=self.cases[label].is_open)
        case.status = {"agree": "agreed", "agree-in-part": "agreed-in-part", "refuse": "refused"}[outcome]
        case.delivered.append(case.round)
        self._stop(label, "open-reply" if case.round == 1 else "reply-again", on)
        self._fulfilment(case, on)

    def _fulfilment(self, case: CaseModel, on: dt.date) -> None:
        """The target for listing or opening runs exactly while the request stands agreed."""
        running = self.running(case.label, "open-fulfilment")
        if case.is_agreed and running is None:
            self._start(case.label, "open-fulfilment", case.agency, on)
        if not case.is_agreed and running is not None:
            self._stop(case.label, "open-fulfilment", on, "superseded")

    def fulfil(self, label: str, on: dt.date) -> None:
        case = self._case(label, lawful=self.cases[label].is_agreed)
        case.status = "fulfilled"
        self._stop(label, "open-fulfilment", on)

    def anew(self, label: str, on: dt.date) -> None:
        """What was agreed cannot be done: the target goes on until the new reply."""
        case = self._case(label, lawful=self.cases[label].is_agreed)
        case.status = "waiting"
        case.round += 1

    def object(self, label: str, on: dt.date) -> None:
        case = self._case(label, lawful=bool(self.cases[label].delivered))
        review = ReviewModel(f"{label}.{len(case.reviews) + 1}", case.delivered[-1])
        case.reviews.append(review)
        self._start(review.label, "review-acceptance", "authority", on)

    def _review(self, label: str, *states: str) -> ReviewModel:
        reviews = self.cases[label].reviews
        if not reviews or reviews[-1].status not in states:
            raise Unlawful(label)
        return reviews[-1]

    def accept(self, label: str, on: dt.date) -> None:
        """Where the fifth working day has gone by in silence, that day was the day of acceptance."""
        review = self._review(label, "submitted")
        clock = self.running(review.label, "review-acceptance")
        assert clock is not None
        self._accept(review, min(on, clock.due), "done")

    def _settle_silence(self, review: ReviewModel, on: dt.date) -> None:
        """Five working days without a decision: accepted on the fifth, whoever notices it first, and when."""
        clock = self.running(review.label, "review-acceptance")
        if clock is not None and clock.due < on:
            self._accept(review, clock.due, "superseded")

    def _accept(self, review: ReviewModel, day: dt.date, cause: str) -> None:
        review.status = "accepted"
        self._stop(review.label, "review-acceptance", day, cause)
        self._start(review.label, "review-result", "authority", day)

    def decline(self, label: str, on: dt.date) -> None:
        """Only because the same objection was decided, and only within the five working days."""
        review = self._review(label, "submitted")
        clock = self.running(review.label, "review-acceptance")
        assert clock is not None
        same = [other for other in self.cases[label].reviews if other.reply == review.reply and other.decided]
        if clock.due < on or not same:
            raise Unlawful(label)
        review.status = "declined"
        self._stop(review.label, "review-acceptance", on)

    def withdraw_review(self, label: str, on: dt.date) -> None:
        review = self._review(label, "submitted", "accepted")
        self._settle_silence(review, on)
        review.status = "withdrawn"
        for kind in ("review-acceptance", "review-result"):
            self._stop(review.label, kind, on, "withdrawn")

    def decide(self, label: str, outcome: str, until: dt.date, on: dt.date) -> None:
        """``outcome``: uphold, require-new-reply, to-open or to-withhold (a change of what was replied)."""
        review, case = self._review(label, "accepted"), self.cases[label]
        changes = outcome in {"to-open", "to-withhold"}
        if changes and (case.is_open or review.reply != case.delivered[-1]):
            raise Unlawful(label)
        if case.status == "withdrawn" and outcome != "uphold":
            raise Unlawful(label)
        review.status, review.decided = "decided", True
        self._stop(review.label, "review-result", on)
        if outcome == "uphold" or case.is_open:
            return
        if outcome == "require-new-reply":
            case.status, case.round = "waiting", case.round + 1
            self._start(label, "reply-again", case.agency, on, until=until)
        else:
            case.status = "agreed" if outcome == "to-open" else "refused"
        self._fulfilment(case, on)

    def publish_notice(self, year: int, rest: set[dt.date], work: set[dt.date], on: dt.date) -> None:
        self.days.publish(year, rest=rest, work=work)
        self._count_again(on)

    def extend_holiday(self, days: set[dt.date], on: dt.date) -> None:
        self.days.extend(days)
        self._count_again(on)

    def lengthen(self, kind: str, length: int, on: dt.date) -> None:
        """A new version of a rule, which by the law's own words reaches what already runs."""
        self.lengths[kind] = length
        self._count_again(on)

    def _count_again(self, on: dt.date) -> None:
        for clock in self.clocks:
            if clock.stopped is not None or clock.fixed:
                continue
            working = clock.kind in WORKING_DAYS
            due = self.days.end_of(clock.started, self.lengths[clock.kind], working_days=working)
            provisional = self.days.is_provisional(clock.started, due, working_days=working)
            if (due, provisional) == (clock.due, clock.provisional):
                continue
            self._note("recompute", clock.name, clock.due, due, on)
            clock.due, clock.provisional = due, provisional
            gone = {(rung, day) for rung, day in clock.live if rung.startswith("overdue") and day != due}
            for rung, _day in gone:
                self._note("rung-withdrawn", clock.name, rung, on)
            clock.live -= gone

    # --- looking -------------------------------------------------------------------------------------

    def sweep(self, on: dt.date) -> None:
        """Somebody looks at the clocks: silence has become acceptance, everything due fires, once.

        A day before the last look is a fault of the machine's clock: there is nothing in it to see.
        """
        if on < self.seen:
            return
        self.seen = on
        for case in self.cases.values():
            for review in case.reviews:
                self._settle_silence(review, on)
        for clock in self.clocks:
            self._climb(clock, on)
            self._hold_to_the_due_day(clock, on)

    def _climb(self, clock: ClockModel, on: dt.date) -> None:
        until = min(clock.stopped, on) if clock.stopped else on
        waiting = [rung for rung in clock.rungs(until) if (rung[0], clock.due) not in clock.live]
        if clock.stopped:  # nobody is reminded of what is done; that it was done late stays so
            waiting = [rung for rung in waiting if rung[2]]
        legal = [rung for rung, _day, is_legal in waiting if is_legal]
        told = set(legal) or {rung for rung, _day, _legal in waiting[-1:]}
        for rung, _day, is_legal in waiting:
            clock.live.add((rung, clock.due))
            self._note("rung", clock.name, rung, clock.due, on, rung in told)
            if rung not in told:
                continue
            for who in clock.who_owes():
                self._note("told", clock.case, "overdue" if is_legal else "reminder", who, on)
            if is_legal:
                self._run_out(clock, rung, on)

    def _run_out(self, clock: ClockModel, rung: str, on: dt.date) -> None:
        self._note("overdue", clock.name, rung, clock.due, on)
        for agency in clock.before_whom():
            row = self.brought.setdefault((clock.name, agency), [0, "open"])
            row[0], row[1] = int(str(row[0])) + 1, "open"
            self._note("escalate", clock.name, agency, rung, on)
            for who in OVERSEERS[agency]:
                self._note("told-overseer", clock.name, agency, who, on)
        if rung == "overdue" and clock.stopped is None and clock.kind in {"open-reply", "reply-again"}:
            self._tell_applicant(self.cases[clock.case], clock.due, on)

    def _tell_applicant(self, case: CaseModel, due: dt.date, on: dt.date) -> None:
        """That the reply is late, and of the complaint under Art. 29: once for each due day."""
        if due in case.told_late:
            return
        case.told_late.add(due)
        ways = {"account": ("account",), "mail": ("address",), "both": ("account", "address"), "none": ()}
        for way in ways[case.contact]:
            self._note("told-applicant", case.label, way, on)

    def _hold_to_the_due_day(self, clock: ClockModel, on: dt.date) -> None:
        """A breach is drafted against whoever held the case when it ran out, and against nobody else; what rested on a
        due day that has moved away is taken back."""
        late = clock.is_late_on(on)
        if not late:
            for (name, agency), row in self.brought.items():
                if name == clock.name and row[1] == "open":
                    row[1] = "withdrawn"
                    self._note("escalation-withdrawn", clock.name, agency, on)
        guilty = clock.holder_when_due() if late and clock.kind in BREACH else None
        if clock.kind in IF_UNDONE and clock.stopped and self.drafts.get((clock.name, str(guilty))) != "draft":
            guilty = None
        for (name, agency), status in self.drafts.items():
            if name == clock.name and status == "draft" and agency != guilty:
                self.drafts[name, agency] = "withdrawn"
                self._note("finding-withdrawn", clock.name, agency, on)
        if guilty is not None and self.drafts.get((clock.name, guilty)) != "draft":
            self.drafts[clock.name, guilty] = "draft"
            self._note("finding", clock.name, BREACH[clock.kind], guilty, on)

    # --- what must be there --------------------------------------------------------------------------

    def everything(self) -> Counter[tuple[object, ...]]:
        """Every event there must be, and how every clock, escalation and draft stands, each as often as it must be."""
        found = Counter(self.happened)
        for clock in self.clocks:
            state = (clock.owner, clock.started, clock.due, clock.provisional)
            found["clock", clock.name, *state, clock.stopped, clock.cause] += 1
        for case in {clock.case for clock in self.clocks}:
            runs = [clock.due for clock in self.clocks if clock.case == case and clock.stopped is None]
            found["next", case, min(runs, default=None)] += 1
        for (name, agency), (times, status) in self.brought.items():
            found["escalation", name, agency, times, status] += 1
        for (name, agency), status in self.drafts.items():
            found["draft", name, agency, status] += 1
        return found
