"""REST: the papers of a drafted reply, what was found in them, and what is done about it. The pages' services."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.attachments.services import cleaned_content
from guiyang_data.errors import NotSeen
from guiyang_data.faces.api import act_once
from guiyang_data.timekeeping import now
from requests_app import policies, services
from requests_app.api.access import Worker, worker_of
from requests_app.checks import PaperCheck, paper_checks
from requests_app.models import OpenRequest
from requests_app.selectors import draft_of
from requests_app.services.papers import paper_of_draft


class PaperFindingSerializer(serializers.Serializer[Any]):
    """One thing found in a paper; numbers of persons are masked."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField()
    words = serializers.CharField()
    place = serializers.CharField()
    count = serializers.IntegerField()
    sample = serializers.CharField(allow_blank=True)
    hidden = serializers.BooleanField(source="is_hidden")
    must_go = serializers.BooleanField(help_text="看不到的位置里的个人号码：不能确认，只能换文件")
    confirmed = serializers.BooleanField(source="is_cleared")
    reasons = serializers.CharField(allow_blank=True)


class PaperCheckSerializer(serializers.Serializer[Any]):
    """A paper of the draft and how it stands."""

    id = serializers.UUIDField(source="paper.pk")
    name = serializers.CharField(source="paper.name")
    size = serializers.IntegerField(source="paper.size")
    sha256 = serializers.CharField(source="paper.sha256")
    inspected = serializers.SerializerMethodField()
    clear = serializers.BooleanField(source="is_clear", help_text="检出的内容都已处理，可以随答复送出")
    words = serializers.CharField()
    findings = PaperFindingSerializer(many=True)

    def get_inspected(self, check: PaperCheck) -> bool:
        """Whether it was looked into."""
        return check.inspection is not None


class ConfirmInput(serializers.Serializer[Any]):
    """Which findings somebody answers for, and why."""

    findings = serializers.ListField(child=serializers.IntegerField(), allow_empty=False, max_length=500)
    reasons = serializers.CharField(max_length=500)


def _find(request: Request, number: str) -> OpenRequest:
    found = policies.visible_to(request.user, OpenRequest.objects.filter(number=number)).first()
    if found is None:
        raise NotSeen(f"没有编号为 {number} 的申请，或者它由其他机关答复。")
    return found


def _told(found: OpenRequest) -> list[dict[str, Any]]:
    draft = draft_of(found)
    return [dict(row) for row in PaperCheckSerializer(paper_checks(draft) if draft else [], many=True).data]


class PapersView(APIView):
    """The papers of the draft; ``POST`` looks into those that nobody looked into yet."""

    permission_classes = [Worker]

    @extend_schema(responses=PaperCheckSerializer(many=True), summary="答复草稿的附件和检出的内容")
    def get(self, request: Request, number: str) -> Response:
        found = _find(request, number)
        policies.REQUEST_POLICY.require(worker_of(request), "inspect-papers", found)
        return Response(_told(found))

    @extend_schema(request=None, responses=PaperCheckSerializer(many=True), summary="检查答复草稿的附件")
    def post(self, request: Request, number: str) -> Response:
        found = _find(request, number)
        services.inspect_papers(request_id=found.pk, by=worker_of(request), at=now())
        return Response(_told(found))


class PaperView(APIView):
    """One paper of the draft."""

    permission_classes = [Worker]

    @extend_schema(responses={204: None}, summary="从答复草稿中移除附件")
    def delete(self, request: Request, number: str, pk: uuid.UUID) -> Response:
        found = _find(request, number)
        services.remove_paper(request_id=found.pk, paper_id=pk, by=worker_of(request), at=now())
        return Response(status=204)


class ConfirmFindingsView(APIView):
    """Answer for what was found."""

    permission_classes = [Worker]

    @extend_schema(request=ConfirmInput, responses=PaperCheckSerializer(many=True), summary="确认附件中检出的内容")
    def post(self, request: Request, number: str, pk: uuid.UUID) -> Response:
        sent = ConfirmInput(data=request.data)
        sent.is_valid(raise_exception=True)
        found, by = _find(request, number), worker_of(request)

        def act() -> dict[str, Any]:
            services.confirm_findings(request_id=found.pk, paper_id=pk, by=by, at=now(), **sent.validated_data)
            return {"papers": _told(found)}

        answer = act_once(request, act)
        answer.data = answer.data["papers"]
        return answer


class CleanPaperView(APIView):
    """Put a cleaned copy in the place of a paper."""

    permission_classes = [Worker]

    @extend_schema(request=None, responses=PaperCheckSerializer(many=True), summary="附件换成清理后的副本")
    def post(self, request: Request, number: str, pk: uuid.UUID) -> Response:
        found, by = _find(request, number), worker_of(request)
        check = paper_of_draft(found, by, "clean-paper", pk)
        content = cleaned_content(check.paper)  # made before anything is locked
        services.clean_paper(request_id=found.pk, paper_id=pk, by=by, content=content, at=now())
        services.inspect_papers(request_id=found.pk, by=by, at=now())
        return Response(_told(found))
