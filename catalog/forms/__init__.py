"""Forms of the acts on the catalogue and on data."""

from catalog.forms.acts import (
    AdjustManyForm,
    AdjustmentForm,
    DelegateForm,
    EventDayForm,
    OpinionForm,
    OpinionTogetherForm,
    ReviewOpinionForm,
    SendBackForm,
    TogetherForm,
)
from catalog.forms.compiling import EntryForm, ItemForm, SampleForm
from catalog.forms.gathering import GatherForm, ImportFileForm, MappingForm, RestoreDataForm
from catalog.forms.searching import EntryFilter, PublicFilter

__all__ = [
    "AdjustManyForm",
    "AdjustmentForm",
    "DelegateForm",
    "EntryFilter",
    "EntryForm",
    "EventDayForm",
    "GatherForm",
    "ImportFileForm",
    "ItemForm",
    "MappingForm",
    "OpinionForm",
    "OpinionTogetherForm",
    "PublicFilter",
    "RestoreDataForm",
    "ReviewOpinionForm",
    "SampleForm",
    "SendBackForm",
    "TogetherForm",
]
