"""WSGI entry point."""

from __future__ import annotations

import os
from importlib import import_module

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiyang_data.settings.embedded")

from guiyang_data.celery import app as celery_app  # noqa: F401  tasks are sent from requests
from guiyang_data.faces.wsgi import application as made
from guiyang_data.garbage import settle

application = made()
import_module(settings.ROOT_URLCONF)  # the pages, before the first request asks for one
settle()
