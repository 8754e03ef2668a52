from django.apps import AppConfig
from django.utils.module_loading import import_string


class RequestsAppConfig(AppConfig):
    name = "requests_app"
    label = "requests_app"
    verbose_name = "开放需求申请与复核"

    def ready(self) -> None:
        # by name, since it imports models, which are there only once every app is loaded
        import_string("requests_app.findable.register")()
