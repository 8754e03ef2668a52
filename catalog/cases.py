"""Cases as pages and API both begin with them: found where they are seen, with the acts on them."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from catalog import policies
from catalog.models import CoCollection, InformationSystem, Interface, PublicationDecision, Pull
from catalog.publishing import decisions_in_force
from catalog.workflow import (
    CO_COLLECTION_WORKFLOW,
    DECISION_WORKFLOW,
    INTERFACE_WORKFLOW,
    PULL_WORKFLOW,
    SYSTEM_WORKFLOW,
    SystemStatus,
)
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import agencies_with, is_system
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen
from guiyang_data.faces.acts import Act, acts

AT_ONCE = {"check-now", "resume-checking", "run-pull", "resume-pull"}
"""Acts that ask nothing: their button carries them out."""


def find_system(user: User, pk: int) -> InformationSystem:
    """A visible system, or ``NotSeen``."""
    systems = InformationSystem.objects.select_related("agency", "service_account", "registered_by")
    found = policies.visible_systems(user, systems).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这个信息系统，或者您不能查看。请返回信息系统清单重新选择。"))
    return found


def find_interface(user: User, pk: int) -> Interface:
    """A visible interface, or ``NotSeen``; the content of its document stays where it is."""
    interfaces = Interface.objects.select_related("system__agency", "contract").defer("contract__content")
    found = policies.visible_interfaces(user, interfaces).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这个接口，或者您不能查看。请返回信息系统重新选择。"))
    return found


def find_pull(user: User, pk: int) -> Pull:
    """A visible pull, or ``NotSeen``."""
    pulls = Pull.objects.select_related("entry__provider", "entry__in_force", "interface__system__agency")
    found = policies.visible_pulls(user, pulls).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这项定时拉取，或者您不能查看。请返回目录条目重新选择。"))
    return found


def find_co_collection(user: User, pk: int) -> CoCollection:
    """A visible asking, or ``NotSeen``."""
    asked = CoCollection.objects.select_related("revision__entry__provider", "agency", "asked_by")
    found = policies.visible_co_collections(user, asked).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这项共同采集，或者您不能查看。请返回目录条目重新选择。"))
    return found


def co_collection_acts(user: User, asked: CoCollection) -> list[Act]:
    """What this person may answer now."""
    return acts(
        user,
        asked,
        status=asked.status,
        workflow=CO_COLLECTION_WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{asked.get_absolute_url()}{verb.removesuffix('-co-collection')}/",
        hidden={"void-co-collection"},
    )


def deciding_authority(user: User) -> Agency:
    """The authority for which ``user`` proposes that catalogues be published: the account's own, else the first."""
    ids = agencies_with(user, *policies.AUTHORITY)
    if user.agency is not None and user.agency.pk in ids:
        return user.agency
    found = Agency.objects.filter(pk__in=ids).order_by("pk").first()
    if found is None:
        raise NotAllowed(_("公布目录的决定由大数据主管部门的经办人办理。"))
    return found


def find_decision(user: User, pk: int) -> PublicationDecision:
    """A visible decision to publish a catalogue, or ``NotSeen``."""
    related = ("agency", "region", "authority", "proposed_by", "reviewed_by", "confirmed_by")
    decisions = PublicationDecision.objects.select_related(*related)
    found = policies.visible_decisions(user, decisions).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这项公布决定，或者您不能查看。请返回公布决定清单重新选择。"))
    return found


def find_decided(pk: int) -> PublicationDecision:
    """A decision in force, for everyone; any other is as if it were not there."""
    found = decisions_in_force().filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这份目录。公布的目录列在「目录」页面。"))
    return found


def decision_acts(user: User, decision: PublicationDecision) -> list[Act]:
    """What this person may do with a decision now."""
    return acts(
        user,
        decision,
        status=decision.status,
        workflow=DECISION_WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{decision.get_absolute_url()}{verb}/",
    )


def pull_acts(user: User, pull: Pull) -> list[Act]:
    """What this person may do with a pull now."""
    found = acts(
        user,
        pull,
        status=pull.status,
        workflow=PULL_WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{pull.get_absolute_url()}{verb}/",
    )
    return [replace(act, method="post") if act.verb in AT_ONCE else act for act in found]


def require_register(user: User) -> None:
    """The register is for staff; for others it is not there."""
    if not policies.is_staff_member(user):
        raise NotSeen(_("信息系统的登记供机关工作人员使用。"))


def kept_agency(user: User) -> Agency:
    """The agency whose register ``user`` keeps: the account's own, else the first."""
    if is_system(user) and user.agency is not None:
        return user.agency
    ids = agencies_with(user, Role.DATA_STEWARD, Role.SYSTEM_ADMIN)
    if user.agency is not None and user.agency.pk in ids:
        return user.agency
    found = Agency.objects.filter(pk__in=ids).order_by("pk").first()
    if found is None:
        raise NotAllowed(
            _("登记信息系统由数据管理员或者系统管理员办理。如需办理，请联系本机关的系统管理员开通这一角色。")
        )
    return found


def system_acts(user: User, system: InformationSystem) -> list[Act]:
    """What this person may do with a system now."""
    return acts(
        user,
        system,
        status=system.status,
        workflow=SYSTEM_WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{system.get_absolute_url()}{verb}/",
    )


def interface_acts(user: User, interface: Interface) -> list[Act]:
    """What this person may do with an interface now."""
    found = acts(
        user,
        interface,
        status=interface.status,
        workflow=INTERFACE_WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: f"{interface.get_absolute_url()}{verb}/",
        hidden=() if interface.system.status == SystemStatus.IN_USE else {"check-now"},
    )
    return [replace(act, method="post") if act.verb in AT_ONCE else act for act in found]
