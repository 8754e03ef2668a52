"""A city on the eve of a busy day: every kind of thing that a sweep does is due on ``THE_DAY``, and none was done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.faults.model import LawModel
from tests.faults.town import Town

THE_DAY = dt.date(2026, 3, 20)
"""A Friday; the last sweep before it was ten days earlier."""
LAST_SWEEP = dt.date(2026, 3, 10)


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


STEPS: tuple[tuple[dt.date, str, tuple[Any, ...]], ...] = (
    # overdue for two weeks: its first week since the last sweep is due
    (day(2, 24), "file", ("week", "county", "account")),
    # a breach that a longer holiday undoes before the reply comes, in time by the new day
    (day(2, 27), "file", ("undone", "health", "mail")),
    # replied to, objected to, accepted: the result is late
    (day(2, 25), "file", ("result", "transport", "both")),
    (day(2, 27), "reply", ("result", "refuse")),
    (day(3, 2), "object", ("result",)),
    (day(3, 4), "accept", ("result",)),
    # agreed to, and not opened within the target
    (day(2, 26), "file", ("promise", "health", "mail")),
    (day(3, 2), "reply", ("promise", "agree")),
    # objected to, and nobody decides on it: silence
    (day(2, 26), "file", ("silence", "transport", "mail")),
    (day(3, 3), "reply", ("silence", "agree-in-part")),
    # a new reply was ordered by a day that goes by
    (day(2, 26), "file", ("again", "transport", "account")),
    (day(3, 2), "reply", ("again", "refuse")),
    (day(3, 3), "object", ("again",)),
    (day(3, 4), "accept", ("again",)),
    (day(3, 6), "decide", ("again", "require-new-reply", day(3, 18))),
    (day(3, 6), "file", ("unseen", "transport", "mail")),
    (day(3, 6), "file", ("handed", "transport", "both")),
    (day(3, 9), "file", ("late", "transport", "mail")),
    (LAST_SWEEP, "sweep", ()),
    (LAST_SWEEP, "extend_holiday", ({day(3, 9)},)),
    (LAST_SWEEP, "reply", ("undone", "refuse")),
    (day(3, 11), "object", ("silence",)),
    (day(3, 12), "transfer", ("handed", "county")),
    (day(3, 13), "file", ("soon", "health", "both")),
    (day(3, 18), "reply", ("unseen", "refuse")),
)


def live(model: LawModel, town: Town) -> None:
    """The city up to the eve, in the model and in the default database of this process."""
    for when, what, given in sorted(STEPS, key=lambda step: step[0]):
        for side in (model, town):
            getattr(side, what)(*given, when)
