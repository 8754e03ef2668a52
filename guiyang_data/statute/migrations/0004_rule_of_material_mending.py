"""The first rule of the clock of materials that are asked for although the platform supplies them (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import migrations

KIND = "material-mending"


def plant(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("statute", "PeriodRule")._default_manager.using(schema_editor.connection.alias)
    values = {
        "unit": "working",
        "length": 20,
        "statutory": False,
        "instrument": "贵阳市政府数据共享开放条例",
        "article": "第十六条第二款",
    }
    rules.get_or_create(kind=KIND, in_force_from=dt.date(2017, 5, 1), defaults=values)


def uproot(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("statute", "PeriodRule")._default_manager.using(schema_editor.connection.alias)
    rules.filter(kind=KIND).delete()


class Migration(migrations.Migration):
    dependencies = [("statute", "0003_kind_of_material_mending")]

    operations = [migrations.RunPython(plant, uproot)]
