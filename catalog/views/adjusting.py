"""Events that make the catalogue change (第十三条第二款): declared for one entry or many, their day corrected."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import policies, services
from catalog.collecting import items_by_collector
from catalog.forms import AdjustManyForm, AdjustmentForm, EventDayForm
from catalog.models import CatalogAdjustment, CatalogEntry
from catalog.selectors import entries_in_force
from catalog.views.acts import ForcePage
from catalog.views.shared import HOME, SHELL, crumbs, find_entry, user_of
from catalog.workflow import ADJUST, WORKFLOW
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.faces.text import whole_number, zh_date
from guiyang_data.statute.selectors import expected_due_day, running
from guiyang_data.timekeeping import now, today

SHOWN = 200
NAMES = ("kind", "event_on", "document", "description", "promulgated_on", "other_on", "other_basis")


def _foretold() -> str:
    due = expected_due_day("catalog-update", today())
    return gettext("今天发生的，目录应于 %(due)s 24:00 前更新；更早发生的相应提前，可能已经逾期。") % {
        "due": f"{due.on:%Y年%m月%d日}"
    }


def say_when_due(request: HttpRequest, adjustment: CatalogAdjustment, count: int = 1) -> None:
    """Tell until when, and that it is late already where it is."""
    clock = running(adjustment, adjustment.clock_kind)
    if clock is None:
        return
    late = (today() - clock.due_on).days
    due = zh_date(clock.due_on, with_year=True)
    if late > 0:
        said = gettext("已登记 %(count)d 个条目。期限已于 %(due)s 届满，逾期 %(late)d 天，请尽快更新。")
        messages.warning(request, said % {"count": count, "due": due, "late": late})
    else:
        said = gettext("已登记 %(count)d 个条目，应于 %(due)s 24:00 前更新。")
        messages.success(request, said % {"count": count, "due": due})


class AdjustPage(ForcePage):
    """An event is declared for one entry; its clock starts on its day."""

    form_class = AdjustmentForm
    verb = "adjust"
    title = WORKFLOW["adjust"].label
    button = _("登记，开始计算期限")

    def find(self, request: HttpRequest) -> None:
        in_force = self.entry.in_force
        self.collectors = list(items_by_collector(in_force)) if in_force is not None else []

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        own = policies.collecting_agencies(user_of(request), self.entry)
        for_all = policies.declares_for_all(user_of(request), self.entry)
        return {"collectors": [one for one in self.collectors if for_all or one.pk in own]}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        own = policies.collecting_agencies(user_of(request), self.entry)
        alone = own and not policies.declares_for_all(user_of(request), self.entry)
        return {"collector": min(own)} if alone else {}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {"consequence": _foretold(), "basis": ADJUST.number}

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        values = {name: form.cleaned_data[name] for name in NAMES}
        chosen = form.cleaned_data.get("collector")
        values["collector"] = next((one for one in self.collectors if one.pk == chosen), None)
        made = services.declare_adjustment(entry_id=self.entry.pk, by=user_of(request), at=now(), **values)
        say_when_due(request, made)
        return self.entry.get_absolute_url()


class AdjustManyPage(SignedInActPage):
    """One event for many entries: a steward chooses among those of the own agency, the authority of any below it."""

    form_class = AdjustManyForm
    title = _("登记调整情形")
    button = _("登记，分别计算期限")

    def prepare(self, request: HttpRequest) -> None:
        self.agency = chosen_agency(user_of(request), request.GET.get("agency", ""))
        if not policies.may(user_of(request), "adjust", CatalogEntry(provider=self.agency)):
            raise NotAllowed(gettext("登记调整情形由提供机关的数据管理员，或者对它有管辖的大数据主管部门办理。"))

    def entries(self) -> QuerySet[CatalogEntry]:
        """The entries in force of the agency, with their titles."""
        found = entries_in_force().filter(provider=self.agency).order_by("resource_code")
        return CatalogEntry.objects.filter(pk__in=list(found.values_list("pk", flat=True)[:SHOWN])).select_related(
            "in_force"
        )

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"entries": self.entries()}

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        event = services.Event(**{name: form.cleaned_data[name] for name in NAMES})
        entries = [entry.pk for entry in form.cleaned_data["entries"]]
        made = services.declare_for_many(entry_ids=entries, event=event, by=user_of(request), at=now())
        say_when_due(request, made[0], len(made))
        return HOME

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return SHELL | {
            "lead": self.agency.name,
            "basis": ADJUST.number,
            "consequence": _foretold(),
            "cancel_url": HOME,
            "crumbs": crumbs((str(self.title), "")),
        }


def chosen_agency(user: User, asked: str) -> Agency:
    """The agency that is asked for, else the one a steward compiles for."""
    number = whole_number(asked[:9])
    stewarded = agencies_with(user, Role.DATA_STEWARD)
    own = {user.agency.pk} & stewarded if user.agency else set()
    wanted = [number] if number else [*own, *sorted(stewarded - own)]
    found = Agency.objects.filter(pk__in=wanted[:1]).first()
    if found is None and agencies_with(user, *policies.AUTHORITY):
        raise NotSeen(gettext("请从目录条目的页面登记，或者在地址中用 agency 指明提供机关。"))
    if found is None:
        raise NotAllowed(gettext("登记调整情形由提供机关的数据管理员，或者对它有管辖的大数据主管部门办理。"))
    return found


class CorrectEventDay(SignedInActPage):
    """The authority corrects the day of an event."""

    form_class = EventDayForm
    title = WORKFLOW["correct-event-day"].label
    button = _("更正，期限重新计算")

    def prepare(self, request: HttpRequest) -> None:
        user = user_of(request)
        found = CatalogAdjustment.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotSeen(gettext("没有找到这个调整情形，或者您不能查看。请返回目录条目重新选择。"))
        self.adjustment, self.entry = found, find_entry(user, found.entry_id)
        policies.require(user, "correct-event-day", self.entry)

    def initial(self, request: HttpRequest) -> dict[str, dt.date]:
        return {"event_on": self.adjustment.event_on}

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        made = services.correct_event_day(
            adjustment_id=self.adjustment.pk, by=user_of(request), at=now(), **form.given()
        )
        say_when_due(request, made)
        return self.entry.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        back = self.entry.get_absolute_url()
        title = self.entry.in_force.title if self.entry.in_force else self.entry.resource_code
        return SHELL | {
            "lead": f"{title} · {self.adjustment.get_kind_display()}",
            "basis": ADJUST.number,
            "cancel_url": back,
            "crumbs": crumbs((title, back), (str(self.title), "")),
        }
