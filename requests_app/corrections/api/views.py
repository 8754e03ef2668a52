"""REST for doubts about data: reporting, one's own by code, checking, and what everyone may know of a data set."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from catalog.models import CatalogEntry
from catalog.policies import visible_to as visible_entries
from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import SystemAccessToken, User
from guiyang_data.accounts.policies import Principal, is_staff_member
from guiyang_data.accounts.signin import client_address
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.ledger.services import PUBLIC, Actor
from guiyang_data.statute.cases import by_due_day
from guiyang_data.statute.selectors import running
from guiyang_data.timekeeping import now, today
from opendata.models import OpenDataset
from opendata.selectors import dataset_by_slug
from requests_app import services
from requests_app.corrections.api import serializers
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.policies import CORRECTION_POLICY, visible_to
from requests_app.corrections.selectors import PREFIX, holder_of_correction, public_corrections, with_relations
from requests_app.corrections.views.desk import report_acts
from requests_app.services import Doubt, Party
from requests_app.visitors import check_code, count_contact

SCOPE = "corrections:write"
CODE_HEADER = "X-Tracking-Code"
CODE = OpenApiParameter(CODE_HEADER, str, OpenApiParameter.HEADER, description="查询码")
NO_REPORT = "没有这件反馈，或者查询码不相符，或者它由其他机关校核。"

Worker = requires_scope(SCOPE)


class Anyone(BasePermission):
    """No account is needed; a system's token must carry the scope all the same."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, SystemAccessToken):
            return bool(request.auth.allow_scopes([SCOPE]))
        return True


class ReportingThrottle(AnonRateThrottle):
    """Reporting without an account."""

    scope = "correction-reporting"
    rate = "20/hour"

    def get_ident(self, request: Request) -> str:
        """The address that our own proxies vouch for; a header that the visitor wrote counts for nothing."""
        return client_address(request._request)


def principal_of(request: Request, number: str) -> Principal:
    """The holder of the code in ``X-Tracking-Code``, else whoever calls. A code that does not fit is refused."""
    code = request.headers.get(CODE_HEADER, "")
    if not code:
        return request.user
    return check_code(request._request, number, code, find=holder_of_correction, begins=PREFIX)


def find_report(request: Request, number: str) -> tuple[CorrectionReport, Principal]:
    """The report, where the caller may know of it, and as whom."""
    principal = principal_of(request, number)
    rows = with_relations(CorrectionReport.objects.filter(number=number)).select_related("data_version")
    found = visible_to(principal, rows).first()
    if found is None:
        raise NotSeen(NO_REPORT)
    return found, principal


def _about(request: Request, slug: str, code: str) -> tuple[CatalogEntry, OpenDataset | None]:
    """What the report is about: an open data set for anyone, an entry for whoever works for an agency."""
    if slug:
        dataset = dataset_by_slug(slug)
        if dataset is None:
            raise NotSeen("没有这个数据集，或者它已经撤回。请核对标识。")
        return dataset.entry, dataset
    entries = CatalogEntry.objects.select_related("provider", "in_force", "current_data")
    seen = visible_entries(request.user, entries.filter(in_force__isnull=False))
    found = seen.filter(resource_code=code).first() if code else None
    if found is None:
        raise NotSeen("没有找到这个目录条目，或者您不能查看。请给出 dataset 或者 resource_code。")
    return found, None


class CorrectionListView(APIView):
    """Reports in sight; reporting."""

    def get_permissions(self) -> list[Any]:
        return [Anyone()] if self.request.method == "POST" else [Worker()]

    def get_throttles(self) -> list[Any]:
        return [ReportingThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="corrections_list",
        responses=serializers.CorrectionSerializer(many=True),
        summary="本机关反馈的、应当校核的数据疑义",
    )
    def get(self, request: Request) -> Response:
        if not is_staff_member(request.user):
            raise NotSeen("这个接口供机关使用。查询自己的反馈，请用编号和查询码。")
        rows = by_due_day(visible_to(request.user, with_relations(CorrectionReport.objects.all())))
        pages = Pages()
        shown: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(serializers.CorrectionSerializer(shown, many=True).data)

    @extend_schema(
        request=serializers.ReportCorrectionInput,
        responses={201: serializers.ReportedCorrectionSerializer, **refusals(403, 404, 409, 422)},
        parameters=[IDEMPOTENCY],
        summary="反馈数据、目录的疑义和错误（第十三条第三款）",
    )
    def post(self, request: Request) -> Response:
        data = checked(serializers.ReportCorrectionInput, request)
        entry, dataset = _about(request, data.pop("dataset"), data.pop("resource_code"))
        party = Party(**{name: data.pop(name) for name in ("name", "mail", "phone")})
        by: Actor = request.user if isinstance(request.user, User) else PUBLIC
        doubt = Doubt(**data)

        def look() -> None:
            services.require_rows_there(by=by, entry=entry, dataset=dataset, doubt=doubt, at=now())

        def act() -> dict[str, Any]:
            count_contact(request.user, party)
            reported = services.report_correction(
                by=by, entry=entry, dataset=dataset, doubt=doubt, party=party, on=today(), at=now()
            )
            clock = running(reported.report, "correction")
            return {
                "number": reported.report.number,
                "code": reported.code,
                "due_on": clock.due_on.isoformat() if clock else "",
                "url": reported.report.get_absolute_url(),
            }

        return act_once(request, act, status=201, ahead=look)


