"""Applications, grants, takings and coordinations between agencies (第十四条至第十七条)."""

from sharing.models.applications import ApplicationOutcome, Frequency, SharingApplication
from sharing.models.coordinations import Coordination
from sharing.models.grants import ReadingUse, SharingGrant, Taking
from sharing.models.subscriptions import ChangeEvent, ChangeSubscription
from sharing.models.watching import FlagKind, LookupDay, UsageDay, UsageFlag, WatchRule

__all__ = [
    "ApplicationOutcome",
    "ChangeEvent",
    "ChangeSubscription",
    "Coordination",
    "FlagKind",
    "Frequency",
    "LookupDay",
    "ReadingUse",
    "SharingApplication",
    "SharingGrant",
    "Taking",
    "UsageDay",
    "UsageFlag",
    "WatchRule",
]
