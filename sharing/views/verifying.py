"""Verifying at the counter: one subject or a list, and an answer that prints; and what the provider permits."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts.models import User
from guiyang_data.errors import LimitReached, RuleBroken
from guiyang_data.faces.refusals import remember
from guiyang_data.faces.text import cell_text, zh_datetime
from guiyang_data.personal import masked
from guiyang_data.timekeeping import now
from sharing import services
from sharing.found import find_access
from sharing.identities import normal
from sharing.rights import terms_of
from sharing.services.verification import said_of
from sharing.verifying import Permission, Verified, permission_of, verify
from sharing.verifying.forms import ListForm, OneForm, PermitForm, VerifyForm
from sharing.verifying.results import OnRecord, Question, Verdict
from sharing.views.grants import GrantActPage
from sharing.views.shared import SHELL, crumbs, staff_of

FORMS: dict[str, type[VerifyForm]] = {"one": OneForm, "list": ListForm}
ON_RECORD_TONES = {OnRecord.YES: "on_time", OnRecord.NO: "stopped", OnRecord.SEVERAL: "near"}
VERDICT_TONES = {Verdict.MATCH: "on_time", Verdict.NO_MATCH: "late", Verdict.NOT_ON_RECORD: "stopped"}
WAYS = {"one": gettext_lazy("核验一个"), "list": gettext_lazy("按名单核验")}


class VerifyPage(LoginRequiredMixin, View):
    """The form, and in its place the answer. Nothing of either is kept: to see an answer again is to verify again."""

    access_kind: ClassVar[str] = "grant"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        permission = self._permission(staff_of(request), pk)
        way = _way(request)
        return self._form(request, permission, FORMS[way](permission=permission), way)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = staff_of(request)
        permission, way = self._permission(user, pk), _way(request)
        form = FORMS[way](request.POST, request.FILES, permission=permission)
        if not form.is_valid():
            return self._form(request, permission, form, way, status=422)
        try:
            verified = verify(
                by=user,
                access=permission.right.access,
                at=now(),
                subjects=form.questions(),
                items=form.told(),
                purpose=form.cleaned_data["purpose"],
                case_number=form.cleaned_data["case_number"],
            )
        except (RuleBroken, LimitReached) as refused:
            remember(refused, request)
            form.add_error(None, refused.message)
            return self._form(request, permission, form, way, status=refused.status)
        said = form.cleaned_data
        context = (
            _shell(permission)
            | _answer(verified, form.questions())
            | {
                "again": request.get_full_path(),
                "facts": _facts(verified, user, said["purpose"], said["case_number"]),
            }
        )
        response = render(request, "sharing/verified.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _permission(self, user: User, pk: int) -> Permission:
        return permission_of(user, find_access(user, self.access_kind, pk), at=now())

    def _form(
        self, request: HttpRequest, permission: Permission, form: VerifyForm, way: str, status: int = 200
    ) -> HttpResponse:
        ways = [{"label": label, "url": f"?way={key}", "current": key == way} for key, label in WAYS.items()]
        context = _shell(permission) | {"form": form, "ways": ways, "permission": permission}
        return render(request, "sharing/verify.html", context, status=status)


class TakingVerifyPage(VerifyPage):
    """Under a declared duty."""

    access_kind = "taking"


def _way(request: HttpRequest) -> str:
    way = request.GET.get("way", "")
    return way if way in FORMS else "one"


def _shell(permission: Permission) -> dict[str, Any]:
    right = permission.right
    entry_page = (right.title, reverse("sharing:entry", args=[right.entry.pk]))
    crumb = (_("授权"), right.grant.get_absolute_url()) if right.grant else entry_page
    return SHELL | {
        "title": right.title,
        "provider": right.entry.provider.name,
        "access": right.access,
        "version": right.version,
        "crumbs": crumbs(crumb, (_("核验"), "")),
    }


def _answer(verified: Verified, questions: list[Question]) -> dict[str, Any]:
    """The answer as the page shows it. Of a person's number only the two ends are printed."""
    permission = verified.permission
    asked = {code for result in verified.results for code in result.claims}
    claimed = [column for column in permission.compared if column.code in asked]
    headings = [
        *(column.name for column in permission.keys),
        _("记录"),
        *(_("%(name)s是否相符") % {"name": column.name} for column in claimed),
        *(column.name for column in verified.told),
    ]
    lines = []
    for result, question in zip(verified.results, questions, strict=True):
        verdicts = [result.claims.get(column.code) for column in claimed]
        cells = [
            *(_named(permission, column.code, question) for column in permission.keys),
            _tag(result.on_record.label, ON_RECORD_TONES[result.on_record]),
            *(_tag(verdict.label, VERDICT_TONES[verdict]) if verdict else _plain("") for verdict in verdicts),
            *(_plain(result.items.get(column.code)) for column in verified.told),
        ]
        named = [cell | {"label": label} for cell, label in zip(cells, headings, strict=True)]
        lines.append({"place": result.place, "cells": named})
    return {
        "verified": verified,
        "headings": headings,
        "lines": lines,
        "matched": sum(not result.is_miss for result in verified.results),
    }


def _named(permission: Permission, code: str, question: Question) -> dict[str, Any]:
    value = str(question.keys.get(code, ""))
    return _plain(masked(normal(value)) if code in permission.right.identities else value)


def _plain(value: Any) -> dict[str, Any]:
    return {"text": cell_text(value) if value not in (None, "") else "", "tone": ""}


def _tag(text: str, tone: str) -> dict[str, Any]:
    return {"text": text, "tone": tone}


def _facts(verified: Verified, by: User, purpose: str, case_number: str) -> list[tuple[Any, ...]]:
    right = verified.permission.right
    return [
        (_("读取记录编号"), str(verified.number)),
        (_("核验时间"), zh_datetime(verified.at, with_year=True)),
        (_("核验机关"), by.agency.name if by.agency else ""),
        (_("核验人"), by.called),
        (_("提供机关"), right.entry.provider.name),
        (_("数据版本"), _("第 %(number)s 版") % {"number": right.version.number}),
        (_("用途"), purpose or ("" if case_number else right.access.purpose)),
        (_("办件编号"), case_number or ("" if purpose else right.access.case_number)),
    ]


class PermitVerificationPage(GrantActPage):
    """What may be verified through a grant."""

    verb = "permit-verification"
    form_class = PermitForm
    service = staticmethod(services.permit_verification)
    done = gettext_lazy("核验范围已设定，需求机关已收到通知。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"revision": self.case.entry.in_force, "granted": self.case.items}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return said_of(terms_of(self.case))
