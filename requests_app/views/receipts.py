"""Receipts as page and PDF, delivered replies as PDF, and due days as a calendar file.

What was filed together stands together on receipts and in the calendar.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.accounts.models import User
from guiyang_data.documents.calendar_file import DayEntry, calendar_file
from guiyang_data.documents.pdf import render as render_pdf
from guiyang_data.documents.qr import svg
from guiyang_data.errors import NotSeen
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import today
from requests_app import policies
from requests_app.models import Case, OpenRequest, Reply, ReviewApplication
from requests_app.selectors import delivered_replies, filed_with, reviews_with_relations, with_relations
from requests_app.views.parts import reply_facts, shown_together
from requests_app.visitors import principal_for, remembered_code, review_principal

Case_ = OpenRequest | ReviewApplication


def _own(request: HttpRequest, number: str) -> Case_:
    """One's own request or review; anything else is not there."""
    found: Case_ | None
    if number.startswith("FH-"):
        found = reviews_with_relations(ReviewApplication.objects.filter(number=number)).first()
        own = found is not None and policies.is_objector(review_principal(request, found), found)
    else:
        found = with_relations(OpenRequest.objects.filter(number=number)).first()
        own = found is not None and policies.is_applicant(principal_for(request, number), found)
    if found is None or not own:
        raise NotSeen(_("回执只提供给申请人本人。请先凭查询号和查询码打开这件申请。"))
    return found


def _clock(case: Case_) -> Clock | None:
    return clocks_of(case).order_by("id").first()


def _steps(clock: Clock) -> list[dict[str, str]]:
    newest = clock.generations.order_by("-number").first()
    return list(newest.steps) if newest else []


@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt of a filing: number, code, due day and why that day."""
    case = _own(request, number)
    clock = _clock(case)
    context = {
        "case": case,
        "is_review": isinstance(case, ReviewApplication),
        "code": remembered_code(request, number),
        "face": face(clock, today()) if clock else None,
        "steps": _steps(clock) if clock else [],
        "together": shown_together(case) if isinstance(case, OpenRequest) else [],
        "title_of": case.reply.request.title if isinstance(case, ReviewApplication) else case.title,
        "agency": _("市大数据主管部门") if isinstance(case, ReviewApplication) else case.agency.name,
        "mail": case.mail or (request.user.email if isinstance(request.user, User) else ""),
        "crumbs": [(_("申请"), reverse("requests_app:list")), (number, case.get_absolute_url()), (_("回执"), "")],
    }
    response = render(request, "requests_app/receipt.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def receipt_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt on paper, with a QR code to the page where the progress stands."""
    case = _own(request, number)
    name = _("回执 %(number)s.pdf") % {"number": number}
    return _download(render_pdf("receipt", _receipt_data(request, case)), "application/pdf", name)


@require_safe
def reply_pdf(request: HttpRequest, number: str, round: int) -> HttpResponse:
    """A delivered reply on paper: what its public page shows, with a QR code to that page."""
    found = with_relations(OpenRequest.objects.filter(number=number)).first()
    reply = delivered_replies(found).filter(round=round).first() if found is not None else None
    if found is None or reply is None:
        raise NotSeen(_("没有编号为 %(number)s 的申请，或者它还没有答复。") % {"number": number})
    name = _("答复书 %(number)s.pdf") % {"number": number}
    return _download(render_pdf("receipt", _reply_data(found, reply)), "application/pdf", name)


def _reply_data(case: OpenRequest, reply: Reply) -> dict[str, Any]:
    address = f"{settings.PUBLIC_ADDRESS}{case.get_absolute_url()}"
    facts = [
        (_("需要的数据"), case.title),
        (_("申请人"), case.public_name),
        (_("申请之日"), zh_date(case.submitted_on, with_year=True)),
        *reply_facts(reply),
    ]
    delivered = zh_datetime(reply.delivered_at, with_year=True) if reply.delivered_at else ""
    return {
        "office": reply.agency.name,
        "title": _("开放需求申请答复书") if reply.round == 1 else _("开放需求申请重新答复书"),
        "number": case.number,
        # links of the page become their words
        "facts": [{"label": str(label), "value": strip_tags(str(value))} for label, value in facts],
        "notes": [_("对答复有异议的，任何人都可以向市大数据主管部门申请复核，没有时间限制（条例第二十一条第二款）。")],
        "verify": {
            "line": _("扫码打开公开页面，核对这份答复"),
            "address": address,
            "code": case.number,
            "code_label": _("编号"),
            "qr": svg(address),
        },
        "issued": f"{reply.agency.name}　{delivered}",
    }


