"""Due days by workalendar, and microseconds, as JSON: ``workalendar_days.py FIRST DAYS LENGTH ROUNDS``."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time

from workalendar.asia import China
from workalendar.exceptions import CalendarError


def main() -> None:
    """Count from every day, an empty text where the calendar's year is not known."""
    first, days, length, rounds = dt.date.fromisoformat(sys.argv[1]), *map(int, sys.argv[2:5])
    calendar = China()
    starts = [first + dt.timedelta(days=number) for number in range(days)]
    due: list[str] = []
    spent = []
    for _round in range(rounds):
        began = time.perf_counter()
        due = []
        for start in starts:
            try:
                due.append(calendar.add_working_days(start, length).isoformat())
            except CalendarError:
                due.append("")
        spent.append(round((time.perf_counter() - began) / days * 1e6, 1))
    print(json.dumps({"due": due, "us": spent}))


if __name__ == "__main__":
    main()
