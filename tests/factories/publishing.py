"""Decisions to publish a catalogue in every state, made by the acts themselves."""

from __future__ import annotations

from typing import Any

from catalog import services
from catalog.models import PublicationDecision
from catalog.publishing import authority_for
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders
from tests.factories.accounts import staff
from tests.factories.catalog import AT
from tests.remembering import remembered

ROLES = {True: Role.MUNICIPAL_AUTHORITY, False: Role.COUNTY_AUTHORITY}


@remembered
def officers(authority: Agency) -> tuple[User, User]:
    """Two officers of an authority, made where there are fewer: who proposes, and who confirms."""
    role = ROLES[authority.level == Agency.Level.MUNICIPAL]
    found = list(holders(authority, [role])[:2])
    while len(found) < 2:
        found.append(staff(authority, role))
    return found[1], found[0]


def facts(**changed: Any) -> services.Publication:
    """What a decision says: abstract, category and sharing type of each entry, name and meaning of each item."""
    values: dict[str, Any] = {
        "catalogue": "resource",
        "elements": ["abstract", "category", "sharing_type"],
        "item_elements": ["name", "meaning"],
        "document": "筑数发〔2026〕12号",
        "decided_on": AT.date(),
        "grounds": "方便公众了解本机关掌握的政府数据。",
    }
    return services.Publication(**values | changed)


@remembered
def proposed(**changed: Any) -> PublicationDecision:
    """A proposal that waits for its confidentiality review."""
    said = facts(**changed)
    proposer, _second = officers(authority_for(said.agency, said.region))
    return services.propose_publication(facts=said, by=proposer, at=AT)


@remembered
def reviewed(**changed: Any) -> PublicationDecision:
    """One that was reviewed for secrets and waits to be confirmed."""
    decision = proposed(**changed)
    _proposer, second = officers(decision.authority)
    return services.pass_decision_review(
        decision_id=decision.pk, opinion="逐项审查，没有国家秘密、商业秘密和个人隐私。", by=second, at=AT
    )


@remembered
def in_force(**changed: Any) -> PublicationDecision:
    """One by which a catalogue is public."""
    decision = reviewed(**changed)
    _proposer, second = officers(decision.authority)
    return services.confirm_decision(decision_id=decision.pk, by=second, at=AT)
