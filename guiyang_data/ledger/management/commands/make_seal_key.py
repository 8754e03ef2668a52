from typing import Any

from django.core.management.base import BaseCommand

from guiyang_data.ledger.signing import new_sm2_key


class Command(BaseCommand):
    help = "Print a fresh SM2 key for GUIYANG_SEAL_KEY_PAIR. Keep it as secret as the other keys."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_sm2_key())
