"""REST: entries opened in advance, to agencies that are named or to kinds of agency (第十五条第二款)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, checked, refusals
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api import serializers as shown
from sharing.api import standing_serializers as standing
from sharing.api.views.base import STATUS, SharingView, act_schema, find_shared_entry, listed, user_of
from sharing.found import find_standing
from sharing.kinds import KindOfAgency
from sharing.models import StandingAuthorisation
from sharing.policies import visible_standings
from sharing.workflow import APPLY


class AuthorisationsView(SharingView):
    """Authorisations for kinds of agency; ``POST`` opens an entry in advance."""

    pagination_class = Pages
    act_scope = "sharing:reply"

    @extend_schema(
        summary="按类别授权清单",
        parameters=[STATUS],
        responses=standing.SharingAuthorisationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = StandingAuthorisation.objects.select_related("entry__provider")
        found = visible_standings(user_of(request), rows)
        return listed(request, found, standing.SharingAuthorisationSerializer, self)

    @extend_schema(
        summary="预先授权：指定机关，或者机关类别（第十五条第二款）",
        parameters=[IDEMPOTENCY],
        request=standing.SharingAuthoriseSerializer,
        responses={201: standing.SharingAuthorisedSerializer},
    )
    def post(self, request: Request) -> Response:
        user, body = user_of(request), checked(standing.SharingAuthoriseSerializer, request)
        return act_once(request, lambda: _authorise(user, body, now()), status=201)


@transaction.atomic
def _authorise(user: User, body: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
    entry, terms = find_shared_entry(body["entry"]), _terms(body)
    kind = KindOfAgency(**{name: body[name] for name in ("kinds", "levels", "regions")})
    by_kind = bool(kind.kinds or kind.levels or kind.regions)
    if not (body["agencies"] or by_kind):
        message = "请写明需求机关，或者机关类别。"
        raise RuleBroken(message, basis=APPLY, fields={"agencies": message})
    grants = [
        services.grant_standing(entry_id=entry.pk, grantee=agency, by=user, at=at, terms=terms).pk
        for agency in _agencies(body["agencies"])
    ]
    made = services.authorise_kind(entry_id=entry.pk, to=kind, by=user, at=at, terms=terms) if by_kind else None
    told = dict(standing.SharingAuthorisationSerializer(made).data) if made else None
    return {"grants": grants, "authorisation": told}


def _terms(body: dict[str, Any]) -> services.StandingTerms:
    names = ("items", "row_condition", "duty", "purpose", "valid_from", "valid_until")
    limits = services.Limits(rows_per_day=body["rows_per_day"], calls_per_minute=body["calls_per_minute"])
    return services.StandingTerms(limits=limits, **{name: body[name] for name in names})


def _agencies(codes: list[str]) -> list[Agency]:
    found = list(Agency.objects.filter(code__in=codes, is_active=True).exclude(level=Agency.Level.OUTSIDE))
    unknown = set(codes) - {agency.code for agency in found}
    if unknown:
        message = f"没有统一社会信用代码为「{'、'.join(sorted(unknown))}」的机关。请核对后重新提交。"
        raise RuleBroken(message, basis=APPLY, fields={"agencies": message})
    return found


class AuthorisationView(SharingView):
    """One authorisation."""

    @extend_schema(summary="按类别授权", responses=standing.SharingAuthorisationSerializer)
    def get(self, request: Request, pk: int) -> Response:
        found = find_standing(user_of(request), pk)
        return Response(standing.SharingAuthorisationSerializer(found).data)


class AuthorisationActView(SharingView):
    """Base of the acts on an authorisation."""

    act_scope = "sharing:reply"

    def act(self, *, standing_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        """Call the service."""
        raise NotImplementedError

    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(shown.SharingReasonsSerializer, request)

        def act() -> dict[str, Any]:
            self.act(standing_id=find_standing(user, pk).pk, by=user, at=now(), reasons=body["reasons"])
            return dict(standing.SharingAuthorisationSerializer(find_standing(user, pk)).data)

        return act_once(request, act)


class PreviewAuthorisationChangeView(SharingView):
    """Whom a change would touch. It changes nothing, although it is sent."""

    act_scope = "sharing:reply"

    @extend_schema(
        summary="预览调整按类别的授权：会改变哪些机关的授权，哪些单独调整过的保持不变",
        request=standing.ChangeAuthorisationSerializer,
        responses={200: standing.AuthorisationChangeSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(standing.ChangeAuthorisationSerializer, request)
        change = services.preview_standing_change(
            find_standing(user, pk), user=user, at=now(), terms=_changed_terms(body), own_too=body["own_too"]
        )
        return Response(standing.AuthorisationChangeSerializer(change).data)


class ChangeAuthorisationView(SharingView):
    """Change it for every agency."""

    act_scope = "sharing:reply"

    @act_schema(
        "调整按类别的授权：对据此获得授权的全部机关，以及以后新设的同类机关（第十二条第三款）",
        standing.ChangeAuthorisationSerializer,
        standing.SharingAuthorisationSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        user, body = user_of(request), checked(standing.ChangeAuthorisationSerializer, request)

        def act() -> dict[str, Any]:
            services.change_standing(
                standing_id=find_standing(user, pk).pk,
                by=user,
                at=now(),
                terms=_changed_terms(body),
                **{name: body[name] for name in ("reasons", "own_too", "seen")},
            )
            return dict(standing.SharingAuthorisationSerializer(find_standing(user, pk)).data)

        return act_once(request, act)


def _changed_terms(body: dict[str, Any]) -> services.GrantTerms:
    limits = services.Limits(rows_per_day=body["rows_per_day"], calls_per_minute=body["calls_per_minute"])
    names = ("items", "row_condition", "purpose", "valid_until")
    return services.GrantTerms(limits=limits, **{name: body[name] for name in names})


class SuspendAuthorisationView(AuthorisationActView):
    """Suspend it for every agency."""

    @act_schema("暂停按类别的授权", shown.SharingReasonsSerializer, standing.SharingAuthorisationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)

    def act(self, *, standing_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        return services.suspend_standing(standing_id=standing_id, by=by, at=at, reasons=reasons)


class ResumeAuthorisationView(AuthorisationActView):
    """Let them read again."""

    @act_schema("恢复按类别的授权", shown.SharingReasonsSerializer, standing.SharingAuthorisationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)

    def act(self, *, standing_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        return services.resume_standing(standing_id=standing_id, by=by, at=at, reasons=reasons)


class EndAuthorisationView(AuthorisationActView):
    """End it for good."""

    @act_schema("终止按类别的授权", shown.SharingReasonsSerializer, standing.SharingAuthorisationSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)

    def act(self, *, standing_id: int, by: User, at: dt.datetime, reasons: str) -> object:
        return services.end_standing(standing_id=standing_id, by=by, at=at, reasons=reasons)
