"""Suggesting which entries supply a material: by their names, for a person to judge (第十六条第二款)."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.models import CatalogEntry, InformationItem, SharingType
from catalog.naming import FOUND_AS
from catalog.selectors import entries_in_force
from guiyang_data.inserting import insert_many
from guiyang_data.search.like import like, says_nothing
from guiyang_data.search.words import question_words
from sharing.edocuments.selectors import templates_in_use
from sharing.materials.matching import ITEM, KEYWORD, MOST_OF_A_NAME, TITLE, Offers
from sharing.materials.workflow import LISTED, SupplyStatus
from sharing.models import MaterialName, MaterialSupply, MatterMaterial, SupplyWay

FEW = 20
"""Up to so many names are looked for in the search index; more are held against the whole catalogue at once."""
MOST_LOOKED_AT = 8
AT_ONCE = 1000
"""Names in one transaction."""
MOST_A_SWEEP = 5000
"""Names that one sweep looks up; the next one goes on."""
_BETWEEN = re.compile(r"[\s、，,;；]+")


@dataclass(frozen=True, kw_only=True)
class Found:
    """That an entry may supply a material; with a kind of document of it, where that is what is alike."""

    name: int
    entry: int
    likeness: float
    template: int | None = None


class Supplies:
    """What the catalogue may supply: shared entries by title, keywords and items; documents by their titles."""

    def __init__(self, entries: QuerySet[CatalogEntry]) -> None:
        shared = entries.exclude(in_force__sharing_type=SharingType.WITHHELD).order_by("pk")
        rows = list(shared.values_list("pk", "in_force", "in_force__title", "in_force__keywords"))
        items: defaultdict[int, list[str]] = defaultdict(list)
        of_these = InformationItem.objects.filter(revision__in=shared.order_by().values("in_force")).order_by()
        for revision, name in of_these.values_list("revision", "name"):
            items[revision].append(name)
        self._entries, self._documents = Offers(), Offers()
        for pk, revision, title, keywords in rows:
            self._entries.add(pk, [title], TITLE)
            self._entries.add(pk, _BETWEEN.split(keywords), KEYWORD)
            self._entries.add(pk, items[revision], ITEM)
        self._entry_of: dict[int, int] = {}
        of_shared = templates_in_use().filter(entry__in=shared.order_by().values("pk")).order_by("pk")
        for template, entry, title in of_shared.values_list("pk", "entry", "title"):
            self._entry_of[template] = entry
            self._documents.add(template, [title], TITLE)

    def for_material(self, pk: int, name: str, documents: Iterable[str] = ()) -> list[Found]:
        """The best for a material, of which its matters say that there are these electronic documents."""
        best = {entry: Found(name=pk, entry=entry, likeness=much) for entry, much in self._entries.like(name).items()}
        for template, much in self._documents.like(name, *documents).items():
            entry = self._entry_of[template]
            known = best.get(entry)
            if known is None or (known.template is None and known.likeness <= much):
                best[entry] = Found(name=pk, entry=entry, likeness=much, template=template)
        return sorted(best.values(), key=lambda one: (-one.likeness, one.template is None))[:MOST_OF_A_NAME]


@transaction.atomic
def look_for(names: Sequence[MaterialName], *, at: dt.datetime, supplies: Supplies | None = None) -> int:
    """Look in the catalogue for entries that may supply these materials; returns how many suggestions are new."""
    documents = _documents_said(names)
    held = supplies or Supplies(_candidates(names, documents))
    found = [one for name in names for one in held.for_material(name.pk, name.name, documents.get(name.pk, ()))]
    MaterialName.objects.filter(pk__in=[name.pk for name in names]).update(looked_at=at)
    return _suggest(found, at)


def look_for_waiting(*, at: dt.datetime, most: int = MOST_A_SWEEP) -> int:
    """The same for names that nobody looked for yet; returns how many were looked at."""
    return sum(looking_for_waiting(at=at, most=most))


def looking_for_waiting(*, at: dt.datetime, most: int = MOST_A_SWEEP) -> Iterator[int]:
    """The same bit by bit: yields how many names each transaction looked at."""
    waiting = names_waiting()
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:most])
    supplies = Supplies(entries_in_force()) if len(keys) > FEW else None
    for first in range(0, len(keys), AT_ONCE):
        names = list(waiting.filter(pk__in=keys[first : first + AT_ONCE]).order_by("pk"))
        if names:
            look_for(names, at=at, supplies=supplies)
        yield len(names)


def names_waiting() -> QuerySet[MaterialName]:
    """Materials that nobody looked for yet, or of which a matter says something new."""
    return MaterialName.objects.filter(looked_at=None)


@transaction.atomic
def look_for_entry(entry_id: int, *, at: dt.datetime) -> int:
    """Look among the materials of all matters for those that a new or changed entry, or a document of it, supplies."""
    these = entries_in_force().filter(pk=entry_id)
    entry = these.exclude(in_force__sharing_type=SharingType.WITHHELD).first()
    if entry is None or entry.in_force is None:
        return 0
    kinds = list(templates_in_use().filter(entry=entry).values_list("title", flat=True))
    said = " ".join([entry.in_force.title, *kinds])
    words = [word for word in question_words(said) if len(word) > 1 and not says_nothing(word)]
    words += [word for word in _BETWEEN.split(entry.in_force.keywords) if len(word) > 1]
    named = Q(pk__in=[])
    for word in dict.fromkeys(words):
        named |= Q(key__contains=word.lower())
    if kinds:
        named |= Q(pk__in=MatterMaterial.objects.exclude(document="").filter(status__in=sorted(LISTED)).values("name"))
    names = list(MaterialName.objects.filter(named).order_by("pk")[:500])
    documents, supplies = _documents_said(names), Supplies(these)
    found = [one for name in names for one in supplies.for_material(name.pk, name.name, documents.get(name.pk, ()))]
    return _suggest(sorted(found, key=lambda one: (-one.likeness, one.name))[: 10 * MOST_OF_A_NAME], at)


def _documents_said(names: Sequence[MaterialName]) -> Mapping[int, Collection[str]]:
    """What the lists of matters call the electronic documents of these materials."""
    rows = MatterMaterial.objects.exclude(document="").filter(name__in=[name.pk for name in names])
    found: defaultdict[int, set[str]] = defaultdict(set)
    for name, document in rows.filter(status__in=sorted(LISTED)).order_by().values_list("name", "document").distinct():
        found[name].add(document)
    return found


def _candidates(names: Sequence[MaterialName], documents: Mapping[int, Collection[str]]) -> QuerySet[CatalogEntry]:
    """Entries that the search finds for a few names, and those that issue documents; for many names all."""
    if len(names) > FEW:
        return entries_in_force()
    hits = (like(name.name, kinds=(FOUND_AS,), limit=MOST_LOOKED_AT, public_only=False) for name in names)
    keys = {int(hit.key) for found in hits for hit in found}
    # named one by one, so that an index finds them
    return entries_in_force().filter(pk__in=keys | set(templates_in_use().values_list("entry", flat=True)))


def _suggest(found: Iterable[Found], at: dt.datetime) -> int:
    """Those that nobody suggested, proposed, confirmed or rejected before; a suggestion learns of its document."""
    pairs = list(found)
    rows = MaterialSupply.objects.filter(name__in={one.name for one in pairs}).exclude(status=SupplyStatus.ENDED)
    known = {(supply.name_id, supply.entry_id): supply for supply in rows}
    new, learnt = [], []
    for one in pairs:
        supply = known.get((one.name, one.entry))
        if supply is None:
            supply = MaterialSupply(name_id=one.name, entry_id=one.entry, suggested_at=at)
            new.append(supply)
        elif supply.status == SupplyStatus.SUGGESTED and one.template not in (None, supply.template_id):
            learnt.append(supply)
        else:
            continue
        supply.likeness, supply.template_id = round(100 * one.likeness), one.template
        supply.way = SupplyWay.DOCUMENT if one.template else SupplyWay.VERIFY
    MaterialSupply.objects.bulk_update(learnt, ["likeness", "template", "way"])
    return len(insert_many(new))
