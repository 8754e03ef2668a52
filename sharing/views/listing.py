"""Which of an agency's entries the public lists tell of, and keeping one out (第八条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import CatalogEntry, SharingType
from catalog.selectors import entries_in_force
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from sharing import services
from sharing.forms import ReasonsForm
from sharing.lists.counties import LetOut
from sharing.lists.public import SECRET, listed_entries
from sharing.models import ListReserve
from sharing.policies import LISTING_POLICY, sees_every_case, working_agencies
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, staff_of, tabs
from sharing.workflow import SECRETS

LISTING = f"{HOME}listing/"


class ListingPage(SignedInCasePage):
    """One's agency's entries in force: in which list each stands, or why in none."""

    template_name = "sharing/listing.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        page = Paginator(_own(user).order_by("resource_code"), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "rows": [_row(user, entry) for entry in page.object_list],
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "listing",
            "crumbs": crumbs((_("公开清单"), "")),
            "empty": {
                "title": _("本机关还没有公布的目录条目"),
                "text": _("公布后，这里会列出每个条目列入哪张公开清单。"),
                "action": {"label": _("目录与汇聚"), "url": "/desk/catalog/"},
            },
        }


def _own(user: User) -> Any:
    reserved = ListReserve.objects.filter(entry=OuterRef("pk"), released_at=None)
    secret = CatalogEntry.objects.filter(SECRET, pk=OuterRef("pk"))
    entries = entries_in_force().filter(provider__in=working_agencies(user))
    return entries.annotate(
        is_reserved=Exists(reserved),
        is_secret=Exists(secret),
        is_told=Exists(listed_entries(LetOut.now()).filter(pk=OuterRef("pk"))),
    )


def _row(user: User, entry: Any) -> dict[str, Any]:
    verb = "release-to-lists" if entry.is_reserved else "reserve-from-lists"
    may = LISTING_POLICY.may(user, verb, entry) and (entry.is_told or entry.is_reserved)
    return {
        "entry": entry,
        "where": _where(entry),
        "is_told": entry.is_told,
        "url": f"{HOME}entries/{entry.pk}/{verb}/" if may else "",
        "label": _("恢复列入") if entry.is_reserved else _("不列入公开清单"),
    }


def _where(entry: Any) -> str:
    if entry.is_reserved:
        return _("由本机关决定不列入")
    if entry.is_secret:
        return _("涉及国家秘密、重要数据或者核心数据，不列入")
    if not entry.is_told:
        return _("本区县没有决定公布这一条目，不列入")
    withheld = entry.in_force.sharing_type == SharingType.WITHHELD
    return _("列入负面清单") if withheld else _("列入责任清单，对它的申请列入需求清单")


class ListingActPage(CaseActPage):
    """Keep an entry out of the public lists, or let them tell of it again."""

    policy = LISTING_POLICY
    form_class = ReasonsForm
    case: CatalogEntry

    def find(self, request: HttpRequest) -> CatalogEntry:
        own = entries_in_force().filter(provider__in=working_agencies(staff_of(request)))
        found = own.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotSeen(_("没有找到这一目录条目，或者它不是本机关提供的。请返回清单重新选择。"))
        return found

    def named(self) -> dict[str, Any]:
        return {"entry_id": self.case.pk}

    def next_page(self, done: Any) -> str:
        return LISTING

    def context(self, request: HttpRequest) -> dict[str, Any]:
        title = self.case.in_force.title if self.case.in_force else ""
        return SHELL | {
            "lead": f"{title} · {self.case.resource_code}",
            "basis": SECRETS,
            "cancel_url": LISTING,
            "cancel": _("返回，不办理"),
            "crumbs": crumbs((_("公开清单"), LISTING), (str(self.title), "")),
        }


class ReservePage(ListingActPage):
    """Keep it out."""

    verb = "reserve-from-lists"
    service = staticmethod(services.reserve_from_lists)
    title = gettext_lazy("不列入公开清单")
    button = gettext_lazy("不列入公开清单")
    consequence = gettext_lazy("即时生效：需求、责任、负面清单都不再出现这一条目和对它的申请。理由只在本机关内保存。")
    done = gettext_lazy("已不列入公开清单。")


class ReleasePage(ListingActPage):
    """Let the lists tell of it again."""

    verb = "release-to-lists"
    service = staticmethod(services.release_to_lists)
    title = gettext_lazy("恢复列入公开清单")
    button = gettext_lazy("恢复列入公开清单")
    consequence = gettext_lazy("即时生效：条目重新出现在公开清单里。")
    done = gettext_lazy("已恢复列入公开清单。")
