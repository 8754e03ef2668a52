"""A setting that moves the clock is refused wherever statutory clocks run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from guiyang_data.web.checks import check_time
from tests.services.composed import ROOT


def test_time_may_be_moved_under_the_test_settings() -> None:
    assert settings.TIME_SHIFT_FILE
    assert check_time(None) == []


def test_a_moved_clock_is_refused_under_any_other_settings(tmp_path: Path) -> None:
    code = (
        "import django; from django.conf import settings; django.setup(); settings.TIME_SHIFT_FILE = 'x'; "
        "from guiyang_data.web.checks import check_time; print([found.id for found in check_time(None)])"
    )
    chosen = {"DJANGO_SETTINGS_MODULE": "guiyang_data.settings.embedded", "GUIYANG_DATA_DIR": str(tmp_path)}
    environment = {**os.environ, **chosen}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "['web.E001']"
