"""Finding what a page or a call is about: always through what its reader may see, else ``NotSeen``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from catalog.models import CatalogEntry, EntryRevision
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotAllowed, NotSeen
from sharing.models import (
    ChangeSubscription,
    Coordination,
    Deferral,
    SharingApplication,
    SharingGrant,
    StandingAuthorisation,
    Taking,
    UsageFlag,
)
from sharing.policies import (
    log_agencies,
    takes_for,
    visible_applications,
    visible_coordinations,
    visible_deferrals,
    visible_flags,
    visible_grants,
    visible_standings,
    visible_subscriptions,
    visible_takings,
)
from sharing.selectors import (
    applications_with_parties,
    coordinations_with_parties,
    deferrals_with_parties,
    shareable_entries,
    standings_with_parties,
    subscriptions_with_parties,
    takings_with_parties,
    with_parties,
)
from sharing.watching.selectors import flags_with_parties

GONE = "没有找到这件事项，或者您不能查看。请返回清单重新选择。"


def find_entry(pk: int) -> CatalogEntry:
    """An entry in force that is shared, or ``NotSeen``; every member of staff sees those (第十四条)."""
    entry = shareable_entries().filter(pk=pk).first()
    if entry is None:
        raise NotSeen(_("没有找到这项数据，或者它没有共享。请返回清单重新选择。"))
    return entry


def revision_of(entry: CatalogEntry) -> EntryRevision:
    """The published revision of an entry that was found."""
    if entry.in_force is None:
        raise NotSeen(_("没有找到这项数据，或者它没有共享。请返回清单重新选择。"))
    return entry.in_force


def my_agency(user: User, entry: CatalogEntry) -> Agency:
    """The agency for which one takes or applies; NotSeen for those who only belong to the provider."""
    agency = takes_for(user, entry)
    if agency is None:
        raise NotSeen(_("这是您所在机关提供的数据，或者您的角色不办理共享事项。"))
    return agency


Case = TypeVar("Case", bound=Model)
Finder = Callable[[User, Any], Case]


def _finder(
    model: type[Case],
    visible: Callable[[User, QuerySet[Case]], QuerySet[Case]],
    what: str,
    *,
    with_parties: Callable[[QuerySet[Case]], QuerySet[Case]],
    by: str = "pk",
) -> Finder[Case]:
    """What finds a case that its reader sees, by key or number, with what its page shows; NotSeen otherwise."""

    def find(user: User, key: Any) -> Case:
        found = visible(user, with_parties(model._default_manager.all())).filter(**{by: key}).first()
        if found is None:
            raise NotSeen(_("没有找到%(what)s，或者您不能查看。请返回清单重新选择。") % {"what": what})
        return found

    return find


find_application = _finder(
    SharingApplication, visible_applications, "这份共享申请", with_parties=applications_with_parties, by="number"
)
find_coordination = _finder(
    Coordination, visible_coordinations, "这件协调", with_parties=coordinations_with_parties, by="number"
)
find_grant = _finder(SharingGrant, visible_grants, "这一授权", with_parties=with_parties)
find_standing = _finder(StandingAuthorisation, visible_standings, "这一授权", with_parties=standings_with_parties)
find_taking = _finder(Taking, visible_takings, "这一获取登记", with_parties=takings_with_parties)
find_subscription = _finder(
    ChangeSubscription, visible_subscriptions, "这一订阅", with_parties=subscriptions_with_parties
)
find_flag = _finder(UsageFlag, visible_flags, "这一异常提示", with_parties=flags_with_parties)
find_deferral = _finder(Deferral, visible_deferrals, "这件延后告知", with_parties=deferrals_with_parties)


def log_agency(user: User) -> Agency:
    """The agency whose log of readings one reads, or ``NotAllowed``."""
    mine = log_agencies(user)
    if user.agency is not None and user.agency.pk in mine:
        return user.agency
    found = Agency.objects.filter(pk__in=mine).order_by("pk").first()
    if found is None:
        raise NotAllowed(_("读取记录由本机关的数据管理员、审批人和安全、审计管理员查看。"))
    return found


def find_access(user: User, kind: str, pk: int) -> SharingGrant | Taking:
    """The grant or the taking that rows are read through, or ``NotSeen``."""
    return find_grant(user, pk) if kind == "grant" else find_taking(user, pk)
