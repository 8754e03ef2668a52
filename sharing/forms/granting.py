"""What giving and changing a grant ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, Region
from guiyang_data.accounts.selectors import in_order
from guiyang_data.faces.agencies import AgenciesField
from guiyang_data.faces.rendering import DayInput, ReasonInput
from sharing.forms.parts import CONDITIONS, MISSING_REASONS, LimitsForm, item_choices, items_field
from sharing.forms.verification import add_verification, permitted
from sharing.kinds import KINDS, LEVELS, KindOfAgency, regions_to_choose
from sharing.models import SharingGrant, StandingAuthorisation, WayOfSupply
from sharing.rights import terms_of
from sharing.services import GrantTerms
from sharing.services.verification import said_of


class StandingGrantForm(LimitsForm):
    """A standing authorisation for agencies that are named, for kinds of agency, or for both."""

    kinds = forms.MultipleChoiceField(
        label=_("按类别授权：机关性质"),
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("性质、层级、行政区划同时选择的，授权给同时符合的机关；以后新设的同类机关自动获得授权。"),
    )
    levels = forms.MultipleChoiceField(
        label=_("按类别授权：层级"),
        choices=list(LEVELS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    regions = forms.ModelMultipleChoiceField(
        label=_("按类别授权：行政区划"),
        queryset=Region.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("包括所选区划内的全部机关。"),
    )
    grantees = AgenciesField(label=_("直接选择需求机关"), required=False)
    duty = forms.CharField(label=_("需求机关所履行的职责"), max_length=300)
    purpose = forms.CharField(label=_("用途"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    valid_from = forms.DateField(label=_("有效期自"), widget=DayInput)
    valid_until = forms.DateField(
        label=_("有效期至"), widget=DayInput, required=False, help_text=_("长期有效的请留空。")
    )

    def __init__(self, *args: Any, entry: CatalogEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = item_choices(entry.in_force)
        self.fields["items"] = items_field(choices, _("授权的信息项"))
        self.add_conditions(choices, _("只授权部分数据的，请限定范围；可以用没有授权的信息项来限定。"))
        others = Agency.objects.filter(is_active=True).exclude(level=Agency.Level.OUTSIDE)
        self.choose_from(grantees=in_order(others.exclude(pk=entry.provider_id)), regions=regions_to_choose())
        to = ["kinds", "levels", "regions", "grantees"]
        rows = ["condition_1", "condition_2"]
        self.order_fields(["submission", *to, "items", *rows, "duty", "purpose", "valid_from", "valid_until"])

    def clean(self) -> dict[str, Any]:
        """Somebody has to be chosen, by kind or by name."""
        data = super().clean() or {}
        if not (data.get("grantees") or self.kind(data)):
            self.add_error("kinds", _("请按类别选择，或者直接选择需求机关。"))
        return data

    @staticmethod
    def kind(data: dict[str, Any]) -> KindOfAgency | None:
        """The kind that was chosen, where one was."""
        regions = [region.code for region in data.get("regions") or ()]
        found = KindOfAgency(kinds=data.get("kinds") or (), levels=data.get("levels") or (), regions=regions)
        return found if found.kinds or found.levels or found.regions else None


class ChangeTermsForm(LimitsForm):
    """Base: what is let through from now on, and why."""

    purpose = forms.CharField(label=_("用途"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    valid_until = forms.DateField(
        label=_("有效期至"), widget=DayInput, required=False, help_text=_("长期有效的请留空。")
    )
    reasons = forms.CharField(
        label=_("调整的理由"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("会告知对方机关，并写入办理记录。"),
        error_messages=MISSING_REASONS,
    )

    def __init__(self, *args: Any, changed: SharingGrant | StandingAuthorisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = changed.row_condition[len(CONDITIONS) :]
        self.choices = item_choices(changed.entry.in_force)
        self.fields["items"] = items_field(self.choices, _("授权的信息项"))
        self.add_conditions(self.choices, _("只授权部分数据的，请限定范围；可以用没有授权的信息项来限定。"))

    def in_order(self, *more: str) -> None:
        """Items and rows first, then ``more``, then why."""
        self.order_fields(["submission", "items", "condition_1", "condition_2", "valid_until", *more, "purpose"])

    def terms(self, **more: Any) -> GrantTerms:
        """The terms as services take them; further row conditions than the form shows stay."""
        kept = {name: self.cleaned_data[name] for name in ("items", "purpose", "valid_until")}
        return GrantTerms(row_condition=[*self.conditions(), *self.kept], limits=self.limits(), **kept, **more)


class ChangeGrantForm(ChangeTermsForm):
    """What a running grant lets through from now on, and why."""

    ways = forms.MultipleChoiceField(
        label=_("提供方式"),
        choices=WayOfSupply.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("不选的不限方式。"),
    )

    def __init__(self, *args: Any, changed: SharingGrant, **kwargs: Any) -> None:
        super().__init__(*args, changed=changed, **kwargs)
        verification = add_verification(self, self.choices, granted=True) if said_of(terms_of(changed)) else []
        self.in_order("ways", *verification)

    def given(self) -> dict[str, Any]:
        """Terms and reasons."""
        data = self.cleaned_data
        return {"terms": self.terms(ways=data["ways"], verification=permitted(data)), "reasons": data["reasons"]}


class ChangeStandingForm(ChangeTermsForm):
    """What an authorisation for a kind of agency lets through from now on, for all of them."""

    own_too = forms.BooleanField(
        label=_("曾单独调整的机关也一并改为新的条件"),
        required=False,
        help_text=_("不选的，单独调整过的内容保持不变。"),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, changed: StandingAuthorisation, **kwargs: Any) -> None:
        super().__init__(*args, changed=changed, **kwargs)
        self.in_order("own_too")

    def asked(self) -> dict[str, Any]:
        """What a preview takes."""
        return {"terms": self.terms(), "own_too": self.cleaned_data["own_too"]}

    def given(self) -> dict[str, Any]:
        """The same with the reasons and the preview that was looked at."""
        return self.asked() | {name: self.cleaned_data[name] for name in ("reasons", "seen")}
