"""What must not be set where a city runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

TEST_SETTINGS = "guiyang_data.settings.test"


def check_time(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Time is moved in the suite and nowhere else: a statutory clock follows the real day."""
    if getattr(settings, "TIME_SHIFT_FILE", None) and settings.SETTINGS_MODULE != TEST_SETTINGS:
        return [Error("TIME_SHIFT_FILE moves the clock.", hint="Take the setting away.", id="web.E001")]
    return []
