from django.apps import AppConfig
from django.core.checks import register

from guiyang_data.web import checks


class WebConfig(AppConfig):
    name = "guiyang_data.web"
    label = "web"
    verbose_name = "门户"

    def ready(self) -> None:
        register(checks.check_time)
