from __future__ import annotations

from typing import Any

from django.db import migrations

from catalog.seed import categories


def load(apps: Any, editor: Any) -> None:
    """The first classification tree."""
    model = apps.get_model("catalog", "Category")
    for values in categories():
        model.objects.using(editor.connection.alias).get_or_create(code=values["code"], defaults=values)


def unload(apps: Any, editor: Any) -> None:
    """Categories that no entry uses go again."""
    model = apps.get_model("catalog", "Category")
    codes = [values["code"] for values in categories()]
    model.objects.using(editor.connection.alias).filter(code__in=codes).order_by("-level").delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
