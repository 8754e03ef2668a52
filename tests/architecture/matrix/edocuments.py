"""E-documents to ask for: a template, a licence that one agency took, and its code."""

from __future__ import annotations

from typing import Any

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import decrypt
from tests.factories import catalog, edocuments, sharing
from tests.factories.accounts import City


def edocuments_of(town: City, people: dict[str, User]) -> dict[str, dict[str, Any]]:
    """The values of their addresses by the key of the tables."""
    entry = catalog.entry_in_force(
        town.provider,
        title="道路运输经营许可",
        sharing_type="conditional",
        items=edocuments.ITEMS,
        rows=edocuments.ROWS,
    )
    scene = sharing.Scene(
        city=town,
        entry=entry,
        provider=town.provider,
        requester=town.requester,
        steward=people["steward"],
        approver=people["approver"],
        asker=people["requester"],
    )
    delivery = edocuments.taken(scene)
    document = delivery.document
    return {
        "doc-template": {"pk": document.template_id},
        "edocument": {"number": document.number},
        "edocument-code": {"code": decrypt(document.code_encrypted)},
        "delivery": {"number": delivery.number},
    }
