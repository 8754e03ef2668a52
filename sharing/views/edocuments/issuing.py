"""Pages of whoever issues: the list, a document's page, issuing, registering, revoking."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.attachments.responses import download
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.edocuments.acts import document_acts
from sharing.edocuments.files import whole_file
from sharing.edocuments.forms import IssueForm, RegisterForm
from sharing.edocuments.found import find_document, find_template
from sharing.edocuments.policies import EDOCUMENT_POLICY, knows_holder, visible_documents
from sharing.edocuments.rows import key_columns
from sharing.edocuments.selectors import STANDINGS, deliveries_with_parties, documents_with_parties, standing
from sharing.edocuments.workflow import AS_THE_ORIGINAL, EDOCUMENT_WORKFLOW, WITHOUT_SIGNATURE
from sharing.forms import ReasonsForm
from sharing.models import EDocument
from sharing.policies import sees_every_case, working_agencies
from sharing.services.checks import revision_in_force
from sharing.services.edocuments.reading import log_own_reading
from sharing.views.edocuments.shared import HOME, SHELL, STANDING, crumbs, document_facts, look, tabs
from sharing.views.shared import PER_PAGE, staff_of

LABELS: dict[str, str] = {
    "issue-document": "由目录数据签发",
    "register-document": "登记已有文件并签发",
    **{verb: transition.past for verb, transition in EDOCUMENT_WORKFLOW.transitions.items()},
}
MOST_DELIVERIES = 50


class DocumentsPage(SignedInCasePage):
    """Documents that one's agency issued; for supervision, all."""

    template_name = "sharing/edocuments/documents.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        wanted, text = request.GET.get("standing", ""), request.GET.get("q", "").strip()[:60]
        rows = visible_documents(user, documents_with_parties(EDocument.objects.all()))
        if not sees_every_case(user):
            rows = rows.filter(issuer__in=working_agencies(user))
        rows = standing(rows, wanted, today())
        if text:
            rows = rows.filter(Q(number__startswith=text.upper()) | Q(title__icontains=text))
        page = Paginator(rows.order_by("-issued_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "rows": [(document, *look(document, today())) for document in page.object_list],
            "q": text,
            "standing": wanted,
            "filters": _filters(wanted, text),
            "tabs": tabs(user),
            "tab": "issued",
            "crumbs": crumbs(),
        }


def _filters(wanted: str, text: str) -> list[dict[str, Any]]:
    choices = [("", _("全部")), *((key, STANDING[key][0]) for key in STANDINGS)]
    kept = [("q", text)] if text else []
    return [
        {
            "label": label,
            "url": "?" + urlencode([*kept, *([("standing", key)] if key else [])]),
            "current": key == (wanted if wanted in STANDINGS else ""),
        }
        for key, label in choices
    ]


class DocumentPage(SignedInCasePage):
    """A document: what it is, how it stands, who took it, what may be done."""

    template_name = "sharing/edocuments/document.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        document = find_document(user, kwargs["number"])
        issues = EDOCUMENT_POLICY.may(user, "read-document", document)
        taken = deliveries_with_parties(document.deliveries.all())
        if not issues and not sees_every_case(user):
            taken = taken.filter(agency__in=working_agencies(user))
        return SHELL | {
            "document": document,
            "standing": look(document, today()),
            "facts": document_facts(document, user),
            "acts": document_acts(user, document, on=today()),
            "issues": issues,
            "knows": knows_holder(user, document),
            "deliveries": list(taken[: MOST_DELIVERIES + 1]),
            "most": MOST_DELIVERIES,
            "without_signature": WITHOUT_SIGNATURE,
            "events": timeline(events_of(document), LABELS),
            "crumbs": crumbs((document.number, "")),
        }


class DocumentFileView(LoginRequiredMixin, View):
    """The file, for the agency that issued it; every download is logged."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, number: str) -> FileResponse:
        user = staff_of(request)
        document = find_document(user, number)
        EDOCUMENT_POLICY.require(user, "read-document", document)
        file = whole_file(document)
        log_own_reading(document=document, by=user, at=now())
        return download(file)


class RevokePage(CaseActPage):
    """Take a document's effect away."""

    policy = EDOCUMENT_POLICY
    workflow = EDOCUMENT_WORKFLOW
    form_class = ReasonsForm
    verb = "revoke-document"
    service = staticmethod(services.revoke_document)
    title = gettext_lazy("撤销电子文书")
    done = gettext_lazy("已撤销，核验即时显示「已撤销」，取用过的机关已收到通知。")
    case: EDocument

    def find(self, request: HttpRequest) -> EDocument:
        return find_document(staff_of(request), self.kwargs["number"])

    def named(self) -> dict[str, Any]:
        return {"document_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        words = super().context(request)
        facts = [
            (_("签发日期"), zh_date(self.case.issued_on, with_year=True)),
            (_("取用过的机关"), _("%(number)s 个") % {"number": _takers(self.case)}),
        ]
        return (
            SHELL
            | words
            | {
                "lead": f"{self.case.title} · {self.case.number}",
                "facts": facts,
                "cancel": _("返回，不撤销"),
                "crumbs": crumbs((self.case.number, self.case.get_absolute_url()), (str(self.title), "")),
            }
        )


def _takers(document: EDocument) -> int:
    return document.deliveries.order_by().values("agency").distinct().count()


class _ByTemplatePage(SignedInActPage):
    """Base of the two ways of issuing."""

    verb = ""
    template_name = "sharing/edocuments/issue.html"

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.template = find_template(user, self.kwargs["pk"])
        EDOCUMENT_POLICY.require(user, self.verb, self.template)
        self.revision = revision_in_force(self.template.entry)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"columns": key_columns(self.revision)}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        names = {item.code: item.name for item in self.revision.items.all()}
        template = self.template
        return SHELL | {
            "lead": f"{template.title} · {template.get_kind_display()} · {self.revision.title}",
            "basis": AS_THE_ORIGINAL,
            "facts": [
                (_("签发机关"), template.entry.provider.name),
                (_("载明"), "、".join(names.get(code, code) for code in template.items)),
            ],
            "without_signature": WITHOUT_SIGNATURE,
            "cancel_url": f"{HOME}templates/",
            "cancel": _("返回，不签发"),
            "crumbs": crumbs((_("文书模板"), f"{HOME}templates/"), (str(self.title), "")),
        }


class IssuePage(_ByTemplatePage):
    """Make a row a document."""

    verb = "issue-document"
    form_class = IssueForm
    title = gettext_lazy("签发电子文书")
    button = gettext_lazy("签发")
    done = gettext_lazy("电子文书已经签发，获得授权的机关可以取用。")
    consequence = gettext_lazy(
        "签发后生成带有数据和数字签名的 PDF，获得授权的机关可以查找和取用；内容不能修改，有误的撤销后重新签发。"
    )

    def perform(self, request: HttpRequest, form: IssueForm) -> str:
        document = services.issue_document(
            template_id=self.template.pk,
            by=staff_of(request),
            at=now(),
            key=form.key(),
            case_number=form.cleaned_data["case_number"],
        )
        return document.get_absolute_url()


class RegisterPage(_ByTemplatePage):
    """Make one's own PDF a document."""

    verb = "register-document"
    form_class = RegisterForm
    title = gettext_lazy("登记已有文件")
    button = gettext_lazy("登记并签发")
    done = gettext_lazy("文件已经登记为电子文书，获得授权的机关可以取用。")
    consequence = gettext_lazy("原文件保持不变，其后附上登记的数据和数字签名。获得授权的机关可以查找和取用。")

    def perform(self, request: HttpRequest, form: RegisterForm) -> str:
        document = services.register_document(
            template_id=self.template.pk,
            by=staff_of(request),
            at=now(),
            uploaded=form.cleaned_data["file"],
            facts=form.facts(),
            key=form.key(),
            case_number=form.cleaned_data["case_number"],
        )
        return document.get_absolute_url()
