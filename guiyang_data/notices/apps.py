from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "guiyang_data.notices"
    label = "notices"
    verbose_name = "通知"
