"""What tests of oversight share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.factories.oversight import LATE, Cast, cast


@pytest.fixture
def people(db: None) -> Cast:
    """A city with somebody for every part."""
    return cast()


@pytest.fixture
def move_to(settings: LazySettings, tmp_path: Path) -> Callable[[dt.date], None]:
    """Moves the portal's time to ten in the morning of a day in Guiyang."""
    settings.TIME_SHIFT_FILE = tmp_path / "shift"

    def move(day: dt.date) -> None:
        moment = dt.datetime.combine(day, dt.time(2), tzinfo=dt.UTC)
        shift = moment - dt.datetime.now(tz=dt.UTC)
        settings.TIME_SHIFT_FILE.write_text(str(int(shift.total_seconds())))

    return move


@pytest.fixture
def on_the_day_after(move_to: Callable[[dt.date], None]) -> None:
    """It is the first day on which the ten-day clocks of the factories are late."""
    move_to(LATE)
