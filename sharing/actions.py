"""What a person may do now on a case of sharing: the buttons of its page and the ``actions`` of the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse

from catalog.models import CatalogEntry
from catalog.policies import same_person
from guiyang_data.accounts.policies import Principal
from guiyang_data.faces.acts import Act, acts
from sharing.identities import identifies_person
from sharing.models import Coordination, Deferral, SharingApplication, SharingGrant, Taking, UsageFlag
from sharing.policies import (
    APPLICATION_POLICY,
    COORDINATION_POLICY,
    DEFERRAL_POLICY,
    FLAG_POLICY,
    GRANT_POLICY,
    TAKING_POLICY,
)
from sharing.selectors import coordination_in_hand, silent_since
from sharing.watching.workflow import FLAG_WORKFLOW
from sharing.workflow import (
    APPLICATION_WORKFLOW,
    COORDINATION_WORKFLOW,
    DEFERRAL_WORKFLOW,
    GRANT_WORKFLOW,
    ApplicationStatus,
    CoordinationStatus,
)

NEVER_MAIN = {"propose-deferral"}
_WAITING_FOR = {"request-coordination", "grant-on-opinion", "resubmit"}


def application_acts(user: Principal, case: SharingApplication, *, on: dt.date) -> list[Act]:
    """Acts on an application. The way to coordination is open after a refusal, or past the due day."""
    found = acts(
        user,
        case,
        status=case.status,
        workflow=APPLICATION_WORKFLOW,
        policy=APPLICATION_POLICY,
        url=lambda verb: f"{case.get_absolute_url()}{verb}/",
    )
    hidden = _not_now(case, on) if any(act.verb in _WAITING_FOR for act in found) else set()
    return plain(act for act in found if act.verb not in hidden)


def _not_now(case: SharingApplication, on: dt.date) -> set[str]:
    in_hand = coordination_in_hand(case)
    hidden = set()
    waiting = case.status == ApplicationStatus.SUBMITTED
    if in_hand is not None or (waiting and silent_since(case, on) is None):
        hidden.add("request-coordination")
    if case.taken_up.filter(status=ApplicationStatus.SUBMITTED).exists():
        hidden.add("resubmit")
    if in_hand is None or in_hand.status != CoordinationStatus.AWAITING_GRANT:
        hidden.add("grant-on-opinion")
    return hidden


def grant_acts(user: Principal, grant: SharingGrant) -> list[Act]:
    """Acts on a grant."""
    return plain(
        acts(
            user,
            grant,
            status=grant.status,
            workflow=GRANT_WORKFLOW,
            policy=GRANT_POLICY,
            url=lambda verb: f"{grant.get_absolute_url()}{verb}/",
            hidden=[] if is_about_persons(grant.entry) else ["propose-deferral"],
        )
    )


def taking_acts(user: Principal, taking: Taking, *, about_persons: bool) -> list[Act]:
    """Acts on a declared taking beside reading. ``about_persons``: whether persons are found in its rows."""
    if not (about_persons and TAKING_POLICY.may(user, "propose-deferral", taking)):
        return []
    transition = GRANT_WORKFLOW["propose-deferral"]
    url = reverse("sharing:taking-propose-deferral", args=[taking.pk])
    return [Act(verb=transition.verb, label=transition.label, url=url, article=transition.basis.number)]


def is_about_persons(entry: CatalogEntry) -> bool:
    """Whether persons are found in an entry's rows by their identity numbers."""
    revision = entry.in_force
    return revision is not None and any(identifies_person(item) for item in revision.items.all())


def deferral_acts(user: Principal, deferral: Deferral) -> list[Act]:
    """Acts on a deferral; whoever proposed it does not confirm it."""
    own = same_person(deferral.proposed_by, user)
    return plain(
        acts(
            user,
            deferral,
            status=deferral.status,
            workflow=DEFERRAL_WORKFLOW,
            policy=DEFERRAL_POLICY,
            url=lambda verb: f"{deferral.get_absolute_url()}{verb}/",
            hidden=["confirm-deferral"] if own else [],
        )
    )


def flag_acts(user: Principal, flag: UsageFlag) -> list[Act]:
    """Acts on a flag of unusual use."""
    return plain(
        acts(
            user,
            flag,
            status=flag.status,
            workflow=FLAG_WORKFLOW,
            policy=FLAG_POLICY,
            url=lambda verb: f"{flag.get_absolute_url()}{verb.replace('-flag', '').replace('-on', '')}/",
        )
    )


def coordination_acts(user: Principal, case: Coordination) -> list[Act]:
    """Acts on a coordination. What the government decided is not taken to it again."""
    found = acts(
        user,
        case,
        status=case.status,
        workflow=COORDINATION_WORKFLOW,
        policy=COORDINATION_POLICY,
        url=lambda verb: f"{case.get_absolute_url()}{verb}/",
        hidden=["escalate"] if case.decided_by_government else [],
    )
    return plain(found)


def plain(found: Iterable[Act]) -> list[Act]:
    """Buttons that lead to the act's own page, where its consequence stands; the first calm one is the main one.

    Telling those concerned later is an exception to the law's rule, and never what somebody is led to do.
    """
    return [
        Act(
            verb=act.verb,
            label=act.label,
            url=act.url,
            dangerous=act.dangerous,
            article=act.article,
            main=index == 0 and not act.dangerous and act.verb not in NEVER_MAIN,
        )
        for index, act in enumerate(found)
    ]
