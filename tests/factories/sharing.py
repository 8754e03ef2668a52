"""Sharing cases in every state, made by the acts themselves. Plain functions, named for what they make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders, municipal_authority, municipal_government
from guiyang_data.ledger import sealing
from sharing import services
from sharing.models import Coordination, SharingApplication, SharingGrant, Taking, UsageFlag
from sharing.reading import read_page
from sharing.services import StandingTerms, Wish
from sharing.watching.services import watch
from tests.factories.accounts import City, city, staff
from tests.factories.catalog import ROWS, approver_of, entry_in_force, steward_of
from tests.remembering import remembered

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
AT = dt.datetime(2026, 11, 2, 9, 30, tzinfo=SHANGHAI)
"""A Monday on which tests apply: the reply is due on Thursday 2026-11-12."""
DUE_ON = dt.date(2026, 11, 12)
UNTIL = dt.date(2027, 10, 31)
HEARD = {"hearing": "11月3日电话听取，提供机关坚持答复意见。"}
"""How a provider that made no statement was heard."""
REASONS = "该信息项涉及驾驶员个人信息，超出所述职责所需。"


def later(days: int, hour: int = 10) -> dt.datetime:
    """A moment so many days after ``AT``."""
    return AT.replace(hour=hour) + dt.timedelta(days=days)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Two agencies and the entry between them, with whoever acts."""

    city: City
    entry: CatalogEntry
    provider: Agency
    requester: Agency
    steward: User
    approver: User
    asker: User

    @property
    def outsider(self) -> User:
        """A steward of an agency that has no part in it."""
        return steward_of(self.city.county_department)

    @property
    def coordinator(self) -> User:
        """A coordinator of the municipal authority."""
        return coordinator()


@remembered
def scene(*, sharing_type: str = "conditional", rows: Sequence[dict[str, str]] = ROWS, **entry: Any) -> Scene:
    """A provider with an entry in force, and an agency that needs its data."""
    town = city()
    provider, requester = town.provider, town.requester
    return Scene(
        city=town,
        entry=entry_in_force(provider, sharing_type=sharing_type, rows=rows, **entry),
        provider=provider,
        requester=requester,
        steward=steward_of(provider),
        approver=approver_of(provider),
        asker=steward_of(requester),
    )


@remembered
def scene_of(other: Scene, *, rows: Sequence[dict[str, str]] = ROWS, **entry: Any) -> Scene:
    """Another entry of the same provider between the same people."""
    return replace(other, entry=entry_in_force(other.provider, rows=rows, **entry))


@remembered
def coordinator() -> User:
    """A coordinator of the municipal authority, made where there is none."""
    return _holder(municipal_authority(), Role.COORDINATOR)


@remembered
def government_approver() -> User:
    """Who decides for the municipal government."""
    return _holder(municipal_government(), Role.GOVERNMENT_APPROVER)


def _holder(agency: Agency, role: Role) -> User:
    return holders(agency, [role]).first() or staff(agency, role)


def wish(**changed: Any) -> Wish:
    """A complete application for three of the four items."""
    values = {
        "items": ["route", "name", "length"],
        "duty": "突发公共卫生事件应急处置",
        "duty_basis": "《突发公共卫生事件应急条例》第三十九条",
        "purpose": "核对应急转运路线",
        "period_from": AT.date(),
        "period_until": UNTIL,
    }
    return Wish(**(values | changed))


@remembered
def application(at_scene: Scene, *, at: dt.datetime = AT, by: User | None = None, **changed: Any) -> SharingApplication:
    """An application that waits for its reply; each of a scene says another use case, as no two alike wait at once."""
    earlier = SharingApplication.objects.filter(entry=at_scene.entry).count()
    changed = ({"use_case": f"第 {earlier + 1} 次演练"} if earlier else {}) | changed
    return services.apply(
        entry_id=at_scene.entry.pk, requester=at_scene.requester, by=by or at_scene.asker, at=at, wish=wish(**changed)
    )


@remembered
def agreed_grant(at_scene: Scene, *, limits: services.Limits | None = None, **changed: Any) -> SharingGrant:
    """The grant of an application that was agreed to on its second day."""
    waiting = application(at_scene, **changed)
    return services.agree(application_id=waiting.pk, by=at_scene.approver, at=later(1), limits=limits)


