from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "guiyang_data.attachments"
    label = "attachments"
    verbose_name = "附件"
