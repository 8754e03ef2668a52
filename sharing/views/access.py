"""The log of readings as provider and requester see it, as pages, as a file and as a proof (第十七条)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from guiyang_data.accounts.models import User
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.long_lists import LongPaginator
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.ledger import exporting
from guiyang_data.ledger.models import Access, Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.timekeeping import now, today
from sharing import logbook
from sharing.found import find_entry, find_grant, log_agency, revision_of
from sharing.log_forms import LogFilterForm
from sharing.logbook import Logbook, Wanted
from sharing.policies import GRANT_POLICY, TAKING_POLICY, sees_every_case
from sharing.selectors import reading_lines
from sharing.views.log_charts import charts_of
from sharing.views.shared import HOME, SHELL, crumbs, staff_of, tabs
from sharing.workflow import OWN_DUTIES

PER_PAGE = 50


class Found:
    """One log as its page and its files need it."""

    def __init__(self, book: Logbook, *, heading: str, about: Any, events: Any = None, **context: Any) -> None:
        self.book, self.heading, self.about, self.events, self.context = book, heading, about, events, context


def own_log(request: HttpRequest, **kwargs: Any) -> Found:
    """Readings by one's agency, and of one's agency's data."""
    user = staff_of(request)
    agency = log_agency(user)
    box = "given" if request.GET.get("box") == "given" else "taken"
    book = logbook.given_by(agency) if box == "given" else logbook.taken_by(agency)
    boxes = (("taken", _("我机关读取的")), ("given", _("他机关读取我机关数据的")))
    return Found(
        book,
        heading=_("读取记录"),
        about=agency,
        box=box,
        filters=[{"label": label, "url": f"?box={key}", "current": key == box} for key, label in boxes],
        tabs=tabs(user, coordinates=sees_every_case(user)),
        tab="access",
    )


def entry_log(request: HttpRequest, **kwargs: Any) -> Found:
    """Readings of one entry, for its provider."""
    user = staff_of(request)
    entry = find_entry(kwargs["pk"])
    TAKING_POLICY.require(user, "see-access", entry)
    title = revision_of(entry).title
    way = crumbs((title, f"{HOME}entries/{entry.pk}/"), (_("读取记录"), ""))
    heading = _("读取记录：%(title)s") % {"title": title}
    return Found(logbook.of_entry(entry), heading=heading, about=entry, crumbs=way)


def grant_log(request: HttpRequest, **kwargs: Any) -> Found:
    """Readings through one grant, for both agencies."""
    user = staff_of(request)
    grant = find_grant(user, kwargs["pk"])
    GRANT_POLICY.require(user, "see-access", grant)
    way = crumbs((grant.title, grant.get_absolute_url()), (_("读取记录"), ""))
    heading = _("读取记录：%(title)s") % {"title": grant.title}
    return Found(logbook.through(grant), heading=heading, about=grant, events=events_of(grant), crumbs=way)


class LogPage(SignedInCasePage):
    """A page of lines with filters, the drawing of use, and the ways to take it along."""

    template_name = "sharing/access.html"
    found: ClassVar[Callable[..., Found]] = staticmethod(own_log)

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        found = type(self).found(request, **kwargs)
        form = LogFilterForm(request.GET, choices=logbook.choices(found.book.usage))
        wanted = form.wanted()
        book = found.book.narrowed(wanted)
        paginator = LongPaginator(book.opened, PER_PAGE, shown=Access.objects.all())
        page = paginator.get_page(request.GET.get("page"))
        narrowed = request.GET.copy()
        narrowed.pop("page", None)
        empty = {"title": _("还没有读取记录"), "text": _("每次查询、下载和接口调用都会记在这里。")}
        if wanted.any():
            empty = {"title": _("没有符合条件的读取记录"), "text": _("去掉几个条件再看。")}
        lines = reading_lines(list(page.object_list))
        return (
            SHELL
            | {"page": page, "lines": lines, "empty": empty, "today": today(), "form": form}
            | {"narrowed_by": sum(bool(value) for value in form.cleaned_data.values())}
            | {"charts": charts_of(book.usage, wanted, today()), "narrowed": narrowed.urlencode()}
            | {"heading": found.heading, **found.context}
        )


class AccessPage(LogPage):
    """Readings by one's agency, and of one's agency's data."""


class EntryAccessPage(LogPage):
    """Readings of one entry, for its provider."""

    found = staticmethod(entry_log)


class GrantAccessPage(LogPage):
    """Readings through one grant, for both agencies."""

    found = staticmethod(grant_log)


class LogFile(LoginRequiredMixin, View):
    """The lines that are looked for as a file: ``csv`` for reading, ``proof`` for showing to others that they are true.

    Taking the log along is itself recorded.
    """

    http_method_names = ["get", "options"]
    found: ClassVar[Callable[..., Found]] = staticmethod(own_log)

    def get(self, request: HttpRequest, kind: str, **kwargs: Any) -> HttpResponseBase:
        found = type(self).found(request, **kwargs)
        wanted = LogFilterForm(request.GET, choices=logbook.choices(found.book.usage)).wanted()
        book, at = found.book.narrowed(wanted), now()
        _record(staff_of(request), found, wanted, kind)
        name = f"{found.heading.replace('：', ' ')} {timezone.localdate(at).isoformat()}"
        if kind == "csv":
            return stream(logbook.csv_of(book.opened), name=f"{name}.csv", media_type="text/csv; charset=utf-8")
        parts = exporting.proof(events=_events(found, wanted), accesses=book.rows, at=at)
        return stream(parts, name=f"{name}.jsonl", media_type=exporting.MEDIA_TYPE)


def _events(found: Found, wanted: Wanted) -> Any:
    """The acts on a grant stand beside its readings, unless something is looked for among these."""
    return found.events if found.events is not None and not wanted.any() else Event.objects.none()


def _record(user: User, found: Found, wanted: Wanted, kind: str) -> None:
    asked = {one.name: str(getattr(wanted, one.name) or "") for one in fields(wanted)}
    payload = {"of": subject_of(found.about), "kind": kind, "box": found.context.get("box", ""), "wanted": asked}
    record(f"sharing.log:{user.agency_code}", "take-log-along", by=user, at=now(), basis=OWN_DUTIES, payload=payload)


class EntryLogFile(LogFile):
    """The log of an entry as a file."""

    found = staticmethod(entry_log)


class GrantLogFile(LogFile):
    """The log of a grant as a file."""

    found = staticmethod(grant_log)
