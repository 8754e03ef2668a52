"""The library stands alone: it can be used where there is no Django."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_library_loads_without_django():
    code = (
        "import sys, guiyang_data.tables.query, guiyang_data.tables.loading, guiyang_data.tables.reading;"
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)

    assert done.returncode == 0
