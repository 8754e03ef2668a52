from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def point_to_versions(apps: Any, editor: Any) -> None:
    """Loads from before batches were gathered together: each made the version that names it."""
    load, version = apps.get_model("catalog", "Load"), apps.get_model("catalog", "DataVersion")
    made = version.objects.using(editor.connection.alias).filter(load=OuterRef("pk")).values("pk")[:1]
    load.objects.using(editor.connection.alias).filter(version=None, state="done").update(version=Subquery(made))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_pushed_batches")]
    operations = [migrations.RunPython(point_to_versions, migrations.RunPython.noop)]
