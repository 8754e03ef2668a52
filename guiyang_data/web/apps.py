from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "guiyang_data.web"
    label = "web"
    verbose_name = "门户"
