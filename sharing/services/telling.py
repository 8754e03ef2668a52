"""Telling the two agencies and the authority of a case, in the transaction of the act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders_by_role, municipal_authority, municipal_government
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.services import Telling, tell_agency, tell_all
from guiyang_data.statute.law import Article
from sharing.models import Coordination, EDocument, SharingApplication, SharingGrant, Taking
from sharing.policies import DECIDERS

KIND = "sharing"
Case = SharingApplication | SharingGrant | Taking | Coordination | EDocument


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


def tell_requesters(news: Sequence[Telling], *, at: dt.datetime) -> int:
    """Tell the requesting agencies what happened to their applications, for whoever watches over all cases.

    ``news``: tellings about applications, without recipients; their ``key`` is the occasion. As many queries for many
    as for one.
    """
    prefix = f"{SharingApplication._meta.label_lower}:"
    about = {subject_of(one.about): one for one in news}
    pks = [int(subject.removeprefix(prefix)) for subject in about if subject.startswith(prefix)]
    cases = SharingApplication.objects.in_bulk(pks)
    staff = holders_by_role({case.requester_id for case in cases.values()}, [role.value for role in DECIDERS])
    return tell_all(
        [
            replace(
                about[subject_of(case)],
                key=f"sharing:{case.number}:{about[subject_of(case)].key}",
                kind=KIND,
                path=case.get_absolute_url(),
                recipients=tuple(user for role in DECIDERS for user in staff.get((case.requester_id, role.value), [])),
            )
            for case in cases.values()
        ],
        at=at,
    )
