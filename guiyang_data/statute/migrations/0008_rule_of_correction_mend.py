"""The first rule of the clock that runs until an error that was found is really mended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import migrations

KEY = {"kind": "correction-mend", "in_force_from": dt.date(2017, 5, 1)}


def plant(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("statute", "PeriodRule")._default_manager.using(schema_editor.connection.alias)
    values = {"unit": "working", "length": 5, "statutory": False}
    rules.get_or_create(**KEY, defaults=values | {"instrument": "贵阳市政府数据共享开放条例", "article": "第十三条第三款"})


def uproot(apps: Any, schema_editor: Any) -> None:
    """A clock that runs under the rule refuses to lose it."""
    apps.get_model("statute", "PeriodRule")._default_manager.using(schema_editor.connection.alias).filter(**KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("statute", "0007_correction_mend")]

    operations = [migrations.RunPython(plant, uproot)]
