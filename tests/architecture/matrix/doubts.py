"""Reported doubts for the matrix: one by the applicant about an open data set, one waiting, one being mended."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile

from guiyang_data.accounts.models import User
from guiyang_data.attachments import services as attachment_acts
from tests.factories import corrections, statute
from tests.factories.accounts import City


def corrections_of(town: City, people: dict[str, User]) -> dict[str, dict[str, Any]]:
    """A report of each kind that an address names."""
    play = corrections.cast(town, steward=people["steward"], approver=people["approver"], user=people["requester"])
    paper = attachment_acts.take_in(
        ContentFile("甲".encode(), name="站牌.txt"), subject="draft:3", by=None, at=statute.at(corrections.REPORTED_ON)
    )
    dataset = corrections.open_dataset(play)
    public = corrections.reported(play, by=people["applicant"], dataset=dataset, papers=[paper]).report
    return {
        "corrected-slug": {"slug": dataset.slug},
        "corrected-entry": {"pk": play.entry.pk},
        "own-correction": {"number": public.number},
        "correction-paper": {"pk": paper.pk},
        "correction": {"number": corrections.waiting(play).number},
        "mending": {"number": corrections.mending(play).number},
    }
