"""REST: applications and the acts on them (第十五条第二款、第三款)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from guiyang_data.accounts.models import ServiceAccount, User
from guiyang_data.accounts.policies import is_system
from guiyang_data.attachments.responses import download
from guiyang_data.errors import NotAllowed, RuleBroken
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api import applying_serializers as sent_as
from sharing.api import serializers as shown
from sharing.api.verification_serializers import permitted
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
from sharing.choosing import applying_agency
from sharing.found import find_application, my_agency
from sharing.models import ApplicationOutcome, SharingApplication
from sharing.papers import find_paper, own_drafts, take_in_for
from sharing.policies import (
    visible_applications,
    working_agencies,
)
from sharing.selectors import (
    applications_with_parties,
)
from sharing.workflow import APPLY

COMMON = (
    *("duty", "duty_basis", "purpose", "use_case"),
    *("period_from", "period_until", "ways", "frequency", "is_unlisted"),
)
"""What an application says of whatever entry."""


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
        request=sent_as.SharingApplySerializer,
        responses={201: shown.SharingApplicationDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(sent_as.SharingApplySerializer, request)

        def act() -> dict[str, Any]:
            entry = find_shared_entry(body["entry"])
            made = services.apply(
                entry_id=entry.pk,
                requester=my_agency(user, entry),
                by=user,
                at=now(),
                wish=_wish(user, body, body),
                papers=own_drafts(user, body["papers"]),
                previous=find_application(user, body["previous"]) if body["previous"] else None,
            )
            return application_detail(user, made.number)

        return act_once(request, act, status=201)


class ApplyTogetherView(SharingView):
    """Applications for several entries in one act."""

    @extend_schema(
        summary="合并申请：一次就多项数据提出共享申请，分别成为申请、分别计算期限（第十五条第二款）",
        parameters=[IDEMPOTENCY],
        request=sent_as.SharingApplyTogetherSerializer,
        responses={201: shown.SharingApplicationSerializer(many=True)},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(sent_as.SharingApplyTogetherSerializer, request)

        def act() -> dict[str, Any]:
            entries = {asked["entry"]: find_shared_entry(asked["entry"]) for asked in body["entries"]}
            wishes = {entries[asked["entry"]].pk: _wish(user, body, asked) for asked in body["entries"]}
            first = next(iter(entries.values()), None)
            if first is None or len(wishes) < len(body["entries"]):
                message = "请至少选择一项数据，每项数据只列一次。"
                raise RuleBroken(message, basis=APPLY, fields={"entries": message})
            made = services.apply_together(
                requester=my_agency(user, first),
                by=user,
                at=now(),
                wishes=wishes,
                papers=own_drafts(user, body["papers"]),
            )
            return {"results": list(shown.SharingApplicationSerializer(made, many=True).data)}

        answer = act_once(request, act, status=201)
        answer.data = answer.data["results"]
        return answer


class PapersView(SharingView):
    """Files sent before the application, the need or the answer that they go with."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="上传共享申请、数据需求及其答复的附件，办理时写明其编号",
        parameters=[IDEMPOTENCY],
        request={"multipart/form-data": sent_as.SharingFileSerializer},
        responses={201: shown.SharingPaperSerializer},
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        if applying_agency(user) is None:
            raise NotAllowed("附件由办理共享申请、数据需求的数据管理员、审批人或者信息系统上传。", basis=APPLY)
        sent = checked(sent_as.SharingFileSerializer, request)

        def act() -> dict[str, Any]:
            (paper,) = take_in_for(user, [sent["file"]], at=now())
            told = {"id": str(paper.pk), "name": paper.name, "size": paper.size, "url": ""}
            return dict(shown.SharingPaperSerializer(told).data)

        return act_once(request, act, status=201)


class PaperView(SharingView):
    """One file of an application, a need or an answer."""

    @extend_schema(summary="共享事项的附件", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        return download(find_paper(user_of(request), pk))


def _wish(user: User, body: dict[str, Any], asked: dict[str, Any]) -> services.Wish:
    return services.Wish(
        items=asked["items"],
        row_condition=asked["row_condition"],
        verification=permitted(asked["verification"]),
        system=_system_of(user) if body["for_this_system"] else None,
        **{name: body[name] for name in COMMON},
    )


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
                ways=body["ways"],
                verification=permitted(body["verification"]),
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
        names = ("outcome", "items", "reasons", "row_condition", "valid_until", "ways")
        asked = {name: body[name] for name in names} | {"verification": permitted(body["verification"])}
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
