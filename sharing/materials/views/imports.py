"""Importing an agency's matters: the file, its columns as the person sees them, the preview, the job; and files out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.faces.downloads import stream
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import thousands
from guiyang_data.tables.conversion import add_guard
from guiyang_data.timekeeping import now
from sharing import services
from sharing.materials import files
from sharing.materials.forms import MatterFileForm, MatterMappingForm
from sharing.materials.found import find_matter_import, keeping_agency
from sharing.materials.selectors import visible_matter_imports
from sharing.materials.views.shared import HOME, SHELL, crumbs, tabs
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MatterImport, ServiceMatter
from sharing.services.materials.importing import preview_matters, read_matters
from sharing.tasks import queue_matter_import
from sharing.views.shared import staff_of

PROBLEMS_A_PAGE = 50
IMPORTS = f"{HOME}imports/"
STATE = MatterImport.State


class ImportsPage(SignedInCasePage):
    """The imports of one's agency, the blank form, and what is there as a file."""

    template_name = "sharing/materials/imports.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        agency = keeping_agency(user)
        rows = visible_matter_imports(user, MatterImport.objects.filter(agency=agency))
        return SHELL | {
            "page": Paginator(rows, 20).get_page(request.GET.get("page")),
            "agency": agency,
            "templates": [(kind.upper(), f"{IMPORTS}template.{kind}") for kind in files.BLANKS],
            "exports": [(kind.upper(), f"{HOME}export.{kind}") for kind in files.EXPORTS],
            "tabs": tabs(user),
            "tab": "imports",
            "crumbs": crumbs((_("导入导出"), "")),
        }


class BlankFile(LoginRequiredMixin, View):
    """The blank form to fill in."""

    kind = "xlsx"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        keeping_agency(staff_of(request))
        content = files.BLANKS[self.kind]()
        return stream(iter([content]), name=f"事项材料模板.{self.kind}", media_type=files.MEDIA[self.kind])


class ExportFile(LoginRequiredMixin, View):
    """The matters of one's agency, as import takes them."""

    kind = "xlsx"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        agency = keeping_agency(staff_of(request))
        rows = files.EXPORTS[self.kind](ServiceMatter.objects.filter(agency=agency, is_active=True))
        return stream(rows, name=f"{agency.short_name}事项材料.{self.kind}", media_type=files.MEDIA[self.kind])


class ImportFilePage(SignedInActPage):
    """A list is taken in; nothing is imported yet."""

    form_class = MatterFileForm
    title = gettext_lazy("导入事项和材料")
    button = gettext_lazy("上传，核对各列")
    consequence = gettext_lazy("这一步不会改动任何事项。下一步核对每一列，并预览有问题的行。")

    def prepare(self, request: HttpRequest) -> None:
        self.agency = keeping_agency(staff_of(request))

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        uploaded = form.cleaned_data["file"]
        job = services.start_matter_import(agency=self.agency, uploaded=uploaded, by=staff_of(request), at=now())
        return job.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return SHELL | {
            "lead": self.agency.name,
            "basis": NO_REPEAT,
            "cancel_url": IMPORTS,
            "crumbs": crumbs((_("导入导出"), IMPORTS), (str(self.title), "")),
        }


