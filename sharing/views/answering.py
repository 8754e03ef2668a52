"""All that an agency has to answer, by due day, each with what helps to decide it (第十五条第二款)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.responses import download
from guiyang_data.faces.pages import SignedInCasePage
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.cases import by_due_day
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from sharing.deciding import helps_for
from sharing.models import SharingApplication
from sharing.papers import find_paper
from sharing.policies import sees_every_case, visible_applications, working_agencies
from sharing.selectors import applications_with_parties, clocks_by_subject
from sharing.views.shared import HOME, SHELL, condition_text, crumbs, span, staff_of, tabs, ways_text
from sharing.workflow import ApplicationStatus

PER_PAGE = 10


class AnsweringPage(SignedInCasePage):
    """Ten waiting applications a page, what is due first on top; as many queries for ten as for one."""

    template_name = "sharing/answering.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        rows = visible_applications(user, applications_with_parties(SharingApplication.objects.all()))
        rows = rows.filter(provider__in=working_agencies(user), status=ApplicationStatus.SUBMITTED)
        page = Paginator(by_due_day(rows), PER_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "cases": _cases(list(page.object_list)),
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "answer",
            "crumbs": crumbs((_("向我机关提出的申请"), f"{HOME}applications/?box=answer"), (_("集中办理"), "")),
            "empty": {
                "title": _("没有等待答复的共享申请"),
                "text": _("收到的申请会按到期日列在这里，连同所申请的信息项、以往的授权和答复。"),
                "action": {"label": _("查看全部申请"), "url": f"{HOME}applications/?box=answer"},
            },
        }


def _cases(rows: list[SharingApplication]) -> list[dict[str, Any]]:
    clocks, helps = clocks_by_subject(rows), helps_for(rows)
    papers = attachments.of_all(subject_of(row) for row in rows)
    found = []
    for row in rows:
        clock, beside = clocks.get(subject_of(row)), helps[row.pk]
        names = {asked.code: asked.item.name for asked in beside.items if asked.item}
        found.append(
            {
                "case": row,
                "face": face(clock, today()) if clock else None,
                "help": beside,
                "papers": len(papers[subject_of(row)]),
                "facts": [
                    (_("所履行的职责"), row.duty),
                    (_("职责依据"), row.duty_basis),
                    (_("用途"), row.purpose),
                    (_("数据范围"), condition_text(row.row_condition, names)),
                    (_("使用期限"), span(row.period_from, row.period_until)),
                    (_("提供方式"), ways_text(row.ways)),
                ],
            }
        )
    return found


@login_required
@require_safe
def paper(request: HttpRequest, pk: Any) -> FileResponse:
    """A paper of an application, a need or an answer, for those whom it concerns."""
    return download(find_paper(staff_of(request), pk))
