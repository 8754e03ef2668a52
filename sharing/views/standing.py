"""Authorisations for kinds of agency: the page with those it covers, and the acts on it (第十五条第二款)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, PreviewedActPage, SignedInCasePage
from guiyang_data.faces.text import thousands, zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.actions import plain
from sharing.forms import ChangeStandingForm, ReasonsForm
from sharing.found import find_standing
from sharing.kinds import KindOfAgency, words_for
from sharing.models import SharingGrant, StandingAuthorisation
from sharing.policies import STANDING_POLICY, visible_grants
from sharing.selectors import with_parties
from sharing.views.applications import LABELS
from sharing.views.grants import first_terms
from sharing.views.shared import (
    HOME,
    PER_PAGE,
    SHELL,
    condition_text,
    crumbs,
    item_names,
    link,
    named,
    span,
    staff_of,
)
from sharing.workflow import STANDING_WORKFLOW


class StandingPage(SignedInCasePage):
    """What was opened to which kind, and who has it by that."""

    template_name = "sharing/standing.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        case = find_standing(user, kwargs["pk"])
        grants = visible_grants(user, with_parties(SharingGrant.objects.filter(standing=case)))
        page = Paginator(grants.order_by("grantee__level", "grantee__code", "pk"), PER_PAGE)
        shown = page.get_page(request.GET.get("page"))
        return SHELL | {
            "case": case,
            "kind": words_for([KindOfAgency.of(case)])[0],
            "facts": standing_facts(case),
            "acts": standing_acts(user, case),
            "page": shown,
            "rows": [(grant, grant.standing_on(today()), grant.is_usable_on(today())) for grant in shown.object_list],
            "events": timeline(events_of(case), LABELS),
            "crumbs": crumbs((_("授权"), f"{HOME}grants/"), (case.title, "")),
        }


def standing_acts(user: Any, case: StandingAuthorisation) -> list[Act]:
    """Acts on an authorisation; each grant under it is changed on its own page."""
    return plain(
        acts(
            user,
            case,
            status=case.status,
            workflow=STANDING_WORKFLOW,
            policy=STANDING_POLICY,
            url=lambda verb: f"{case.get_absolute_url()}{verb}/",
        )
    )


def standing_facts(case: StandingAuthorisation) -> list[tuple[Any, ...]]:
    """What the authorisation says."""
    names = item_names(case.entry)
    per_day = _("%(rows)s 行") % {"rows": thousands(case.rows_per_day)} if case.rows_per_day else _("不限")
    facts: list[tuple[Any, ...]] = [
        (_("授权的机关类别"), words_for([KindOfAgency.of(case)])[0]),
        (_("提供机关"), case.entry.provider.name),
        (_("数据"), link(reverse("sharing:entry", args=[case.entry_id]), case.title)),
        (_("信息项"), named(case.items, names)),
        (_("数据范围"), condition_text(case.row_condition, names)),
        (_("所履行的职责"), case.duty),
        (_("用途"), case.purpose),
        (_("有效期"), span(case.valid_from, case.valid_until)),
        (_("每个机关每日行数上限"), per_day),
        (_("授权日期"), zh_date(case.granted_on, with_year=True)),
    ]
    return [*facts, *([(_("理由"), case.status_reasons)] if case.status_reasons else [])]


class StandingActPage(CaseActPage):
    """Suspend, resume or end an authorisation for a kind, with reasons."""

    policy = STANDING_POLICY
    workflow = STANDING_WORKFLOW
    form_class: type[ActForm] = ReasonsForm
    case: StandingAuthorisation

    def find(self, request: HttpRequest) -> StandingAuthorisation:
        return find_standing(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"standing_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        words = super().context(request)
        return (
            SHELL
            | words
            | {
                "lead": self.case.title,
                "facts": standing_facts(self.case),
                "cancel": _("返回，不办理"),
                "crumbs": crumbs((_("按类别授权"), self.case.get_absolute_url()), (words["title"], "")),
            }
        )


class ChangeStandingPage(PreviewedActPage, StandingActPage):
    """Change it for every agency in one act: whom it touches is shown before it is confirmed."""

    verb = "change"
    service = staticmethod(services.change_standing)
    form_class = ChangeStandingForm
    template_name = "sharing/change_standing.html"
    button = gettext_lazy("核对所涉及的机关")
    done = gettext_lazy("按类别的授权已调整，即时生效，所涉及的机关已收到通知。")
    previewed: services.StandingChange | None = None

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"changed": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return first_terms(self.case)

    def look(self, request: HttpRequest, form: ChangeStandingForm) -> services.StandingChange:
        return services.preview_standing_change(self.case, user=staff_of(request), at=now(), **form.asked())

    def is_confirmed(self, request: HttpRequest, form: ChangeStandingForm) -> bool:
        """Whether the preview of just these terms was seen."""
        self.previewed = self.look(request, form)
        return bool(form.cleaned_data["seen"] == self.previewed.seen)

    def to_confirm(self, request: HttpRequest, form: ChangeStandingForm) -> None:
        shown = request.POST.copy()
        shown["seen"] = self.previewed.seen if self.previewed else ""
        form.data, self.button = shown, gettext_lazy("确认调整并告知这些机关")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        changed = services.named_terms(self.previewed.changed) if self.previewed else ""
        return super().context(request) | {"change": self.previewed, "changed": changed}


class SuspendStandingPage(StandingActPage):
    """Suspend it for every agency."""

    verb = "suspend"
    service = staticmethod(services.suspend_standing)
    done = gettext_lazy("按类别的授权已暂停，即时生效，需求机关已收到通知。")


class ResumeStandingPage(StandingActPage):
    """Let them read again."""

    verb = "resume"
    service = staticmethod(services.resume_standing)
    done = gettext_lazy("按类别的授权已恢复，需求机关已收到通知。")


class EndStandingPage(StandingActPage):
    """End it for good."""

    verb = "end"
    service = staticmethod(services.end_standing)
    done = gettext_lazy("按类别的授权已终止，需求机关已收到通知。")