@remembered
def agreed_in_part(at_scene: Scene, **changed: Any) -> SharingApplication:
    """An application of which the length was refused."""
    waiting = application(at_scene, **changed)
    services.agree_in_part(
        application_id=waiting.pk, by=at_scene.approver, at=later(1), items=["route", "name"], reasons=REASONS
    )
    return fresh(waiting)


@remembered
def refused_application(at_scene: Scene, **changed: Any) -> SharingApplication:
    """An application that was refused on its second day."""
    waiting = application(at_scene, **changed)
    return services.refuse(application_id=waiting.pk, by=at_scene.approver, at=later(1), reasons=REASONS)


@remembered
def flag(at_scene: Scene, *, calls: int = 30) -> UsageFlag:
    """Unusual use of a new grant: so many readings in one night, sealed and swept."""
    grant = agreed_grant(at_scene, limits=services.Limits(calls_per_minute=1000))
    night = later(2, hour=23)
    for _call in range(calls):
        read_page(by=at_scene.asker, entry=at_scene.entry, access=grant, at=night, limit=1)
    sealing.seal(at=night)
    watch(at=night)
    return UsageFlag.objects.get(grant=grant)


@remembered
def written_flag(at_scene: Scene, *, of: Taking | None = None) -> UsageFlag:
    """The same as a row alone, where nothing can be read because everything is taken back in the end.

    ``of``: a taking that it is about, else a new grant.
    """
    seen = {"resting": False, "calls_outside": 30, "average_before": 0.0, "calls": 30, "thresholds": {}}
    drawn = {"series": [0] * 23 + [30], "x": [f"{hour}时" for hour in range(24)]}
    night = later(2, hour=23)
    return UsageFlag.objects.create(
        grant=None if of else agreed_grant(at_scene),
        taking=of,
        kind="hour",
        day=night.date(),
        seen=seen | drawn,
        raised_at=night,
    )


@remembered
def standing_grant(at_scene: Scene, *, at: dt.datetime = AT, **changed: Any) -> SharingGrant:
    """A standing authorisation for two items, without an end."""
    values: dict[str, Any] = {
        "items": ["route", "name"],
        "duty": "急救车辆调度",
        "purpose": "规划转运路线",
        "valid_from": AT.date(),
    }
    return services.grant_standing(
        entry_id=at_scene.entry.pk,
        grantee=at_scene.requester,
        by=at_scene.steward,
        at=at,
        terms=StandingTerms(**(values | changed)),
    )


@remembered
def taking(at_scene: Scene, *, by: User | None = None, at: dt.datetime = AT, **changed: Any) -> Taking:
    """A declared duty for an unconditionally shared entry."""
    values: dict[str, Any] = {"duty": "急救站点规划", "purpose": "计算站点到线路的距离", "terms_accepted": True}
    return services.declare_taking(
        entry_id=at_scene.entry.pk, agency=at_scene.requester, by=by or at_scene.asker, at=at, **(values | changed)
    )


@remembered
def coordination(
    at_scene: Scene, *, of: SharingApplication | None = None, at: dt.datetime | None = None
) -> Coordination:
    """A coordination of a refusal (or of the application given), in hand."""
    refused = of or refused_application(at_scene)
    return services.request_coordination(
        application_id=refused.pk, by=at_scene.asker, at=at or later(2), reasons="应急处置确需核对线路长度。"
    )


@remembered
def opinion_to_provide(at_scene: Scene, **arguments: Any) -> Coordination:
    """A coordination whose opinion is that the data shall be provided."""
    case = coordination(at_scene, **arguments)
    return services.conclude_coordination(
        coordination_id=case.pk,
        by=coordinator(),
        at=later(5),
        opinion="provide",
        text="属履行职责所必需，应当提供。",
        **HEARD,
    )


@remembered
def with_government(at_scene: Scene, **arguments: Any) -> Coordination:
    """A deadlock that was taken to the municipal government."""
    case = coordination(at_scene, **arguments)
    return services.escalate_deadlock(
        coordination_id=case.pk, by=coordinator(), at=later(6), reasons="双方对必要性的认识不一致。"
    )


def fresh(row: Any) -> Any:
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)
