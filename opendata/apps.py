from importlib import import_module

from django.apps import AppConfig


class OpendataConfig(AppConfig):
    name = "opendata"
    label = "opendata"
    verbose_name = "开放"

    def ready(self) -> None:
        # its models can only be imported once all apps are loaded
        import_module("opendata.services.finding").make_findable()
