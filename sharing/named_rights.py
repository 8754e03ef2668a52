"""Grants and takings by the names that the log has for them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model

from guiyang_data.ledger.services import subject_of
from sharing.models import SharingGrant, Taking

WITH = ("entry__in_force", "entry__current_data", "entry__provider")


def rights_by_name(names: Collection[str]) -> dict[str, SharingGrant | Taking]:
    """Those of ``names`` that are there, with entry, data and both agencies; a query for each of the two kinds."""
    found: list[SharingGrant | Taking] = []
    if pks := _numbers(names, SharingGrant):
        found += SharingGrant.objects.select_related(*WITH, "grantee").filter(pk__in=pks)
    if pks := _numbers(names, Taking):
        found += Taking.objects.select_related(*WITH, "agency").filter(pk__in=pks)
    return {subject_of(row): row for row in found}


def _numbers(names: Collection[str], model: type[Model]) -> list[int]:
    prefix = f"{model._meta.label_lower}:"
    return [int(name.removeprefix(prefix)) for name in names if name.startswith(prefix)]
