"""Filing an application, and one page for each act on it (第十五条第二款、第三款)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.faces.pages import CaseActPage, SignedInActPage
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.forms import AgreeInPartForm, ApplicationForm, DraftReplyForm, LimitsForm, ReasonsForm
from sharing.found import find_application, find_entry, my_agency, revision_of
from sharing.models import Coordination, SharingApplication
from sharing.papers import take_in_for
from sharing.policies import APPLICATION_POLICY
from sharing.views.applications import application_facts, reply_facts
from sharing.views.finding import due_before_sending
from sharing.views.shared import SHELL, crumbs, item_names, link, staff_of
from sharing.workflow import APPLICATION_WORKFLOW, APPLY


class ApplyPage(SignedInActPage):
    """The application form; the due day of the reply is shown before sending."""

    form_class = ApplicationForm
    template_name = "sharing/act.html"
    title = gettext_lazy("申请共享数据")
    button = gettext_lazy("提出共享申请")
    done = gettext_lazy("共享申请已送达提供机关，答复期限开始计算。")
    entry: CatalogEntry
    agency: Agency
    previous: SharingApplication | None = None

    def prepare(self, request: HttpRequest) -> None:
        self.entry = find_entry(self.kwargs["pk"])
        self.agency = my_agency(staff_of(request), self.entry)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"revision": self.entry.in_force, "requester": self.agency}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"period_from": today(), "period_until": year_after(today())}

    def perform(self, request: HttpRequest, form: ApplicationForm) -> str:
        user = staff_of(request)
        application = services.apply(
            entry_id=self.entry.pk,
            requester=self.agency,
            by=user,
            at=now(),
            wish=form.wish(form.cleaned_data["items"], form.conditions()),
            papers=take_in_for(user, form.cleaned_data["file"], at=now()),
            previous=self.previous,
        )
        return application.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        revision = revision_of(self.entry)
        back = reverse("sharing:entry", args=[self.entry.pk])
        facts = [(_("提供机关"), self.entry.provider.name), (_("共享条件"), revision.sharing_condition)]
        return SHELL | {
            "lead": f"{revision.title} · {self.agency.name}",
            "facts": facts,
            "consequence": due_before_sending(),
            "basis": APPLY,
            "cancel_url": back,
            "cancel": _("返回，不申请"),
            "draft": f"sharing-apply-{self.entry.pk}",
            "crumbs": crumbs((revision.title, back), (str(self.title), "")),
        }


class ResubmitPage(ApplyPage):
    """Take up again what ended short: a new application, filled in with what was asked for, and linked to it."""

    title = gettext_lazy("修改后重新申请")
    previous: SharingApplication

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.previous = find_application(user, self.kwargs["number"])
        APPLICATION_POLICY.require(user, "resubmit", self.previous)
        if request.method == "GET":
            APPLICATION_WORKFLOW.target("resubmit", self.previous.status)
        self.entry, self.agency = find_entry(self.previous.entry_id), self.previous.requester

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        before = self.previous
        names = ("items", "duty", "duty_basis", "purpose", "use_case", "ways", "frequency", "system")
        rows = {f"condition_{number}": one for number, one in enumerate(before.row_condition, start=1)}
        period = super().initial(request)
        if before.period_until > today():
            period["period_until"] = before.period_until
        return period | rows | before.verification | {name: getattr(before, name) for name in names}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        words, before = super().context(request), self.previous
        names = item_names(self.entry)
        return words | {
            "facts": [(_("前次申请"), link(before.get_absolute_url(), before.number)), *reply_facts(before, names)],
            "cancel_url": before.get_absolute_url(),
            "draft": f"sharing-again-{before.number}",
            "crumbs": crumbs((before.number, before.get_absolute_url()), (str(self.title), "")),
        }


def year_after(day: dt.date) -> dt.date:
    """The last day of a year that begins on ``day``."""
    return day + dt.timedelta(days=364)


class ApplicationActPage(CaseActPage):
    """An act on an application."""

    policy = APPLICATION_POLICY
    workflow = APPLICATION_WORKFLOW
    case: SharingApplication

    def find(self, request: HttpRequest) -> SharingApplication:
        return find_application(staff_of(request), self.kwargs["number"])

    def named(self) -> dict[str, Any]:
        return {"application_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        case, words = self.case, super().context(request)
        clock = next((one for one in clocks_of(case) if one.is_running), None)
        return (
            SHELL
            | words
            | {
                "lead": f"{case.title} · {case.number}",
                "face": face(clock, today()) if clock else None,
                "facts": application_facts(case, item_names(case.entry)),
                "cancel": _("返回，不办理"),
                "crumbs": crumbs((case.number, case.get_absolute_url()), (words["title"], "")),
            }
        )


def drafted_cuts(case: SharingApplication) -> dict[str, Any]:
    """First values of what a reply in part cuts beside items: as the draft has it."""
    rows = {f"condition_{number}": one for number, one in enumerate(case.draft_condition, start=1)}
    return (
        rows
        | {"valid_until": case.draft_until, "ways": case.draft_ways}
        | (case.draft_verification or case.verification)
    )


class DraftReplyPage(ApplicationActPage):
    """Prepare the reply for the approver."""

    verb = "draft-reply"
    service = staticmethod(services.draft_reply)
    form_class = DraftReplyForm
    template_name = "sharing/act.html"
    button = gettext_lazy("报审批人")
    done = gettext_lazy("拟写的答复已报审批人。期限继续计算，送达后才停止。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"application": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        case = self.case
        kept = {"outcome": case.draft_outcome, "items": case.draft_items, "reasons": case.draft_reasons}
        return kept | drafted_cuts(case)


class AgreePage(ApplicationActPage):
    """Agree to all that was asked."""

    verb = "agree"
    service = staticmethod(services.agree)
    form_class = LimitsForm
    button = gettext_lazy("答复并同意")
    done = gettext_lazy("已答复同意，授权已经开通。")


class AgreeInPartPage(ApplicationActPage):
    """Agree to a part, with reasons for the rest."""

    verb = "agree-in-part"
    service = staticmethod(services.agree_in_part)
    form_class = AgreeInPartForm
    template_name = "sharing/act.html"
    button = gettext_lazy("答复并同意部分内容")
    done = gettext_lazy("已答复部分同意，授权已经开通。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"application": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        kept = {"items": self.case.draft_items or self.case.items, "reasons": self.case.draft_reasons}
        return kept | drafted_cuts(self.case)


class RefusePage(ApplicationActPage):
    """Refuse, with reasons."""

    verb = "refuse"
    service = staticmethod(services.refuse)
    form_class = ReasonsForm
    button = gettext_lazy("答复并说明理由")
    done = gettext_lazy("已答复不同意，理由已送达需求机关。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"reasons": self.case.draft_reasons}


class WithdrawPage(ApplicationActPage):
    """Take the application back."""

    verb = "withdraw"
    service = staticmethod(services.withdraw_application)
    done = gettext_lazy("申请已撤回，期限停止计算。")


class RequestCoordinationPage(ApplicationActPage):
    """Ask the municipal authority to coordinate."""

    verb = "request-coordination"
    service = staticmethod(services.request_coordination)
    form_class = ReasonsForm
    button = gettext_lazy("提请市大数据主管部门协调")
    done = gettext_lazy("已提请协调，市大数据主管部门和提供机关已收到通知。")

    def next_page(self, done: Coordination) -> str:
        return done.get_absolute_url()


class GrantOnOpinionPage(ApplicationActPage):
    """The provider's own act on the opinion."""

    verb = "grant-on-opinion"
    service = staticmethod(services.grant_on_opinion)
    form_class = LimitsForm
    button = gettext_lazy("依协调意见开通授权")
    done = gettext_lazy("已依协调意见开通授权，协调办结。")
