"""REST for reviewers: what differs between two revisions, sending back item by item, many in one call."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies, services
from catalog.api.serializers import CatalogOutcomeSerializer, CatalogSendBackSerializer, DifferenceSerializer
from catalog.api.together_serializers import (
    DecidedTogetherSerializer,
    DecideTogetherSerializer,
    JudgeTogetherSerializer,
    SendOnTogetherSerializer,
)
from catalog.api.views import ScopedView, find_entry, find_review, find_revision, outcome, user_of
from catalog.comparing import compare
from catalog.selectors import revision_before
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.faces.calls import checked
from guiyang_data.faces.text import whole_number
from guiyang_data.timekeeping import now


class ChangesView(ScopedView):
    """What a revision says otherwise than another: without ``from`` than the one in force, else the one before."""

    @extend_schema(
        summary="两版目录的差异",
        parameters=[OpenApiParameter("from", OpenApiTypes.INT, description="与哪一版比较，默认现行版本")],
        responses=DifferenceSerializer,
    )
    def get(self, request: Request, pk: int, number: int) -> Response:
        user = user_of(request)
        entry = find_entry(user, pk)
        after = find_revision(user, entry, number)
        asked = whole_number(request.query_params.get("from", "")[:9])
        known = policies.visible_revisions(user, entry).select_related("category")
        before = find_revision(user, entry, asked) if asked else revision_before(after, known)
        if before is None:
            raise NotSeen("这是第一版目录，没有可以比较的版本。")
        return Response(DifferenceSerializer(compare(before, after)).data)


class SendBackView(ScopedView):
    """A revision goes back, with reasons for the whole and beside single elements and items."""

    @extend_schema(
        summary="退回目录，逐项写明理由", request=CatalogSendBackSerializer, responses=CatalogOutcomeSerializer
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        user = user_of(request)
        revision = find_revision(user, find_entry(user, pk), number)
        values = checked(CatalogSendBackSerializer, request)
        return act_once(
            request, lambda: outcome(services.send_back(revision_id=revision.pk, by=user, at=now(), **values))
        )


class DecideTogetherView(ScopedView):
    """Many revisions go their next step, each with a record of its own."""

    @extend_schema(summary="一并审核、审定", request=DecideTogetherSerializer, responses=DecidedTogetherSerializer)
    def post(self, request: Request) -> Response:
        user = user_of(request)
        values = checked(DecideTogetherSerializer, request)
        chosen = [find_revision(user, find_entry(user, one["entry"]), one["number"]) for one in values["revisions"]]

        def act() -> dict[str, Any]:
            decided = services.decide_together(
                revision_ids=[revision.pk for revision in chosen], by=user, at=now(), opinion=values["opinion"]
            )
            return {"results": [_told(one) for one in decided]}

        return act_once(request, act)


class SendOnTogetherView(ScopedView):
    """Drafts and what was sent back go on together, each with a record of its own."""

    @extend_schema(
        summary="一并提请保密审查、提交审核",
        description="还没有审查结论的，提请保密审查；审查已经通过的，提交审核。",
        request=SendOnTogetherSerializer,
        responses=DecidedTogetherSerializer,
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        values = checked(SendOnTogetherSerializer, request)
        chosen = [find_revision(user, find_entry(user, one["entry"]), one["number"]) for one in values["revisions"]]

        def act() -> dict[str, Any]:
            decided = services.send_on_together(revision_ids=[one.pk for one in chosen], by=user, at=now())
            return {"results": [_told(one) for one in decided]}

        return act_once(request, act)


class JudgeTogetherView(ScopedView):
    """Many confidentiality reviews are passed together; what holds personal items is decided by itself."""

    @extend_schema(summary="一并通过保密审查", request=JudgeTogetherSerializer, responses=DecidedTogetherSerializer)
    def post(self, request: Request) -> Response:
        user = user_of(request)
        values = checked(JudgeTogetherSerializer, request)
        chosen = [find_review(user, pk).pk for pk in values["reviews"]]

        def act() -> dict[str, Any]:
            decided = services.pass_confidentiality_together(
                review_ids=chosen, by=user, at=now(), opinion=values["opinion"]
            )
            return {"results": [_told(one) for one in decided]}

        return act_once(request, act)


def _told(one: services.Decided) -> dict[str, Any]:
    revision = one.revision
    return {
        "entry": revision.entry_id,
        "revision": revision.number,
        "status": revision.status,
        "done": one.done,
        "message": one.error.message if one.error else "",
    }
