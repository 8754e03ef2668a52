"""The log of readings as provider and requester see it (第十七条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.models import CatalogEntry
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.ledger.models import Access
from guiyang_data.timekeeping import today
from sharing.found import find_entry, find_grant, log_agency, revision_of
from sharing.policies import GRANT_POLICY, TAKING_POLICY, sees_every_case
from sharing.selectors import reading_lines, readings
from sharing.views.shared import HOME, SHELL, crumbs, staff_of, tabs

PER_PAGE = 50


class _LogPage(SignedInCasePage):
    """Base of the pages that list readings."""

    template_name = "sharing/access.html"

    def log(self, request: HttpRequest, opened: QuerySet[Access], **context: Any) -> dict[str, Any]:
        """One page of lines."""
        page = Paginator(opened, PER_PAGE).get_page(request.GET.get("page"))
        empty = {"title": _("还没有读取记录"), "text": _("每次查询、下载和接口调用都会记在这里。")}
        lines = reading_lines(list(page.object_list))
        return SHELL | {"page": page, "lines": lines, "empty": empty, "today": today()} | context


class AccessPage(_LogPage):
    """Readings by one's agency, and of one's agency's data."""

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        agency = log_agency(user)
        box = "given" if request.GET.get("box") == "given" else "taken"
        if box == "given":
            opened = readings(entries=CatalogEntry.objects.filter(provider=agency)).exclude(agency=agency.code)
        else:
            opened = readings(agency=agency)
        boxes = (("taken", _("我机关读取的")), ("given", _("他机关读取我机关数据的")))
        return self.log(
            request,
            opened,
            heading=_("读取记录"),
            filters=[{"label": label, "url": f"?box={key}", "current": key == box} for key, label in boxes],
            tabs=tabs(user, coordinates=sees_every_case(user)),
            tab="access",
        )


class EntryAccessPage(_LogPage):
    """Readings of one entry, for its provider."""

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        entry = find_entry(kwargs["pk"])
        TAKING_POLICY.require(user, "see-access", entry)
        title = revision_of(entry).title
        opened = readings(entries=CatalogEntry.objects.filter(pk=entry.pk))
        way = crumbs((title, f"{HOME}entries/{entry.pk}/"), (_("读取记录"), ""))
        return self.log(request, opened, heading=_("读取记录：%(title)s") % {"title": title}, crumbs=way)


class GrantAccessPage(_LogPage):
    """Readings through one grant, for both agencies."""

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        grant = find_grant(user, kwargs["pk"])
        GRANT_POLICY.require(user, "see-access", grant)
        way = crumbs((grant.title, grant.get_absolute_url()), (_("读取记录"), ""))
        heading = _("读取记录：%(title)s") % {"title": grant.title}
        return self.log(request, readings(through=grant), heading=heading, crumbs=way)
