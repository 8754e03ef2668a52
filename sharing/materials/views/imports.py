"""Importing an agency's matters: the file, its columns as the person sees them, the preview, the job; and files out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from catalog.services.import_entries import Problem
from guiyang_data.faces import imports
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import thousands
from guiyang_data.timekeeping import now
from sharing import services
from sharing.materials import files
from sharing.materials.forms import MatterFileForm, MatterMappingForm
from sharing.materials.found import find_matter_import, keeping_agency
from sharing.materials.selectors import visible_matter_imports
from sharing.materials.views.shared import HOME, SHELL, crumbs, tabs
from sharing.materials.workflow import NO_REPEAT
from sharing.models import MatterImport, ServiceMatter
from sharing.services.materials.importing import MatterPreview, preview_matters, read_matters
from sharing.tasks import queue_matter_import
from sharing.views.shared import staff_of

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


def find_import(request: HttpRequest, pk: int) -> MatterImport:
    """A visible import, or ``NotSeen``."""
    return find_matter_import(staff_of(request), pk)


def import_job(job: MatterImport) -> dict[str, Any]:
    """An import as parts/progress.html shows it: its matters, and then the materials that are looked for."""
    part = imports.job_part(job, _("个事项"))
    if job.state != STATE.RUNNING or not job.names_found:
        return part
    return part | {
        "title": _("查找能够提供这些材料的数据"),
        "done": job.names_looked,
        "total": job.names_found,
        "unit": _("种材料"),
        "detail": _("事项和材料已经导入。"),
    }


class ImportJobPage(imports.ImportJobPage):
    """An import that has begun."""

    template_name = "sharing/materials/import_job.html"
    find = staticmethod(find_import)
    part = staticmethod(import_job)

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        found = super().context(request, **kwargs)
        return SHELL | found | {"crumbs": crumbs((_("导入导出"), IMPORTS), (found["imported"].file_name, ""))}


class ImportProgress(imports.ImportProgress):
    """How far an import is."""

    find = staticmethod(find_import)
    part = staticmethod(import_job)


class ImportPage(imports.ImportPage):
    """The columns of a list of matters, and what would become of each."""

    form_class = MatterMappingForm
    template_name = "sharing/materials/import_mapping.html"
    button = gettext_lazy("导入事项和材料")
    job_page = ImportJobPage
    find = staticmethod(find_import)
    read = staticmethod(read_matters)

    def look(self, request: HttpRequest, form: MatterMappingForm) -> MatterPreview:
        return preview_matters(self.job, form.previewed(), by=staff_of(request), table=self.table)

    def keep(self, request: HttpRequest, form: MatterMappingForm) -> None:
        services.keep_matter_mapping(import_id=self.job.pk, by=staff_of(request), mapping=form.mapping())

    def ahead(self, request: HttpRequest, form: MatterMappingForm) -> None:
        by, mapping = staff_of(request), form.mapping()
        self.previewed = services.look_ahead_at_matters(import_id=self.job.pk, by=by, mapping=mapping)

    def perform(self, request: HttpRequest, form: MatterMappingForm) -> str:
        job = services.begin_matter_import(
            import_id=self.job.pk,
            by=staff_of(request),
            at=now(),
            mapping=form.mapping(),
            take_good_rows=form.cleaned_data["take_good_rows"],
            seen=self.previewed,
        )
        queue_matter_import(job.pk)
        return job.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found = super().context(request)
        lines = {name: thousands(getattr(found["preview"], name)) for name in ("lines", "materials")}
        return (
            SHELL
            | found
            | {
                "lead": f"{self.job.file_name} · {self.job.agency.name}",
                "basis": NO_REPEAT,
                "lines_detail": _("%(lines)s 行，%(materials)s 份材料") % lines,
                "cancel_url": IMPORTS,
                "crumbs": crumbs((_("导入导出"), IMPORTS), (self.job.file_name, "")),
            }
        )


class ImportProblems(imports.ImportProblems):
    """The rows of a list of matters that have problems."""

    find = staticmethod(find_import)

    def foreseen(self, request: HttpRequest, job: MatterImport) -> Sequence[Problem]:
        return preview_matters(job, job.mapping, by=staff_of(request)).problems
