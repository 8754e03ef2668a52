"""Pages of whoever takes: finding through a right, taking for a matter, what was taken, its file and certificate."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts.protection import decrypt
from guiyang_data.attachments.responses import download
from guiyang_data.documents.certificate import signing_certificate
from guiyang_data.errors import DomainError, NotAllowed, NotSeen
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.refusals import remember
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.edocuments.files import whole_file
from sharing.edocuments.finding import Wanted, find_documents
from sharing.edocuments.forms import FindForm, TakeForm
from sharing.edocuments.found import find_delivery, find_takeable, named_access
from sharing.edocuments.masks import masked_name
from sharing.edocuments.papers import delivery_certificate, provenance
from sharing.edocuments.policies import EDOCUMENT_POLICY, visible_deliveries
from sharing.edocuments.selectors import access_key, accesses_of, deliveries_with_parties
from sharing.edocuments.workflow import AS_THE_ORIGINAL, EDOCUMENT_WORKFLOW, EFFECT, WITHOUT_SIGNATURE
from sharing.models import EDocument, EDocumentDelivery
from sharing.policies import sees_every_case, working_agencies
from sharing.services.edocuments.reading import log_file_reading
from sharing.views.edocuments.shared import HOME, SHELL, crumbs, document_facts, look, rights_to_choose, tabs
from sharing.views.shared import PER_PAGE, staff_of

NO_RIGHT = gettext_lazy(
    "本机关现在没有可以取用这份电子文书的授权或者获取登记：可能已经终止，或者不包括它载明的全部信息项。请先向签发机关申请。"
)


class FindDocumentsPage(LoginRequiredMixin, View):
    """Look for documents through a right. Sent by POST, so that no holder stands in an address."""

    template_name = "sharing/edocuments/find.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        user = staff_of(request)
        rights = rights_to_choose(accesses_of(user, on=today()))
        return self._page(request, FindForm(rights=rights, initial={"through": request.GET.get("through", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        user = staff_of(request)
        form = FindForm(request.POST, rights=rights_to_choose(accesses_of(user, on=today())))
        if not form.is_valid():
            return self._page(request, form, status=422)
        data = form.cleaned_data
        wanted = Wanted(holder=data["holder"], number=data["number"], case_number=data["case_number"])
        try:
            access = named_access(user, data["through"])
            found = find_documents(by=user, access=access, at=now(), wanted=wanted)
        except NotSeen:
            raise
        except DomainError as refused:
            remember(refused, request)
            for name in refused.fields if refused.fields.keys() <= form.fields.keys() else {}:
                form.add_error(name, refused.fields[name])
            if not refused.fields:
                form.add_error(None, refused.message)
            return self._page(request, form, status=refused.status)
        return self._page(request, form, found=[self._row(document, data["through"]) for document in found])

    def _row(self, document: EDocument, through: str) -> dict[str, Any]:
        words, tag = look(document, today())
        good = document.standing_on(today()) == "issued"
        return {
            "document": document,
            "holder": masked_name(decrypt(document.holder_encrypted)),
            "words": words,
            "tag": tag,
            "url": f"{document.get_absolute_url()}take-document/?through={through}" if good else "",
        }

    def _page(
        self, request: HttpRequest, form: FindForm, *, found: list[dict[str, Any]] | None = None, status: int = 200
    ) -> HttpResponse:
        context = SHELL | {
            "form": form,
            "has_rights": bool(form.fields["through"].choices),  # type: ignore[attr-defined]
            "found": found,
            "searched": found is not None,
            "tabs": tabs(staff_of(request)),
            "tab": "find",
            "crumbs": crumbs((_("查找与取用"), "")),
        }
        return render(request, self.template_name, context, status=status)


class TakePage(SignedInActPage):
    """Take a document for a matter."""

    form_class = TakeForm
    title = gettext_lazy("取用电子文书")
    button = gettext_lazy("登记并取用")
    done = gettext_lazy("已经取用，可以下载文件和取用证明。")
    consequence = gettext_lazy("取用即时登记，签发机关可以查看。文书只能用于所填的事项，不得转供他人。")

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        self.document, self.rights = find_takeable(user, self.kwargs["number"], at=now())
        EDOCUMENT_POLICY.require(user, "take-document", self.document)
        if not self.rights:
            raise NotAllowed(str(NO_RIGHT), basis=AS_THE_ORIGINAL)
        if request.method == "GET":
            EDOCUMENT_WORKFLOW.target("take-document", self.document.status)

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"rights": rights_to_choose(self.rights)}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        keys = [access_key(access) for access in self.rights]
        wanted = request.GET.get("through", "")
        return {"through": wanted if wanted in keys else next(iter(keys), "")}

    def perform(self, request: HttpRequest, form: TakeForm) -> str:
        user = staff_of(request)
        delivery = services.take_document(
            document_id=self.document.pk,
            by=user,
            at=now(),
            access=named_access(user, form.cleaned_data["through"]),
            matter=form.matter(),
        )
        return delivery.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        facts = [
            (_("签发机关"), self.document.issuer.name),
            (_("持有人"), masked_name(decrypt(self.document.holder_encrypted))),
        ]
        return SHELL | {
            "lead": f"{self.document.title} · {self.document.number}",
            "basis": AS_THE_ORIGINAL,
            "facts": facts,
            "cancel_url": f"{HOME}find/",
            "cancel": _("返回，不取用"),
            "crumbs": crumbs((_("查找与取用"), f"{HOME}find/"), (str(self.title), "")),
        }


class DeliveriesPage(SignedInCasePage):
    """What one's agency took; for supervision, all."""

    template_name = "sharing/edocuments/taken.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        text = request.GET.get("q", "").strip()[:60]
        rows = visible_deliveries(user, deliveries_with_parties(EDocumentDelivery.objects.all()))
        if not sees_every_case(user):
            rows = rows.filter(agency__in=working_agencies(user))
        if text:
            named = Q(number=text.upper()) | Q(document__number=text.upper())
            rows = rows.filter(named | Q(case_number__icontains=text) | Q(document__title__icontains=text))
        page = Paginator(rows.order_by("-taken_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "rows": [(delivery, *look(delivery.document, today())) for delivery in page.object_list],
            "q": text,
            "tabs": tabs(user),
            "tab": "taken",
            "crumbs": crumbs((_("取用记录"), "")),
        }


class DeliveryPage(SignedInCasePage):
    """That a document was taken, with its provenance; prints as it stands."""

    template_name = "sharing/edocuments/delivery.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        delivery = find_delivery(user, kwargs["number"])
        document = delivery.document
        return SHELL | {
            "delivery": delivery,
            "document": document,
            "standing": look(document, today()),
            "is_good": document.standing_on(today()) == "issued",
            "reads": EDOCUMENT_POLICY.may(user, "read-delivery", delivery),
            "provenance": provenance(delivery),
            "facts": document_facts(document, user),
            "effect": EFFECT,
            "without_signature": WITHOUT_SIGNATURE,
            "crumbs": crumbs((_("取用记录"), f"{HOME}taken/"), (delivery.number, "")),
        }


class _DeliveryView(LoginRequiredMixin, View):
    """Base of what only the agency that took it downloads."""

    http_method_names = ["get", "options"]

    def find(self, request: HttpRequest, number: str) -> EDocumentDelivery:
        user = staff_of(request)
        delivery = find_delivery(user, number)
        EDOCUMENT_POLICY.require(user, "read-delivery", delivery)
        return delivery


class DeliveryFileView(_DeliveryView):
    """The file again; the right is asked anew, and every download is logged."""

    def get(self, request: HttpRequest, number: str) -> FileResponse:
        delivery = self.find(request, number)
        log_file_reading(delivery=delivery, by=staff_of(request), at=now())
        return download(whole_file(delivery.document))


class DeliveryCertificateView(_DeliveryView):
    """The certificate that it was taken, as signed PDF."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return certificate_response(self.find(request, number))


def certificate_response(delivery: EDocumentDelivery) -> HttpResponse:
    """The certificate as a download, for pages and API alike."""
    content = delivery_certificate(delivery, signing_certificate(at=delivery.taken_at))
    response = HttpResponse(content, content_type="application/pdf")
    name = _("取用证明 %(number)s.pdf") % {"number": delivery.number}
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
