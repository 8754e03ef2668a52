"""Which items a rule of an entry may refer to, to choose from: keys and unique items of entries in force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from catalog.models import CatalogEntry, InformationItem, SharingType
from catalog.naming import named_like

MOST = 40


@dataclass(frozen=True, kw_only=True)
class Target:
    """An item that can be referred to."""

    resource_code: str
    item: str
    label: str


def reference_targets(agencies: Collection[int], wanted: str = "") -> list[Target]:
    """Items of entries of ``agencies``, and of those shared without conditions, whose name or code is ``wanted``.

    Without ``wanted`` the agencies' own alone, which are the usual ones. No more than ``MOST`` entries.
    """
    own = Q(provider__in=agencies)
    allowed = own | Q(in_force__sharing_type=SharingType.UNCONDITIONAL) if wanted else own
    keys = InformationItem.objects.filter(Q(is_key=True) | Q(is_unique=True), revision=OuterRef("in_force"))
    entries = CatalogEntry.objects.filter(Exists(keys), allowed, in_force__isnull=False)
    if wanted:
        entries = entries.filter(named_like(wanted))
    first = Case(When(own, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = entries.select_related("in_force", "provider").prefetch_related("in_force__items")
    return [
        Target(
            resource_code=entry.resource_code,
            item=item.code,
            label=f"《{entry.in_force.title}》{item.name}（{entry.provider.short_name}）",
        )
        for entry in found.order_by(first, "resource_code")[:MOST]
        if entry.in_force is not None
        for item in entry.in_force.items.all()
        if item.is_key or item.is_unique
    ]
