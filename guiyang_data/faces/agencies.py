"""Choosing an agency among all: by place, found by name, drawn by parts/narrowed.html; works without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext as _

from guiyang_data.accounts.counties import county_or_own
from guiyang_data.accounts.models import Agency

LONGEST_LOOKED_FOR = 60
LOOK = "look"
"""The button that narrows the list where no scripts run; it carries nothing out."""


def by_place(agencies: Iterable[Agency]) -> list[tuple[str, list[Agency]]]:
    """Agencies, read with ``region__parent``, under 市级机关 and under the name of each county, in their order."""
    groups: dict[str, list[Agency]] = {}
    for agency in agencies:
        is_city = agency.level == Agency.Level.MUNICIPAL
        groups.setdefault(_("市级机关") if is_city else county_or_own(agency.region).name, []).append(agency)
    return list(groups.items())


def words_of(agency: Agency) -> str:
    """The words by which an agency is found."""
    return f"{agency.name} {agency.short_name}"


def is_named(agency_words: str, wanted: str) -> bool:
    """Whether every word that is looked for stands in the words of an agency."""
    return all(word in agency_words for word in wanted.split())


class _ByPlace(ModelChoiceIterator):
    """The choices of an ``AgencyField`` in their groups."""

    def __iter__(self) -> Iterator[Any]:
        for place, agencies in by_place(self.queryset.select_related("region__parent")):
            yield place, [self.choice(agency) for agency in agencies]


class NarrowedInput(forms.widgets.ChoiceWidget):
    """Agencies among many. ``wanted``: what was looked for without scripts; what is chosen stays shown."""

    template_name = "parts/agency_input.html"
    wanted = ""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        agency = getattr(value, "instance", None)
        return option | {"words": words_of(agency) if agency is not None else str(label)}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        groups = []
        for place, options, _index in context["widget"]["optgroups"]:
            shown = [one for one in options if one["selected"] or is_named(one["words"], self.wanted)]
            if shown:
                groups.append((place, [self._choice(one) for one in shown]))
        chosen = [one["label"] for _place, choices in groups for one in choices if one["checked"]]
        context["narrowed"] = {
            "name": name,
            "type": self.input_type,
            "id": context["widget"]["attrs"].get("id", f"id_{name}"),
            "groups": groups,
            "find_name": find_name(name),
            "find": self.wanted,
            "chosen": chosen[0] if chosen else "",
        }
        return context

    @staticmethod
    def _choice(option: dict[str, Any]) -> dict[str, Any]:
        names = {"value": option["value"], "label": option["label"], "words": option["words"]}
        return names | {"checked": option["selected"]}


class AgencyInput(NarrowedInput, forms.RadioSelect):
    """One of many agencies."""


class AgenciesInput(NarrowedInput, forms.CheckboxSelectMultiple):
    """Some of many agencies."""


def find_name(name: str) -> str:
    """The name of the input beside a list of agencies that takes what is looked for."""
    return f"{name}_find"


class AgencyField(forms.ModelChoiceField):
    """One agency of ``queryset``, which the form sets."""

    widget = AgencyInput
    iterator = _ByPlace

    def __init__(self, **given: Any) -> None:
        super().__init__(queryset=Agency.objects.none(), empty_label=None, **given)


class AgenciesField(forms.ModelMultipleChoiceField):
    """Some agencies of ``queryset``, which the form sets."""

    widget = AgenciesInput
    iterator = _ByPlace

    def __init__(self, **given: Any) -> None:
        super().__init__(queryset=Agency.objects.none(), **given)
