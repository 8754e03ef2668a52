"""What the pages of the catalogue have in common: finding what is visible, the shell, the way here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import policies
from catalog.models import CatalogEntry, EntryRevision, InformationItem, SharingType
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage

HOME = "/desk/catalog/"
NAMES_SHOWN = 8
SHELL = {"shell": "staff/base.html", "work_section": "catalog"}


def user_of(request: HttpRequest) -> User:
    """The signed-in person."""
    return cast(User, request.user)


def find_entry(user: User, pk: int) -> CatalogEntry:
    """A visible entry, or ``NotSeen``."""
    entries = CatalogEntry.objects.select_related(
        "provider", "in_force", "current_data__load", "current_data__restored__load"
    )
    found = policies.visible_to(user, entries).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这个目录条目，或者您不能查看。请返回目录清单重新选择。"))
    return found


def find_revision(user: User, entry: CatalogEntry, number: int) -> EntryRevision:
    """A visible revision of the entry, or ``NotSeen``."""
    revisions = policies.visible_revisions(user, entry).select_related("category__parent", "compiled_by", "reviewed_by")
    found = revisions.filter(number=number).first()
    if found is None:
        raise NotSeen(_("没有找到这一版目录，或者您不能查看。请返回目录条目重新选择。"))
    found.entry = entry
    return found


def title_of(entry: CatalogEntry) -> str:
    """What an entry is called: in force, or in the draft that it is so far. For those who see its drafts."""
    if entry.in_force is not None:
        return entry.in_force.title
    newest = entry.revisions.order_by("-number").values_list("title", flat=True).first()
    return newest or entry.resource_code


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here, from the catalogue on."""
    return [(_("目录与汇聚"), HOME), *steps]


class EntryActPage(SignedInActPage):
    """An act on an entry. A subclass names ``verb``; who may and from which state is asked before the form is shown."""

    verb = ""
    lead = ""

    def prepare(self, request: HttpRequest) -> None:
        user = user_of(request)
        self.entry = find_entry(user, self.kwargs["pk"])
        self.find(request)
        policies.require(user, self.verb, self.subject())
        if request.method == "GET":
            self.check()

    def find(self, request: HttpRequest) -> None:
        """Find what else the act is about."""

    def subject(self) -> Any:
        """What the policy is asked about."""
        return self.entry

    def check(self) -> None:
        """Raise ``WrongState`` where the act does not start from the present state."""

    def heading(self) -> str:
        """What the act is about, under its title."""
        return f"{title_of(self.entry)} · {self.entry.resource_code} · {self.entry.provider.short_name}"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        address = self.back()
        way = crumbs((self.entry.resource_code, address), (str(self.title), ""))
        return SHELL | {"lead": self.heading(), "cancel_url": address, "crumbs": way}

    def back(self) -> str:
        """Where one goes without acting."""
        return self.entry.get_absolute_url()

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        raise NotImplementedError


def sensitivity_in_words(marked: Iterable[tuple[str, str]]) -> str:
    """Items with the sensitivity of each, those that have one: ``身份证号（直接标识）、病历（敏感属性）``."""
    words = dict(InformationItem.Sensitivity.choices)
    return "、".join(f"{name}（{words[mark]}）" for name, mark in marked if mark != InformationItem.Sensitivity.NONE)


def exposed_in_words(revision: EntryRevision) -> str:
    """What to think over where personal items would be had by every agency; empty where they would not.

    Opening them asks for a plan of its own, in which no direct identifier stays.
    """
    if revision.sharing_type != SharingType.UNCONDITIONAL:
        return ""
    marks = {InformationItem.Sensitivity.DIRECT, InformationItem.Sensitivity.SENSITIVE}
    names = [item.name for item in revision.items.all() if item.sensitivity in marks]
    if not names:
        return ""
    told = _("目录定为无条件共享，任何机关都可以直接获取，其中有涉及个人的信息项：%(names)s。请核对共享类型。")
    return told % {"names": "、".join(names[:NAMES_SHOWN]) + (_("等") if len(names) > NAMES_SHOWN else "")}


def share_in_words(revision: EntryRevision) -> str:
    """When a load is refused for its bad rows."""
    limit = revision.bad_share_limit
    if limit >= 100:
        return _("不设上限：有一行通过检查就入库，其余退回")
    if limit == 0:
        return _("不允许：有一行不合格，整批不入库")
    return _("不超过 %(limit)s%%，超过的整批不入库") % {"limit": f"{limit.normalize():f}"}
