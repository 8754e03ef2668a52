"""A sweeper as a process of its own, which a test kills: ``python -m tests.oversight.sweeper DATABASE DAY PLACE MARK``.

PLACE ``between``: after two clocks it writes the file MARK and waits to be killed. PLACE ``inside``: it fires the rungs
of one clock, writes MARK before the transaction commits, and waits.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings
from django.db import transaction

PATIENCE = 120


def wait_to_be_killed(mark: Path) -> None:
    """Say that the place is reached, and stay there."""
    mark.write_text("here", encoding="ascii")
    time.sleep(PATIENCE)


def main() -> None:
    database, day, place, mark_name = sys.argv[1:5]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiyang_data.settings.test")
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    # models can be imported only now
    from guiyang_data.statute import clocks  # noqa: PLC0415
    from oversight.services import sweep  # noqa: PLC0415
    from oversight.services.sweeping import climb  # noqa: PLC0415

    on, mark = dt.date.fromisoformat(day), Path(mark_name)
    at = dt.datetime.combine(on, dt.time(1), tzinfo=dt.UTC)
    if place == "inside":
        with transaction.atomic():
            climb(clocks.due_for_sweep(on, most=1), at=at, on=on)
            wait_to_be_killed(mark)
    seen: list[int] = []

    def before_each(pks: Sequence[int]) -> None:
        if len(seen) == 2:
            wait_to_be_killed(mark)
        seen.extend(pks)

    sweep(at=at, on=on, batch=1, before_each=before_each, following=())


if __name__ == "__main__":
    main()
