"""Reporting a doubt: anyone about an open data set, whoever works for an agency about any entry (第十三条第三款)."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import CatalogEntry
from catalog.policies import visible_to as visible_entries
from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.attachments.models import DRAFT
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import PreviewedActPage
from guiyang_data.statute.counting import show
from guiyang_data.statute.selectors import expected_due_day
from guiyang_data.timekeeping import now, today
from opendata.models import OpenDataset
from opendata.selectors import dataset_by_slug
from requests_app import services
from requests_app.codes import new_code
from requests_app.corrections.forms import PublicReportForm, ReportForm
from requests_app.corrections.policies import CORRECTION_POLICY
from requests_app.corrections.selectors import items_to_doubt
from requests_app.corrections.workflow import CORRECT
from requests_app.visitors import actor_for, count_contact, count_files, count_filing, remember_code

MAIN_KEY_LENGTH = 200


class ReportPage(PreviewedActPage):
    """The form of a report; who is told, until when, stands beside its button. Its rows are looked for beforehand."""

    template_name = "requests_app/corrections/new.html"
    title = _("反馈数据疑义、错误")
    button = _("反馈给提供机关")
    done = _("已反馈给提供机关。")
    entry: CatalogEntry
    dataset: OpenDataset | None = None

    @property
    def form_class(self) -> type[ActForm]:  # type: ignore[override]
        """Whoever works for an agency is not asked who they are."""
        return ReportForm if is_staff_member(self.request.user) else PublicReportForm

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"items": items_to_doubt(self.entry, self.dataset)}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        asked = {name: request.GET.get(name, "")[:MAIN_KEY_LENGTH] for name in ("item", "key", "value")}
        mail = request.user.email if isinstance(request.user, User) else ""
        return {"mail": mail, **({"target": "item"} if asked["item"] and not asked["key"] else {}), **asked}

    def is_confirmed(self, request: HttpRequest, form: Any) -> bool:
        return True

    def ahead(self, request: HttpRequest, form: Any) -> None:
        services.require_rows_there(
            by=actor_for(request), entry=self.entry, dataset=self.dataset, doubt=form.doubt(), at=now()
        )

    def perform(self, request: HttpRequest, form: Any) -> str:
        count_filing(request)
        party, code = form.party(), new_code()
        count_contact(request.user, party)
        files = form.cleaned_data["file"]
        count_files(request, len(files))
        subject, by = f"{DRAFT}{uuid.uuid4().hex}", request.user if isinstance(request.user, User) else None
        papers = [take_in(one, subject=subject, by=by, at=now(), purpose="correction") for one in files]
        reported = services.report_correction(
            by=actor_for(request),
            entry=self.entry,
            dataset=self.dataset,
            doubt=form.doubt(),
            party=party,
            papers=papers,
            code=code,
            on=today(),
            at=now(),
        )
        report = reported.report
        if report.agency is not None:
            return report.work_path
        remember_code(request, report.number, code)
        return report.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        due = expected_due_day("correction", today())
        told = gettext("%(provider)s校核后答复您，最迟 %(due)s 24:00 前（服务目标，不是法定期限）。") % {
            "provider": self.entry.provider.name,
            "due": show(due.on),
        }
        return {"basis": CORRECT, "consequence": told, "lead": self.heading()}

    def heading(self) -> str:
        """What it is about."""
        title = self.dataset.title if self.dataset else (self.entry.in_force.title if self.entry.in_force else "")
        return f"{title} · {self.entry.provider.name}"


class ReportOnDataset(ReportPage):
    """Anyone, with or without an account."""

    def prepare(self, request: HttpRequest) -> None:
        found = dataset_by_slug(self.kwargs["slug"])
        if found is None:
            raise NotSeen(gettext("没有这个数据集，或者它已经撤回。请从「数据」栏目重新打开。"))
        self.dataset, self.entry = found, found.entry

    def context(self, request: HttpRequest) -> dict[str, Any]:
        back = self.dataset.get_absolute_url() if self.dataset else "/data/"
        return super().context(request) | {"shell": "public/base.html", "cancel_url": back}


class ReportOnEntry(LoginRequiredMixin, ReportPage):
    """Whoever works for an agency that takes the data."""

    def prepare(self, request: HttpRequest) -> None:
        user = cast(User, request.user)
        entries = CatalogEntry.objects.select_related("provider", "in_force", "current_data")
        found = visible_entries(user, entries).filter(pk=self.kwargs["pk"], in_force__isnull=False).first()
        if found is None:
            raise NotSeen(gettext("没有找到这个目录条目，或者它没有已公布的目录。请返回目录清单重新选择。"))
        self.entry = found
        CORRECTION_POLICY.require(user, "report", found)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        shell = {"shell": "staff/base.html", "work_section": "corrections"}
        return super().context(request) | shell | {"cancel_url": self.entry.get_absolute_url()}
