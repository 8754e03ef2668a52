"""Telling the two agencies and the authority of a case, in the transaction of the act."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import municipal_authority, municipal_government
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute.law import Article
from sharing.models import Coordination, SharingApplication, SharingGrant
from sharing.policies import DECIDERS

KIND = "sharing"
Case = SharingApplication | SharingGrant | Coordination


def tell(
    agency: Agency,
    case: Case,
    occasion: str,
    *,
    title: str,
    at: dt.datetime,
    basis: Article,
    body: str = "",
    roles: tuple[Role, ...] = DECIDERS,
) -> None:
    """Tell those of the agency who deal with the case. A case in the same state at another moment is told again."""
    tell_agency(
        agency,
        roles,
        key=f"sharing:{case._meta.model_name}:{case.pk}:{occasion}:{at.isoformat()}",
        about=case,
        kind=KIND,
        title=title,
        body=body,
        path=case.get_absolute_url(),
        at=at,
        basis=basis,
    )


def tell_both(
    coordination: Coordination, occasion: str, *, title: str, at: dt.datetime, basis: Article, body: str = ""
) -> None:
    """Tell requester and provider of a coordination."""
    for agency in (coordination.application.requester, coordination.application.provider):
        tell(agency, coordination, occasion, title=title, body=body, at=at, basis=basis)


def tell_coordinators(
    coordination: Coordination, occasion: str, *, title: str, at: dt.datetime, basis: Article, body: str = ""
) -> None:
    """Tell the municipal authority's coordinators."""
    roles = (Role.COORDINATOR,)
    tell(municipal_authority(), coordination, occasion, title=title, body=body, at=at, basis=basis, roles=roles)


def tell_government(
    coordination: Coordination, occasion: str, *, title: str, at: dt.datetime, basis: Article, body: str = ""
) -> None:
    """Tell those who decide for the municipal government."""
    roles = (Role.GOVERNMENT_APPROVER,)
    tell(municipal_government(), coordination, occasion, title=title, body=body, at=at, basis=basis, roles=roles)
