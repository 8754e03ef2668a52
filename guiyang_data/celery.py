"""The Celery application. Celery only wakes: what is due is read from the database."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiyang_data.settings.embedded")

app = Celery("guiyang_data")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
