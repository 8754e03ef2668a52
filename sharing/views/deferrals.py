"""Telling those concerned later: proposed from a grant, a list, a page with its acts (《个人信息保护法》第三十五条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.text import thousands, zh_date, zh_datetime
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.timekeeping import today
from sharing import services
from sharing.actions import deferral_acts
from sharing.forms import ReasonsForm
from sharing.found import find_deferral, find_taking, log_agency
from sharing.models import Deferral, Taking
from sharing.policies import DEFERRAL_POLICY, TAKING_POLICY, sees_every_case, visible_deferrals
from sharing.selectors import deferrals_with_parties
from sharing.tracing.forms import DeferralForm
from sharing.tracing.telling import kept_back
from sharing.views.grants import GrantActPage
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, right_fact, staff_of, tabs
from sharing.workflow import DEFERRAL_WORKFLOW, GRANT_WORKFLOW, TOLD_LATER, DeferralStatus

PROPOSED = gettext_lazy("已提出延后告知，由本机关另一人确认后生效。")
LABELS = {
    "propose-deferral": "提出延后告知",
    **{verb: transition.past for verb, transition in DEFERRAL_WORKFLOW.transitions.items()},
}


class DeferralsPage(SignedInCasePage):
    """What is told later: of one's agency's readings and data; the whole city's for its supervisors."""

    template_name = "sharing/deferrals.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        if not sees_every_case(user):
            log_agency(user)
        rows = visible_deferrals(user, deferrals_with_parties(Deferral.objects.all()))
        page = Paginator(rows.order_by("-proposed_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "rows": [(deferral, standing_on(deferral)) for deferral in page.object_list],
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "deferrals",
            "empty": {
                "title": _("没有延后告知"),
                "text": _("告知本人将妨碍履行法定职责的，可以在授权页面或者获取的数据页面提出，由本机关另一人确认。"),
            },
        }


def standing_on(deferral: Deferral) -> str:
    """How it stands today: also that its last day is over."""
    if deferral.status == DeferralStatus.IN_FORCE and deferral.until < today():
        return str(_("已到期，已向本人显示"))
    return str(deferral.get_status_display())


class DeferralPage(SignedInCasePage):
    """One deferral: what it keeps back, why, until when, by whom."""

    template_name = "sharing/deferral.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        deferral = find_deferral(user, kwargs["pk"])
        return SHELL | {
            "deferral": deferral,
            "standing": standing_on(deferral),
            "facts": deferral_facts(deferral),
            "acts": deferral_acts(user, deferral),
            "events": timeline(events_of(deferral), LABELS),
            "crumbs": crumbs((_("延后告知"), f"{HOME}deferrals/"), (deferral.access.title, "")),
        }


def deferral_facts(deferral: Deferral) -> list[tuple[Any, ...]]:
    """What a deferral says."""
    access = deferral.access
    facts: list[tuple[Any, ...]] = [
        right_fact(access),
        (_("需求机关"), access.reader.name),
        (_("提供机关"), access.entry.provider.name),
        (_("范围"), deferral.case_number or _("全部读取")),
        (_("法律依据"), deferral.basis),
        (_("理由"), deferral.reasons),
        (_("延后至"), zh_date(deferral.until, with_year=True)),
        (
            _("提出"),
            f"{deferral.agency.name} · {deferral.proposed_by} · {zh_datetime(deferral.proposed_at, with_year=True)}",
        ),
        (_("涉及的读取"), _("%(number)s 次") % {"number": thousands(kept_back(deferral).count())}),
    ]
    if deferral.confirmed_at:
        said = zh_datetime(deferral.confirmed_at, with_year=True)
        facts.append((_("确认"), f"{deferral.confirmed_by} · {said}"))
    if deferral.status_reasons:
        facts.append((_("不予确认、提前结束的理由"), deferral.status_reasons))
    return facts


class ProposeDeferralPage(GrantActPage):
    """Keep readings through a grant back from those concerned."""

    verb = "propose-deferral"
    form_class = DeferralForm
    service = staticmethod(services.propose_deferral)
    done = PROPOSED

    def named(self) -> dict[str, Any]:
        return {"access": self.case}

    def next_page(self, done: Any) -> str:
        return str(done.get_absolute_url())


class ProposeTakingDeferralPage(CaseActPage):
    """Keep readings under a taking back from those concerned."""

    policy = TAKING_POLICY
    verb = "propose-deferral"
    form_class = DeferralForm
    service = staticmethod(services.propose_deferral)
    title = button = GRANT_WORKFLOW["propose-deferral"].label
    done = PROPOSED
    consequence = GRANT_WORKFLOW["propose-deferral"].consequence
    case: Taking

    def find(self, request: HttpRequest) -> Taking:
        return find_taking(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"access": self.case}

    def next_page(self, done: Any) -> str:
        return str(done.get_absolute_url())

    def context(self, request: HttpRequest) -> dict[str, Any]:
        taking = self.case
        facts = [
            (_("提供机关"), taking.entry.provider.name),
            (_("需求机关"), taking.agency.name),
            (_("所履行的职责"), taking.duty),
            (_("用途"), taking.purpose),
        ]
        back = reverse("sharing:entry", args=[taking.entry_id])
        return SHELL | {
            "lead": f"{taking.title} · {taking.agency.name}",
            "facts": facts,
            "basis": TOLD_LATER,
            "cancel_url": back,
            "cancel": _("返回，不办理"),
            "crumbs": crumbs((taking.title, back), (str(self.title), "")),
        }


class DeferralActPage(CaseActPage):
    """An act on a deferral."""

    policy = DEFERRAL_POLICY
    workflow = DEFERRAL_WORKFLOW
    form_class: type[ActForm] = ReasonsForm
    case: Deferral

    def find(self, request: HttpRequest) -> Deferral:
        return find_deferral(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"deferral_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        case, words = self.case, super().context(request)
        way = crumbs((_("延后告知"), case.get_absolute_url()), (words["title"], ""))
        return SHELL | words | {"facts": deferral_facts(case), "cancel": _("返回，不办理"), "crumbs": way}


class ConfirmDeferralPage(DeferralActPage):
    """The second person's word."""

    verb = "confirm-deferral"
    form_class = ActForm
    service = staticmethod(services.confirm_deferral)
    done = gettext_lazy("延后告知已确认，即时生效。")


class DeclineDeferralPage(DeferralActPage):
    """It is told as usual."""

    verb = "decline-deferral"
    service = staticmethod(services.decline_deferral)
    done = gettext_lazy("没有确认，这些读取照常向本人显示。")


class LiftDeferralPage(DeferralActPage):
    """Told from now on."""

    verb = "lift-deferral"
    service = staticmethod(services.lift_deferral)
    done = gettext_lazy("延后告知已提前结束，这些读取已向本人显示。")
