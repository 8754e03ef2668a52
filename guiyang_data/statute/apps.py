from django.apps import AppConfig


class StatuteConfig(AppConfig):
    name = "guiyang_data.statute"
    label = "statute"
    verbose_name = "法规与期限"
