"""Who sees what is late, and who may urge, find and order (第四条、第三十条)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from guiyang_data.accounts.counties import county_at
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import (
    Policy,
    Principal,
    acts_for,
    agencies_with,
    has_role,
    held,
    is_system,
)
from guiyang_data.accounts.roles import Role
from guiyang_data.statute.models import Clock
from oversight.models import DisciplineRecommendation, Escalation, Finding, RectificationOrder

SUPERVISING = (Role.SUPERVISOR, Role.MUNICIPAL_AUTHORITY, Role.COUNTY_AUTHORITY, Role.GOVERNMENT_APPROVER)
"""Those who watch over others' cases for an authority, a government or the supervisory organ."""

OVERSEERS = (*SUPERVISING, Role.APPROVER)
"""Those who act for an agency as somebody's superior."""

ANSWERING = (Role.DATA_STEWARD, Role.APPROVER)
"""Those who answer for what their own agency did."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """How far somebody's supervision reaches: everywhere, some regions, and what is addressed to agencies."""

    everywhere: bool
    regions: frozenset[str]
    agencies: frozenset[int]

    @property
    def is_blind(self) -> bool:
        """Whether there is nothing to see at all."""
        return not (self.everywhere or self.regions or self.agencies)

    def over(self, agency: str) -> Q:
        """Rows whose agency at this lookup lies in sight; nothing where only addressed cases are."""
        if self.everywhere:
            return Q()
        found = Q(pk__in=[])
        for region in self.regions:
            found |= Q(**{f"{agency}__region__code__startswith": region})
        return found


def _supervises_all(agency: Agency) -> bool:
    """The municipal authority, the municipal government and the supervisory organ see all (第四条、第三十条)."""
    if agency.kind == Agency.Kind.SUPERVISORY:
        return True
    leads = agency.is_authority or agency.kind == Agency.Kind.GOVERNMENT
    return leads and agency.level == Agency.Level.MUNICIPAL


def _supervises_region(agency: Agency) -> bool:
    leads = agency.is_authority or agency.kind == Agency.Kind.GOVERNMENT
    return leads and agency.level == Agency.Level.COUNTY


def sight(user: Principal) -> Sight:
    """What ``user`` oversees. A system sees what its agency's supervision sees, and does nothing with it."""
    if isinstance(user, User) and is_system(user):
        ids = {user.agency.pk} if user.agency else set()
    else:
        ids = agencies_with(user, *OVERSEERS)
    watching = ids if isinstance(user, User) and is_system(user) else agencies_with(user, *SUPERVISING)
    agencies = list(Agency.objects.filter(pk__in=watching)) if watching else []
    return Sight(
        everywhere=any(_supervises_all(agency) for agency in agencies),
        regions=frozenset(county_at(agency.region_id) for agency in agencies if _supervises_region(agency)),
        agencies=frozenset(ids),
    )


def visible_escalations(user: Principal, escalations: QuerySet[Escalation]) -> QuerySet[Escalation]:
    """Supervision sees all, county supervision its region, a superior agency what was brought before it."""
    seen = sight(user)
    if seen.everywhere:
        return escalations
    return escalations.filter(seen.over("clock__owed_by") | Q(to_agency__in=seen.agencies))


def visible_clocks(user: Principal, clocks: QuerySet[Clock]) -> QuerySet[Clock]:
    """Clocks over whose agencies ``user`` watches."""
    seen = sight(user)
    if seen.everywhere:
        return clocks
    return clocks.filter(seen.over("owed_by") | Q(owed_by__superiors__in=seen.agencies)).distinct()


