"""A due day as a calendar file that a phone or an office calendar opens (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from icalendar import Alarm, Calendar, Event

PRODUCT = "-//贵阳市政府数据平台//ZH"
REMINDER = dt.timedelta(days=-1)


@dataclass(frozen=True, kw_only=True)
class DayEntry:
    """One all-day entry of a calendar; ``generation`` counts how often its day was counted, the first time is 1."""

    uid: str
    summary: str
    day: dt.date
    description: str
    generation: int = 1


def ics(uid: str, summary: str, day: dt.date, description: str, *, generation: int = 1) -> bytes:
    """One all-day entry on ``day`` (Asia/Shanghai) as a file. See ``calendar_file``."""
    entry = DayEntry(uid=uid, summary=summary, day=day, description=description, generation=generation)
    return calendar_file([entry])


def calendar_file(entries: Iterable[DayEntry]) -> bytes:
    """All-day entries (Asia/Shanghai), each with a reminder the day before, as UTF-8 bytes.

    A ``uid`` must stay the same for the same due day, so that opening the file again replaces the entry; a later
    ``generation`` replaces it although its day may be earlier. The same arguments give the same bytes: the stamp that
    the standard asks for is the day itself, not the present moment.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: DayEntry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", dt.datetime.combine(entry.day, dt.time(), tzinfo=dt.UTC))
    event.add("sequence", entry.generation - 1)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + dt.timedelta(days=1))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("transp", "TRANSPARENT")
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("trigger", REMINDER)
    reminder.add("description", entry.summary)
    event.add_component(reminder)
    return event
