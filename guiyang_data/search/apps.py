from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "guiyang_data.search"
    label = "search"
    verbose_name = "搜索"
