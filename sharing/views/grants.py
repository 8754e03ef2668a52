"""Grants: the lists, a grant's page, giving one in advance, suspending, resuming and ending it."""

from __future__ import annotations

import json
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.actions import grant_acts
from sharing.forms import ChangeGrantForm, ReasonsForm, StandingGrantForm
from sharing.found import find_entry, find_grant, revision_of
from sharing.models import SharingGrant, StandingAuthorisation, VerificationTerms
from sharing.policies import GRANT_POLICY, sees_every_case, visible_flags, visible_grants, working_agencies
from sharing.rights import terms_of
from sharing.selectors import with_parties
from sharing.services.verification import said_of
from sharing.views.applications import LABELS
from sharing.views.grant_facts import grant_facts
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, item_names, staff_of, tabs
from sharing.workflow import APPLY, GRANT_WORKFLOW, FlagStatus

BOXES = {"held": gettext_lazy("我机关获得的"), "given": gettext_lazy("我机关给出的"), "all": gettext_lazy("全部")}


class GrantsPage(SignedInCasePage):
    """Grants held, and grants given."""

    template_name = "sharing/grants.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        box = request.GET.get("box", "")
        box = box if box in BOXES else "held"
        rows = visible_grants(user, with_parties(SharingGrant.objects.all()))
        if box != "all":
            side = "grantee__in" if box == "held" else "entry__provider__in"
            rows = rows.filter(**{side: working_agencies(user)})
        page = Paginator(rows.order_by("-granted_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        boxes = [key for key in BOXES if key != "all" or sees_every_case(user)]
        return SHELL | {
            "page": page,
            "rows": [(grant, grant.standing_on(today())) for grant in page.object_list],
            "filters": [{"label": BOXES[key], "url": f"?box={key}", "current": key == box} for key in boxes],
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "grants",
            "empty": {
                "title": _("这里还没有授权"),
                "text": _("提供机关同意共享申请，或者预先授权后，会列在这里。"),
                "action": {"label": _("查找可共享的数据"), "url": HOME},
            },
        }


class GrantPage(SignedInCasePage):
    """A grant: what it lets through, how much of it is used, its acts, what happened."""

    template_name = "sharing/grant.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        grant = find_grant(user, kwargs["pk"])
        terms = terms_of(grant)
        return SHELL | {
            "grant": grant,
            "verifies": terms is not None,
            "reads_rows": terms is None or terms.rows_too,
            "standing": grant.standing_on(today()),
            "is_active": grant.is_usable_on(today()),
            "reads": GRANT_POLICY.may(user, "read", grant),
            "has_documents": grant.entry.edocuments.exists(),
            "sees_access": GRANT_POLICY.may(user, "see-access", grant),
            "flags": visible_flags(user, grant.flags.filter(status=FlagStatus.OPEN)).order_by("-day"),
            "faces": [face(clock, today()) for clock in clocks_of(grant) if clock.is_running],
            "facts": grant_facts(grant, item_names(grant.entry)),
            "acts": grant_acts(user, grant),
            "call": _call(grant, "GET /api/v1/sharing/grants/{pk}/rows/?page_size=100"),
            "verify_call": _verify_call(grant, terms) if terms else "",
            "events": timeline(events_of(grant), LABELS),
            "crumbs": crumbs((_("授权"), f"{HOME}grants/"), (grant.title, "")),
        }


def _call(grant: SharingGrant, line: str) -> str:
    """The lines of a call, to be copied."""
    case_number = grant.case_number or _("办件编号")
    return (
        f"{line.format(pk=grant.pk)}\nAuthorization: Bearer …\nSharing-Grant: {grant.pk}\nSharing-Case: {case_number}"
    )


def _verify_call(grant: SharingGrant, terms: VerificationTerms) -> str:
    claims = {"claims": dict.fromkeys(terms.compared_items, "…")} if terms.compared_items else {}
    body = {"subjects": [{"keys": dict.fromkeys(terms.key_items, "…")} | claims]}
    head = _call(grant, "POST /api/v1/sharing/grants/{pk}/verify/")
    return f"{head}\nContent-Type: application/json\n\n{json.dumps(body, ensure_ascii=False)}"


class GrantActPage(CaseActPage):
    """Suspend, resume or end a grant, with reasons."""

    policy = GRANT_POLICY
    workflow = GRANT_WORKFLOW
    form_class: type[ActForm] = ReasonsForm
    case: SharingGrant

    def find(self, request: HttpRequest) -> SharingGrant:
        return find_grant(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"grant_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        grant, words = self.case, super().context(request)
        return (
            SHELL
            | words
            | {
                "lead": f"{grant.title} · {grant.grantee.name}",
                "facts": grant_facts(grant, item_names(grant.entry)),
                "cancel": _("返回，不办理"),
                "crumbs": crumbs((_("授权"), grant.get_absolute_url()), (words["title"], "")),
            }
        )


class SuspendPage(GrantActPage):
    """Suspend a grant."""

    verb = "suspend"
    service = staticmethod(services.suspend_grant)
    done = gettext_lazy("授权已暂停，即时生效，双方机关已收到通知。")


class ResumePage(GrantActPage):
    """Let it read again."""

    verb = "resume"
    service = staticmethod(services.resume_grant)
    done = gettext_lazy("授权已恢复，双方机关已收到通知。")


class EndPage(GrantActPage):
    """End it for good."""

    verb = "end"
    service = staticmethod(services.end_grant)
    done = gettext_lazy("授权已终止，双方机关已收到通知。")


class ChangePage(GrantActPage):
    """Cut a grant down, or widen it."""

    verb = "change"
    service = staticmethod(services.change_grant)
    form_class = ChangeGrantForm
    template_name = "sharing/act.html"
    button = gettext_lazy("调整授权并告知对方")
    done = gettext_lazy("授权已调整，即时生效，对方机关已收到通知。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"changed": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return first_terms(self.case) | {"ways": self.case.ways} | said_of(terms_of(self.case))


def first_terms(case: SharingGrant | StandingAuthorisation) -> dict[str, Any]:
    """First values of a form that changes terms: as they stand."""
    names = ("items", "purpose", "valid_until", "rows_per_day", "calls_per_minute")
    rows = {f"condition_{number}": one for number, one in enumerate(case.row_condition, start=1)}
    return rows | {name: getattr(case, name) for name in names}


class GrantStandingPage(SignedInActPage):
    """Authorise agencies, or kinds of agency, in advance: one grant each, all or none."""

    form_class = StandingGrantForm
    template_name = "sharing/act.html"
    title = gettext_lazy("预先授权")
    button = gettext_lazy("开通授权")
    done = gettext_lazy("授权已经开通，需求机关已收到通知。")
    consequence = gettext_lazy("需求机关不需要申请即可在授权范围内读取；随时可以暂停或者终止。")

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.entry = find_entry(self.kwargs["pk"])
        GRANT_POLICY.require(user, "grant-standing", self.entry)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"entry": self.entry}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": today()}

    @transaction.atomic
    def perform(self, request: HttpRequest, form: StandingGrantForm) -> str:
        data = form.cleaned_data
        terms = services.StandingTerms(
            items=data["items"],
            duty=data["duty"],
            purpose=data["purpose"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
            row_condition=form.conditions(),
            limits=form.limits(),
        )
        by, at = staff_of(request), now()
        for grantee in data["grantees"]:
            services.grant_standing(entry_id=self.entry.pk, grantee=grantee, by=by, at=at, terms=terms)
        kind = form.kind(data)
        if kind is not None:
            made = services.authorise_kind(entry_id=self.entry.pk, to=kind, by=by, at=at, terms=terms)
            return made.get_absolute_url()
        return reverse("sharing:entry", args=[self.entry.pk])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        title = revision_of(self.entry).title
        back = reverse("sharing:entry", args=[self.entry.pk])
        return SHELL | {
            "lead": f"{title} · {_('有条件共享')}",
            "basis": APPLY,
            "cancel_url": back,
            "cancel": _("返回，不授权"),
            "crumbs": crumbs((title, back), (str(self.title), "")),
        }
