"""The rows of material names, made where they are not there yet."""

from __future__ import annotations

from collections.abc import Iterable

from guiyang_data.texts import one_line
from sharing.materials.naming import key_of, plain_name
from sharing.models import MaterialName

BATCH = 500


def names_for(labels: Iterable[str]) -> dict[str, MaterialName]:
    """For each label the row of the material that it names; two queries, three where some are new."""
    keys = {label: key_of(label) for label in labels}
    wanted = set(keys.values())
    found = {name.key: name for name in MaterialName.objects.filter(key__in=wanted)}
    new = {key: label for label, key in keys.items() if key not in found}
    if new:
        rows = [MaterialName(key=key, name=plain_name(one_line(label))) for key, label in new.items()]
        MaterialName.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
        found |= {name.key: name for name in MaterialName.objects.filter(key__in=new)}
    return {label: found[key] for label, key in keys.items()}
