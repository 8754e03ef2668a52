"""One program in a process of its own: ``python -m bench.child NAME SIZES FILE`` writes its figures to FILE as JSON.

SIZES: the arguments of the program's ``measure`` as JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import django

from guiyang_data.celery import app as celery_app  # noqa: F401  acts wake workers, by the broker of the settings


def main() -> None:
    """Set Django up on the database that the environment names, then measure."""
    name, sizes, file = sys.argv[1:4]
    django.setup()
    figures = import_module(f"bench.{name}").measure(**json.loads(sizes))
    Path(file).write_text(json.dumps([figure.as_dict() for figure in figures], ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
