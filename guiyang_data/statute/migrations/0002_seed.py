"""The first version of each rule, and the State Council's arrangements 2017-2026."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from guiyang_data.statute import seed


def plant(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    seed.plant(
        rules=apps.get_model("statute", "PeriodRule")._default_manager.using(alias),
        years=apps.get_model("statute", "CalendarYear")._default_manager.using(alias),
        days=apps.get_model("statute", "CalendarDay")._default_manager.using(alias),
    )


def uproot(apps: Any, schema_editor: Any) -> None:
    """Only what was planted and is not used: a clock that runs under a rule refuses to lose it."""
    alias = schema_editor.connection.alias
    apps.get_model("statute", "PeriodRule")._default_manager.using(alias).filter(
        in_force_from=seed.IN_FORCE_FROM
    ).delete()
    years = [entry["year"] for entry in seed.calendar_years()]
    apps.get_model("statute", "CalendarYear")._default_manager.using(alias).filter(year__in=years).delete()


class Migration(migrations.Migration):
    dependencies = [("statute", "0001_initial")]

    operations = [migrations.RunPython(plant, uproot)]
