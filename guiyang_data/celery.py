"""The Celery application. Celery only wakes: what is due is read from the database."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

from guiyang_data.garbage import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiyang_data.settings.embedded")

app = Celery("guiyang_data")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


BEHIND_PEOPLE = 5
"""How far the worker stands back (``nice``) where people and systems wait for an answer on the same machine."""


@worker_init.connect
def _stand_back(**_said: Any) -> None:
    os.nice(BEHIND_PEOPLE)


@worker_process_init.connect
def _settle(**_said: Any) -> None:
    settle()
