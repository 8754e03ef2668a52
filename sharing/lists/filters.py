"""What anyone filters the public lists by; the state lives in the address."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry, SharingType
from catalog.naming import named_like
from guiyang_data.accounts.models import Agency
from guiyang_data.faces.rendering import PlainSelect
from sharing.lists import public
from sharing.lists.counties import LetOut, at_level, levels_of
from sharing.lists.rows import DEMAND_STATES, NEED_STATES, PublicList
from sharing.workflow import ApplicationStatus

AGREED = (ApplicationStatus.AGREED, ApplicationStatus.GRANTED_ON_OPINION)
SHORT = (ApplicationStatus.REFUSED, ApplicationStatus.AGREED_IN_PART)
STATES = {
    "waiting": Q(status=ApplicationStatus.SUBMITTED),
    "supplying": Q(status__in=AGREED, is_supplied=False),
    "met": Q(status__in=AGREED, is_supplied=True),
    "lacking": Q(status__in=SHORT, is_confirmed=False),
    "refused": Q(status__in=SHORT, is_confirmed=True),
}


def _agencies(field: str, label: Any) -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(
        field_name=field,
        label=label,
        queryset=Agency.objects.none(),
        empty_label=_("全部机关"),
        widget=PlainSelect,
    )


class LevelFilter(django_filters.FilterSet):
    """Base: by the level of the provider, the city's own or a county's. ``provider``: the path to it."""

    let_out: LetOut

    level = django_filters.ChoiceFilter(
        label=_("层级"), method="stand_at", choices=(), empty_label=_("全部层级"), widget=PlainSelect
    )
    provider = "provider"

    def listed(self) -> QuerySet[Any]:
        """The entries that the list tells of, or what else has a provider."""
        raise NotImplementedError

    def __init__(self, *args: Any, let_out: LetOut, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.let_out = let_out
        entries = self.listed()
        self.filters["agency"].queryset = public.providers_of(entries)
        self.filters["level"].extra["choices"] = levels_of(entries)
        self.filters.move_to_end("level")

    def stand_at(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(at_level(value, self.provider))


class DemandFilter(LevelFilter):
    """The demand list."""

    q = django_filters.CharFilter(label=_("数据名称、代码"), method="find")
    requester = _agencies("requester", _("需求机关"))
    agency = _agencies("provider", _("提供机关"))
    state = django_filters.ChoiceFilter(
        label=_("进展"), choices=list(DEMAND_STATES.items()), method="stand", empty_label=_("全部"), widget=PlainSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["requester"].queryset = public.requesters_of(public.demands(self.let_out))

    def listed(self) -> QuerySet[CatalogEntry]:
        return CatalogEntry.objects.filter(pk__in=public.demands(self.let_out).order_by().values("entry"))

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(entry__in=CatalogEntry.objects.filter(named_like(value)).values("pk"))

    def stand(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(STATES[value])


class DutyFilter(LevelFilter):
    """The duty list."""

    q = django_filters.CharFilter(label=_("数据名称、代码"), method="find")
    agency = _agencies("provider", _("提供机关"))
    sharing = django_filters.ChoiceFilter(
        field_name="in_force__sharing_type",
        label=_("共享类型"),
        choices=[one for one in SharingType.choices if one[0] != SharingType.WITHHELD],
        empty_label=_("全部类型"),
        widget=PlainSelect,
    )

    def listed(self) -> QuerySet[CatalogEntry]:
        return public.duties(self.let_out)

    def find(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(named_like(value))


class WithheldFilter(LevelFilter):
    """The negative list."""

    q = django_filters.CharFilter(label=_("数据名称、代码"), method="find")
    agency = _agencies("provider", _("提供机关"))

    def listed(self) -> QuerySet[CatalogEntry]:
        return public.withheld(self.let_out)

    def find(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(named_like(value))


class RefusalFilter(LevelFilter):
    """Refusals that were confirmed."""

    q = django_filters.CharFilter(label=_("数据名称、代码"), method="find")
    agency = _agencies("application__provider", _("提供机关"))

    provider = "application__provider"

    def listed(self) -> QuerySet[CatalogEntry]:
        return CatalogEntry.objects.filter(pk__in=public.refusals(self.let_out).order_by().values("application__entry"))

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(application__entry__in=CatalogEntry.objects.filter(named_like(value)).values("pk"))


class NeedFilter(LevelFilter):
    """What agencies need and no catalogue has."""

    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label=_("数据名称"))
    requester = _agencies("requester", _("需求机关"))
    agency = _agencies("provider", _("责任机关"))
    state = django_filters.ChoiceFilter(
        field_name="status",
        label=_("进展"),
        choices=list(NEED_STATES.items()),
        empty_label=_("全部"),
        widget=PlainSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["requester"].queryset = public.requesters_of(public.needs(self.let_out))

    def listed(self) -> QuerySet[Any]:
        return public.needs(self.let_out)


FILTERS: dict[str, type[LevelFilter]] = {
    "demand": DemandFilter,
    "needs": NeedFilter,
    "duty": DutyFilter,
    "negative": WithheldFilter,
    "refused": RefusalFilter,
}


def chosen(which: PublicList, address: Any) -> LevelFilter:
    """A list narrowed by an address, with what counties let out, which its lines need too."""
    let_out = LetOut.now()
    return FILTERS[which.code](address, queryset=which.found(let_out).order_by(*which.order), let_out=let_out)
