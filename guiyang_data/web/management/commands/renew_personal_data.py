from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from guiyang_data.web.renewing import Renewed, rename_known_persons, renew_all


class Command(BaseCommand):
    help = (
        "Write anew under GUIYANG_PERSONAL_DATA_KEY what lies under one of GUIYANG_PERSONAL_DATA_KEYS_BEFORE. "
        "May be broken off, repeated, and run while the portal works."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PERSONAL_DATA_KEYS_BEFORE:
            raise CommandError("GUIYANG_PERSONAL_DATA_KEYS_BEFORE names no earlier key: there is nothing to do.")
        for done in renew_all():
            self.say(done)
        self.say(rename_known_persons())
        self.stdout.write(
            "Keep the earlier key: readings of persons without an account, the log's own hashes, tracking codes, "
            "second factors and the pseudonyms in open data still need it."
        )

    def say(self, done: Renewed) -> None:
        """What was done for one table."""
        self.stdout.write(f"{done.table}: {done.written} of {done.seen} written anew")
