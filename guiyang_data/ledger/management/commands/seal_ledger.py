from typing import Any

from django.core.management.base import BaseCommand

from guiyang_data.ledger import sealing
from guiyang_data.timekeeping import now


class Command(BaseCommand):
    help = "Seal every recorded row that has no seal yet."

    def handle(self, *args: Any, **options: Any) -> None:
        made = sealing.seal(at=now())
        self.stdout.write(f"seal {made.number}: {made.count} rows" if made else "nothing to seal")
