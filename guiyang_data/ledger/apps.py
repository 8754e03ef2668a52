from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "guiyang_data.ledger"
    label = "ledger"
    verbose_name = "办理记录"
