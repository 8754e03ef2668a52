"""The desks of an agency: what is being compiled, and what waits for a second person; many go on in one act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import policies, services
from catalog.forms import OpinionTogetherForm
from catalog.models import ConfidentialityReview, EntryRevision
from catalog.selectors.drafting import Judged, being_compiled, judged, personal_items
from catalog.views.shared import SHELL, crumbs, user_of
from catalog.views.together import TogetherPage
from catalog.views.waiting import cases_of, page_of_clocks, pk_of
from catalog.workflow import COMPILE, CONFIDENTIALITY, RevisionStatus
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.labels import called
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import face, owed_by
from guiyang_data.timekeeping import now, today

PAGE_SIZE = services.MOST_TOGETHER
KIND = "confidentiality-review"
REVIEWS = f"{ConfidentialityReview._meta.label_lower}:"
DRAFTS = ("catalog:draft-desk", _("编制中的目录"))
JUDGING = ("catalog:confidentiality-desk", _("待保密审查"))
WORDS = {
    Judged.UNNEEDED: _("可以提交审核"),
    Judged.WANTED: _("还没有提请保密审查"),
    Judged.WAITING: _("等待保密审查的结论"),
    Judged.PASSED: _("保密审查已通过，可以提交审核"),
}


def compiled_by(user: User) -> QuerySet[EntryRevision]:
    """What a steward's agencies are compiling; for the others there is nothing here."""
    agencies = policies.compiling(user)
    if not agencies:
        raise NotSeen(gettext("这里列出本机关编制中的目录，由数据管理员办理。"))
    return being_compiled(agencies)


class DraftDesk(SignedInCasePage):
    """Drafts and what was sent back, with how far each is."""

    template_name = "catalog/desk.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        rows = compiled_by(user_of(request))
        counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
        state = request.GET.get("state", "")
        chosen = rows.filter(status=state) if state in counts else rows
        number = counts.get(state) if state in counts else sum(counts.values())
        page = page_of(chosen, count=number or 0, number=request.GET.get("page"), size=PAGE_SIZE)
        known = judged(list(page))
        return SHELL | {
            "heading": DRAFTS[1],
            "lead": _("草稿和被退回的目录。信息项填好的，可以选中多份，一并提请保密审查；审查通过的，一并提交审核。"),
            "basis": COMPILE.number,
            "page": page,
            "items": [_draft(revision, known[revision.pk]) for revision in page],
            "filters": _filters(counts, state),
            "bulk": {"url": reverse("catalog:send-on-together"), "label": _("一并办理选中的"), "method": "get"},
            "empty": {
                "title": _("现在没有编制中的目录"),
                "text": _("编制、导入的目录在提交审核之前列在这里。"),
                "action": {"label": _("编制目录条目"), "url": "/desk/catalog/new/"},
            },
            "crumbs": crumbs((str(DRAFTS[1]), "")),
        }


def _draft(revision: EntryRevision, step: Judged) -> dict[str, Any]:
    entry = revision.entry
    is_sent_back = revision.status == RevisionStatus.SENT_BACK
    return {
        "face": None,
        "title": revision.title or entry.resource_code,
        "url": revision.get_absolute_url(),
        "detail": f"{entry.resource_code} · {called(RevisionStatus, revision.status)} · {WORDS[step]}",
        "article": COMPILE.number,
        "act_label": _("看退回的理由") if is_sent_back else _("打开"),
        "pk": None if step is Judged.WAITING else revision.pk,
    }


