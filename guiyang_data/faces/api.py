"""REST: errors as ``{code, message, basis}``, pages of lists, and acts carried out once by their idempotency key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import Http404, QueryDict
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from guiyang_data.accounts.models import User
from guiyang_data.accounts.signin import client_address
from guiyang_data.errors import DomainError, LimitReached
from guiyang_data.faces.once import carry_out, done_before
from guiyang_data.faces.refusals import remember
from guiyang_data.timekeeping import now

_PLAIN = {
    401: ("not_authenticated", "请先取得访问令牌，或者登录。"),
    403: ("not_allowed", "您没有办理这一事项的权限。"),
    404: ("not_found", "没有找到，或者您不能查看。"),
    405: ("method_not_allowed", "这个地址不支持这种请求方法。"),
    406: ("not_acceptable", "不能提供所要求的格式。"),
    415: ("unsupported_media_type", "不支持这种内容类型。"),
    429: ("throttled", "请求过于频繁，请稍后再试。"),
}
STRANGE = "含有零字符或者不成对的编码字符，请检查文字后重新提交。"


class ReasonableJSONParser(JSONParser):
    """JSON that nests deeper than Python's parser goes is the sender's mistake, not an error of the portal.

    Nor is half a sign, which no answer could repeat, nor a zero, which PostgreSQL does not keep: told by the field.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError from error
        if _is_strange(found):
            parts = found.items() if isinstance(found, dict) else [("", found)]
            fields = {_shown(name): [STRANGE] for name, value in parts if _is_strange([name, value])}
            raise exceptions.ValidationError(fields)
        return found


def _is_strange(found: Any) -> bool:
    """Whether a name or a text in it, however deep, holds what cannot be kept."""
    texts, left = [], [found]
    while left:
        one = left.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
    try:
        return b"\0" in "".join(texts).encode()
    except UnicodeEncodeError:
        return True


def _shown(name: str) -> str:
    return name.replace("\0", "?").encode(errors="replace").decode()


class Pages(PageNumberPagination):
    """Lists in pages: ``page`` and ``page_size`` (at most 500)."""

    page_size_query_param = "page_size"
    max_page_size = 500


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API in one shape: ``{code, message, basis, fields?}``."""
    if isinstance(error, DomainError):
        remember(error, context["request"])
        body: dict[str, Any] = {"code": error.code, "message": error.message, "basis": error.basis}
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, LimitReached) else None
        return Response(body | ({"fields": error.fields} if error.fields else {}), status=error.status, headers=headers)
    if isinstance(error, exceptions.ValidationError):
        body = {"code": "invalid", "message": "有内容填写不完整或者不正确，请按提示更正后重新提交。", "basis": ""}
        return Response(body | {"fields": error.detail}, status=422)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    code, message = _PLAIN.get(error.status_code, ("invalid", "请求的内容不能识别，请对照接口文档更正。"))
    response = Response({"code": code, "message": message, "basis": ""}, status=error.status_code)
    if error.status_code == 401:
        response["WWW-Authenticate"] = getattr(error, "auth_header", "Bearer")
    return response


def act_once(
    request: Request,
    act: Callable[[], dict[str, Any]],
    *,
    status: int = 200,
    actor: str = "",
    ahead: Callable[[], None] | None = None,
) -> Response:
    """Carry out an act for the API; with an ``Idempotency-Key`` header a repeat returns the first result.

    A key of an account stands for one content: another under it is refused (422). Visitors without an account share
    addresses: theirs stands for key and content together, so that one who guesses another's key is neither handed the
    other's tracking code nor told that the key was used. ``actor``: who sends it, where that must not be the account
    (an anonymous complaint). ``ahead``: what is asked of an act that was not carried out yet, before its transaction.
    """
    user = request.user
    is_account = isinstance(user, User) and not actor
    key = request.headers.get("Idempotency-Key", "")[:100]
    sent = _content_of(request.data) if key else ""
    sender = actor or (user.actor_key if isinstance(user, User) else f"address:{client_address(request._request)}")
    token = _repeat_of(key, "" if is_account else sent)
    if ahead is not None and done_before(token, actor=sender, purpose=request.path) is None:
        ahead()
    outcome = carry_out(
        lambda: ("", act()),
        token=token,
        content=_checksum(sent) if key and is_account else "",
        actor=sender,
        purpose=request.path,
        at=now(),
    )
    response = Response(outcome.result, status=status)
    if outcome.repeated:
        response["Idempotent-Replay"] = "true"
    return response


def _content_of(sent: Any) -> str:
    """A body in one order; a file by its name and checksum, not by the object that it was read into."""
    body = dict(sent.lists()) if isinstance(sent, QueryDict) else sent
    return json.dumps(body, sort_keys=True, default=_value_of)


def _value_of(sent: Any) -> Any:
    return [sent.name, checksum_of(sent)] if isinstance(sent, File) else str(sent)


def checksum_of(file: File[Any]) -> str:
    """The SHA-256 of a file that was sent; it can be read from its beginning afterwards."""
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    file.seek(0)
    return digest.hexdigest()


def _repeat_of(key: str, content: str) -> str:
    """What a repeat has in common with the first call: key and content, as a checksum. Empty without a key."""
    return _checksum(f"{key}\n{content}") if key else ""


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