def visible_findings(user: Principal, findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Supervision, the superiors, and, once decided, the agency itself."""
    seen = sight(user)
    decided = Q(status__in=["confirmed", "ordered"])
    own = Q(agency__in=agencies_with(user, *ANSWERING)) & decided
    # what a complaint led to is no agency's to read about itself before a person decided it
    findings = findings.filter(Q(complaint=None) | decided | ~Q(agency__in=agencies_with(user)))
    if seen.everywhere:
        return findings
    return findings.filter(seen.over("agency") | Q(agency__superiors__in=seen.agencies) | own).distinct()


def visible_orders(user: Principal, orders: QuerySet[RectificationOrder]) -> QuerySet[RectificationOrder]:
    """Supervision, whoever ordered, and whoever is to correct."""
    seen = sight(user)
    if seen.everywhere:
        return orders
    mine = Q(ordered_by_agency__in=seen.agencies) | Q(agency__in=agencies_with(user, *ANSWERING))
    return orders.filter(seen.over("agency") | mine)


def watches_over_all(user: Principal) -> bool:
    """Whether ``user`` supervises the whole city in person."""
    return isinstance(user, User) and not is_system(user) and sight(user).everywhere


def ordering_agency(user: Principal, agency: Agency) -> Agency | None:
    """The superior or supervisory organ of ``agency`` that ``user`` acts for (第三十条); None where there is none.

    A big-data authority orders only where it is the superior; nobody orders for an agency they belong to.
    """
    mine = {agency_id for agency_id, role in held(user) if Role(role) in OVERSEERS}
    if not mine or acts_for(user, agency):
        return None
    superior = Q(pk__in=agency.superiors.values("pk"))
    organ = Q(kind=Agency.Kind.SUPERVISORY)
    candidates = Agency.objects.filter(superior | organ, pk__in=mine, is_active=True).exclude(pk=agency.pk)
    return candidates.order_by("level", "pk").first()


@dataclass(frozen=True, kw_only=True)
class Urger:
    """Whom somebody may urge, worked out once for a whole list."""

    own: frozenset[int]
    agencies: frozenset[int]
    everywhere: bool

    @classmethod
    def of(cls, user: Principal) -> Urger:
        """``own``: agencies the user belongs to; ``agencies``: those they oversee for."""
        return cls(
            own=frozenset(agencies_with(user)),
            agencies=frozenset(agencies_with(user, *OVERSEERS)),
            everywhere=watches_over_all(user),
        )

    def may_urge(self, escalation: Escalation) -> bool:
        """Whoever it was brought before, and who supervises all; nobody for an agency of their own."""
        if escalation.clock.owed_by_id in self.own:
            return False
        return self.everywhere or escalation.to_agency_id in self.agencies


def _urges(user: Principal, escalation: Escalation) -> bool:
    return Urger.of(user).may_urge(escalation)


def _decides_finding(user: Principal, finding: Finding) -> bool:
    if acts_for(user, finding.agency_id):
        return False
    return watches_over_all(user) or ordering_agency(user, finding.agency) is not None


def _finds_ignored(user: Principal, escalation: Escalation) -> bool:
    """Whoever is superior to the receiver that ignored a complaint, or the supervisory organ."""
    return ordering_agency(user, escalation.clock.owed_by) is not None


def _orders(user: Principal, finding: Finding) -> bool:
    return ordering_agency(user, finding.agency) is not None


def _answers_order(user: Principal, order: RectificationOrder) -> bool:
    return has_role(user, order.agency_id, *ANSWERING)


def _judges_report(user: Principal, order: RectificationOrder) -> bool:
    return has_role(user, order.ordered_by_agency_id, *OVERSEERS) and not acts_for(user, order.agency_id)


def _judges_recommendation(user: Principal, recommendation: DisciplineRecommendation) -> bool:
    return _judges_report(user, recommendation.order)


def _nobody(user: Principal, obj: object) -> bool:
    """Only the portal itself does it, in the sweep."""
    return False


POLICY = Policy(
    {
        "oversee": lambda user, obj: not sight(user).is_blind,
        "urge": _urges,
        "conclude": _urges,
        "escalate-again": _nobody,
        "withdraw": _nobody,
        "find-ignored": _finds_ignored,
        "draft-again": _nobody,
        "confirm": _decides_finding,
        "dismiss": _decides_finding,
        "order": _orders,
        "report": _answers_order,
        "accept": _judges_report,
        "reject": _judges_report,
        "recommend-discipline": _judges_recommendation,
        "drop-discipline": _judges_recommendation,
    }
)
may = POLICY.may
require = POLICY.require
