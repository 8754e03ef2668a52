"""One's own report by account or code, and what everyone may know of the doubts about a data set."""

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
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.pages import ActPage, ByCodePage
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.timeline import Reader
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from opendata.selectors import dataset_by_slug
from requests_app import services
from requests_app.corrections.forms import TrackForm, WithdrawForm
from requests_app.corrections.models import CorrectionReport
from requests_app.corrections.policies import CORRECTION_POLICY, is_reporter, visible_to
from requests_app.corrections.selectors import public_corrections, with_relations
from requests_app.corrections.views.parts import (
    answer_facts,
    papers_of,
    report_facts,
    report_timeline,
    row_table,
)
from requests_app.corrections.visitors import open_report, opened_numbers, principal_for
from requests_app.corrections.workflow import CORRECTIONS
from requests_app.visitors import remembered_code

PAGE_SIZE = 20
HOW = _("请先凭查询号和查询码打开这件反馈。查询码在反馈时的页面上。")


def find_own(request: HttpRequest, number: str) -> CorrectionReport:
    """One's own report; anything else is not there."""
    principal = principal_for(request, number)
    found = visible_to(principal, with_relations(CorrectionReport.objects.filter(number=number))).first()
    if found is None or not is_reporter(principal, found):
        raise NotSeen(str(HOW))
    return found


class CorrectionPage(View):
    """One's own report. Whoever has not shown the code is asked for it; staff go to the page at the desk."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """The page, or the way to the code: whether there is such a number is not told."""
        try:
            found = find_own(request, number)
        except NotSeen:
            if is_staff_member(request.user):
                return HttpResponseRedirect(reverse("requests_app:work-correction", args=[number]))
            return HttpResponseRedirect(f"{reverse('requests_app:track-correction')}?number={number[:20]}")
        response = render(request, "requests_app/corrections/report.html", self._context(request, found))
        response["Cache-Control"] = "private, no-store"
        return response

    def _context(self, request: HttpRequest, found: CorrectionReport) -> dict[str, Any]:
        clock = clocks_of(found).first()
        principal = principal_for(request, found.number)
        waiting = found.status in CORRECTIONS["withdraw"].sources
        return {
            "report": found,
            "code": remembered_code(request, found.number),
            "face": face(clock, today()) if clock else None,
            "facts": report_facts(found, full=True),
            "table": row_table(found) if found.rows else None,
            "answer": answer_facts(found),
            "papers": papers_of(found),
            "events": report_timeline(found, reader=Reader.PARTY),
            "can_withdraw": waiting and CORRECTION_POLICY.may(principal, "withdraw", found),
            "crumbs": [(_("查询反馈"), reverse("requests_app:track-correction")), (found.number, "")],
        }


class WithdrawCorrectionPage(ActPage):
    """Take one's own report back."""

    form_class = WithdrawForm
    title = _("撤回反馈")
    done = _("反馈已撤回。")
    dangerous = True
    consequence = CORRECTIONS["withdraw"].consequence
    report: CorrectionReport

    def prepare(self, request: HttpRequest) -> None:
        self.report = find_own(request, self.kwargs["number"])
        if request.method == "GET":
            CORRECTIONS.target("withdraw", self.report.status)

    def perform(self, request: HttpRequest, form: Any) -> str:
        principal = principal_for(request, self.report.number)
        services.withdraw_correction(report_id=self.report.pk, by=principal, on=today(), at=now())
        return self.report.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"lead": self.report.number, "cancel_url": self.report.get_absolute_url()}


class TrackPage(ByCodePage):
    """Enter number and code; the report stays open for this visit."""

    form_class = TrackForm
    template_name = "requests_app/corrections/track.html"
    title = _("查询数据疑义反馈")

    def opened(self, request: HttpRequest, number: str, code: str) -> str:
        return reverse("requests_app:correction", args=[open_report(request, number, code).number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        rows = CorrectionReport.objects.select_related("provider")
        own = list(rows.filter(reporter=request.user)[:50]) if isinstance(request.user, User) else []
        opened = rows.filter(number__in=opened_numbers(request))
        own += [row for row in opened if row not in own]
        return {"own": own}


@require_safe
def dataset_corrections(request: HttpRequest, slug: str) -> HttpResponse:
    """The doubts about a data set: what was found and what mended it; never what was written, nor by whom."""
    dataset = dataset_by_slug(slug)
    if dataset is None:
        raise NotSeen(gettext("没有这个数据集，或者它已经撤回。请从「数据」栏目重新打开。"))
    rows = public_corrections(dataset)
    page = page_of(rows, count=rows.count(), number=request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "dataset": dataset,
        "page": page,
        "items": [(row, answer_facts(row)) for row in page.object_list],
        "crumbs": [(_("数据"), "/data/"), (dataset.title, dataset.get_absolute_url()), (_("疑义与更正"), "")],
    }
    return render(request, "requests_app/corrections/dataset.html", context)
