from django.apps import AppConfig

from guiyang_data.ledger import guards


class LedgerConfig(AppConfig):
    name = "guiyang_data.ledger"
    label = "ledger"
    verbose_name = "办理记录"

    def ready(self) -> None:
        guards.connect(self)
