"""Cases that ran out, findings and orders in every state, made by the sweep and by the services. Fixed days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from oversight import services
from oversight.models import Escalation, Finding, RectificationOrder, SweepRun
from tests.factories.accounts import City, city, make_agency, staff
from tests.factories.statute import at, running_clock
from tests.remembering import remembered

DUE = dt.date(2026, 3, 12)
LATE = dt.date(2026, 3, 13)
"""The first day after the due day of a ten-day clock that started on ``MONDAY``."""
ORDER_DUE = dt.date(2026, 3, 31)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """A city with somebody for every part in oversight."""

    town: City
    organ: Agency
    steward: User
    approver: User
    supervisor: User
    officer: User
    government: User
    county_officer: User
    county_government: User
    organ_member: User
    outsider: User


@remembered
def cast() -> Cast:
    """Everybody; ``outsider`` is the approver of an agency that has nothing to do with the case."""
    town = city()
    organ = make_agency("贵阳市监察委员会", kind=Agency.Kind.SUPERVISORY)
    return Cast(
        town=town,
        organ=organ,
        steward=staff(town.transport, Role.DATA_STEWARD),
        approver=staff(town.transport, Role.APPROVER),
        supervisor=staff(town.authority, Role.SUPERVISOR),
        officer=staff(town.authority, Role.MUNICIPAL_AUTHORITY),
        government=staff(town.government, Role.GOVERNMENT_APPROVER),
        county_officer=staff(town.county_authority, Role.COUNTY_AUTHORITY),
        county_government=staff(town.county_government, Role.GOVERNMENT_APPROVER),
        organ_member=staff(organ, Role.SUPERVISOR),
        outsider=staff(town.health, Role.APPROVER),
    )


@remembered
def swept(day: dt.date) -> SweepRun:
    """One sweep on a day, without the reactions of other apps."""
    return services.sweep(at=at(day, 0), on=day, following=())


@remembered
def overdue_clock(agency: Agency, kind: str = "open-reply", **values: object) -> Clock:
    """A clock that started on ``MONDAY`` and ran out; the sweep of ``LATE`` has been."""
    clock = running_clock(agency, kind, **values)  # type: ignore[arg-type]
    swept(clock.due_on + dt.timedelta(days=1))
    clock.refresh_from_db()
    return clock


@remembered
def stopped(clock: Clock, day: dt.date) -> Clock:
    """The same clock, stopped on a day."""
    clocks.stop(clock.subject, clock.kind, on=day, at=at(day), by=PLATFORM, owed_by=clock.owed_by)
    clock.refresh_from_db()
    return clock


def escalation_to(agency: Agency, clock: Clock) -> Escalation:
    """The escalation of a clock to an agency."""
    return Escalation.objects.get(clock=clock, to_agency=agency)


@remembered
def drafted_finding(people: Cast) -> Finding:
    """A finding under item 6 against the transport department, waiting for a person."""
    return Finding.objects.get(clock=overdue_clock(people.town.transport))


@remembered
def confirmed_finding(people: Cast) -> Finding:
    """The same, confirmed by the municipal authority's supervisor."""
    finding = drafted_finding(people)
    return services.confirm_finding(finding_id=finding.pk, by=people.supervisor, on=LATE, at=at(LATE))


@remembered
def standing_order(people: Cast) -> RectificationOrder:
    """An order of the municipal government to the transport department, to correct by ``ORDER_DUE``."""
    return services.order_rectification(
        finding_id=confirmed_finding(people).pk,
        by=people.government,
        on=LATE,
        at=at(LATE),
        due_on=ORDER_DUE,
        text="三日内答复申请人，并整改受理流程。",
        circular="对逾期不答复开放需求申请的行为予以通报批评。",
    )


@remembered
def reported_order(people: Cast, day: dt.date = dt.date(2026, 3, 20)) -> RectificationOrder:
    """The same, with the correction reported."""
    order = standing_order(people)
    return services.report_rectification(
        number=order.number, by=people.approver, on=day, at=at(day), report="已于 3 月 18 日答复申请人。"
    )
