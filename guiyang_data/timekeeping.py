"""The one clock that faces and tasks ask. Rules never do: they take dates as arguments.

``TIME_SHIFT_FILE`` exists only under the test settings: it names a file that holds whole seconds,
added to the real time, so that a browser test moves time for web and worker together. A system check
refuses the setting anywhere else.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    shift_file = getattr(settings, "TIME_SHIFT_FILE", None)
    moment = timezone.now()
    if shift_file is None:
        return moment
    try:
        return moment + dt.timedelta(seconds=int(Path(shift_file).read_text(encoding="ascii")))
    except (FileNotFoundError, ValueError):
        return moment


def today() -> dt.date:
    """Today's date in Asia/Shanghai, where the regulation applies."""
    return timezone.localdate(now())
