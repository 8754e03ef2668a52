"""Suggesting which entries supply a material: by their names, for a person to judge (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from catalog.models import CatalogEntry, SharingType
from catalog.naming import FOUND_AS
from catalog.selectors import entries_in_force
from guiyang_data.inserting import insert_many
from guiyang_data.search.like import like, says_nothing
from guiyang_data.search.words import question_words
from sharing.materials.naming import likeness_to_entry
from sharing.materials.workflow import SupplyStatus
from sharing.models import MaterialName, MaterialSupply

LEAST = 0.4
"""How alike a name and an entry must be, 0 to 1."""
MOST_OF_A_NAME = 3
MOST_LOOKED_AT = 8
MOST_A_SWEEP = 300
"""Names that one sweep looks up; the next one goes on."""
_BETWEEN = re.compile(r"[\s、，,;；]+")


@transaction.atomic
def look_for(names: Sequence[MaterialName], *, at: dt.datetime) -> int:
    """Look in the catalogue for entries that may supply these materials; returns how many suggestions are new."""
    keys = {name.pk: _entries_like(name.name) for name in names}
    entries = _shared({key for found in keys.values() for key in found})
    pairs = [
        (name, entries[key], much)
        for name in names
        for key, much in _best(name.name, [entries[key] for key in keys[name.pk] if key in entries])
    ]
    MaterialName.objects.filter(pk__in=[name.pk for name in names]).update(looked_at=at)
    return _suggest(pairs, at)


def look_for_waiting(*, at: dt.datetime, most: int = MOST_A_SWEEP) -> int:
    """The same for names that nobody looked for yet; returns how many were looked at."""
    names = list(MaterialName.objects.filter(looked_at=None).order_by("pk")[:most])
    if names:
        look_for(names, at=at)
    return len(names)


@transaction.atomic
def look_for_entry(entry_id: int, *, at: dt.datetime) -> int:
    """Look among the materials of all matters for those that a new or changed entry may supply."""
    entry = _shared({entry_id}).get(entry_id)
    if entry is None or entry.in_force is None:
        return 0
    words = [word for word in question_words(entry.in_force.title) if len(word) > 1 and not says_nothing(word)]
    words += [word for word in _BETWEEN.split(entry.in_force.keywords) if len(word) > 1]
    named = Q(pk__in=[])
    for word in dict.fromkeys(words):
        named |= Q(key__contains=word.lower())
    names = MaterialName.objects.filter(named).order_by("pk")[:500]
    found = [(name, much) for name in names if (much := _much(name.name, entry)) >= LEAST]
    best = sorted(found, key=lambda one: (-one[1], one[0].pk))[: 10 * MOST_OF_A_NAME]
    return _suggest([(name, entry, much) for name, much in best], at)


def _entries_like(name: str) -> list[int]:
    hits = like(name, kinds=(FOUND_AS,), limit=MOST_LOOKED_AT, public_only=False)
    return [int(hit.key) for hit in hits]


def _shared(keys: Iterable[int]) -> dict[int, CatalogEntry]:
    rows = entries_in_force().filter(pk__in=set(keys)).exclude(in_force__sharing_type=SharingType.WITHHELD)
    return {entry.pk: entry for entry in rows.prefetch_related("in_force__items")}


def _best(name: str, entries: Iterable[CatalogEntry]) -> list[tuple[int, float]]:
    found = [(entry.pk, much) for entry in entries if (much := _much(name, entry)) >= LEAST]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:MOST_OF_A_NAME]


def _much(name: str, entry: CatalogEntry) -> float:
    revision = entry.in_force
    if revision is None:
        return 0.0
    keywords, items = _BETWEEN.split(revision.keywords), [item.name for item in revision.items.all()]
    return likeness_to_entry(name, title=revision.title, keywords=keywords, items=items)


def _suggest(pairs: Sequence[tuple[MaterialName, CatalogEntry, float]], at: dt.datetime) -> int:
    """Those that nobody suggested, proposed, confirmed or rejected before."""
    rows = MaterialSupply.objects.filter(name__in={name.pk for name, _entry, _much in pairs})
    known = set(rows.exclude(status=SupplyStatus.ENDED).values_list("name", "entry"))
    new = [
        MaterialSupply(name=name, entry=entry, likeness=round(100 * much), suggested_at=at)
        for name, entry, much in pairs
        if (name.pk, entry.pk) not in known
    ]
    return len(insert_many(new))
