"""One form that applies for several entries: what is needed of each, and once what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from sharing.forms.applying import WishForm
from sharing.forms.parts import CONDITIONS, ConditionField, item_choices, items_field
from sharing.services import Wish


class TogetherForm(WishForm):
    """An application for several entries. ``entries`` with ``in_force``; the fields of one end in its id."""

    def __init__(self, *args: Any, entries: Sequence[CatalogEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries
        least = _("以核验比对方式提供的，以能确定对象的信息项查找，只核对所申请的信息项；需要答复内容的请单独申请。")
        self.fields["ways"].help_text = f"{self.fields['ways'].help_text}{least}"
        own = []
        for entry in entries:
            own += self._ask_of(entry)
        self.order_fields(["submission", *own, *self.DUTY, *self.PERIOD])

    def _ask_of(self, entry: CatalogEntry) -> list[str]:
        revision = entry.in_force
        choices, title = item_choices(revision), revision.title if revision else entry.resource_code
        label = _("「%(title)s」需要的信息项") % {"title": title}
        names = [f"items_{entry.pk}"]
        self.fields[names[0]] = items_field(choices, label, entry.provider.name)
        for number in CONDITIONS:
            names.append(f"condition_{entry.pk}_{number}")
            shown = _("「%(title)s」的数据范围") % {"title": title} if number == CONDITIONS[0] else _("并且")
            self.fields[names[-1]] = ConditionField(items=choices, label=shown)
        return names

    def wishes(self) -> dict[int, Wish]:
        """What is asked for of each entry, by its id."""
        data = self.cleaned_data
        return {
            entry.pk: self.wish(
                data[f"items_{entry.pk}"],
                [one for number in CONDITIONS if (one := data.get(f"condition_{entry.pk}_{number}"))],
            )
            for entry in self.entries
        }

    def blame(self, messages: dict[str, str], otherwise: str) -> None:
        """A refused condition is shown at the first of its entry."""
        first = {name: name.replace("row_condition_", "condition_") + f"_{CONDITIONS[0]}" for name in messages}
        named = {first[name] if name.startswith("row_condition_") else name: text for name, text in messages.items()}
        super().blame(named, otherwise)
