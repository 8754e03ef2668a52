"""A due day as a calendar file that a phone or an office calendar opens (RFC 5545)."""

from __future__ import annotations

import datetime as dt

from icalendar import Alarm, Calendar, Event

PRODUCT = "-//贵阳市政府数据平台//ZH"
REMINDER = dt.timedelta(days=-1)


def ics(uid: str, summary: str, day: dt.date, description: str) -> bytes:
    """One all-day entry on ``day`` (Asia/Shanghai), with a reminder the day before, as UTF-8 bytes.

    ``uid`` must stay the same for the same due day, so that opening the file again replaces the entry. The same
    arguments give the same bytes: the stamp that the standard asks for is the day itself, not the present moment.
    """
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC))
    event.add("dtstart", day)
    event.add("dtend", day + dt.timedelta(days=1))
    event.add("summary", summary)
    event.add("description", description)
    event.add("transp", "TRANSPARENT")
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("trigger", REMINDER)
    reminder.add("description", summary)
    event.add_component(reminder)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()
