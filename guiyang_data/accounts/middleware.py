"""Sessions that end by themselves, and the second factor of those who decide."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.selectors import second_factor_required
from guiyang_data.accounts.sessions import End, ended, note_seen
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.timekeeping import now

Handler = Callable[[HttpRequest], HttpResponseBase]
API = "/api/"


def _why(end: End) -> str:
    if end is End.IDLE:
        minutes = int(settings.SESSION_IDLE_END.total_seconds() // 60)
        text = _("您已有 %(minutes)d 分钟没有操作，为保护账号安全，已自动退出。请重新登录；已经提交的内容都在。")
        return text % {"minutes": minutes}
    hours = int(settings.SESSION_ABSOLUTE_END.total_seconds() // 3600)
    text = _("本次登录已满 %(hours)d 小时，为保护账号安全，已自动退出。请重新登录；已经提交的内容都在。")
    return text % {"hours": hours}


class SessionEndMiddleware:
    """Ends a session that was idle too long or open too long, and says why."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        moment = now()
        end = ended(request.session, at=moment)
        if end is not None:
            logout(request)
            record(user, "session-ended", by=PLATFORM, at=moment, payload={"end": end.value})
            return self._say(request, end)
        if note_seen(request.session, at=moment):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _say(self, request: HttpRequest, end: End) -> HttpResponseBase:
        if request.path.startswith(API):
            return JsonResponse({"code": "not_authenticated", "message": _why(end), "basis": ""}, status=401)
        messages.info(request, _why(end))
        back = request.get_full_path() if request.method == "GET" else request.path
        login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return HttpResponseRedirect(login)


class SecondFactorMiddleware:
    """Sends those who decide to set up their second factor before anything else, where the setting asks for it."""

    free = ("/accounts/", "/static/", "/privacy/", "/healthz", "/readyz")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not self._must_set_up(request):
            return self.get_response(request)
        text = _("您的角色有审批、审查或者管理权限，请先设置二次验证，再继续办理。")
        if request.path.startswith(API):
            return JsonResponse({"code": "second_factor_required", "message": text, "basis": ""}, status=403)
        messages.info(request, text)
        setup = resolve_url("mfa_activate_totp")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": setup})
        return HttpResponseRedirect(setup)

    def _must_set_up(self, request: HttpRequest) -> bool:
        user = request.user
        if not settings.SECOND_FACTOR_REQUIRED or not isinstance(user, User):
            return False
        if request.path.startswith(self.free):
            return False
        return second_factor_required(user) and not is_mfa_enabled(user)
