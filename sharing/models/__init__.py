"""Applications, grants, takings, coordinations (第十四条至第十七条); documents and materials (第十六条); data needs."""

from sharing.models.applications import ApplicationOutcome, Frequency, SharingApplication, WayOfSupply
from sharing.models.coordinations import Coordination
from sharing.models.edocuments import DocumentTemplate, EDocument, EDocumentDelivery
from sharing.models.grants import ReadingUse, SharingGrant, Taking
from sharing.models.listing import ListReserve
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
from sharing.models.needs import DataNeed, NeedAnswer, NeedAssignment
from sharing.models.standing import StandingAuthorisation
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
    "DataNeed",
    "Deferral",
    "DocumentTemplate",
    "EDocument",
    "EDocumentDelivery",
    "Examination",
    "FlagKind",
    "Found",
    "Frequency",
    "ListReserve",
    "LookupDay",
    "MaterialForm",
    "MaterialMending",
    "MaterialName",
    "MaterialSupply",
    "MatterImport",
    "MatterKind",
    "MatterMaterial",
    "NeedAnswer",
    "NeedAssignment",
    "ReadingTrace",
    "ReadingUse",
    "ServiceMatter",
    "SharingApplication",
    "SharingGrant",
    "StandingAuthorisation",
    "SupplyWay",
    "Taking",
    "TracedSubject",
    "UsageDay",
    "UsageFlag",
    "VerificationTerms",
    "VerificationUse",
    "WatchRule",
    "WayOfSupply",
]
