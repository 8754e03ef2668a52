"""The city, its clocks and its cases in the words of the law: who is above whom, how long what takes, whose it is.

Plain values and what follows from them alone; what people do with them is in ``model``. Imports nothing of the portal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from tests.faults.calendar_model import DAY

# --- the city ------------------------------------------------------------------------------------

ABOVE = {
    "transport": ("government",),
    "health": ("government",),
    "county": ("county-government", "transport"),
    "authority": ("government",),
}
"""The superiors of each agency that answers requests."""
CLERKS = {
    "transport": ("transport-steward", "transport-approver"),
    "health": ("health-steward", "health-approver"),
    "county": ("county-steward", "county-approver"),
    "authority": ("authority-steward", "authority-approver"),
}
"""Who is told what an agency owes."""
REVIEWERS = ("reviewer",)
OVERSEERS = {
    "authority": ("authority-approver", "authority-officer", "authority-supervisor"),
    "government": ("mayor",),
    "county-government": ("county-head",),
    "transport": ("transport-approver",),
}
"""Who is told what is brought before an agency."""

# --- the clocks ------------------------------------------------------------------------------------

LENGTHS = {"open-reply": 10, "review-acceptance": 5, "review-result": 10, "open-fulfilment": 15}
WORKING_DAYS = {"review-acceptance"}
LAPSES_BY_ITSELF = {"review-acceptance"}
"""Silence is acceptance on its last day: it never runs late."""
BREACH = {"open-reply": 6, "review-result": 6, "open-fulfilment": 9}
"""Clocks, and the item of Art. 30 under which running out is a breach."""
IF_UNDONE = {"open-fulfilment"}
"""Owed promptly, without a period of the law's: a breach only where it is not done when somebody looks."""
REMINDERS = (5, 3, 1)


@dataclass
class ClockModel:
    """One clock on one case. ``live``: rungs that count as fired, each with the due day they were fired for."""

    case: str
    kind: str
    owner: str
    started: dt.date
    due: dt.date
    provisional: bool
    fixed: bool
    holders: list[tuple[str, dt.date]] = field(default_factory=list)
    stopped: dt.date | None = None
    cause: str = ""
    live: set[tuple[str, dt.date]] = field(default_factory=set)
    nth: int = 1

    @property
    def name(self) -> str:
        return f"{self.case}/{self.kind}/{self.nth}"

    def holder_when_due(self) -> str:
        """Who had the case in hand when its last day ended."""
        return [agency for agency, since in self.holders if since <= self.due][-1]

    def before_whom(self) -> tuple[str, ...]:
        """To whom it is brought when it runs out."""
        if self.kind == "review-result":
            return ("government",)
        if self.kind not in {"open-reply", "open-fulfilment"}:
            return ()
        return tuple(dict.fromkeys(name for name in ("authority", *ABOVE[self.owner]) if name != self.owner))

    def who_owes(self) -> tuple[str, ...]:
        return REVIEWERS if self.kind.startswith("review-") else CLERKS[self.owner]

    def is_late_on(self, day: dt.date) -> bool:
        return (self.stopped or day) > self.due

    def rungs(self, day: dt.date) -> list[tuple[str, dt.date, bool]]:
        """``(rung, its day, whether legal)`` up to ``day``, in order."""
        found = [
            (f"reminder-{before}", self.due - DAY * before, False)
            for before in REMINDERS
            if self.due - DAY * before > self.started
        ]
        late, week = self.due + DAY, 0
        while self.kind not in LAPSES_BY_ITSELF and late + DAY * 7 * week <= day:
            found.append((f"overdue-week-{week}" if week else "overdue", late + DAY * 7 * week, True))
            week += 1
        return [rung for rung in found if rung[1] <= day]


@dataclass
class ReviewModel:
    """One objection to a delivered reply."""

    label: str
    reply: int
    status: str = "submitted"
    decided: bool = False


@dataclass
class CaseModel:
    """One request and its reviews. ``told_late``: due days of which its applicant was told."""

    label: str
    agency: str
    contact: str
    status: str = "waiting"
    round: int = 1
    delivered: list[int] = field(default_factory=list)
    passed_on_by: list[str] = field(default_factory=list)
    assigned: bool = False
    reviews: list[ReviewModel] = field(default_factory=list)
    told_late: set[dt.date] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.status == "waiting"

    @property
    def is_agreed(self) -> bool:
        return self.status in {"agreed", "agreed-in-part"}
