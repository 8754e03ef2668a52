"""Forms of the acts on the catalogue and on data."""

from catalog.forms.acts import (
    AdjustManyForm,
    AdjustmentForm,
    DecideTogetherForm,
    DelegateForm,
    EventDayForm,
    OpinionForm,
    ReviewOpinionForm,
    SendBackForm,
)
from catalog.forms.compiling import EntryForm, ItemForm, SampleForm
from catalog.forms.gathering import GatherForm, ImportFileForm, MappingForm, RestoreDataForm
from catalog.forms.searching import EntryFilter, PublicFilter

__all__ = [
    "AdjustManyForm",
    "AdjustmentForm",
    "DecideTogetherForm",
    "DelegateForm",
    "EntryFilter",
    "EntryForm",
    "EventDayForm",
    "GatherForm",
    "ImportFileForm",
    "ItemForm",
    "MappingForm",
    "OpinionForm",
    "PublicFilter",
    "RestoreDataForm",
    "ReviewOpinionForm",
    "SampleForm",
    "SendBackForm",
]
