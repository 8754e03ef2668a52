from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "guiyang_data.accounts"
    label = "accounts"
    verbose_name = "机关与账号"
