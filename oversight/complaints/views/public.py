"""For everyone: what a complaint is, the published numbers, and one's own complaint by account or code (第二十九条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_safe

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import ByCodePage
from guiyang_data.faces.timeline import Reader
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from oversight.complaints.cases import case_path
from oversight.complaints.forms import TrackForm
from oversight.complaints.models import Complaint, ComplaintReceipt, Concern, RepeatedDemand
from oversight.complaints.policies import is_complainant, visible_to
from oversight.complaints.selectors import clocks_by_receipt, complaint_statistics, receipts_of
from oversight.complaints.views.parts import complaint_timeline, papers_of, result_facts
from oversight.complaints.visitors import open_complaint, opened_numbers, principal_for
from oversight.workflow import HANDLED, UNANSWERED
from requests_app.visitors import remembered_code

YEARS_SHOWN = 3


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What may be complained of, to whom, what happens then, and how complaints were handled: numbers, never texts."""
    this_year = today().year
    years = [complaint_statistics(year, today=today()) for year in range(this_year, this_year - YEARS_SHOWN, -1)]
    context = {
        "numbers": years[0],
        "years": [one for one in years if one.filed or one.year == this_year],
        "concerns": [label for _value, label in Concern.choices],
    }
    return render(request, "oversight/complaints/about.html", context)


def find_own(request: HttpRequest, number: str) -> Complaint:
    """One's own complaint; anything else is not there."""
    rows = visible_to(principal_for(request, number), Complaint.objects.select_related("agency", "complainant"))
    found = rows.filter(number=number).first()
    if found is None:
        raise NotSeen(gettext("请先凭查询号和查询码打开这件投诉举报。查询码在提交时的回执上。"))
    return found


class ComplaintPage(View):
    """One's own complaint: what each receiver does with it. Whoever has not shown the code is asked for it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """The page, or the way to the code: whether there is such a number is not told."""
        try:
            found = find_own(request, number)
        except NotSeen:
            return HttpResponseRedirect(f"{reverse('oversight:complaint-track')}?number={number[:20]}")
        response = render(request, "oversight/complaints/complaint.html", self._context(found))
        response["Cache-Control"] = "private, no-store"
        return response

    def _context(self, found: Complaint) -> dict[str, Any]:
        receipts = list(receipts_of(found))
        clocks = clocks_by_receipt(receipts)
        return {
            "complaint": found,
            "facts": complaint_facts(found),
            "case_path": case_path(found.case_number),
            "receipts": [_receipt(receipt, clocks) for receipt in receipts],
            "papers": papers_of(found),
            "events": complaint_timeline(found, receipts, reader=Reader.PARTY),
            "can_withdraw": any(receipt.status in UNANSWERED for receipt in receipts),
            "crumbs": [(_("投诉举报"), reverse("oversight:complaints")), (found.number, "")],
        }


def complaint_facts(complaint: Complaint) -> list[tuple[Any, ...]]:
    """What was complained of, for whoever complained and those who handle it."""
    facts: list[tuple[Any, ...]] = [
        (_("编号"), complaint.number),
        (_("机关"), complaint.agency.name),
        (_("涉及的工作人员"), complaint.official or _("没有指明")),
        (_("情形"), Concern(complaint.concern).label),
        (_("事实和经过"), complaint.matter),
        (_("相关事项的编号"), complaint.case_number or _("无")),
    ]
    demand = RepeatedDemand.objects.select_related("matter").filter(complaint=complaint).first()
    if demand is not None:
        facts += [(_("政务服务事项"), demand.matter.name), (_("被要求提交的材料"), "、".join(demand.materials))]
    return facts


def _receipt(receipt: ComplaintReceipt, clocks: dict[int, Any]) -> dict[str, Any]:
    clock = clocks.get(receipt.pk)
    return {
        "receipt": receipt,
        # once handed off, the portal's own clock says nothing of when the other answers
        "face": face(clock, today()) if clock and not receipt.handed_off_on else None,
        "facts": result_facts(receipt),
        "questions": list(receipt.questions.all()),
        "may_answer": receipt.status in HANDLED,
        "transfers": list(receipt.transfers.all()),
    }


class TrackPage(ByCodePage):
    """Enter number and code; the complaint stays open for this visit."""

    form_class = TrackForm
    template_name = "oversight/complaints/track.html"
    title = _("查询投诉举报")

    def opened(self, request: HttpRequest, number: str, code: str) -> str:
        return reverse("oversight:complaint", args=[open_complaint(request, number, code).number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        own: list[Complaint] = []
        rows = Complaint.objects.select_related("agency")
        if isinstance(request.user, User):
            own = list(rows.filter(complainant=request.user)[:50])
        opened = rows.filter(number__in=opened_numbers(request))
        own += [row for row in opened if row not in own and _still_opens(request, row)]
        return {"own": own, "crumbs": [(_("投诉举报"), reverse("oversight:complaints")), (self.title, "")]}


def _still_opens(request: HttpRequest, complaint: Complaint) -> bool:
    return bool(remembered_code(request, complaint.number)) and is_complainant(
        principal_for(request, complaint.number), complaint
    )
