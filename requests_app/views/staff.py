"""Pages of the agencies that reply: the list by due day, and the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.standings import standing_filters
from guiyang_data.faces.text import zh_datetime
from guiyang_data.faces.timeline import Reader
from guiyang_data.statute.cases import by_due_day, counts_by_standing, standing_filter
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from requests_app import policies
from requests_app.checks import paper_checks
from requests_app.models import Case, OpenRequest, Reply, ReplyBatch, ReviewApplication
from requests_app.selectors import (
    batches_to_approve,
    clocks_by_case,
    delivered_replies,
    directly_linked,
    draft_of,
    for_list,
    linked_to,
    reviews_with_relations,
    similar_to,
    with_relations,
)
from requests_app.services.batches import FEWEST_TOGETHER
from requests_app.views.parts import (
    faces_of,
    hands_of_request,
    papers_of,
    papers_path,
    reply_facts,
    request_timeline,
    shown_together,
)
from requests_app.workflow import AGREED, OPEN, PAPER_VERBS, REQUEST, REQUEST_WORKFLOW, RequestStatus

PAGE_SIZE = 30
DELIVER = ("agree", "agree-in-part", "refuse")
APPLICANT_VERBS = ("answer-question", "withdraw")
LINKING = ("link", "unlink")


def require_staff(request: HttpRequest) -> User:
    """The signed-in member of an agency; for everybody else these pages are not there."""
    if not isinstance(request.user, User) or not is_staff_member(request.user):
        raise NotSeen(gettext("这个页面供机关工作人员使用。您的申请请在「申请」页面查看。"))
    return request.user


class WorkListPage(SignedInCasePage):
    """Requests of one's agency, what is due first on top."""

    template_name = "requests_app/work_list.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        state, text = request.GET.get("state", ""), request.GET.get("q", "").strip()[:60]
        rows = by_due_day(policies.visible_to(user, OpenRequest.objects.all()))
        if text:
            rows = rows.filter(title__contains=text) | rows.filter(number__contains=text.upper())
        counts = counts_by_standing(rows, today())
        number = counts.get(state, sum(counts.values()))
        pks = rows.filter(standing_filter(state, today())).values_list("pk", flat=True)
        page = page_of(pks, count=number, number=request.GET.get("page"), size=PAGE_SIZE)
        cases = for_list(page.object_list)
        clocks = clocks_by_case(cases)
        return {
            "work_section": "requests",
            "page": page,
            "q": text,
            "items": [_item(user, row, clocks) for row in cases],
            "bulk": _bulk(user, cases),
            "batches": list(batches_to_approve(policies.visible_batches(user, ReplyBatch.objects.all()))),
            "filters": standing_filters(counts, state, q=text),
            "empty": {
                "title": _("没有符合条件的申请") if state or text else _("还没有收到开放申请"),
                "text": _("公众向本机关提出的开放申请会按到期日列在这里。"),
                "action": {"label": _("查看全部"), "url": request.path} if state or text else None,
            },
        }


def _answers(user: User, row: OpenRequest) -> bool:
    return row.status == RequestStatus.WAITING and policies.answers_for(user, row.agency_id)


def _bulk(user: User, rows: Iterable[OpenRequest]) -> dict[str, Any] | None:
    """What may be done with several at once: one text answers them, where at least two of these wait for it."""
    if sum(_answers(user, row) for row in rows) < FEWEST_TOGETHER:
        return None
    return {"url": reverse("requests_app:work-draft-together"), "label": _("一并答复选中的申请"), "method": "get"}


def _item(user: User, row: OpenRequest, clocks: dict[str, Any]) -> dict[str, Any]:
    clock, path = clocks.get(row.number), row.work_path
    return {
        "face": face(clock, today()) if clock else None,
        "title": row.title,
        "url": path,
        "detail": f"{row.number} · {row.agency.short_name} · {RequestStatus(row.status).label}",
        "article": REQUEST.number,
        "act_label": _("办理") if row.status in OPEN | AGREED else _("查看"),
        "act_url": path,
        "pk": row.pk if _answers(user, row) else None,
    }


def staff_acts(user: User, case: OpenRequest, draft: Reply | None) -> list[Act]:
    """What this person may do; of the three ways to deliver, the one the draft chose."""
    fitting = str(draft.outcome) if draft else ""
    hidden = [verb for verb in DELIVER if verb != fitting] + [*APPLICANT_VERBS, *PAPER_VERBS]
    if not directly_linked(case).exists():
        hidden.append("unlink")
    offered = acts(
        user,
        case,
        status=case.status,
        workflow=REQUEST_WORKFLOW,
        policy=policies.REQUEST_POLICY,
        url=lambda verb: act_path(case, verb),
        hidden=hidden,
    )
    # a link is never what a case waits for
    return [replace(act, main=act.main and act.verb not in LINKING) for act in offered]


def act_path(case: OpenRequest, verb: str) -> str:
    """The page of an act."""
    return reverse(f"requests_app:work-{'deliver' if verb in DELIVER else verb}", args=[case.number])


