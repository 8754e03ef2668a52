"""The desk of reviewer and government: what waits for them by due day, many decided in one act (第十一条第三款)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import policies, services
from catalog.forms import OpinionTogetherForm
from catalog.models import EntryRevision
from catalog.views.shared import SHELL, crumbs, user_of
from catalog.views.together import TogetherPage
from catalog.views.waiting import cases_of, page_of_clocks, pk_of
from catalog.workflow import REVIEW, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import face, owed_by
from guiyang_data.timekeeping import now, today

KINDS = ("catalog-review", "catalog-approval")
PAGE_SIZE = 50
SUBJECT = EntryRevision._meta.label_lower


def require_reviewer(request: HttpRequest) -> User:
    """An officer of an authority, or an approver of a government; for the others there is nothing here."""
    user = user_of(request)
    if not agencies_with(user, *policies.AUTHORITY, Role.GOVERNMENT_APPROVER):
        raise NotSeen(gettext("这里列出待大数据主管部门审核、待人民政府审定的目录，由它们的经办人办理。"))
    return user


def waiting_for(user: User) -> QuerySet[Clock]:
    """The clocks of the reviews and approvals that a person owes."""
    return owed_by(user).filter(kind__in=KINDS, subject__startswith=f"{SUBJECT}:")


def revisions_waiting(user: User) -> QuerySet[EntryRevision]:
    """The revisions that wait for a person."""
    return EntryRevision.objects.filter(pk__in=cases_of(waiting_for(user))).select_related(
        "entry__provider", "entry__in_force"
    )


class ReviewDesk(SignedInCasePage):
    """What waits, what is due first on top."""

    template_name = "catalog/desk.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_reviewer(request)
        clocks = waiting_for(user)
        page, rows = page_of_clocks(clocks, request, size=PAGE_SIZE)
        found = EntryRevision.objects.select_related("entry__provider").in_bulk([pk_of(clock) for clock in rows])
        return SHELL | {
            "heading": _("待审核、审定的目录"),
            "lead": _("按到期日排列。打开可以看到与现行版本的差异；没有疑问的，可以选中几份一并办理。"),
            "basis": REVIEW.number,
            "page": page,
            "items": [_item(clock, found[pk_of(clock)]) for clock in rows if pk_of(clock) in found],
            "bulk": {"url": reverse("catalog:decide-together"), "label": _("一并办理选中的"), "method": "get"},
            "empty": {
                "title": _("现在没有待审核、待审定的目录"),
                "text": _("各机关提交的目录会按到期日列在这里。"),
                "action": None,
            },
            "crumbs": crumbs((gettext("待审核、审定"), "")),
        }


def _item(clock: Clock, revision: EntryRevision) -> dict[str, Any]:
    entry = revision.entry
    kind = _("修订") if revision.number > 1 else _("新编")
    return {
        "face": face(clock, today()),
        "title": f"{revision.title}（{entry.provider.short_name}）",
        "url": revision.get_absolute_url(),
        "detail": f"{entry.resource_code} · {kind} · {revision.get_status_display()}",
        "article": REVIEW.number,
        "act_label": _("审定") if revision.status == RevisionStatus.IN_APPROVAL else _("审核"),
        "act_url": revision.get_absolute_url(),
        "pk": revision.pk,
    }


class DecideTogetherPage(TogetherPage):
    """Those chosen go their next step: reviewed ones to the government, approved ones into force."""

    form_class = OpinionTogetherForm
    title = _("一并审核、审定")
    button = _("一并办理")
    consequence = _(
        "待审核的报请审定，待审定的公布生效。每一份各有自己的办理记录；不能办理的，说明理由，不影响其他各份。"
    )
    basis = REVIEW
    desk = ("catalog:review-desk", _("待审核、审定"))

    def waiting(self, request: HttpRequest) -> QuerySet[EntryRevision]:
        self.user = require_reviewer(request)
        return revisions_waiting(self.user)

    def carried_out(self, ids: Sequence[int], form: ActForm) -> list[services.Decided]:
        return services.decide_together(revision_ids=ids, by=self.user, at=now(), opinion=form.cleaned_data["opinion"])
