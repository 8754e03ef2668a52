"""Information systems (第十条), catalogue entries (第十一条), and the data gathered for them (第十二条)."""

from catalog.models.co_collecting import CoCollection
from catalog.models.entries import (
    CatalogEntry,
    EntryGroupPermission,
    EntryRevision,
    EntryUserPermission,
    InformationItem,
)
from catalog.models.gathering import CatalogImport, DataVersion, Load, LoadPart, PushedContent, SheetImport
from catalog.models.publishing import PublicationDecision
from catalog.models.pulls import Pull, PullRun
from catalog.models.reviews import CatalogAdjustment, ConfidentialityReview
from catalog.models.systems import InformationSystem, Interface, InterfaceCheck, InterfaceDay, InterfaceDocument
from catalog.models.values import (
    CLOSED_GROUNDS,
    Category,
    CodeSeries,
    Field,
    FormatClass,
    SharingType,
    UpdateCycle,
)

__all__ = [
    "CLOSED_GROUNDS",
    "CatalogAdjustment",
    "CatalogEntry",
    "CatalogImport",
    "Category",
    "CoCollection",
    "CodeSeries",
    "ConfidentialityReview",
    "DataVersion",
    "EntryGroupPermission",
    "EntryRevision",
    "EntryUserPermission",
    "Field",
    "FormatClass",
    "InformationItem",
    "InformationSystem",
    "Interface",
    "InterfaceCheck",
    "InterfaceDay",
    "InterfaceDocument",
    "Load",
    "LoadPart",
    "PublicationDecision",
    "Pull",
    "PullRun",
    "PushedContent",
    "SharingType",
    "SheetImport",
    "UpdateCycle",
]
