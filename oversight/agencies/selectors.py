"""The agencies as whoever keeps their list sees them, and what stands against ending one (第二条、第四条)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import CatalogEntry, EntryRevision, InformationSystem
from catalog.workflow import RevisionStatus, SystemStatus
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Principal, keeps_agencies
from guiyang_data.accounts.selectors import in_order
from guiyang_data.errors import NotSeen
from guiyang_data.statute.models import Clock
from sharing.models import ChangeSubscription, Coordination, ServiceMatter, SharingApplication, SharingGrant
from sharing.workflow import COORDINATION_IN_HAND, ApplicationStatus, GrantStatus, SubscriptionStatus

SHOWN = 20
GONE = "没有找到这个机关，或者您不能查看。请返回机关清单重新选择。"
BEFORE_DECISION = (RevisionStatus.IN_REVIEW, RevisionStatus.IN_APPROVAL)
STATES = {"": "全部", "active": "在用", "ended": "已停用"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One kind of what stands against it: how much there is, and the first of it, ``(what, address)``."""

    code: str
    what: str
    advice: str
    number: int
    first: Sequence[tuple[str, str]]

    @property
    def words(self) -> str:
        """In a few words: ``目录条目 3 项``."""
        return f"{self.what} {self.number} 项"


def visible_to(user: Principal) -> QuerySet[Agency]:
    """All of them, for whoever keeps the list; nothing for others."""
    return Agency.objects.all() if keeps_agencies(user) else Agency.objects.none()


def find_agency(user: Principal, code: str) -> Agency:
    """One of them, or ``NotSeen``."""
    found = visible_to(user).select_related("region").filter(code=code).first()
    if found is None:
        raise NotSeen(GONE)
    return found


def listed(user: Principal, *, text: str = "", state: str = "") -> QuerySet[Agency]:
    """The list, narrowed by words of the name or by the code, and by whether the agency is there."""
    rows = in_order(visible_to(user)).select_related("region")
    for word in text.split():
        rows = rows.filter(Q(name__contains=word) | Q(short_name__contains=word) | Q(code=word.upper()))
    return rows.filter(is_active=state == "active") if state in {"active", "ended"} else rows


def stands_against(agency: Agency) -> list[Standing]:
    """What has to be done, handed over or ended before the agency can be; empty where nothing has."""
    clocks = Clock.objects.filter(owed_by=agency, stopped_on=None).order_by("due_on", "pk")
    entries = CatalogEntry.objects.filter(provider=agency, in_force__isnull=False).select_related("in_force")
    decided = EntryRevision.objects.filter(entry__provider=agency, status__in=BEFORE_DECISION).select_related("entry")
    items = EntryRevision.objects.filter(status__in=(RevisionStatus.IN_FORCE, *BEFORE_DECISION))
    items = items.filter(items__collector=agency).distinct()
    applications = SharingApplication.objects.filter(requester=agency, status=ApplicationStatus.SUBMITTED)
    coordinations = Coordination.objects.filter(application__requester=agency, status__in=COORDINATION_IN_HAND)
    grants = SharingGrant.objects.filter(grantee=agency).exclude(status=GrantStatus.ENDED)
    subscriptions = ChangeSubscription.objects.filter(agency=agency, status=SubscriptionStatus.ACTIVE)
    matters = ServiceMatter.objects.filter(agency=agency, is_active=True)
    systems = InformationSystem.objects.filter(agency=agency).exclude(status=SystemStatus.STOPPED)
    found = (
        _standing("clocks", "没有办结的事项", "请先办结，或者转由承接的机关办理。", clocks, _clock),
        _standing("entries", "现行的目录条目", "请先撤销，或者由承接的机关重新编制。", entries, _entry),
        _standing("revisions", "正在审核、审定的目录", "请先由审核、审定机关退回或者办结。", decided, _revision),
        _standing("items", "由它采集信息项的条目", "请提供机关先修订目录，改由其他机关采集。", items, _revision),
        _standing("applications", "等待答复的共享申请", "请先撤回，由承接的机关重新申请。", applications, _titled),
        _standing("coordinations", "没有办结的共享协调", "请先撤回，或者等它办结。", coordinations, _coordination),
        _standing("grants", "没有终止的共享授权", "请先终止，由承接的机关重新申请。", grants, _titled),
        _standing("subscriptions", "没有取消的变化订阅", "请先取消，由承接的机关重新订阅。", subscriptions, _titled),
        _standing("matters", "正在办理的事项", "请先登记为不再办理，或者由承接的机关登记。", matters, _named),
        _standing("systems", "没有停用的信息系统", "请先登记停用，由承接的机关重新登记。", systems, _named),
    )
    return [standing for standing in found if standing.number]


def _standing(code: str, what: str, advice: str, rows: QuerySet[Any], told: Any) -> Standing:
    number = rows.count()
    first = tuple(told(row) for row in _some(rows, number))
    return Standing(code=code, what=what, advice=advice, number=number, first=first)


def _some(rows: QuerySet[Any], number: int) -> Iterable[Any]:
    return rows[:SHOWN] if number else ()


def _clock(clock: Clock) -> tuple[str, str]:
    return f"{clock.number} {clock.title}".strip(), clock.path


def _entry(entry: CatalogEntry) -> tuple[str, str]:
    title = entry.in_force.title if entry.in_force else entry.resource_code
    return title, entry.get_absolute_url()


def _revision(revision: EntryRevision) -> tuple[str, str]:
    return revision.title, revision.get_absolute_url()


def _titled(case: SharingGrant | SharingApplication | ChangeSubscription) -> tuple[str, str]:
    return case.title, case.get_absolute_url()


def _coordination(case: Coordination) -> tuple[str, str]:
    return f"{case.number} {case.application.title}", case.get_absolute_url()


def _named(kept: ServiceMatter | InformationSystem) -> tuple[str, str]:
    return kept.name, kept.get_absolute_url()
