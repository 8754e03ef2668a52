"""What the acts of sharing ask for. Rules of law are the services' business; forms know shapes."""

from sharing.forms.applying import ApplicationForm, DeclareTakingForm, WishForm
from sharing.forms.coordinating import OpinionForm, ProvideOpinionForm, StatementForm
from sharing.forms.granting import ChangeGrantForm, ChangeStandingForm, StandingGrantForm
from sharing.forms.parts import LimitsForm, ReasonsForm, item_choices
from sharing.forms.replying import AgreeInPartForm, DraftReplyForm

__all__ = [
    "AgreeInPartForm",
    "ApplicationForm",
    "ChangeGrantForm",
    "ChangeStandingForm",
    "DeclareTakingForm",
    "DraftReplyForm",
    "LimitsForm",
    "OpinionForm",
    "ProvideOpinionForm",
    "ReasonsForm",
    "StandingGrantForm",
    "StatementForm",
    "WishForm",
    "item_choices",
]
