#!/usr/bin/env python
"""Command line of the portal."""

import sys

from django.core.management import execute_from_command_line

from guiyang_data.celery import app as celery_app  # noqa: F401  the application must exist before tasks are named

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
