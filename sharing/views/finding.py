"""What can be had, an entry's sharing page, and taking unconditional data at once (第十四条、第十五条第一款)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import CatalogEntry, SharingType
from guiyang_data.accounts.models import Agency, User
from guiyang_data.faces.acts import Act
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.selectors import expected_due_day
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.actions import is_about_persons, taking_acts
from sharing.choosing import chosen_entries, chosen_ids
from sharing.edocuments.policies import EDOCUMENT_POLICY
from sharing.edocuments.workflow import AS_THE_ORIGINAL
from sharing.forms import DeclareTakingForm
from sharing.found import find_entry, my_agency, revision_of
from sharing.kinds import KindOfAgency, words_for
from sharing.models import SharingApplication, StandingAuthorisation, Taking
from sharing.needs.policies import NEED_POLICY
from sharing.policies import (
    APPLICATION_POLICY,
    GRANT_POLICY,
    TAKING_POLICY,
    sees_every_case,
    takes_for,
    working_agencies,
)
from sharing.selectors import (
    grants_on,
    held_by,
    shareable_entries,
    standings_on,
    taken_by_others,
    takings_of,
    with_parties,
)
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, staff_of, tabs
from sharing.workflow import APPLY, TAKE

A_PART = 50
"""Agencies of an entry's page that are shown at a time."""
TYPES = (
    ("", gettext_lazy("全部")),
    ("unconditional", gettext_lazy("直接获取")),
    ("conditional", gettext_lazy("须申请")),
)


class FindPage(SignedInCasePage):
    """Entries that are shared, by sharing type, with a search; several can be chosen, also over several pages."""

    template_name = "sharing/find.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        text, kind = request.GET.get("q", "").strip()[:60], request.GET.get("type", "")
        page = Paginator(shareable_entries(text=text, sharing_type=kind), PER_PAGE).get_page(request.GET.get("page"))
        applies_for, chosen = chosen_entries(user, chosen_ids(request))
        filters = [
            {"label": label, "url": find_address(q=text, type=code, chosen=chosen), "current": code == kind}
            for code, label in TYPES
        ]
        return SHELL | {
            "page": page,
            "choosable": {one.pk for one in page if applies_for and _is_applied_for(one, applies_for)},
            "held": held_by(applies_for, [one.pk for one in page], on=today()) if applies_for else set(),
            "chosen": {entry.pk for entry in chosen},
            "basket": _basket(chosen, text=text, kind=kind, shown={one.pk for one in page}),
            "q": text,
            "type": kind,
            "filters": filters,
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "find",
            "new_need": new_need_address(user, title=text),
            "empty": {
                "title": _("没有找到可共享的数据"),
                "text": _("换一个词，或者去掉筛选条件。目录中确实没有的，可以提出数据需求，由主管部门确认责任机关。"),
                "action": {"label": _("查看全部"), "url": HOME} if text or kind else None,
            },
        }


def new_need_address(user: User, *, title: str) -> str:
    """Where one says what data is in no catalogue, begun with what was looked for; empty for who files none."""
    if not any(NEED_POLICY.may(user, "file-need", pk) for pk in working_agencies(user)):
        return ""
    return reverse("sharing:need-new") + (f"?{urlencode({'title': title})}" if title else "")


def find_address(*, q: str, type: str, chosen: Iterable[CatalogEntry]) -> str:
    """The list with other filters and the same entries chosen."""
    asked = [(name, value) for name, value in (("q", q), ("type", type)) if value]
    return "?" + urlencode([*asked, *(("chosen", entry.pk) for entry in chosen)])


def _is_applied_for(entry: CatalogEntry, agency: Agency) -> bool:
    return entry.provider_id != agency.pk and revision_of(entry).sharing_type == SharingType.CONDITIONAL


def _basket(chosen: list[CatalogEntry], *, text: str, kind: str, shown: set[int]) -> list[dict[str, Any]]:
    """What is chosen: its title, the address without it, and whether this page has a box for it."""
    return [
        {
            "pk": entry.pk,
            "title": revision_of(entry).title,
            "without": find_address(q=text, type=kind, chosen=[one for one in chosen if one.pk != entry.pk]),
            "is_shown": entry.pk in shown,
        }
        for entry in chosen
    ]


class EntryPage(SignedInCasePage):
    """An entry as those who need it see it: what it holds, how it is had, what one already has."""

    template_name = "sharing/entry.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        entry = find_entry(kwargs["pk"])
        revision = revision_of(entry)
        agency = takes_for(user, entry)
        own = entry.provider_id in {user.agency.pk if user.agency else None}
        mine = SharingApplication.objects.filter(entry=entry, requester=agency) if agency else None
        may_grant = GRANT_POLICY.may(user, "grant-standing", entry)
        given = _part(request, "given", with_parties(entry.grants.filter(standing=None))) if may_grant else None
        sees_access = TAKING_POLICY.may(user, "see-access", entry)
        taken = _part(request, "taken", taken_by_others(entry)) if sees_access else None
        return SHELL | {
            "entry": entry,
            "revision": revision,
            "items": list(revision.items.select_related("collector")),
            "facts": _facts(entry),
            "acts": _acts(user, entry),
            "is_unconditional": revision.sharing_type == SharingType.UNCONDITIONAL,
            "own": own,
            "takings": list(takings_of(agency, entry)[:20]) if agency else [],
            "grants": list(grants_on(entry, agency)) if agency else [],
            "applications": list(mine.order_by("-submitted_at")[:20]) if mine is not None else [],
            "given": given,
            "given_pager": _pager(request, "given", given),
            "taken": _taken(user, entry, taken) if taken else [],
            "taken_pager": _pager(request, "taken", taken),
            "standings": standings_shown(entry) if may_grant else [],
            "sees_access": sees_access,
            "today": today(),
            "crumbs": crumbs((revision.title, "")),
        }


