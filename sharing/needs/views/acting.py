"""Filing a data need, and one page for each act on it (第四条第二款、第十一条第二款)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.attachments import selectors as attachments
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import CaseActPage, SignedInActPage
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.selectors import expected_due_day, face
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.forms import ReasonsForm
from sharing.models import DataNeed, NeedAnswer, NeedAssignment
from sharing.needs import forms
from sharing.needs.found import filing_agency, find_need
from sharing.needs.policies import NEED_POLICY
from sharing.needs.selectors import clocks_on, entries_like, open_assignment
from sharing.needs.views.shared import NEEDS, crumbs, draft_facts, need_facts
from sharing.needs.workflow import NEED_WORKFLOW, SUPERVISE, NeedStatus
from sharing.papers import take_in_for
from sharing.selectors import shareable_entries
from sharing.services.needs.deciding import require_silent
from sharing.views.shared import SHELL, staff_of

MOST_OFFERED = 300


class NewNeedPage(SignedInActPage):
    """The form; what the catalogue may hold already stands above it, and the day of the confirmation before sending."""

    form_class = forms.NeedForm
    template_name = "sharing/needs/new.html"
    title = gettext_lazy("提出数据需求")
    button = gettext_lazy("提出数据需求")
    done = gettext_lazy("数据需求已送市大数据主管部门，由其确认责任机关。每一步都会通知您。")
    agency: Agency

    def prepare(self, request: HttpRequest) -> None:
        self.agency = filing_agency(staff_of(request))

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"requester": self.agency}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"title": request.GET.get("title", "").strip()[:60]}

    def perform(self, request: HttpRequest, form: forms.NeedForm) -> str:
        user = staff_of(request)
        papers = take_in_for(user, form.cleaned_data["file"], at=now())
        need = services.file_need(requester=self.agency, by=user, at=now(), papers=papers, **form.given())
        return need.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        due = expected_due_day("need-confirmation", today()).on
        title = request.POST.get("title", request.GET.get("title", "")).strip()[:60]
        return SHELL | {
            "lead": self.agency.name,
            "like": entries_like(title) if title else [],
            "consequence": _("今天提出的，由市大数据主管部门在 %(day)s 24:00 前确认责任机关（服务目标，非法定期限）。")
            % {"day": f"{due.year}年{due.month}月{due.day}日"},
            "basis": SUPERVISE,
            "cancel_url": NEEDS,
            "cancel": _("返回，不提出"),
            "draft": "sharing-need",
            "crumbs": crumbs((str(self.title), "")),
        }


class NeedActPage(CaseActPage):
    """An act on a need."""

    policy = NEED_POLICY
    workflow = NEED_WORKFLOW
    form_class: type[ActForm] = ActForm
    case: DataNeed

    def find(self, request: HttpRequest) -> DataNeed:
        return find_need(staff_of(request), self.kwargs["number"])

    def named(self) -> dict[str, Any]:
        return {"need_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        need, words = self.case, super().context(request)
        clock = next((one for one in clocks_on(need) if one.is_running), None)
        return (
            SHELL
            | words
            | {
                "lead": f"{need.title} · {need.number}",
                "face": face(clock, today()) if clock else None,
                "facts": need_facts(need),
                "cancel": _("返回，不办理"),
                "crumbs": crumbs((need.number, need.get_absolute_url()), (words["title"], "")),
            }
        )

    def next_page(self, done: Any) -> str:
        return self.case.get_absolute_url()


class AnswerPage(NeedActPage):
    """An answer, with files; what was drafted of it stands in the form, and above it what goes with it."""

    answer: NeedAnswer
    drafted: NeedAssignment | None

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        self.drafted = open_assignment(self.case) if self.case.provider_id is not None else None

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        draft = self.drafted
        if draft is None or draft.draft_answer != self.answer:
            return {}
        entry = {"entry": draft.draft_entry.resource_code} if draft.draft_entry else {}
        return {"reasons": draft.draft_reasons} | entry

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        values, user = form.given(), staff_of(request)
        papers = take_in_for(user, values.pop("file"), at=now())
        done = self.service(**self.named(), by=user, at=now(), papers=papers, **values)
        return self.next_page(done)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found, draft = super().context(request), self.drafted
        drafted = draft_facts(staff_of(request), draft) if draft is not None else []
        return found | {"facts": [*drafted, *found["facts"]]}


class DraftAnswerPage(AnswerPage):
    """Prepare the answer for the approver."""

    verb = "draft-need-answer"
    service = staticmethod(services.draft_need_answer)
    form_class = forms.DraftAnswerForm
    button = gettext_lazy("报审批人")
    done = gettext_lazy("拟写的答复已报审批人。期限继续计算，送达后才停止。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        entries = shareable_entries().filter(provider=self.case.provider_id)
        draft = self.drafted
        papers = attachments.of(subject_of(draft)) if draft is not None else []
        return {
            "entries": entries,
            "offered": list(entries[:MOST_OFFERED]),
            "may_deny": draft is None or not draft.is_final,
            "papers": [(str(paper.pk), paper.name) for paper in papers],
        }

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        draft = self.drafted
        if draft is None:
            return {}
        entry = draft.draft_entry.resource_code if draft.draft_entry else ""
        return {"answer": draft.draft_answer, "reasons": draft.draft_reasons, "entry": entry}


class ReassignPage(NeedActPage):
    """Take it back from an agency that was silent, and give it to another."""

    verb = "reassign-need"
    service = staticmethod(services.reassign_need)
    form_class = forms.ReassignForm
    done = gettext_lazy("已改由其他机关负责，原责任机关、新的责任机关和需求机关已收到通知。")

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        if request.method == "GET":
            require_silent(self.case, today())

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"requester": self.case.requester, "silent": self.case.provider}


class AssignPage(NeedActPage):
    """Confirm whose it is."""

    verb = "assign-need"
    service = staticmethod(services.assign_need)
    form_class = forms.AssignForm
    done = gettext_lazy("责任机关已确认，责任机关和需求机关已收到通知。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"requester": self.case.requester}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"agency": self.case.suspected_id} if self.case.suspected_id else {}


class RejectPage(NeedActPage):
    """Reject it, with reasons."""

    verb = "reject-need"
    service = staticmethod(services.reject_need)
    form_class = ReasonsForm
    done = gettext_lazy("已不予确认，理由已告知需求机关。")


class CoverPage(AnswerPage):
    """Name the entry that holds the data already: any shared one for the authority, one's own for who answers."""

    verb = "cover-need"
    answer = NeedAnswer.COVERED
    service = staticmethod(services.cover_need)
    form_class = forms.CoverForm
    done = gettext_lazy("已告知需求机关，可以申请或者直接获取。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        confirms = self.case.status == NeedStatus.SUBMITTED
        entries = shareable_entries().exclude(provider=self.case.requester_id)
        if confirms:
            offered = entries_like(f"{self.case.title} {' '.join(self.case.items)}")
        else:
            entries = entries.filter(provider=self.case.provider_id)
            offered = list(entries[:MOST_OFFERED])
        return {"entries": entries, "offered": offered, "confirms": confirms}


class UndertakePage(AnswerPage):
    """Answer that it will be catalogued."""

    verb = "undertake-need"
    answer = NeedAnswer.CATALOGUE
    service = staticmethod(services.undertake_need)
    form_class = forms.SayForm
    done = gettext_lazy("已答复编制目录。编制的条目由数据管理员在这里指明，公布时办结。")


class DenyPage(AnswerPage):
    """Answer that it is not the agency's, with reasons."""

    verb = "deny-need"
    answer = NeedAnswer.DENIED
    service = staticmethod(services.deny_need)
    form_class = forms.DenyForm
    done = gettext_lazy("已退回市大数据主管部门，由其重新确认。")


class LinkPage(NeedActPage):
    """Name the entry in which it is catalogued."""

    verb = "link-need"
    service = staticmethod(services.link_need)
    form_class = forms.LinkForm
    done = gettext_lazy("已指明条目。条目公布时，数据需求随之办结。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        own = CatalogEntry.objects.filter(provider=self.case.provider_id).select_related("in_force")
        return {"entries": own, "offered": list(own.order_by("-pk")[:MOST_OFFERED])}


class ContestPage(NeedActPage):
    """Say that the entry that was named does not do."""

    verb = "contest-need"
    service = staticmethod(services.contest_need)
    form_class = ReasonsForm
    done = gettext_lazy("已退回市大数据主管部门，由其重新确认。")


class WithdrawPage(NeedActPage):
    """Take it back."""

    verb = "withdraw-need"
    service = staticmethod(services.withdraw_need)
    done = gettext_lazy("数据需求已撤回。")


PAGES = {
    page.verb: page
    for page in (
        AssignPage,
        ReassignPage,
        RejectPage,
        DraftAnswerPage,
        CoverPage,
        UndertakePage,
        DenyPage,
        LinkPage,
        ContestPage,
        WithdrawPage,
    )
}
"""By verb, which is the end of the page's address."""
