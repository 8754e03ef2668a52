from django.apps import AppConfig

from guiyang_data.ledger import (
    checks,  # noqa: F401  known once it is imported
    guards,
)


class LedgerConfig(AppConfig):
    name = "guiyang_data.ledger"
    label = "ledger"
    verbose_name = "办理记录"

    def ready(self) -> None:
        guards.connect(self)
