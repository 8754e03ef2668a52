"""Calendar and rules over REST, for those who keep them: reading, entering, and deciding as the second person."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.accounts.models import User
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.statute.selectors import calendar_years
from guiyang_data.timekeeping import now, today
from oversight import services
from oversight.api.views import api_acts
from oversight.models import CalendarProposal, RuleProposal
from oversight.rulebook.api import serializers
from oversight.rulebook.cases import (
    find_calendar_proposal,
    find_rule_proposal,
    proposal_acts,
    require_keeper,
    require_year,
)
from oversight.rulebook.selectors import (
    calendar_proposals,
    preview_calendar,
    preview_rule,
    rule_proposals,
    year_days,
)
from oversight.services.rulebook.calendar import days_of
from oversight.workflow import ProposalStatus

ROOT = "/api/v1/"
UNSEEN, REFUSED = refusals(401, 403, 404), refusals(401, 403, 404, 409, 422)
STATUS = OpenApiParameter("status", str, enum=ProposalStatus.values, description="只列这一状态的录入")


def calendar_detail(request: Request, proposal: CalendarProposal) -> dict[str, Any]:
    """An entered arrangement as it stands, with what confirming it would change while it waits."""
    context: dict[str, Any] = {"actions": _actions(request, proposal, f"{ROOT}calendar/proposals/{proposal.pk}/")}
    if proposal.status == ProposalStatus.PROPOSED:
        preview = preview_calendar(proposal.year, days_of(proposal))
        context |= {"changes": preview.changes, "outlook": preview.outlook}
    return dict(serializers.CalendarProposalDetailSerializer(proposal, context=context).data)


def rule_detail(request: Request, proposal: RuleProposal) -> dict[str, Any]:
    """An entered version as it stands, with the clocks it would reach while it waits."""
    context: dict[str, Any] = {"actions": _actions(request, proposal, f"{ROOT}period-rules/proposals/{proposal.pk}/")}
    if proposal.status == ProposalStatus.PROPOSED:
        context |= {"outlook": preview_rule(proposal)}
    return dict(serializers.RuleProposalDetailSerializer(proposal, context=context).data)


def _actions(request: Request, proposal: CalendarProposal | RuleProposal, base: str) -> list[Any]:
    return api_acts(proposal_acts(request.user, proposal, base), base)


class _Keeping(APIView):
    """For everybody but those who keep calendar and rules none of this is there."""

    permission_classes = [requires_scope("oversight:read")]
    pagination_class = Pages

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_keeper(request.user)

    def in_pages(self, request: Request, rows: Any, serializer: type[Any]) -> Response:
        """A page of rows."""
        pages = self.pagination_class()
        shown: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(serializer(shown, many=True).data)

    def proposals(self, request: Request, rows: Any, serializer: type[Any]) -> Response:
        """A page of what was entered, of one status where that is asked for."""
        status = request.query_params.get("status")
        return self.in_pages(request, rows.filter(status=status) if status else rows, serializer)


class CalendarYearList(_Keeping):
    """The years whose notice is loaded, newest first."""

    @extend_schema(
        summary="已经录入的各年放假安排",
        responses={200: serializers.CalendarYearSerializer(many=True), **UNSEEN},
    )
    def get(self, request: Request) -> Response:
        return self.in_pages(request, calendar_years(), serializers.CalendarYearSerializer)


class CalendarYearDetail(_Keeping):
    """One year's days."""

    @extend_schema(
        summary="一年的放假安排",
        responses={200: serializers.CalendarYearDetailSerializer, **UNSEEN},
    )
    def get(self, request: Request, year: int) -> Response:
        require_year(year)
        row = calendar_years().filter(year=year).first()
        waiting = calendar_proposals().filter(year=year, status=ProposalStatus.PROPOSED).first()
        found = {
            "year": year,
            "official": row is not None,
            "document_number": row.document_number if row else "",
            "issued_on": row.issued_on if row else None,
            "days": serializers.day_rows(year_days(year)),
            "waiting": waiting.pk if waiting else None,
        }
        return Response(serializers.CalendarYearDetailSerializer(found).data)