def find_case(request: HttpRequest, number: str) -> OpenRequest:
    """The request, where this person may see the whole case."""
    user = require_staff(request)
    found = with_relations(policies.visible_to(user, OpenRequest.objects.filter(number=number))).first()
    if found is None:
        raise NotSeen(gettext("没有编号为 %(number)s 的申请，或者它由其他机关答复。") % {"number": number})
    return found


class WorkCasePage(SignedInCasePage):
    """One case: everything for the decision on one page."""

    template_name = "requests_app/work_request.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        case = find_case(request, kwargs["number"])
        draft = draft_of(case)
        top, others = faces_of(case, today())
        reads = policies.REQUEST_POLICY.may(user, "read-papers", case)
        works = policies.works_on(user, case)
        return {
            "work_section": "requests",
            "case": case,
            "face": top,
            "others": others,
            "acts": staff_acts(user, case, draft),
            "facts": case_facts(case, works),
            "together": shown_together(case),
            "hands": hands_of_request(case, today()),
            "contact": _contact(case) if policies.REQUEST_POLICY.may(user, "see-contact", case) else [],
            "draft_facts": reply_facts(draft) if draft and works else [],
            "draft": draft if works else None,
            "draft_checks": paper_checks(draft) if draft and works else [],
            "papers_url": papers_path(case),
            "own_draft": bool(draft and draft.drafted_by.holder_key == user.holder_key),
            "replies": [
                {"reply": reply, "facts": reply_facts(reply), "papers": papers_of(reply) if reads else []}
                for reply in delivered_replies(case)
            ],
            "questions": list(case.questions.order_by("pk")) if works else [],
            "papers": papers_of(case) if reads else [],
            "transfers": list(case.transfers.select_related("from_agency", "to_agency")),
            "reviews": list(reviews_with_relations(_reviews(user, case))),
            **like_requests(user, case),
            "events": request_timeline(case, reader=Reader.OFFICE if works else Reader.PUBLIC),
            "crumbs": [(_("开放申请"), reverse("requests_app:work-list")), (case.number, "")],
        }


def like_requests(user: User, case: OpenRequest) -> dict[str, Any]:
    """What is linked with the case, what is like it and not linked, and where they are answered together."""
    linked = linked_to(case)
    known = {case.number, *(row.number for row in linked)}
    similar = [hit for hit in similar_to(case.title).requests if hit.key not in known]
    clocks = clocks_by_case(linked)
    own = [row for row in linked if _answers(user, row)]
    chosen = urlencode([("chosen", row.pk) for row in (case, *own)])
    return {
        "linked": [
            {
                "request": row,
                "url": row.work_path if row.agency_id == case.agency_id else row.get_absolute_url(),
                "face": face(clocks[row.number], today()) if row.number in clocks else None,
            }
            for row in linked
        ],
        "similar": similar,
        "may_link": policies.REQUEST_POLICY.may(user, "link", case) and case.status != RequestStatus.WITHDRAWN,
        "together_url": f"{reverse('requests_app:work-draft-together')}?{chosen}" if _answers(user, case) else "",
    }


def _reviews(user: User, case: OpenRequest) -> Any:
    return policies.visible_reviews(user, ReviewApplication.objects.filter(reply__request=case))


def case_facts(case: OpenRequest, works: bool) -> list[tuple[Any, ...]]:
    """What is asked for. The purpose is for those who reply alone."""
    facts: list[tuple[Any, ...]] = [
        (_("需要的数据"), case.title),
        (_("具体说明"), case.description),
        (_("情形"), Case(case.case).label),
        (_("答复机关"), case.agency.name),
        (_("申请时间"), zh_datetime(case.submitted_at, with_year=True)),
        (_("状态"), case.get_status_display()),
    ]
    if works:
        facts.insert(3, (_("用途"), case.purpose))
    if case.entry is not None:
        title = case.entry.in_force.title if case.entry.in_force else case.entry.resource_code
        facts.append((_("目录条目"), title))
    if case.handler is not None:
        facts.append((_("经办人"), str(case.handler)))
    if case.fulfilled_on:
        facts.append((_("落实"), case.fulfilment_note or case.fulfilment_link))
    return facts


def _identity(case: OpenRequest) -> str:
    """A label and no condition: who is not verified has the same right to a reply."""
    if case.applicant is None:
        return gettext("未登录提出，未实名（不影响办理）")
    return gettext("已实名") if case.applicant.person_id else gettext("已登录，未实名（不影响办理）")


def _contact(case: OpenRequest) -> list[tuple[Any, ...]]:
    return [
        (_("申请人"), f"{case.get_kind_display()} {case.name}".strip()),
        (_("身份"), _identity(case)),
        (_("公开姓名"), _("愿意") if case.show_name else _("不愿意")),
        (_("邮箱"), case.mail),
        (_("手机"), case.phone),
    ]
