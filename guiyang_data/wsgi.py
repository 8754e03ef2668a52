"""WSGI entry point."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiyang_data.settings.embedded")

from guiyang_data.celery import app as celery_app  # noqa: F401  tasks are sent from requests

application = get_wsgi_application()
