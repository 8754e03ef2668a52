"""REST: applications and the acts on them (第十五条第二款、第三款)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from guiyang_data.accounts.models import ServiceAccount, User
from guiyang_data.accounts.policies import is_system
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api import serializers as shown
from sharing.api.views.base import (
    BOX,
    STATUS,
    SharingView,
    act_schema,
    detail,
    find_shared_entry,
    listed,
    user_of,
)
from sharing.found import find_application, my_agency
from sharing.models import ApplicationOutcome, SharingApplication
from sharing.policies import (
    visible_applications,
    working_agencies,
)
from sharing.selectors import (
    applications_with_parties,
)


class ApplicationsView(SharingView):
    """Applications of the caller's agency, and those it has to answer."""

    pagination_class = Pages

    @extend_schema(
        summary="共享申请清单", parameters=[BOX, STATUS], responses=shown.SharingApplicationSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        user = user_of(request)
        rows = visible_applications(user, applications_with_parties(SharingApplication.objects.all()))
        box = request.query_params.get("box")
        if box in {"own", "answer"}:
            side = "requester__in" if box == "own" else "provider__in"
            rows = rows.filter(**{side: working_agencies(user)})
        return listed(request, rows, shown.SharingApplicationSerializer, self)

    @extend_schema(
        summary="提出共享申请（第十五条第二款）",
        parameters=[IDEMPOTENCY],
        request=shown.SharingApplySerializer,
        responses={201: shown.SharingApplicationDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(shown.SharingApplySerializer, request)

        def act() -> dict[str, Any]:
            entry = find_shared_entry(body["entry"])
            wish = services.Wish(
                items=body["items"],
                duty=body["duty"],
                duty_basis=body["duty_basis"],
                purpose=body["purpose"],
                use_case=body["use_case"],
                row_condition=body["row_condition"],
                period_from=body["period_from"],
                period_until=body["period_until"],
                frequency=body["frequency"],
                system=_system_of(user) if body["for_this_system"] else None,
            )
            requester = my_agency(user, entry)
            made = services.apply(entry_id=entry.pk, requester=requester, by=user, at=now(), wish=wish)
            return application_detail(user, made.number)

        return act_once(request, act, status=201)


def _system_of(user: User) -> ServiceAccount | None:
    return user.service_account if is_system(user) else None


def application_detail(user: User, number: str) -> dict[str, Any]:
    """An application as it is now."""
    return detail(shown.SharingApplicationDetailSerializer, find_application(user, number), user)


class ApplicationView(SharingView):
    """One application."""

    @extend_schema(summary="共享申请", responses=shown.SharingApplicationDetailSerializer)
    def get(self, request: Request, number: str) -> Response:
        return Response(application_detail(user_of(request), number))


class ApplicationActView(SharingView):
    """Base of the acts on one application."""

    body: type[BaseSerializer[Any]] | None = None

    def post(self, request: Request, number: str) -> Response:
        user = user_of(request)
        body = checked(self.body, request) if self.body else {}

        def act() -> dict[str, Any]:
            self.act(user, find_application(user, number), body)
            return application_detail(user, number)

        return act_once(request, act)

    def act(self, user: User, case: SharingApplication, body: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


class ReplyView(ApplicationActView):
    """The reply; without reasons a refusal is not accepted."""

    act_scope = "sharing:reply"
    body = shown.SharingReplySerializer

    @act_schema("答复共享申请（第十五条第二款）", shown.SharingReplySerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: SharingApplication, body: dict[str, Any]) -> None:
        limits = services.Limits(rows_per_day=body["rows_per_day"], calls_per_minute=body["calls_per_minute"])
        at = now()
        if body["outcome"] == ApplicationOutcome.AGREE:
            services.agree(application_id=case.pk, by=user, at=at, limits=limits)
        elif body["outcome"] == ApplicationOutcome.REFUSE:
            services.refuse(application_id=case.pk, by=user, at=at, reasons=body["reasons"])
        else:
            services.agree_in_part(
                application_id=case.pk,
                by=user,
                at=at,
                items=body["items"],
                reasons=body["reasons"],
                row_condition=body["row_condition"],
                valid_until=body["valid_until"],
                limits=limits,
            )


class DraftReplyView(ApplicationActView):
    """A reply prepared for the approver."""

    act_scope = "sharing:reply"
    body = shown.SharingReplySerializer

    @act_schema("拟写答复", shown.SharingReplySerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: SharingApplication, body: dict[str, Any]) -> None:
        asked = {name: body[name] for name in ("outcome", "items", "reasons")}
        services.draft_reply(application_id=case.pk, by=user, at=now(), **asked)


class WithdrawView(ApplicationActView):
    """The application taken back."""

    @act_schema("撤回共享申请")
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: SharingApplication, body: dict[str, Any]) -> None:
        services.withdraw_application(application_id=case.pk, by=user, at=now())


class RequestCoordinationView(ApplicationActView):
    """The way to the municipal authority."""

    body = shown.SharingReasonsSerializer

    @act_schema("提请协调（第十五条第三款）", shown.SharingReasonsSerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: SharingApplication, body: dict[str, Any]) -> None:
        services.request_coordination(application_id=case.pk, by=user, at=now(), reasons=body["reasons"])


class GrantOnOpinionView(ApplicationActView):
    """The provider's own act on the opinion."""

    act_scope = "sharing:reply"
    body = shown.SharingLimitsSerializer

    @act_schema("依协调意见提供（第十五条第三款）", shown.SharingLimitsSerializer)
    def post(self, request: Request, number: str) -> Response:
        return super().post(request, number)

    def act(self, user: User, case: SharingApplication, body: dict[str, Any]) -> None:
        services.grant_on_opinion(application_id=case.pk, by=user, at=now(), limits=services.Limits(**body))
