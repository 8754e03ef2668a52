"""The Celery application. Celery only wakes: what is due is read from the database."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from guiyang_data.garbage import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiyang_data.settings.embedded")

app = Celery("guiyang_data")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _settle(**_said: Any) -> None:
    settle()
