"""Pages of the agencies that reply: the list by due day, the case, and one page for each act."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_datetime
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.forms.staff import (
    DeliverForm,
    DraftReplyForm,
    FulfilForm,
    HandlerForm,
    QuestionForm,
    TransferForm,
)
from requests_app.models import Case, OpenRequest, Reply, ReviewApplication
from requests_app.selectors import (
    by_due_day,
    clocks_by_case,
    counts_by_standing,
    delivered_replies,
    draft_of,
    reviews_with_relations,
    similar_to,
    standing_filter,
    with_relations,
)
from requests_app.views.parts import faces_of, papers_of, reply_facts, request_timeline, take_papers
from requests_app.workflow import AGREED, OPEN, REQUEST, REQUEST_WORKFLOW

PAGE_SIZE = 30
STATES = (("late", _("已逾期")), ("near", _("三日内")), ("on_time", _("其余在办")), ("ended", _("已办结")))
DELIVER = ("agree", "agree-in-part", "refuse")
APPLICANT_VERBS = ("answer-question", "withdraw")


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
        rows = by_due_day(with_relations(policies.visible_to(user, OpenRequest.objects.all())))
        if text:
            rows = rows.filter(title__contains=text) | rows.filter(number__contains=text.upper())
        counts = counts_by_standing(rows, today())
        shown = rows.filter(standing_filter(state, today())) if state else rows
        page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
        clocks = clocks_by_case(page.object_list)
        return {
            "work_section": "requests",
            "page": page,
            "q": text,
            "items": [_item(row, clocks) for row in page.object_list],
            "filters": filters_of(counts, state, text),
            "empty": {
                "title": _("没有符合条件的申请") if state or text else _("还没有收到开放申请"),
                "text": _("公众向本机关提出的开放申请会按到期日列在这里。"),
                "action": {"label": _("查看全部"), "url": request.path} if state or text else None,
            },
        }


def filters_of(counts: dict[str, int], state: str, text: str) -> list[dict[str, Any]]:
    """The filter row of a list of work, kept in the address."""
    return [
        {
            "label": label,
            "count": counts[key],
            "url": "?"
            + urlencode(
                {name: value for name, value in (("state", "" if state == key else key), ("q", text)) if value}
            ),
            "state": key if key in {"late", "near"} else "",
            "current": state == key,
        }
        for key, label in STATES
    ]


def _item(row: OpenRequest, clocks: dict[str, Any]) -> dict[str, Any]:
    clock = clocks.get(row.number)
    return {
        "face": face(clock, today()) if clock else None,
        "title": row.title,
        "url": row.work_path,
        "detail": f"{row.number} · {row.agency.short_name} · {row.get_status_display()}",
        "article": REQUEST.number,
        "act_label": _("办理") if row.status in OPEN | AGREED else _("查看"),
        "act_url": row.work_path,
        "pk": row.pk,
    }


def staff_acts(user: User, case: OpenRequest, draft: Reply | None) -> list[Act]:
    """What this person may do; of the three ways to deliver, the one the draft chose."""
    fitting = str(draft.outcome) if draft else ""
    return acts(
        user,
        case,
        status=case.status,
        workflow=REQUEST_WORKFLOW,
        policy=policies.REQUEST_POLICY,
        url=lambda verb: act_path(case, verb),
        hidden=[verb for verb in DELIVER if verb != fitting] + list(APPLICANT_VERBS),
    )


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
        similar = similar_to(case.title)
        return {
            "work_section": "requests",
            "case": case,
            "face": top,
            "others": others,
            "acts": staff_acts(user, case, draft),
            "facts": case_facts(case, works),
            "contact": _contact(case) if policies.REQUEST_POLICY.may(user, "see-contact", case) else [],
            "draft_facts": reply_facts(draft) if draft and works else [],
            "draft": draft if works else None,
            "draft_papers": papers_of(draft) if draft and works else [],
            "own_draft": bool(draft and draft.drafted_by.holder_key == user.holder_key),
            "replies": [
                {"reply": reply, "facts": reply_facts(reply), "papers": papers_of(reply) if reads else []}
                for reply in delivered_replies(case)
            ],
            "questions": list(case.questions.order_by("pk")) if works else [],
            "papers": papers_of(case) if reads else [],
            "transfers": list(case.transfers.select_related("from_agency", "to_agency")),
            "reviews": list(reviews_with_relations(_reviews(user, case))),
            "similar": [hit for hit in similar.requests if hit.key != case.number],
            "events": request_timeline(case, show_private=works),
            "crumbs": [(_("开放申请"), reverse("requests_app:work-list")), (case.number, "")],
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


def _contact(case: OpenRequest) -> list[tuple[Any, ...]]:
    return [
        (_("申请人"), f"{case.get_kind_display()} {case.name}".strip()),
        (_("公开姓名"), _("愿意") if case.show_name else _("不愿意")),
        (_("邮箱"), case.mail),
        (_("手机"), case.phone),
    ]


class CaseActPage(SignedInActPage):
    """An act on a request: its facts and its clock stand above the form."""

    case: OpenRequest
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.case = find_case(request, self.kwargs["number"])

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        self.prepare(request)
        # who may not do it need not fill it in: 403 and 409 come before the form
        policies.REQUEST_POLICY.require(request.user, self.current_verb(), self.case)
        REQUEST_WORKFLOW.target(self.current_verb(), self.case.status)
        return self.page(request, self.get_form(request))

    def current_verb(self) -> str:
        """The verb of the workflow table."""
        return self.verb

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "lead": f"{self.case.number} {self.case.title}",
            "face": faces_of(self.case, today())[0],
            "basis": REQUEST,
            "cancel_url": self.case.work_path,
            "work_section": "requests",
        }


class DraftReplyPage(CaseActPage):
    """Draft the reply; a second person approves it."""

    form_class = DraftReplyForm
    verb = "draft-reply"
    title = _("起草答复")
    button = _("报请审批")
    done = _("答复草稿已报请审批，批准后送达申请人。")
    consequence = _("由另一位审批人批准后送达，送达时期限停止。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        if draft is None:
            return {"agreed_to": self.case.case, "entry": self.case.entry_id}
        names = ("outcome", "agreed_to", "agreed_part", "ground", "ground_basis", "reasons")
        return {"entry": self.case.entry_id} | {name: getattr(draft, name) for name in names}

    def perform(self, request: HttpRequest, form: DraftReplyForm) -> str:
        user = require_staff(request)
        data = form.cleaned_data
        papers = take_papers(data["file"], by=user, at=now(), purpose="reply", token=data["submission"][:60])
        services.draft_reply(
            request_id=self.case.pk,
            by=user,
            text=form.reply_text(),
            entry=data["entry"],
            papers=papers,
            on=today(),
            at=now(),
        )
        return self.case.work_path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        facts = case_facts(self.case, works=True)[:4]
        if draft is not None and draft.return_reasons:
            facts.insert(0, (_("上次退回的理由"), draft.return_reasons))
        return {**super().context(request), "facts": facts, "draft": f"reply-{self.case.number}-{self.case.round}"}


class DeliverPage(CaseActPage):
    """Approve the draft and deliver it."""

    form_class = DeliverForm
    title = _("批准并送达")
    button = _("批准并送达")
    done = _("答复已送达申请人，期限已停止。")
    consequence = _("送达后期限停止，答复向社会公开（申请人姓名隐去）。")

    def current_verb(self) -> str:
        draft = draft_of(self.case)
        return str(draft.outcome) if draft else "agree"

    def perform(self, request: HttpRequest, form: Any) -> str:
        services.deliver_reply(request_id=self.case.pk, by=require_staff(request), on=today(), at=now())
        return self.case.work_path

    def context(self, request: HttpRequest) -> dict[str, Any]:
        draft = draft_of(self.case)
        return {**super().context(request), "facts": reply_facts(draft) if draft else []}


class ReturnDraftPage(CaseActPage):
    """Send the draft back."""

    form_class = ReasonForm
    verb = "return-draft"
    title = _("退回修改")
    done = _("草稿已退回起草人。期限继续计算。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        reasons = form.cleaned_data["reasons"]
        by = require_staff(request)
        services.return_draft(request_id=self.case.pk, by=by, reasons=reasons, on=today(), at=now())
        return self.case.work_path


class TransferPage(CaseActPage):
    """Hand the case to the right agency."""

    form_class = TransferForm
    verb = "transfer"
    title = _("转给主管该数据的机关")
    button = _("转出")
    done = _("已转出并告知申请人。期限不重新计算。")
    consequence = _("期限不重新计算，各机关经手的天数分别记录。会被转回的，请转市大数据主管部门指定。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def perform(self, request: HttpRequest, form: Any) -> str:
        data, by = form.cleaned_data, require_staff(request)
        services.transfer(request_id=self.case.pk, by=by, to=data["to"], reasons=data["reasons"], on=today(), at=now())
        return self.case.work_path


class QuestionPage(CaseActPage):
    """Ask the applicant."""

    form_class = QuestionForm
    verb = "ask-question"
    title = _("向申请人询问")
    button = _("发出询问")
    done = _("询问已发给申请人。期限继续计算。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, text = require_staff(request), form.cleaned_data["text"]
        services.ask_question(request_id=self.case.pk, by=by, text=text, on=today(), at=now())
        return self.case.work_path


class HandlerPage(CaseActPage):
    """Give the case to somebody."""

    form_class = HandlerForm
    verb = "assign-handler"
    title = _("指定经办人")
    done = _("已指定经办人并通知本人。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, handler = require_staff(request), form.cleaned_data["handler"]
        services.assign_handler(request_id=self.case.pk, by=by, handler=handler, at=now())
        return self.case.work_path


class FulfilPage(CaseActPage):
    """Record that the promise is kept."""

    form_class = FulfilForm
    verb = "fulfil"
    title = _("登记已落实")
    done = _("已登记并告知申请人，落实期限已停止。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        data, by = form.cleaned_data, require_staff(request)
        services.fulfil(request_id=self.case.pk, by=by, link=data["link"], note=data["note"], on=today(), at=now())
        return self.case.work_path


class ReplyAnewPage(CaseActPage):
    """What was agreed cannot be carried out."""

    form_class = ReasonForm
    verb = "reply-anew"
    title = _("不能落实，重新答复")
    done = _("已告知申请人将重新答复。请起草新的答复。")
    dangerous = True
    consequence = REQUEST_WORKFLOW["reply-anew"].consequence

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, reasons = require_staff(request), form.cleaned_data["reasons"]
        services.reply_anew(request_id=self.case.pk, by=by, reasons=reasons, on=today(), at=now())
        return self.case.work_path
