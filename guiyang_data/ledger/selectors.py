"""Reading the ledger."""

from __future__ import annotations

from django.db import models

from guiyang_data.ledger.models import Access, Event, Seal, SealMember
from guiyang_data.ledger.services import subject_of


def events_of(*objects: models.Model | str) -> models.QuerySet[Event]:
    """Events of these objects, oldest first."""
    return Event.objects.filter(subject__in=[subject_of(obj) for obj in objects]).order_by("at", "id")


def sealed_events(*, after_seal: int, up_to_seal: int, verbs: set[str] | None = None) -> models.QuerySet[Event]:
    """Carried-out acts under seals after ``after_seal`` up to ``up_to_seal``, for those who follow the ledger.

    Following the seals and not the ids misses nothing: ids commit out of order, a row is sealed exactly once.
    """
    rows = SealMember.objects.filter(
        kind=SealMember.Kind.EVENT, seal__number__gt=after_seal, seal__number__lte=up_to_seal
    ).values("row")
    events = Event.objects.filter(id__in=rows, refused=False).order_by("id")
    return events.filter(verb__in=verbs) if verbs else events


def sealed_accesses(*, after_seal: int, up_to_seal: int) -> models.QuerySet[Access]:
    """Rows of the access log under seals after ``after_seal`` up to ``up_to_seal``."""
    rows = SealMember.objects.filter(
        kind=SealMember.Kind.ACCESS, seal__number__gt=after_seal, seal__number__lte=up_to_seal
    ).values("row")
    return Access.objects.filter(id__in=rows).order_by("id")


def newest_event() -> int:
    """The number of the newest event that can be read; 0 where nothing has happened yet."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def last_seal() -> Seal | None:
    """The newest seal."""
    return Seal.objects.order_by("-number").first()