def _part(request: HttpRequest, name: str, rows: QuerySet[Any]) -> Page[Any]:
    """The part of a list that the address asks for by the list's own name."""
    return Paginator(rows, A_PART).get_page(request.GET.get(name))


def _pager(request: HttpRequest, name: str, part: Page[Any] | None) -> dict[str, str]:
    if part is None or not part.has_other_pages():
        return {}

    def address(number: int) -> str:
        asked = request.GET.copy()
        asked[name] = str(number)
        return f"?{asked.urlencode()}#{name}"

    first, last, count = part.start_index(), part.end_index(), part.paginator.count
    return {
        "previous_url": address(part.previous_page_number()) if part.has_previous() else "",
        "next_url": address(part.next_page_number()) if part.has_next() else "",
        "text": _("第 %(first)s 至 %(last)s 个，共 %(count)s 个") % {"first": first, "last": last, "count": count},
    }


def _taken(user: User, entry: CatalogEntry, taken: Iterable[Taking]) -> list[tuple[Taking, str, list[Act]]]:
    """Who takes the provider's data without condition: each with its part of the log, and what may be done."""
    log, about_persons = reverse("sharing:entry-access", args=[entry.pk]), is_about_persons(entry)
    return [
        (taking, f"{log}?grant={subject_of(taking)}", taking_acts(user, taking, about_persons=about_persons))
        for taking in taken
    ]


def standings_shown(entry: CatalogEntry) -> list[tuple[StandingAuthorisation, str]]:
    """The provider's authorisations for kinds of agency, each with what the kind is called."""
    rows = list(standings_on(entry))
    return list(zip(rows, words_for(KindOfAgency.of(row) for row in rows), strict=True))


def _facts(entry: CatalogEntry) -> list[tuple[Any, ...]]:
    revision = revision_of(entry)
    data = entry.current_data
    facts: list[tuple[Any, ...]] = [
        (_("提供机关"), entry.provider.name),
        (_("资源代码"), entry.resource_code),
        (_("共享类型"), revision.get_sharing_type_display()),
    ]
    if revision.sharing_condition:
        facts.append((_("共享条件"), revision.sharing_condition))
    rows = _("%(rows)s 行，第 %(number)s 版") % {"rows": f"{data.rows:,}", "number": data.number} if data else ""
    return [
        *facts,
        (_("更新周期"), revision.get_update_cycle_display()),
        (_("现行数据"), rows or _("提供机关还没有汇聚数据")),
        (_("联系"), " ".join(part for part in (revision.contact, revision.contact_phone) if part)),
    ]


def _acts(user: User, entry: CatalogEntry) -> list[Act]:
    agency = takes_for(user, entry)
    found = []
    unconditional = revision_of(entry).sharing_type == SharingType.UNCONDITIONAL
    if agency and unconditional and TAKING_POLICY.may(user, "declare-taking", agency):
        url = reverse("sharing:take", args=[entry.pk])
        found.append(Act(verb="declare-taking", label=_("登记职责并获取"), url=url, main=True, article=TAKE.number))
    if agency and not unconditional and APPLICATION_POLICY.may(user, "apply", agency):
        url = reverse("sharing:apply", args=[entry.pk])
        found.append(Act(verb="apply", label=_("申请共享"), url=url, main=True, article=APPLY.number))
    if not unconditional and GRANT_POLICY.may(user, "grant-standing", entry):
        url = reverse("sharing:grant-standing", args=[entry.pk])
        found.append(Act(verb="grant-standing", label=_("预先授权"), url=url, main=True, article=APPLY.number))
    if EDOCUMENT_POLICY.may(user, "set-document-template", entry):
        url = reverse("sharing:set-document-template", args=[entry.pk])
        found.append(
            Act(verb="set-document-template", label=_("设置文书模板"), url=url, article=AS_THE_ORIGINAL.number)
        )
    return found


class TakePage(SignedInActPage):
    """Declare the duty, then read: nothing to wait for."""

    form_class = DeclareTakingForm
    title = gettext_lazy("登记所履行的职责")
    button = gettext_lazy("登记并打开数据")
    consequence = gettext_lazy("登记后立即可以查询和下载。每次读取都留有记录，提供机关可以查看。")

    def prepare(self, request: HttpRequest) -> None:
        self.entry = find_entry(self.kwargs["pk"])
        self.agency = my_agency(staff_of(request), self.entry)

    def perform(self, request: HttpRequest, form: DeclareTakingForm) -> str:
        data = form.cleaned_data
        taking = services.declare_taking(
            entry_id=self.entry.pk,
            agency=self.agency,
            by=staff_of(request),
            at=now(),
            duty=data["duty"],
            duty_basis=data["duty_basis"],
            purpose=data["purpose"],
            case_number=data["case_number"],
            terms_accepted=data["terms_accepted"],
        )
        return taking.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        title = revision_of(self.entry).title
        back = reverse("sharing:entry", args=[self.entry.pk])
        return SHELL | {
            "lead": f"{title} · {self.entry.provider.name} · {_('无条件共享')}",
            "basis": TAKE,
            "cancel_url": back,
            "cancel": _("返回，不登记"),
            "crumbs": crumbs((title, back), (str(self.title), "")),
        }


def due_before_sending() -> str:
    """When the reply to an application sent today is due, said before it is sent."""
    due = expected_due_day("sharing-reply", today())
    return _("今天提出的，提供机关应当在 %(day)s 24:00 前答复%(provisional)s。") % {
        "day": f"{due.on.year}年{due.on.month}月{due.on.day}日",
        "provisional": _("（暂定）") if due.provisional else "",
    }
