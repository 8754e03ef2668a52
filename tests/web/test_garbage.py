"""A process that serves leaves what it loaded out of the collector's rounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from guiyang_data.garbage import ALLOCATIONS

SERVING = """
import gc, guiyang_data.wsgi
print(gc.get_freeze_count() > 100_000, gc.get_threshold()[0])
"""


def test_a_web_process_serves_with_what_it_loaded_set_aside(tmp_path: Path) -> None:
    # when a server loads the application
    environment = {"PATH": "", "GUIYANG_DATA_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", SERVING], env=environment, capture_output=True, text=True, check=True
    ).stdout
    # then
    assert said.split() == ["True", str(ALLOCATIONS)]
