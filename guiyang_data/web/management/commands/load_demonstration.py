from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from guiyang_data.ledger.waiting import before_the_portal
from guiyang_data.timekeeping import now
from guiyang_data.web.demonstration import loading


class Command(BaseCommand):
    help = "Load the demonstration city, once; a second run keeps what users did."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--people-only", action="store_true", help="regions, agencies and accounts, without content"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("GUIYANG_DEMONSTRATION is off: this installation has no demonstration city.")
        if loading.is_loaded():
            self.stdout.write("demonstration city: already there, nothing changed")
            return
        at, content = now(), not options["people_only"]
        try:
            with before_the_portal(), transaction.atomic():
                loading.load(at=at, say=self.say, content=content)
        except BaseException:
            # rows lie outside the database: what a broken start left there would meet the next one
            shutil.rmtree(settings.ROWS_DIR, ignore_errors=True)
            raise
        with before_the_portal():
            loading.use(at=at, say=self.say, content=content)

    def say(self, text: str) -> None:
        """One line of progress."""
        self.stdout.write(f"  {text}")
        self.stdout.flush()
