"""Filters of the lists; their state lives in the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField, ModelChoiceIterator

from catalog.exporting import revisions_in_force, revisions_to_work_on
from catalog.models import CatalogEntry, EntryRevision, Field, SharingType, UpdateCycle
from catalog.naming import named_like
from catalog.policies import Sight
from catalog.quality import freshness_filter
from catalog.selectors import drafted, entries_of, municipal_providers, provider_agencies, published
from catalog.summary import summed_regions
from catalog.workflow import OPEN_STATES, RevisionStatus
from guiyang_data.accounts.models import Agency
from guiyang_data.faces.rendering import PlainSelect
from guiyang_data.timekeeping import today

STANDINGS = (
    ("in-force", _("已公布")),
    *((state.value, state.label) for state in OPEN_STATES),
    (RevisionStatus.WITHDRAWN.value, RevisionStatus.WITHDRAWN.label),
)


FRESHNESS = (
    ("late", _("逾期没有更新")),
    ("soon", _("即将到更新日")),
    ("on-time", _("按周期更新")),
    ("irregular", _("不定期更新")),
)


class _Names(ModelChoiceIterator):
    """Agencies by name alone: nothing else of hundreds of them is needed to choose one."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from self.queryset.values_list("pk", "name")


class _AgencyField(ModelChoiceField):
    iterator = _Names


class AgencyFilter(django_filters.ModelChoiceFilter):
    """One of many agencies; ``queryset`` is set by the filter set."""

    field_class = _AgencyField

    def __init__(self, **given: Any) -> None:
        super().__init__(queryset=Agency.objects.none(), empty_label=_("全部机关"), widget=PlainSelect, **given)


class _Filters(django_filters.FilterSet):
    """Filters that cost a list nothing as long as nobody filters: its form, with hundreds of agencies, is not made."""

    def __init__(self, asked: Mapping[str, Any], *, entries: QuerySet[CatalogEntry]) -> None:
        """``asked``: the words of the address, of these filters and others; ``entries``: from which they choose."""
        filters = any(asked.get(name) for name in self.base_filters)
        super().__init__(asked if filters else None, queryset=entries)


class PublicFilter(_Filters):
    """What anyone filters the municipal catalogues by."""

    q = django_filters.CharFilter(label=_("名称、代码"), method="find")
    agency = AgencyFilter(method="of_agency", label=_("提供、采集机关"))
    field = django_filters.ChoiceFilter(
        method="in_field",
        label=_("领域"),
        choices=Field.choices,
        empty_label=_("全部领域"),
        widget=PlainSelect,
    )
    cycle = django_filters.ChoiceFilter(
        method="updated",
        label=_("更新周期"),
        choices=UpdateCycle.choices,
        empty_label=_("全部周期"),
        widget=PlainSelect,
    )

    class Meta:
        model = CatalogEntry
        fields: list[str] = []

    def __init__(self, asked: Mapping[str, Any], *, entries: QuerySet[CatalogEntry]) -> None:
        super().__init__(asked, entries=entries)
        self.filters["agency"].queryset = lambda request: municipal_providers()

    def find(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(named_like(value))

    def of_agency(self, queryset: QuerySet[CatalogEntry], name: str, value: Agency) -> QuerySet[CatalogEntry]:
        return queryset.filter(entries_of(value))

    def in_field(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(in_force__in=published(field=value))

    def updated(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(in_force__in=published(update_cycle=value))


class EntryFilter(_Filters):
    """What staff filter the catalogue by. ``standing`` of an open state finds entries with a revision there."""

    q = django_filters.CharFilter(label=_("名称、代码"), method="find")
    standing = django_filters.ChoiceFilter(
        label=_("状态"), choices=STANDINGS, method="stand", empty_label=_("全部状态"), widget=PlainSelect
    )
    agency = AgencyFilter(method="of_agency", label=_("提供、采集机关"))
    sharing = django_filters.ChoiceFilter(
        label=_("共享类型"), choices=SharingType.choices, method="shared", empty_label=_("全部类型"), widget=PlainSelect
    )
    field = django_filters.ChoiceFilter(
        label=_("领域"), choices=Field.choices, method="in_field", empty_label=_("全部领域"), widget=PlainSelect
    )

    region = django_filters.ChoiceFilter(
        label=_("市级、区县"), choices=summed_regions, method="in_region", empty_label=_("全市"), widget=PlainSelect
    )
    freshness = django_filters.ChoiceFilter(
        label=_("更新"), choices=FRESHNESS, method="fresh", empty_label=_("不限"), widget=PlainSelect
    )

    class Meta:
        model = CatalogEntry
        fields: list[str] = []

    def __init__(self, asked: Mapping[str, Any], sight: Sight) -> None:
        """``asked``: the filters. ``inside``: entries whose drafts are seen; all seen that is not in force."""
        seen = sight.seen(CatalogEntry.objects.all())
        super().__init__(asked, entries=seen)
        self.filters["agency"].queryset = lambda request: provider_agencies(seen)
        self.inside = sight.drafts(CatalogEntry.objects.all())

    def find(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        drafts = drafted(self.inside).filter(title__icontains=value.strip())
        if not drafts.exists():
            return queryset.filter(named_like(value))
        # put together: asked whether it is one or the other, a database goes through every entry there is
        entries = CatalogEntry.objects.order_by()
        both = entries.filter(named_like(value)).union(entries.filter(pk__in=drafts.values("entry")))
        return queryset.filter(pk__in=both.values("pk"))

    def of_agency(self, queryset: QuerySet[CatalogEntry], name: str, value: Agency) -> QuerySet[CatalogEntry]:
        return queryset.filter(entries_of(value))

    def stand(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        if value == "in-force":
            return queryset.filter(in_force__isnull=False)
        if value == RevisionStatus.WITHDRAWN:
            return queryset.filter(pk__in=drafted(self.inside).filter(status=value).values("entry"))
        under_way = EntryRevision.objects.filter(status=value, entry__in=self.inside.values("pk"))
        return queryset.filter(pk__in=under_way.order_by().values("entry"))

    def shared(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(self._showing(sharing_type=value))

    def in_region(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(provider__region__code__startswith=value)

    def fresh(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(freshness_filter(value, today()))

    def in_field(self, queryset: QuerySet[CatalogEntry], name: str, value: str) -> QuerySet[CatalogEntry]:
        return queryset.filter(self._showing(field=value))

    def _showing(self, **said: str) -> Q:
        drafts = drafted(self.inside).filter(**said)
        return Q(in_force__in=published(**said)) | Q(pk__in=drafts.values("entry"))


def tidy(form: forms.Form) -> forms.Form:
    """A filter form without the marks of questions that must be answered."""
    for field in form.fields.values():
        field.required = False
    return form


def revisions_of(chosen: EntryFilter) -> QuerySet[EntryRevision]:
    """What an export of the chosen entries holds: drafts where one is inside, else what is in force."""
    if chosen.data.get("standing") == "in-force":
        return revisions_in_force(chosen.qs)
    return revisions_to_work_on(chosen.qs, chosen.inside)
