"""Finding what a page or a call is about: always through what its reader may see, else ``NotSeen``."""

from __future__ import annotations

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
    subscriptions_with_parties,
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


def find_application(user: User, number: str) -> SharingApplication:
    """A visible application, or ``NotSeen``."""
    rows = visible_applications(user, applications_with_parties(SharingApplication.objects.all()))
    found = rows.filter(number=number).first()
    if found is None:
        raise NotSeen(_("没有找到这份共享申请，或者您不能查看。请返回清单重新选择。"))
    return found


def find_grant(user: User, pk: int) -> SharingGrant:
    """A visible grant, or ``NotSeen``."""
    found = visible_grants(user, with_parties(SharingGrant.objects.all())).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这一授权，或者您不能查看。请返回清单重新选择。"))
    return found


def find_standing(user: User, pk: int) -> StandingAuthorisation:
    """A visible authorisation for a kind of agency, or ``NotSeen``."""
    rows = StandingAuthorisation.objects.select_related("entry__in_force", "entry__provider", "granted_by")
    found = visible_standings(user, rows).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这一授权，或者您不能查看。请返回清单重新选择。"))
    return found


def find_taking(user: User, pk: int) -> Taking:
    """A visible taking, or ``NotSeen``."""
    rows = Taking.objects.select_related("entry__in_force", "entry__provider", "entry__current_data", "agency")
    found = visible_takings(user, rows).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这一获取登记，或者您不能查看。请返回数据页面重新登记。"))
    return found


def find_subscription(user: User, pk: int) -> ChangeSubscription:
    """A visible subscription, or ``NotSeen``."""
    rows = visible_subscriptions(user, subscriptions_with_parties(ChangeSubscription.objects.all()))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这一订阅，或者您不能查看。请返回清单重新选择。"))
    return found


def find_coordination(user: User, number: str) -> Coordination:
    """A visible coordination, or ``NotSeen``."""
    rows = visible_coordinations(user, coordinations_with_parties(Coordination.objects.all()))
    found = rows.filter(number=number).first()
    if found is None:
        raise NotSeen(_("没有找到这件协调，或者您不能查看。请返回清单重新选择。"))
    return found


def find_flag(user: User, pk: int) -> UsageFlag:
    """A visible flag of unusual use, or ``NotSeen``."""
    found = visible_flags(user, flags_with_parties(UsageFlag.objects.all())).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这一异常提示，或者您不能查看。请返回清单重新选择。"))
    return found


def find_deferral(user: User, pk: int) -> Deferral:
    """A visible deferral, or ``NotSeen``."""
    rows = visible_deferrals(user, deferrals_with_parties(Deferral.objects.all()))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这件延后告知，或者您不能查看。请返回清单重新选择。"))
    return found


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
