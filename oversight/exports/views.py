"""Pages of exports of the whole ledger: the list, asking, deciding, and the file."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import acts
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.faces.timeline import Reader, timeline
from guiyang_data.ledger.exporting import MEDIA_TYPE
from guiyang_data.ledger.selectors import events_of
from guiyang_data.timekeeping import now
from oversight.exports import services
from oversight.exports.forms import ExportForm
from oversight.exports.policies import EXPORT_POLICY, keeps_exports
from oversight.models import LedgerExport
from oversight.workflow import LEDGER_EXPORTS, SUPERVISE, ProposalStatus

PER_PAGE = 20
SHELL = {"shell": "staff/base.html", "work_section": "exports"}
LABELS = {
    "ask-export": "申请导出",
    "take-export": "下载",
    **{verb: transition.past for verb, transition in LEDGER_EXPORTS.transitions.items()},
}


def keeper_of(request: HttpRequest) -> User:
    """Who sees exports; for everybody else they are not there."""
    if not keeps_exports(request.user):
        raise NotSeen(_("记录的导出由市大数据主管部门的审计管理员和经办人办理。"))
    return cast(User, request.user)


def find_export(request: HttpRequest, pk: int) -> LedgerExport:
    """One export, for those who see them."""
    keeper_of(request)
    export = LedgerExport.objects.select_related("proposed_by", "decided_by").filter(pk=pk).first()
    if export is None:
        raise NotSeen(services.GONE)
    return export


def facts_of(export: LedgerExport) -> list[tuple[Any, Any]]:
    """What it says, and how it stands."""
    by = export.proposed_by.display_name if export.proposed_by else ""
    facts = [
        (_("日期"), f"{zh_date(export.since, with_year=True)} {_('至')} {zh_date(export.until, with_year=True)}"),
        (_("用途"), export.purpose),
        (_("申请"), f"{by}，{zh_datetime(export.proposed_at, with_year=True)}"),
        (_("状态"), export.get_status_display()),
    ]
    if export.decided_by and export.decided_at:
        facts.append((_("办理"), f"{export.decided_by.display_name}，{zh_datetime(export.decided_at, with_year=True)}"))
    return facts + ([(_("退回的理由"), export.reasons)] if export.reasons else [])


class Exports(SignedInCasePage):
    """Every export that was asked for, the newest first."""

    template_name = "oversight/exports/exports.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        keeper_of(request)
        rows = LedgerExport.objects.select_related("proposed_by", "decided_by")
        return {**SHELL, "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))}


class ExportPage(SignedInCasePage):
    """One export: what for, who asked, who released it, who took it when."""

    template_name = "oversight/exports/export.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        export = find_export(request, kwargs["pk"])
        found = acts(
            cast(User, request.user),
            export,
            status=export.status,
            workflow=LEDGER_EXPORTS,
            policy=EXPORT_POLICY,
            url=lambda verb: f"{export.get_absolute_url()}{verb.removesuffix('-export')}/",
        )
        return {
            **SHELL,
            "export": export,
            "facts": facts_of(export),
            "acts": found,
            "released": export.status == ProposalStatus.CONFIRMED,
            "events": timeline(events_of(export), LABELS, reader=Reader.OFFICE),
        }


class AskExport(SignedInActPage):
    """申请导出."""

    form_class = ExportForm
    title = gettext_lazy("申请导出办理记录和读取记录")
    button = gettext_lazy("提交核定")
    done = gettext_lazy("已提交，等待另一个人核定。")
    consequence = gettext_lazy("导出的文件包含全市各机关在这些天的办理记录和读取记录，由另一个人核定后才能下载。")

    def prepare(self, request: HttpRequest) -> None:
        keeper_of(request)

    def perform(self, request: HttpRequest, form: Any) -> str:
        return services.ask_export(**form.given(), by=keeper_of(request), at=now()).get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**SHELL, "basis": SUPERVISE, "cancel_url": reverse("oversight:ledger-exports")}


class ExportAct(CaseActPage):
    """What the second person does."""

    policy = EXPORT_POLICY
    workflow = LEDGER_EXPORTS
    case: LedgerExport

    def find(self, request: HttpRequest) -> LedgerExport:
        return find_export(request, self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"export_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {**SHELL, "facts": facts_of(self.case)}


class Release(ExportAct):
    """核定导出."""

    verb = "release-export"
    service = staticmethod(services.release_export)
    done = gettext_lazy("已核定，可以下载。")


class Refuse(ExportAct):
    """退回."""

    verb = "refuse-export"
    service = staticmethod(services.refuse_export)
    form_class = ReasonForm
    done = gettext_lazy("已退回申请人。")


class ExportFile(LoginRequiredMixin, View):
    """The released file."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        export = find_export(request, pk)
        parts = services.take_export(export_id=export.pk, by=keeper_of(request), at=now())
        name = f"办理记录 {export.since.isoformat()} {export.until.isoformat()}.jsonl"
        return stream(parts, name=name, media_type=MEDIA_TYPE)
