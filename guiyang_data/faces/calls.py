"""One act as one call: declared as its page is, carried out once, and described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guiyang_data.faces.api import act_once
from guiyang_data.timekeeping import now, today

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="同一键重复提交只办理一次，返回第一次的结果；有账号的，同一键换了内容不予办理（422）",
)
_WHY = {
    401: "没有登录，或者访问令牌无效",
    403: "没有办理这一事项的权限",
    404: "没有这一事项，或者不能查看",
    409: "现在的状态不能办理这一事项",
    413: "超过一次能接收的大小",
    422: "内容不完整、不正确，或者不符合规定；``fields`` 指出是哪一项、怎样更正",
}


class RefusalSerializer(serializers.Serializer[Any]):
    """What was not carried out, and what to do; nothing was changed."""

    code = serializers.CharField(help_text="供程序判断：not_allowed、not_found、wrong_state、rule_broken、invalid 等")
    message = serializers.CharField(help_text="发生了什么、怎么办")
    basis = serializers.CharField(allow_blank=True, help_text="依据的条款")
    fields = serializers.DictField(required=False, help_text="各项的提示；文字或者文字的列表，每行一处")  # type: ignore[assignment]


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """The refusals of a call, for its description."""
    return {status: OpenApiResponse(RefusalSerializer, description=_WHY[status]) for status in statuses}


def checked(body: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The values of a call's body, or 422."""
    sent = body(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


class NothingSerializer(serializers.Serializer[Any]):
    """An act without further words."""


class CaseActView(APIView):
    """An act on a case over REST, declared as its page is: its ``service``, what it is sent and what it gives back.

    One subclass for a kind of case finds it and says how services call it; one for each act is made with
    ``described``, which takes the OpenAPI document from the same lines.
    """

    service: Callable[..., Any]
    takes_day = False
    body: type[serializers.BaseSerializer[Any]] = NothingSerializer
    gives: type[serializers.BaseSerializer[Any]]
    status = 200

    def find(self, request: Request, **key: Any) -> Any:
        """The case, where the caller sees it; raise ``NotSeen`` otherwise."""
        raise NotImplementedError

    def named(self, case: Any) -> dict[str, Any]:
        """The case as its services take it: ``{"finding_id": 7}``."""
        raise NotImplementedError

    def given(self, request: Request, sent: dict[str, Any]) -> dict[str, Any]:
        """What was sent, as the service takes it."""
        return sent

    def shown(self, request: Request, done: Any) -> dict[str, Any]:
        """What is given back; ``done``: what the service returned."""
        return dict(self.gives(done).data)

    def post(self, request: Request, **key: Any) -> Response:
        case = self.find(request, **key)
        values = checked(self.body, request)

        def act() -> dict[str, Any]:
            day = {"on": today()} if self.takes_day else {}
            sent = self.given(request, values)
            return self.shown(request, self.service(**self.named(case), by=request.user, at=now(), **day, **sent))

        return act_once(request, act, status=self.status)


Declared = TypeVar("Declared", bound=type[CaseActView])


def described(view: Declared) -> Declared:
    """Describe a declared act in the OpenAPI document, with its refusals; its docstring is the summary."""
    extend_schema(
        summary=str(view.__doc__).strip().rstrip("."),
        parameters=[IDEMPOTENCY],
        request=None if view.body is NothingSerializer else view.body,
        responses={view.status: view.gives, **refusals(401, 403, 404, 409, 422)},
        methods=["POST"],
    )(view)
    return view
