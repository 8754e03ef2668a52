"""Applications, grants, takings and coordinations between agencies (第十四条至第十七条)."""

from sharing.models.applications import ApplicationOutcome, Frequency, SharingApplication
from sharing.models.coordinations import Coordination
from sharing.models.grants import ReadingUse, SharingGrant, Taking

__all__ = [
    "ApplicationOutcome",
    "Coordination",
    "Frequency",
    "ReadingUse",
    "SharingApplication",
    "SharingGrant",
    "Taking",
]
