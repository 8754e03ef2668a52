"""What tests of accounts share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.caching import forget

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
ON = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _own_page_after_signing_in(settings: LazySettings) -> None:
    settings.LOGIN_REDIRECT_URL = "accounts:home"


@pytest.fixture(autouse=True)
def _nothing_counted_yet(db: None) -> None:
    forget()


@pytest.fixture
def clock(settings: LazySettings, tmp_path: Path) -> Path:
    """Moves the portal's time: ``clock.write_text("1800")`` is half an hour later."""
    settings.TIME_SHIFT_FILE = tmp_path / "shift"
    return tmp_path / "shift"