class CalendarProposalList(_Keeping):
    """What was entered, newest first; and entering an arrangement."""

    @extend_schema(
        summary="放假安排的录入",
        parameters=[STATUS],
        responses={200: serializers.CalendarProposalSerializer(many=True), **UNSEEN},
    )
    def get(self, request: Request) -> Response:
        return self.proposals(request, calendar_proposals(), serializers.CalendarProposalSerializer)

    @extend_schema(
        summary="录入放假安排，由另一个人核定",
        parameters=[IDEMPOTENCY],
        request=serializers.CalendarNoticeSerializer,
        responses={201: serializers.CalendarProposalDetailSerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        notice, by = checked(serializers.CalendarNoticeSerializer, request), cast(User, request.user)

        def act() -> dict[str, Any]:
            made = services.propose_calendar(**notice, by=by, on=today(), at=now())
            return calendar_detail(request, made)

        return act_once(request, act, status=201)


class CalendarPreview(_Keeping):
    """A dry run: the refusals of entering a notice, or what it would change."""

    @extend_schema(
        summary="核对放假安排，不录入",
        request=serializers.CalendarNoticeSerializer,
        responses={200: serializers.CalendarPreviewSerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        draft = services.check_calendar(**checked(serializers.CalendarNoticeSerializer, request), on=today())
        year, days = draft.arrangement.year, draft.arrangement.days
        preview = preview_calendar(year, days)
        found = {
            "year": year,
            "document_number": draft.document_number,
            "issued_on": draft.issued_on,
            "days": serializers.day_rows(days),
            "changes": preview.changes,
            "clocks": preview.outlook,
        }
        return Response(serializers.CalendarPreviewSerializer(found).data)


class CalendarProposalDetail(_Keeping):
    """One entered arrangement."""

    @extend_schema(
        summary="一份放假安排的录入",
        responses={200: serializers.CalendarProposalDetailSerializer, **UNSEEN},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(calendar_detail(request, find_calendar_proposal(request.user, pk)))


class _CalendarAct(_Keeping, CaseActView):
    gives = serializers.CalendarProposalDetailSerializer

    def find(self, request: Request, **key: Any) -> CalendarProposal:
        return find_calendar_proposal(request.user, key["pk"])

    def named(self, case: CalendarProposal) -> dict[str, Any]:
        return {"proposal_id": case.pk}

    def shown(self, request: Request, done: CalendarProposal) -> dict[str, Any]:
        return calendar_detail(request, self.find(request, pk=done.pk))


@described
class ConfirmCalendar(_CalendarAct):
    """核定放假安排，立即生效；由录入人以外的一个人办理."""

    service = staticmethod(services.confirm_calendar)
    takes_day = True


@described
class RejectCalendar(_CalendarAct):
    """退回放假安排."""

    service = staticmethod(services.reject_calendar)
    body = serializers.SendBackSerializer


class RuleProposalList(_Keeping):
    """What was entered, newest first; and entering a new version."""

    @extend_schema(
        summary="期限规则新版本的录入",
        parameters=[STATUS],
        responses={200: serializers.RuleProposalSerializer(many=True), **UNSEEN},
    )
    def get(self, request: Request) -> Response:
        return self.proposals(request, rule_proposals(), serializers.RuleProposalSerializer)

    @extend_schema(
        summary="录入期限规则的新版本，由另一个人核定",
        parameters=[IDEMPOTENCY],
        request=serializers.RuleVersionSerializer,
        responses={201: serializers.RuleProposalDetailSerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        version, by = checked(serializers.RuleVersionSerializer, request), cast(User, request.user)

        def act() -> dict[str, Any]:
            made = services.propose_rule(**version, by=by, at=now())
            return rule_detail(request, made)

        return act_once(request, act, status=201)


class RulePreview(_Keeping):
    """A dry run: the refusals of entering a version, or which clocks it would reach."""

    @extend_schema(
        summary="核对期限规则的新版本，不录入",
        request=serializers.RuleVersionSerializer,
        responses={200: serializers.RulePreviewSerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        version = services.check_rule(**checked(serializers.RuleVersionSerializer, request))
        return Response(serializers.RulePreviewSerializer({"clocks": preview_rule(version)}).data)


class RuleProposalDetail(_Keeping):
    """One entered version."""

    @extend_schema(
        summary="一份期限规则新版本的录入",
        responses={200: serializers.RuleProposalDetailSerializer, **UNSEEN},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(rule_detail(request, find_rule_proposal(request.user, pk)))


class _RuleAct(_Keeping, CaseActView):
    gives = serializers.RuleProposalDetailSerializer

    def find(self, request: Request, **key: Any) -> RuleProposal:
        return find_rule_proposal(request.user, key["pk"])

    def named(self, case: RuleProposal) -> dict[str, Any]:
        return {"proposal_id": case.pk}

    def shown(self, request: Request, done: RuleProposal) -> dict[str, Any]:
        return rule_detail(request, self.find(request, pk=done.pk))


@described
class ConfirmRule(_RuleAct):
    """核定期限规则的新版本；由录入人以外的一个人办理."""

    service = staticmethod(services.confirm_rule)
    takes_day = True


@described
class RejectRule(_RuleAct):
    """退回期限规则的新版本."""

    service = staticmethod(services.reject_rule)
    body = serializers.SendBackSerializer