def _filters(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    chips: list[dict[str, Any]] = [
        {"label": _("全部"), "count": sum(counts.values()), "url": "?", "current": current not in counts}
    ]
    for state in (RevisionStatus.SENT_BACK, RevisionStatus.DRAFT):
        if state.value in counts:
            chip = {"label": state.label, "count": counts[state.value], "url": f"?state={state.value}"}
            late = state is RevisionStatus.SENT_BACK
            chips.append(chip | {"current": current == state.value, "state": "near" if late else ""})
    return chips


class SendOnTogetherPage(TogetherPage):
    """Those chosen go on: to a second person's review where they still need it, else to the authority."""

    title = _("一并提请保密审查、提交审核")
    button = _("一并办理")
    consequence = _(
        "还没有审查结论的，提请本机关审批人保密审查；审查已经通过的，提交大数据主管部门审核。每一份各有自己的办理记录；"
        "不能办理的，说明缺什么，不影响其他各份。"
    )
    basis = COMPILE
    desk = DRAFTS

    def waiting(self, request: HttpRequest) -> QuerySet[EntryRevision]:
        return compiled_by(user_of(request))

    def carried_out(self, ids: Sequence[int], form: ActForm) -> list[services.Decided]:
        return services.send_on_together(revision_ids=ids, by=user_of(self.request), at=now())


def judging(user: User) -> QuerySet[Clock]:
    """The clocks of the confidentiality reviews that an approver owes; for the others there is nothing here."""
    if not agencies_with(user, Role.APPROVER):
        raise NotSeen(gettext("这里列出等待保密审查的目录，由本机关审批人办理。"))
    return owed_by(user).filter(kind=KIND, subject__startswith=REVIEWS)


class ConfidentialityDesk(SignedInCasePage):
    """What waits for a second person of the agency, what is due first on top."""

    template_name = "catalog/desk.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        clocks = judging(user)
        page, rows = page_of_clocks(clocks, request, size=PAGE_SIZE)
        reviews = ConfidentialityReview.objects.select_related(
            "revision__entry__provider", "revision__compiled_by", "asked_by"
        )
        found = reviews.prefetch_related("revision__items").in_bulk([pk_of(clock) for clock in rows])
        return SHELL | {
            "heading": JUDGING[1],
            "lead": _("按到期日排列。不涉及个人的，可以选中多份一并通过；涉及个人的、向社会开放的，请逐份打开审查。"),
            "basis": CONFIDENTIALITY.number,
            "page": page,
            "items": [_review(clock, found[pk_of(clock)], user) for clock in rows if pk_of(clock) in found],
            "bulk": {"url": reverse("catalog:judge-together"), "label": _("一并通过选中的"), "method": "get"},
            "empty": {
                "title": _("现在没有等待保密审查的目录"),
                "text": _("数据管理员提请审查的目录会按到期日列在这里。"),
                "action": None,
            },
            "crumbs": crumbs((str(JUDGING[1]), "")),
        }


def _review(clock: Clock, review: ConfidentialityReview, user: User) -> dict[str, Any]:
    revision = review.revision
    personal = personal_items(revision)
    is_plain = review.scope == ConfidentialityReview.Scope.SHARING and not personal
    told = [revision.entry.resource_code, review.get_scope_display(), revision.get_sharing_type_display()]
    told.append(gettext("信息项 %(number)d 个") % {"number": len(revision.items.all())})
    if personal:
        told.append(gettext("涉及个人：%(names)s") % {"names": "、".join(personal[:5])})
    return {
        "face": face(clock, today()),
        "title": revision.title,
        "url": clock.path,
        "detail": " · ".join(told),
        "article": CONFIDENTIALITY.number,
        "act_label": _("审查"),
        "pk": review.pk if is_plain and policies.may(user, "pass-confidentiality", review) else None,
    }


class JudgeTogetherPage(TogetherPage):
    """Those chosen may be shared."""

    form_class = OpinionTogetherForm
    title = _("一并通过保密审查")
    button = _("一并通过")
    consequence = _(
        "确认选中的各份没有国家秘密、商业秘密和个人隐私，可以在机关之间共享。每一份各有自己的审查记录；"
        "涉及个人的，退出一并办理，须打开单独审查。"
    )
    basis = CONFIDENTIALITY
    desk = JUDGING

    def waiting(self, request: HttpRequest) -> QuerySet[ConfidentialityReview]:
        ids = cases_of(judging(user_of(request)))
        return ConfidentialityReview.objects.filter(pk__in=ids).select_related("revision__entry__provider")

    def revision_of(self, row: ConfidentialityReview) -> EntryRevision:
        return row.revision

    def carried_out(self, ids: Sequence[int], form: ActForm) -> list[services.Decided]:
        given = {"by": user_of(self.request), "at": now(), "opinion": form.cleaned_data["opinion"]}
        return services.pass_confidentiality_together(review_ids=ids, **given)