class ImportPage(SignedInActPage):
    """Before it begins: the mapping and the preview. Afterwards: how far it is, and what became of the rows."""

    form_class = MatterMappingForm
    template_name = "sharing/materials/import_mapping.html"
    title = gettext_lazy("核对各列，预览导入")
    button = gettext_lazy("导入事项和材料")
    done = gettext_lazy("导入已开始，在后台进行，离开本页不影响。")
    form: MatterMappingForm

    def prepare(self, request: HttpRequest) -> None:
        self.job = find_matter_import(staff_of(request), self.kwargs["pk"])

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"job": self.job}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        if self.job.state == STATE.MAPPING:
            return self.page(request, self.get_form(request))
        view = ImportJobPage()
        view.setup(request, **self.kwargs)
        return view.get(request, **self.kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.POST.get("preview"):
            return super().post(request, **kwargs)
        self.prepare(request)
        form = self.get_form(request)
        return self.page(request, form, status=200 if form.is_valid() else 422)

    def perform(self, request: HttpRequest, form: MatterMappingForm) -> str:
        job = services.begin_matter_import(
            import_id=self.job.pk,
            by=staff_of(request),
            at=now(),
            mapping=form.mapping(),
            take_good_rows=form.cleaned_data["take_good_rows"],
        )
        queue_matter_import(job.pk)
        return job.get_absolute_url()

    def page(self, request: HttpRequest, form: Any, status: int = 200) -> HttpResponse:
        self.form = form
        return super().page(request, form, status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        seen = preview_matters(self.job, self.form.previewed(), by=staff_of(request))
        fatal = [problem for problem in seen.problems if problem.fatal]
        lighter = [problem for problem in seen.problems if not problem.fatal]
        page = Paginator([*fatal, *lighter], PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
        good = {name: thousands(getattr(seen, name)) for name in ("created", "updated", "unchanged")}
        lines = {name: thousands(getattr(seen, name)) for name in ("lines", "materials")}
        return SHELL | {
            "job": self.job,
            "lead": f"{self.job.file_name} · {self.job.agency.name}",
            "basis": NO_REPEAT,
            "preview": seen,
            "good": seen.rows - seen.refused,
            "good_detail": _("新建 %(created)s，更新 %(updated)s，没有变化 %(unchanged)s") % good,
            "lines_detail": _("%(lines)s 行，%(materials)s 份材料") % lines,
            "samples": self._samples(),
            "page": page,
            "fatal": len(fatal),
            "lighter": len(lighter),
            "cancel_url": IMPORTS,
            "crumbs": crumbs((_("导入导出"), IMPORTS), (self.job.file_name, "")),
        }

    def _samples(self) -> list[tuple[Any, str]]:
        """Each column's choice beside what stands in it."""
        table = read_matters(self.job)
        values = ["、".join(dict.fromkeys(table.values(column, 4)))[:80] for column in self.job.columns]
        return list(zip(self.form.column_fields(), values, strict=True))


def import_job(job: MatterImport) -> dict[str, Any]:
    """An import as parts/progress.html shows it."""
    states = {STATE.WAITING: "waiting", STATE.RUNNING: "running", STATE.DONE: "done"}
    return {
        "title": job.file_name,
        "state": states.get(STATE(job.state), "failed"),
        "done": job.rows_done,
        "total": job.rows_read,
        "unit": _("个事项"),
        "detail": job.message,
        "poll_url": f"{job.get_absolute_url()}progress/",
        "result_url": job.get_absolute_url(),
    }


class ImportJobPage(SignedInCasePage):
    """An import that has begun."""

    template_name = "sharing/materials/import_job.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        job = find_matter_import(staff_of(request), kwargs["pk"])
        ended = job.state in {STATE.DONE, STATE.FAILED}
        return SHELL | {
            "imported": job,
            "job": None if ended else import_job(job),
            "refusals": job.refusals[:PROBLEMS_A_PAGE],
            "crumbs": crumbs((_("导入导出"), IMPORTS), (job.file_name, "")),
        }


class ImportProgress(SignedInCasePage):
    """The part of the page that htmx asks for again."""

    template_name = "catalog/load_progress.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"job": import_job(find_matter_import(staff_of(request), kwargs["pk"]))}


class ImportProblems(LoginRequiredMixin, View):
    """Rows with problems, by row and column, for a spreadsheet."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        user = staff_of(request)
        job = find_matter_import(user, pk)
        rows: list[tuple[Any, ...]] = [("行号", "列", "内容", "问题", "能否导入")]
        if job.state == STATE.MAPPING:
            seen = preview_matters(job, job.mapping, by=user)
            rows += [
                (one.line, one.column, one.value, one.message, "不能" if one.fatal else "能") for one in seen.problems
            ]
        else:
            rows += [(one["line"], one["column"], one["value"], one["message"], "不能") for one in job.refusals]
        name = f"导入问题-{job.file_name.rsplit('.', 1)[0]}.csv"
        return stream(_lines(rows), name=name, media_type="text/csv; charset=utf-8")


def _lines(rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
    yield "\ufeff".encode()
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([add_guard(str(cell)) for cell in row])
        yield text.getvalue().encode()