class CorrectionView(APIView):
    """One report: by account, by code, or by whoever checks or watches over it."""

    permission_classes = [Anyone]

    @extend_schema(responses=serializers.CorrectionDetailSerializer, parameters=[CODE], summary="一件数据疑义反馈")
    def get(self, request: Request, number: str) -> Response:
        report, principal = find_report(request, number)
        context = {
            "reads": CORRECTION_POLICY.may(principal, "read-rows", report),
            "acts": report_acts(principal, report, f"/api/v1/corrections/{number}/"),
        }
        return Response(serializers.CorrectionDetailSerializer(report, context=context).data)


class DatasetCorrectionsView(APIView):
    """What everyone may know of the doubts about a data set."""

    permission_classes = [Anyone]

    @extend_schema(responses=serializers.PublicCorrectionSerializer(many=True), summary="开放数据集的疑义与更正")
    def get(self, request: Request, slug: str) -> Response:
        dataset = dataset_by_slug(slug)
        if dataset is None:
            raise NotSeen("没有这个数据集，或者它已经撤回。请核对标识。")
        pages = Pages()
        shown: Any = pages.paginate_queryset(public_corrections(dataset), request, view=self)
        return pages.get_paginated_response(serializers.PublicCorrectionSerializer(shown, many=True).data)


class _CorrectionAct(CaseActView):
    """An act of the provider on a report, whose state is given back."""

    permission_classes = [Worker]
    gives = serializers.CorrectionStateSerializer
    takes_day = True

    def find(self, request: Request, **key: Any) -> CorrectionReport:
        return find_report(request, key["number"])[0]

    def named(self, case: CorrectionReport) -> dict[str, Any]:
        return {"report_id": case.pk}


@described
class FindRight(_CorrectionAct):
    """确有错误，将予更正."""

    service = staticmethod(services.find_right)
    body = serializers.RightInput


@described
class FindNotRight(_CorrectionAct):
    """经校核无误，说明理由."""

    service = staticmethod(services.find_not_right)
    body = serializers.NotRightInput


class Mend(APIView):
    """A found error is linked to what mends it."""

    permission_classes = [Worker]

    @extend_schema(
        request=serializers.MendInput,
        responses={200: serializers.CorrectionStateSerializer, **refusals(401, 403, 404, 409, 422)},
        parameters=[IDEMPOTENCY],
        summary="登记已更正",
    )
    def post(self, request: Request, number: str) -> Response:
        report, _principal = find_report(request, number)
        data = checked(serializers.MendInput, request)
        version = report.entry.data_versions.filter(number=data["data_version"]).first()
        revision = report.entry.revisions.filter(number=data["revision"], in_force_on__isnull=False).first()

        def act() -> dict[str, Any]:
            done = services.mend_correction(
                report_id=report.pk,
                by=cast(User, request.user),
                on=today(),
                at=now(),
                version=version,
                revision=revision,
            )
            return dict(serializers.CorrectionStateSerializer(done).data)

        return act_once(request, act)


class Withdraw(APIView):
    """Whoever reported takes it back."""

    permission_classes = [Anyone]

    @extend_schema(
        request=None,
        responses={200: serializers.CorrectionStateSerializer, **refusals(403, 404, 409)},
        parameters=[CODE, IDEMPOTENCY],
        summary="撤回反馈",
    )
    def post(self, request: Request, number: str) -> Response:
        report, principal = find_report(request, number)

        def act() -> dict[str, Any]:
            done = services.withdraw_correction(report_id=report.pk, by=principal, on=today(), at=now())
            return dict(serializers.CorrectionStateSerializer(done).data)

        return act_once(request, act)
