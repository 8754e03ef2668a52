from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    label = "catalog"
    verbose_name = "目录与汇聚"

    def ready(self) -> None:
        # its models can only be imported once all apps are loaded
        import_module("catalog.services.finding").make_findable()
