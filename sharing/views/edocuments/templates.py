"""Pages of an entry's document templates: the list, setting one, ending one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.timekeeping import now
from sharing import services
from sharing.edocuments.forms import TemplateForm
from sharing.edocuments.found import find_template
from sharing.edocuments.policies import EDOCUMENT_POLICY, visible_templates
from sharing.edocuments.selectors import templates_with_entries
from sharing.edocuments.workflow import AS_THE_ORIGINAL
from sharing.forms import ReasonsForm
from sharing.found import find_entry, revision_of
from sharing.models import DocumentTemplate
from sharing.views.edocuments.shared import HOME, SHELL, crumbs, tabs
from sharing.views.shared import PER_PAGE, staff_of


class TemplatesPage(SignedInCasePage):
    """Templates of the agencies that one issues for; from here documents are issued."""

    template_name = "sharing/edocuments/templates.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        rows = visible_templates(user, templates_with_entries(DocumentTemplate.objects.all()))
        return SHELL | {
            "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "tabs": tabs(user),
            "tab": "templates",
            "crumbs": crumbs((_("文书模板"), "")),
        }


class SetTemplatePage(SignedInActPage):
    """Say what a document of an entry is called and shows."""

    form_class = TemplateForm
    title = gettext_lazy("设置文书模板")
    button = gettext_lazy("设置模板")
    done = gettext_lazy("文书模板已经设置，可以据此签发电子文书。")
    consequence = gettext_lazy("设置后，本机关可以由这一目录的数据签发文书，或者登记已有的文件。")

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.entry = find_entry(self.kwargs["pk"])
        EDOCUMENT_POLICY.require(user, "set-document-template", self.entry)
        self.revision = revision_of(self.entry)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"revision": self.revision}

    def perform(self, request: HttpRequest, form: TemplateForm) -> str:
        by = staff_of(request)
        services.set_document_template(entry_id=self.entry.pk, by=by, at=now(), terms=form.terms())
        return f"{HOME}templates/"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        back = reverse("sharing:entry", args=[self.entry.pk])
        return SHELL | {
            "lead": self.revision.title,
            "basis": AS_THE_ORIGINAL,
            "cancel_url": back,
            "cancel": _("返回，不设置"),
            "crumbs": crumbs((_("文书模板"), f"{HOME}templates/"), (str(self.title), "")),
        }


class EndTemplatePage(CaseActPage):
    """Issue no more documents by a template."""

    policy = EDOCUMENT_POLICY
    form_class = ReasonsForm
    verb = "end-document-template"
    service = staticmethod(services.end_document_template)
    title = gettext_lazy("停用文书模板")
    button = gettext_lazy("停用")
    consequence = gettext_lazy("停用后不再据此签发；已经签发的文书不变，仍然可以取用和核验。")
    done = gettext_lazy("文书模板已经停用。")
    dangerous = True
    case: DocumentTemplate

    def find(self, request: HttpRequest) -> DocumentTemplate:
        return find_template(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"template_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return (
            SHELL
            | super().context(request)
            | {
                "lead": f"{self.case.title} · {self.case.get_kind_display()}",
                "cancel": _("返回，不停用"),
                "crumbs": crumbs((_("文书模板"), f"{HOME}templates/"), (str(self.title), "")),
            }
        )
