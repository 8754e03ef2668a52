from django.apps import AppConfig


class FacesConfig(AppConfig):
    name = "guiyang_data.faces"
    label = "faces"
    verbose_name = "页面与接口"
