from django.apps import AppConfig
from django.core.checks import register

from guiyang_data.notices import checks


class NoticesConfig(AppConfig):
    name = "guiyang_data.notices"
    label = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        register(checks.check_bounce_address)
