"""Kinds of agency that an entry is opened to in advance: which agencies are of a kind, and how it is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guiyang_data.accounts.counties import CITY_REGION
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.accounts.selectors import in_order
from sharing.models import StandingAuthorisation

AUTHORITY = "authority"
"""The big-data authorities, of whatever nature else."""
KINDS = {
    AUTHORITY: "大数据主管部门",
    **{kind.value: str(kind.label) for kind in Agency.Kind if kind != Agency.Kind.SUPERVISORY},
}
LEVELS = {level.value: str(level.label) for level in Agency.Level if level != Agency.Level.OUTSIDE}


@dataclass(frozen=True, kw_only=True)
class KindOfAgency:
    """What narrows agencies down: nature, level, region with all below. An empty list does not narrow."""

    kinds: Sequence[str] = ()
    levels: Sequence[str] = ()
    regions: Sequence[str] = ()

    @classmethod
    def of(cls, standing: StandingAuthorisation) -> KindOfAgency:
        """The kind that an authorisation names."""
        return cls(kinds=standing.kinds, levels=standing.levels, regions=standing.regions)

    def agencies(self) -> QuerySet[Agency]:
        """The active agencies of the kind; enterprises, which are not bound, only where they are named (第三十二条)."""
        rows = Agency.objects.filter(is_active=True).exclude(level=Agency.Level.OUTSIDE)
        if self.kinds:
            named = Q(kind__in=[kind for kind in self.kinds if kind != AUTHORITY])
            rows = rows.filter(named | Q(is_authority=True) if AUTHORITY in self.kinds else named)
        else:
            rows = rows.exclude(kind__in=[Agency.Kind.ENTERPRISE, Agency.Kind.SUPERVISORY])
        if self.levels:
            rows = rows.filter(level__in=list(self.levels))
        if self.regions:
            below = Q()
            for code in self.regions:
                below |= Q(region__code__startswith=code[:4] if code == CITY_REGION else code)
            rows = rows.filter(below)
        return in_order(rows)


def regions_to_choose() -> QuerySet[Region]:
    """The city and its counties."""
    return Region.objects.filter(level__in=[Region.Level.CITY, Region.Level.COUNTY]).order_by("code")


def words_for(kinds: Iterable[KindOfAgency]) -> list[str]:
    """What each kind is called: 「云岩区、南明区 · 县级 · 工作部门」. One query."""
    asked = list(kinds)
    codes = {code for kind in asked for code in kind.regions}
    names = dict(Region.objects.filter(pk__in=codes).values_list("code", "name")) if codes else {}
    return [_words(kind, names) for kind in asked]


def _words(kind: KindOfAgency, names: dict[str, str]) -> str:
    parts = (
        [names.get(code, code) for code in kind.regions],
        [LEVELS.get(level, level) for level in kind.levels],
        [KINDS.get(one, one) for one in kind.kinds],
    )
    return " · ".join("、".join(part) for part in parts if part) or _("全市行政机关")