def _receipt_data(request: HttpRequest, case: Case_) -> dict[str, Any]:
    address = f"{settings.PUBLIC_ADDRESS}{reverse('requests_app:track')}?number={case.number}"
    code = remembered_code(request, case.number)
    is_review = isinstance(case, ReviewApplication)
    return {
        "office": _("贵阳市政府数据平台"),
        "title": _("复核申请回执") if is_review else _("开放需求申请回执"),
        "number": case.number,
        "facts": [*(_review_lines(case) if is_review else _request_lines(case)), *_code_line(code)],
        "clock": _clock_data(case),
        "notes": [
            _("凭查询号和查询码随时查看进展，不需要注册。"),
            _("答复不同意的，会写明理由；您可以向市大数据主管部门申请复核，没有时间限制。"),
            _("超过期限没有答复的，您可以依照条例第二十九条投诉举报。"),
        ],
        "verify": {
            "line": _("扫码打开查询页面"),
            "address": address,
            "code": code or _("见提交时的页面"),
            "code_label": _("查询码"),
            "qr": svg(address),
        },
        "issued": f"{_('贵阳市政府数据平台')}　{zh_datetime(case.submitted_at, with_year=True)}",
    }


def _code_line(code: str) -> list[dict[str, str]]:
    return [{"label": _("查询码"), "value": code}] if code else []


def _request_lines(case: Any) -> list[dict[str, str]]:
    return [
        {"label": _("需要的数据"), "value": case.title},
        {"label": _("情形"), "value": str(Case(case.case).label)},
        *_agency_lines(case),
        {"label": _("申请时间"), "value": zh_datetime(case.submitted_at, with_year=True)},
    ]


def _agency_lines(case: OpenRequest) -> list[dict[str, str]]:
    """Who replies; of several agencies each with its own number and day."""
    if case.joint_id is None:
        return [{"label": _("答复机关"), "value": case.agency.name}]
    lines = []
    for row in filed_with(case.number):
        clock = _clock(row)
        day = _("，最迟 %(day)s 24:00 前") % {"day": zh_date(clock.due_on)} if clock else ""
        lines.append({"label": _("答复机关"), "value": f"{row.agency.name}，{row.number}{day}"})
    return lines


def _review_lines(case: Any) -> list[dict[str, str]]:
    return [
        {"label": _("争议的答复"), "value": f"{case.reply.request.number} {case.reply.request.title}"},
        {"label": _("有异议的部分"), "value": case.parts},
        {"label": _("提出时间"), "value": zh_datetime(case.submitted_at, with_year=True)},
    ]


def _clock_data(case: Case_) -> dict[str, Any] | None:
    clock = _clock(case)
    if clock is None:
        return None
    shown = face(clock, clock.started_on)
    return {
        "line": _("最迟 %(day)s 24:00 前%(duty)s")
        % {"day": zh_date(clock.due_on, with_year=True), "duty": clock.definition.duty},
        "basis": str(clock.rule.basis),
        "provisional": shown.provisional_reason,
        "steps": [step["text"] for step in _steps(clock)],
    }


@require_safe
def due_day_file(request: HttpRequest, number: str) -> HttpResponse:
    """The due day of a request, and of those filed with it, as a calendar file; the public pages show the same days."""
    cases = filed_with(number)
    entries = [_day_entry(case, clock) for case in cases if (clock := _clock(case)) is not None]
    if not entries:
        raise NotSeen(_("没有编号为 %(number)s 的申请。请对照回执检查编号。") % {"number": number})
    return _download(calendar_file(entries), "text/calendar; charset=utf-8", f"{number}.ics")


def _day_entry(case: OpenRequest, clock: Clock) -> DayEntry:
    lines = [case.title, case.agency.name, f"{settings.PUBLIC_ADDRESS}{case.get_absolute_url()}"]
    if clock.provisional:
        lines.insert(0, _("暂定：放假安排公布后重新计算，请以平台通知为准。"))
    return DayEntry(
        uid=f"{case.number}-{clock.kind}@data.guiyang",
        summary=_("开放申请 %(number)s 最迟答复日") % {"number": case.number},
        day=clock.due_on,
        description="\n".join(lines),
        generation=clock.generation,
    )


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
