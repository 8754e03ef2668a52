"""REST: data needs and the acts on them (第四条第二款、第十一条第二款)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.api.permissions import requires_scope
from guiyang_data.faces.api import Pages, act_once
from guiyang_data.faces.calls import IDEMPOTENCY, CaseActView, checked, described, refusals
from guiyang_data.statute.cases import by_due_day
from guiyang_data.timekeeping import now
from sharing import services
from sharing.api.serializers import SharingReasonsSerializer
from sharing.api.views.base import STATUS, SharingView, detail, listed, user_of
from sharing.models import DataNeed
from sharing.needs.api import serializers as shown
from sharing.needs.found import filing_agency, find_need
from sharing.needs.policies import visible_needs
from sharing.needs.selectors import needs_with_parties
from sharing.papers import own_drafts

FILED = OpenApiExample(
    "提出一项数据需求",
    value={
        "title": "残疾人两项补贴发放名单",
        "items": ["姓名", "身份证号码", "补贴类别", "发放月份"],
        "duty": "公共租赁住房保障资格审核",
        "duty_basis": "《公共租赁住房管理办法》第八条",
        "purpose": "审核申请人的收入情况。",
        "update_cycle": "monthly",
    },
    request_only=True,
)


class NeedsView(SharingView):
    """Needs one may see, and filing one."""

    pagination_class = Pages

    @extend_schema(summary="数据需求清单", parameters=[STATUS], responses=shown.DataNeedSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = visible_needs(user_of(request), needs_with_parties(DataNeed.objects.all()))
        return listed(request, by_due_day(rows), shown.DataNeedSerializer, self)

    @extend_schema(
        summary="提出数据需求：履行职责需要、目录中还没有的数据",
        parameters=[IDEMPOTENCY],
        request=shown.FileNeedInput,
        responses={201: shown.DataNeedDetailSerializer, **refusals(401, 403, 404, 409, 422)},
        examples=[FILED],
    )
    def post(self, request: Request) -> Response:
        user = user_of(request)
        agency, values = filing_agency(user), checked(shown.FileNeedInput, request)

        def act() -> dict[str, Any]:
            papers = own_drafts(user, values["papers"])
            need = services.file_need(requester=agency, by=user, at=now(), wish=values["wish"], papers=papers)
            return detail(shown.DataNeedDetailSerializer, find_need(user, need.number), user)

        return act_once(request, act, status=201)


class NeedView(SharingView):
    """One need."""

    @extend_schema(summary="数据需求", responses=shown.DataNeedDetailSerializer)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        return Response(detail(shown.DataNeedDetailSerializer, find_need(user, number), user))


class _NeedActView(CaseActView):
    """An act on a need that gives it back."""

    gives = shown.DataNeedDetailSerializer
    scope = "sharing:reply"

    def get_permissions(self) -> list[Any]:
        return [requires_scope(self.scope)()]

    def find(self, request: Request, **key: Any) -> DataNeed:
        return find_need(user_of(request), key["number"])

    def named(self, case: DataNeed) -> dict[str, Any]:
        return {"need_id": case.pk}

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        user = user_of(request)
        return detail(shown.DataNeedDetailSerializer, find_need(user, self.kwargs["number"]), user)


class _AnswerView(_NeedActView):
    """An answer, with files that were sent before it."""

    def given(self, request: Request, sent: dict[str, Any]) -> dict[str, Any]:
        return sent | {"papers": own_drafts(user_of(request), sent["papers"])}


@described
class AssignNeedView(_NeedActView):
    """确认责任机关（市大数据主管部门）"""

    service = staticmethod(services.assign_need)
    body = shown.AssignNeedInput


@described
class ReassignNeedView(_NeedActView):
    """逾期没有答复的收回，改由其他机关负责（市大数据主管部门）"""

    service = staticmethod(services.reassign_need)
    body = shown.ReassignNeedInput


@described
class RejectNeedView(_NeedActView):
    """不予确认，说明理由（市大数据主管部门）"""

    service = staticmethod(services.reject_need)
    body = SharingReasonsSerializer


@described
class CoverNeedView(_AnswerView):
    """指明目录中已有的条目（市大数据主管部门，或者责任机关答复）"""

    service = staticmethod(services.cover_need)
    body = shown.CoverNeedInput


@described
class DraftNeedAnswerView(_AnswerView):
    """拟写答复，报审批人（责任机关）"""

    service = staticmethod(services.draft_need_answer)
    body = shown.DraftNeedAnswerInput


@described
class UndertakeNeedView(_AnswerView):
    """答复：编制目录"""

    service = staticmethod(services.undertake_need)
    body = shown.NeedSayInput


@described
class DenyNeedView(_AnswerView):
    """答复：不属于本机关，说明理由"""

    service = staticmethod(services.deny_need)
    body = shown.DenyNeedInput


@described
class LinkNeedView(_NeedActView):
    """指明所编制的条目，公布时办结"""

    service = staticmethod(services.link_need)
    body = shown.LinkNeedInput


@described
class ContestNeedView(_NeedActView):
    """所指条目不能满足，退回重新确认"""

    scope = "sharing:apply"
    service = staticmethod(services.contest_need)
    body = SharingReasonsSerializer


@described
class WithdrawNeedView(_NeedActView):
    """撤回数据需求"""

    scope = "sharing:apply"
    service = staticmethod(services.withdraw_need)
