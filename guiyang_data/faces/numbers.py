"""Case numbers that people read out on the telephone: ``GY-2026-00001``, without gaps within a year."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from guiyang_data.faces.models import NumberSeries


@transaction.atomic
def next_number(prefix: str, year: int) -> str:
    """The next number of a series. The series is locked until the act commits; an act that fails leaves no gap."""
    NumberSeries.objects.bulk_create([NumberSeries(prefix=prefix, year=year)], ignore_conflicts=True)
    series = NumberSeries.objects.filter(prefix=prefix, year=year)
    if connection.features.has_select_for_update:
        series.select_for_update().get()
    series.update(last=F("last") + 1)
    return f"{prefix}-{year}-{series.get().last:05d}"
