"""What grants and takings are called: by their readers, and by the log that keeps them by name."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model

from guiyang_data.ledger.services import subject_of
from sharing.models import SharingGrant, Taking

KINDS: tuple[type[SharingGrant | Taking], ...] = (SharingGrant, Taking)
WITH = ("entry__in_force", "entry__current_data", "entry__provider")


def rights_by_name(names: Collection[str]) -> dict[str, SharingGrant | Taking]:
    """Those of ``names`` that are there, with entry, data and both agencies; a query for each of the two kinds."""
    found: list[SharingGrant | Taking] = []
    if pks := _numbers(names, SharingGrant):
        found += SharingGrant.objects.select_related(*WITH, "grantee").filter(pk__in=pks)
    if pks := _numbers(names, Taking):
        found += Taking.objects.select_related(*WITH, "agency").filter(pk__in=pks)
    return {subject_of(row): row for row in found}


def called(access: SharingGrant | Taking) -> str:
    """What a right is called on pages and papers: 「授权 12」 or 「获取登记 7」, as calls number it."""
    return f"{access._meta.verbose_name} {access.pk}"


def called_in_log(name: str) -> str:
    """The same of a right by the name that the log has for it (``sharing.sharinggrant:12``)."""
    label, _colon, number = name.partition(":")
    return next(f"{kind._meta.verbose_name} {number}" for kind in KINDS if kind._meta.label_lower == label)


def _numbers(names: Collection[str], model: type[Model]) -> list[int]:
    prefix = f"{model._meta.label_lower}:"
    return [int(name.removeprefix(prefix)) for name in names if name.startswith(prefix)]
