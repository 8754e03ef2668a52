"""REST: e-documents, how they are issued, found, taken, revoked and verified (第十六条第一款)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.attachments.responses import download
from guiyang_data.errors import TooLarge
from guiyang_data.faces.api import Pages, ReasonableJSONParser, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.timekeeping import now, today
from sharing import services
from sharing.api import edocument_serializers as shown
from sharing.api.serializers import SharingReasonsSerializer
from sharing.api.views.base import SharingView, find_shared_entry, user_of
from sharing.edocuments.files import whole_file
from sharing.edocuments.finding import Wanted, find_documents
from sharing.edocuments.found import find_delivery, find_document, find_takeable, find_template, named_access
from sharing.edocuments.limits import verify_for
from sharing.edocuments.policies import EDOCUMENT_POLICY, visible_deliveries, visible_documents, visible_templates
from sharing.edocuments.selectors import (
    STANDINGS,
    deliveries_with_parties,
    documents_with_parties,
    standing,
    templates_with_entries,
)
from sharing.edocuments.uploads import HashedUpload, HashingHandler
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery
from sharing.policies import sees_every_case, working_agencies
from sharing.services.edocuments.reading import log_file_reading, log_own_reading
from sharing.views.edocuments.taking import certificate_response

PDF: dict[Any, Any] = {(200, "application/pdf"): OpenApiTypes.BINARY, **refusals(401, 403, 404)}


class EDocumentView(SharingView):
    """Base: what issuers do needs ``sharing:reply``."""

    act_scope = "sharing:reply"


def _detail(request: Request, document: EDocument) -> dict[str, Any]:
    return dict(shown.EDocumentDetailSerializer(document, context={"user": user_of(request)}).data)


def _paged(request: Request, view: APIView, rows: Any, serializer: Any) -> Response:
    pages = Pages()
    page: Any = pages.paginate_queryset(rows, request, view)
    return pages.get_paginated_response(serializer(page, many=True).data)


# --- templates ---------------------------------------------------------------------------------------


class TemplatesView(EDocumentView):
    """Templates of the caller's agency."""

    pagination_class = Pages

    @extend_schema(summary="文书模板清单", responses=shown.DocumentTemplateSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = visible_templates(user_of(request), templates_with_entries(DocumentTemplate.objects.all()))
        return _paged(request, self, rows, shown.DocumentTemplateSerializer)

    @extend_schema(
        summary="设置文书模板",
        parameters=[IDEMPOTENCY],
        request=shown.SetTemplateSerializer,
        responses={201: shown.DocumentTemplateSerializer, **refusals(401, 403, 404, 409, 422)},
        examples=[shown.TEMPLATE],
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(shown.SetTemplateSerializer, request)

        def act() -> dict[str, Any]:
            entry = find_shared_entry(body.pop("entry"))
            terms = services.TemplateTerms(**body)
            template = services.set_document_template(entry_id=entry.pk, by=user, at=now(), terms=terms)
            return dict(shown.DocumentTemplateSerializer(template).data)

        return act_once(request, act, status=201)


@described
class EndTemplateView(EDocumentView, CaseActView):
    """停用文书模板."""

    service = staticmethod(services.end_document_template)
    body = SharingReasonsSerializer
    gives = shown.DocumentTemplateSerializer

    def find(self, request: Request, **key: Any) -> DocumentTemplate:
        return find_template(user_of(request), key["pk"])

    def named(self, case: DocumentTemplate) -> dict[str, Any]:
        return {"template_id": case.pk}


# --- issuing -----------------------------------------------------------------------------------------


class EDocumentsView(EDocumentView):
    """Documents that the caller's agency issued; issuing another."""

    pagination_class = Pages

    @extend_schema(
        summary="签发的电子文书清单",
        parameters=[OpenApiParameter("standing", str, enum=STANDINGS, description="现在的效力")],
        responses=shown.EDocumentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        user = user_of(request)
        rows = visible_documents(user, documents_with_parties(EDocument.objects.all()))
        if not sees_every_case(user):
            rows = rows.filter(issuer__in=working_agencies(user))
        rows = standing(rows, request.query_params.get("standing", ""), today())
        return _paged(request, self, rows.order_by("-issued_at", "-pk"), shown.EDocumentSerializer)

    @extend_schema(
        summary="由一行数据签发电子文书（第十六条第一款）",
        parameters=[IDEMPOTENCY],
        request=shown.IssueDocumentSerializer,
        responses={201: shown.EDocumentDetailSerializer, **refusals(401, 403, 404, 409, 422)},
        examples=[shown.ISSUE],
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(shown.IssueDocumentSerializer, request)

        def act() -> dict[str, Any]:
            template = find_template(user, body["template"])
            document = services.issue_document(
                template_id=template.pk, by=user, at=now(), key=body["key"], case_number=body["case_number"]
            )
            return _detail(request, document)

        return act_once(request, act, status=201)


class RegisterDocumentView(EDocumentView):
    """An agency's own PDF made a document."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="登记已有 PDF 为电子文书（第十六条第一款）",
        parameters=[IDEMPOTENCY],
        request={"multipart/form-data": shown.RegisterDocumentSerializer},
        responses={201: shown.EDocumentDetailSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(shown.RegisterDocumentSerializer, request)
        file = body.pop("file")
        names = ("holder", "holder_id", "issued_on", "valid_until", "original_number")
        facts = services.Facts(**{name: body.pop(name) for name in names})

        def act() -> dict[str, Any]:
            template = find_template(user, body["template"])
            document = services.register_document(
                template_id=template.pk,
                by=user,
                at=now(),
                uploaded=file,
                facts=facts,
                key=body["key"],
                case_number=body["case_number"],
            )
            return _detail(request, document)

        return act_once(request, act, status=201)


class EDocumentDetailView(SharingView):
    """One document."""

    @extend_schema(summary="电子文书", responses={200: shown.EDocumentDetailSerializer, **refusals(401, 404)})
    def get(self, request: Request, number: str) -> Response:
        return Response(_detail(request, find_document(user_of(request), number)))


class EDocumentFileView(SharingView):
    """The file, for the agency that issued it."""

    @extend_schema(summary="本机关签发的电子文书文件", responses=PDF)
    def get(self, request: Request, number: str) -> FileResponse:
        user = user_of(request)
        document = find_document(user, number)
        EDOCUMENT_POLICY.require(user, "read-document", document)
        file = whole_file(document)
        log_own_reading(document=document, by=user, at=now())
        return download(file)


@described
class RevokeDocumentView(EDocumentView, CaseActView):
    """撤销电子文书."""

    service = staticmethod(services.revoke_document)
    body = SharingReasonsSerializer
    gives = shown.EDocumentDetailSerializer

    def find(self, request: Request, **key: Any) -> EDocument:
        return find_document(user_of(request), key["number"])

    def named(self, case: EDocument) -> dict[str, Any]:
        return {"document_id": case.pk}

    def shown(self, request: Request, done: EDocument) -> dict[str, Any]:
        return _detail(request, done)


# --- taking ------------------------------------------------------------------------------------------


class FindDocumentsView(SharingView):
    """Documents found through a right."""

    act_scope = "sharing:read"

    @extend_schema(
        summary="凭授权查找电子文书；持有人写在请求体里，不进入地址",
        request=shown.FindDocumentsSerializer,
        responses={200: shown.FoundDocumentsSerializer, **refusals(401, 403, 404, 409, 422)},
        examples=[shown.FIND],
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(shown.FindDocumentsSerializer, request)
        access = named_access(user, body.pop("through"))
        found = find_documents(by=user, access=access, at=now(), wanted=Wanted(**body))
        return Response({"results": shown.EDocumentSerializer(found, many=True).data})


class TakeDocumentView(SharingView):
    """Take a document for a matter."""

    act_scope = "sharing:read"

    @extend_schema(
        summary="取用电子文书（第十六条第一款）",
        parameters=[IDEMPOTENCY],
        request=shown.TakeDocumentSerializer,
        responses={201: shown.DeliverySerializer, **refusals(401, 403, 404, 409, 422)},
        examples=[shown.TAKE],
    )
    def post(self, request: Request, number: str) -> Response:
        user, body = user_of(request), checked(shown.TakeDocumentSerializer, request)

        def act() -> dict[str, Any]:
            document, _rights = find_takeable(user, number, at=now())
            delivery = services.take_document(
                document_id=document.pk,
                by=user,
                at=now(),
                access=named_access(user, body["through"]),
                matter=services.Matter(case_number=body["case_number"], purpose=body["purpose"]),
            )
            return dict(shown.DeliverySerializer(delivery).data)

        return act_once(request, act, status=201)


class DeliveriesView(SharingView):
    """What the caller's agency took."""

    pagination_class = Pages

    @extend_schema(summary="取用记录", responses=shown.DeliverySerializer(many=True))
    def get(self, request: Request) -> Response:
        user = user_of(request)
        rows = visible_deliveries(user, deliveries_with_parties(EDocumentDelivery.objects.all()))
        if not sees_every_case(user):
            rows = rows.filter(agency__in=working_agencies(user))
        return _paged(request, self, rows.order_by("-taken_at", "-pk"), shown.DeliverySerializer)


class DeliveryView(SharingView):
    """One delivery."""

    @extend_schema(summary="一次取用", responses={200: shown.DeliverySerializer, **refusals(401, 404)})
    def get(self, request: Request, number: str) -> Response:
        return Response(shown.DeliverySerializer(find_delivery(user_of(request), number)).data)


class DeliveryFileView(SharingView):
    """The file; the right is asked anew."""

    @extend_schema(summary="取用的电子文书文件；每次重新核对授权并留有记录", responses=PDF)
    def get(self, request: Request, number: str) -> FileResponse:
        user = user_of(request)
        delivery = find_delivery(user, number)
        EDOCUMENT_POLICY.require(user, "read-delivery", delivery)
        log_file_reading(delivery=delivery, by=user, at=now())
        return download(whole_file(delivery.document))


class DeliveryCertificateView(SharingView):
    """The certificate that it was taken."""

    @extend_schema(summary="取用证明", responses=PDF)
    def get(self, request: Request, number: str) -> HttpResponse:
        user = user_of(request)
        delivery = find_delivery(user, number)
        EDOCUMENT_POLICY.require(user, "read-delivery", delivery)
        return certificate_response(delivery)


# --- verifying ---------------------------------------------------------------------------------------


class VerifyDocumentView(APIView):
    """For everybody: genuine, expired, revoked or unknown, and whether a file was changed."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = [ReasonableJSONParser, MultiPartParser]

    @extend_schema(
        summary="核验电子文书；不需要账号，文件只计算校验值，不保存",
        request={
            "application/json": shown.VerifyDocumentSerializer,
            "multipart/form-data": shown.VerifyDocumentSerializer,
        },
        responses={200: shown.VerdictSerializer, **refusals(413, 422)},
        examples=[shown.VERIFY],
    )
    def post(self, request: Request) -> Response:
        handler = HashingHandler(most=settings.ATTACHMENT_LIMIT_BYTES)
        request._request.upload_handlers = [handler]
        sent = request.data
        if handler.is_too_large:
            raise TooLarge("文件超过一次能核对的大小，不是本平台签发的文件。")
        body = shown.VerifyDocumentSerializer(data=sent)
        body.is_valid(raise_exception=True)
        file = body.validated_data.get("file")
        verdict = verify_for(
            request._request,
            code=body.validated_data["code"],
            sent=file.sent if isinstance(file, HashedUpload) else None,
            on=today(),
        )
        return Response(shown.VerdictSerializer(verdict).data, headers={"Cache-Control": "no-store"})
