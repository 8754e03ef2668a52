from django.apps import AppConfig
from django.forms import Field


class FacesConfig(AppConfig):
    name = "guiyang_data.faces"
    label = "faces"
    verbose_name = "页面与接口"

    def ready(self) -> None:
        # forms that come with a library, signing up above all, say it as ours do
        Field.default_error_messages["required"] = "请填写这一项。"
