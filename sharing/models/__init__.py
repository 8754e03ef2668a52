"""Applications, grants, takings, coordinations (第十四条至第十七条), and materials of applicants (第十六条第二款)."""

from sharing.models.applications import ApplicationOutcome, Frequency, SharingApplication
from sharing.models.coordinations import Coordination
from sharing.models.grants import ReadingUse, SharingGrant, Taking
from sharing.models.materials import (
    MaterialForm,
    MaterialMending,
    MaterialName,
    MaterialSupply,
    MatterImport,
    MatterKind,
    MatterMaterial,
    ServiceMatter,
    SupplyWay,
)
from sharing.models.subscriptions import ChangeEvent, ChangeSubscription
from sharing.models.tracing import CounterProof, Deferral, Examination, Found, ReadingTrace, TracedSubject
from sharing.models.verification import VerificationTerms, VerificationUse
from sharing.models.watching import FlagKind, LookupDay, UsageDay, UsageFlag, WatchRule

__all__ = [
    "ApplicationOutcome",
    "ChangeEvent",
    "ChangeSubscription",
    "Coordination",
    "CounterProof",
    "Deferral",
    "Examination",
    "FlagKind",
    "Found",
    "Frequency",
    "LookupDay",
    "MaterialForm",
    "MaterialMending",
    "MaterialName",
    "MaterialSupply",
    "MatterImport",
    "MatterKind",
    "MatterMaterial",
    "ReadingTrace",
    "ReadingUse",
    "ServiceMatter",
    "SharingApplication",
    "SharingGrant",
    "SupplyWay",
    "Taking",
    "TracedSubject",
    "UsageDay",
    "UsageFlag",
    "VerificationTerms",
    "VerificationUse",
    "WatchRule",
]
