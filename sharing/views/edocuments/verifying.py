"""The public page on which anybody verifies a document, by its code, its QR code or its file. Works without scripts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from guiyang_data.faces.text import file_size, zh_date
from guiyang_data.timekeeping import today
from sharing.edocuments.codes import spelled
from sharing.edocuments.forms import VerifyForm
from sharing.edocuments.limits import verify_for
from sharing.edocuments.uploads import HashedUpload, HashingHandler
from sharing.edocuments.verification import CHANGED, SAME, UNKNOWN, Verdict
from sharing.edocuments.workflow import EFFECT, WITHOUT_SIGNATURE

TEMPLATE = "sharing/edocuments/verify.html"


class VerifyPage(View):
    """Enter a code, or hand in a file. What is sent is checked and not kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _page(request, VerifyForm())

    @method_decorator(csrf_protect)
    def _checked(self, request: HttpRequest, handler: HashingHandler) -> HttpResponse:
        form = VerifyForm(request.POST, request.FILES)
        if handler.is_too_large:
            form.add_error("file", _too_large())
        if not form.is_valid():
            return _page(request, form, status=422)
        file = form.cleaned_data["file"]
        sent = file.sent if isinstance(file, HashedUpload) else None
        verdict = verify_for(request, code=form.cleaned_data["code"], sent=sent, on=today())
        return _page(request, form, verdict, status=404 if verdict.standing == UNKNOWN else 200)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The file is hashed while it arrives: this must be said before anything of the request is read."""
        handler = HashingHandler(most=settings.ATTACHMENT_LIMIT_BYTES)
        request.upload_handlers = [handler]
        return self._checked(request, handler)


verify_page = csrf_exempt(VerifyPage.as_view())
"""Guarded against forgery within, where the upload handler is set already."""


class VerifiedPage(View):
    """What the QR code leads to."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        verdict = verify_for(request, code=code, sent=None, on=today())
        form = VerifyForm(initial={"code": spelled(code)[:60]})
        return _page(request, form, verdict, status=404 if verdict.standing == UNKNOWN else 200)


def _page(request: HttpRequest, form: VerifyForm, verdict: Verdict | None = None, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "effect": EFFECT,
        "without_signature": WITHOUT_SIGNATURE,
        **(_said(verdict) if verdict is not None else {}),
    }
    response = render(request, TEMPLATE, context, status=status)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _said(verdict: Verdict) -> dict[str, Any]:
    headline, look, text = _headline(verdict)
    return {
        "verdict": verdict,
        "headline": headline,
        "look": look,
        "text": text,
        "facts": _facts(verdict) if verdict.standing != UNKNOWN else [],
        "file_said": _file_said(verdict),
    }


def _headline(verdict: Verdict) -> tuple[str, str, str]:
    """The verdict in words, its colour, and what to do."""
    if verdict.standing == UNKNOWN and verdict.sent is not None:
        text = _(
            "没有与这个文件逐字节一致的电子文书，或者核验码不对。文件改动过一个字节也会如此；请填写印在文书上的核验码再核对。"
        )
        return _("没有查到"), "late", text
    if verdict.standing == UNKNOWN:
        text = _(
            "没有这个核验码的电子文书。请对照二维码旁的核验码重新填写；仍然查不到的，请联系出示文书的人或者签发机关。"
        )
        return _("没有查到"), "late", text
    if verdict.file == CHANGED:
        text = _(
            "核验码对应的电子文书存在，但上传的文件不是签发的那一份：内容被改动、不完整，或者另存过。请以签发的原文件为准。"
        )
        return _("文件已被改动"), "late", text
    return {
        "genuine": (_("真实有效"), "on_time", _("本平台登记有这份电子文书，现在有效。")),
        "expired": (_("真实，但已过有效期"), "near", _("本平台登记有这份电子文书，它的有效期已经过去。")),
        "revoked": (_("已撤销"), "late", _("这份电子文书已由签发机关撤销，不能再作为依据。")),
        "altered": (_("登记记录异常"), "late", _("登记的内容与签发时的签名不符，请暂不采信，并联系平台运行单位。")),
    }[verdict.standing]


def _facts(verdict: Verdict) -> list[tuple[Any, ...]]:
    day = {name: getattr(verdict, name) for name in ("issued_on", "valid_until", "revoked_on")}
    shown = {name: zh_date(value, with_year=True) if value else "" for name, value in day.items()}
    facts: list[tuple[Any, ...]] = [
        (_("文书"), f"{verdict.title}（{verdict.kind}）"),
        (_("编号"), verdict.number),
        (_("签发机关"), verdict.issuer),
        (_("持有人"), verdict.holder),
        (_("签发日期"), shown["issued_on"]),
        (_("有效期至"), shown["valid_until"] or _("长期")),
    ]
    if shown["revoked_on"]:
        facts.append((_("撤销日期"), shown["revoked_on"]))
    return [
        *facts,
        (_("文件校验值"), f"SHA-256 {verdict.sha256}"),
        (_("签名证书指纹"), verdict.certificate),
    ]


def _file_said(verdict: Verdict) -> str:
    """What is told of the file that was sent."""
    sent = verdict.sent
    if sent is None:
        return ""
    if verdict.file == SAME:
        return _("上传的文件与签发的文件逐字节一致。")
    words = {"sha256": sent.sha256, "size": f"{sent.size:,}"}
    if verdict.size is None or sent.size == verdict.size:
        return _("上传的文件 %(size)s 字节，校验值 %(sha256)s，与签发的不同。") % words
    words["issued"] = f"{verdict.size:,}"
    return _("上传的文件 %(size)s 字节，签发的文件 %(issued)s 字节；上传文件的校验值 %(sha256)s。") % words


def _too_large() -> str:
    return _("文件超过 %(limit)s，不是本平台签发的文件。") % {"limit": file_size(settings.ATTACHMENT_LIMIT_BYTES)}
