"""Importing another catalogue: the file, its columns as the person sees them, the preview, the job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from catalog import policies, services, template
from catalog.exporting import FORMATS
from catalog.forms import ImportFileForm, MappingForm
from catalog.models import CatalogImport, Field, InformationItem, SharingType, UpdateCycle
from catalog.services import Preview
from catalog.services.import_entries import Problem
from catalog.services.import_outcomes import Outcome
from catalog.tasks import queue_import
from catalog.views.compiling import stewarded_agency
from catalog.views.shared import SHELL, crumbs, sensitivity_in_words, user_of
from catalog.workflow import COMPILE
from guiyang_data.errors import NotSeen
from guiyang_data.faces import imports
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import thousands
from guiyang_data.timekeeping import now

IMPORTS = "/desk/catalog/imports/"
SHOWN_MARKS = 30


class ImportListPage(SignedInCasePage):
    """The imports of one's agency, and the way to a new one."""

    template_name = "catalog/imports.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        agency = stewarded_agency(user)
        imports = policies.visible_imports(user, CatalogImport.objects.select_related("by"))
        page = Paginator(imports, 20).get_page(request.GET.get("page"))
        return SHELL | {
            "page": page,
            "agency": agency,
            "templates": [(kind.upper(), f"{IMPORTS}template.{kind}") for kind in template.FORMATS],
            "exports": [(kind.upper(), f"/desk/catalog/export.{kind}?agency={agency.pk}") for kind in FORMATS],
            "crumbs": crumbs((_("导入目录"), "")),
        }


class TemplateDownload(LoginRequiredMixin, View):
    """The blank form to fill in."""

    kind = "xlsx"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        stewarded_agency(user_of(request))
        content = template.FORMATS[self.kind]()
        return stream(iter([content]), name=f"目录模板.{self.kind}", media_type=FORMATS[self.kind].media_type)


class ImportFilePage(SignedInActPage):
    """A catalogue is taken in; nothing is imported yet."""

    form_class = ImportFileForm
    title = gettext_lazy("导入目录")
    button = gettext_lazy("上传，核对各列")
    consequence = gettext_lazy("这一步不会建立任何条目。下一步核对每一列对应哪个要素，并预览有问题的行。")

    def prepare(self, request: HttpRequest) -> None:
        self.provider = stewarded_agency(user_of(request))

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        job = services.start_import(
            provider=self.provider, uploaded=form.cleaned_data["file"], by=user_of(request), at=now()
        )
        return job.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        way = crumbs((_("导入目录"), IMPORTS), (_("上传文件"), ""))
        return SHELL | {
            "lead": _("导入的条目是本机关的目录草稿：%(name)s") % {"name": self.provider.name},
            "basis": COMPILE.number,
            "cancel_url": IMPORTS,
            "crumbs": way,
        }


def find_import(request: HttpRequest, pk: int) -> CatalogImport:
    """A visible import, or ``NotSeen``."""
    seen = policies.visible_imports(user_of(request), CatalogImport.objects.select_related("provider"))
    found = seen.filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这次导入，或者您不能查看。请返回导入页面。")
    return found


def import_job(job: CatalogImport) -> dict[str, Any]:
    """An import as parts/progress.html shows it."""
    return imports.job_part(job, _("个条目"))


class ImportJobPage(imports.ImportJobPage):
    """An import that has begun."""

    template_name = "catalog/import_job.html"
    find = staticmethod(find_import)
    part = staticmethod(import_job)

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        found = super().context(request, **kwargs)
        job = found["imported"]
        way = crumbs((_("导入目录"), IMPORTS), (job.file_name, ""))
        return SHELL | found | {"defaulted": _defaulted(job), "crumbs": way}


def _defaulted(job: CatalogImport) -> list[tuple[str, Any]]:
    """What new entries have by default, with how many of them have it."""
    form = MappingForm(job=job)
    told: list[tuple[str, Any]] = []
    for name, number in job.defaulted.items():
        field: Any = form.fields[name]
        value = job.defaults.get(name, field.initial)
        words = dict(_flat(field.choices))
        word = words.get(str(int(value) if isinstance(value, bool) else value), value)
        told.append((field.label, _("%(word)s（%(number)s 个条目）") % {"word": word, "number": thousands(number)}))
    return told


def _flat(choices: Any) -> Iterator[tuple[str, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), label


class ImportPage(imports.ImportPage):
    """The columns of a catalogue, what holds where it says nothing, and what would become of each entry."""

    form_class = MappingForm
    template_name = "catalog/import_mapping.html"
    button = gettext_lazy("导入为草稿")
    job_page = ImportJobPage
    find = staticmethod(find_import)
    read = staticmethod(lambda job: services.read_catalogue(job.landed, job.file_name))

    def look(self, request: HttpRequest, form: MappingForm) -> Preview:
        return services.preview(self.job, form.previewed(), form.defaults(), table=self.table)

    def keep(self, request: HttpRequest, form: MappingForm) -> None:
        asked: dict[str, Any] = {"mapping": form.mapping(), "defaults": form.defaults()}
        services.keep_mapping(import_id=self.job.pk, by=user_of(request), **asked)

    def ahead(self, request: HttpRequest, form: MappingForm) -> None:
        asked: dict[str, Any] = {"mapping": form.mapping(), "defaults": form.defaults()}
        self.previewed = services.look_ahead(import_id=self.job.pk, by=user_of(request), **asked)

    def perform(self, request: HttpRequest, form: MappingForm) -> str:
        job = services.begin_import(
            import_id=self.job.pk,
            by=user_of(request),
            at=now(),
            mapping=form.mapping(),
            defaults=form.defaults(),
            take_good_rows=form.cleaned_data["take_good_rows"],
            seen=self.previewed,
        )
        queue_import(job.pk)
        return job.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found = super().context(request)
        seen = found["preview"]
        self.form.tell(seen.defaulted)
        marks = dict(InformationItem.Sensitivity.choices)
        return (
            SHELL
            | found
            | {
                "lead": f"{self.job.file_name} · {self.job.provider.name}",
                "lines_detail": _("%(lines)s 行，%(items)s 个信息项")
                % {name: thousands(getattr(seen, name)) for name in ("lines", "items")},
                "marked": [(name, marks[mark], number) for name, mark, number in seen.proposed[:SHOWN_MARKS]],
                "first": [(outcome, _shown(outcome)) for outcome in seen.first],
                "cancel_url": IMPORTS,
                "crumbs": crumbs((_("导入目录"), IMPORTS), (self.job.file_name, "")),
            }
        )


def _shown(outcome: Outcome) -> list[tuple[str, Any]]:
    """A new entry as it will be, where what comes from the defaults says so; of one that is updated what changes."""
    row, is_new = outcome.row, outcome.revision is None
    names = (
        ("title", "" if is_new else _("资源名称")),
        ("abstract", _("资源摘要")),
        ("field", _("领域")),
        ("update_cycle", _("更新周期")),
        ("sharing_type", _("共享类型")),
        ("is_open", _("向社会开放")),
        ("keywords", _("关键字")),
        ("note", _("备注")),
    )
    words: dict[str, dict[Any, Any]] = {
        "field": dict(Field.choices),
        "update_cycle": dict(UpdateCycle.choices),
        "sharing_type": dict(SharingType.choices),
        "is_open": {True: _("是"), False: _("否")},
    }
    by_default = row.left_to_defaults() if is_new else []
    shown: list[tuple[str, Any]] = []
    for name, label in names:
        if not label:
            continue
        value = outcome.elements.get(name, "")
        word = words.get(name, {}).get(value, value)
        if name in by_default:
            word = (
                _("%(word)s（缺省值）") % {"word": word}
                if name in outcome.elements
                else _("文件没有写明，请在上面选择")
            )
        shown.append((label, word))
    if is_new or outcome.items is not None:
        shown.append((_("信息项"), "、".join(str(item["name"]) for item in row.items or ())))
    if row.takes_proposals:
        marked = sensitivity_in_words(outcome.proposed.items())
        shown.append((_("敏感性"), _("%(marked)s（平台建议）") % {"marked": marked} if marked else ""))
    return [(label, word) for label, word in shown if word != ""]


class ImportProgress(imports.ImportProgress):
    """How far an import is."""

    find = staticmethod(find_import)
    part = staticmethod(import_job)


class ImportProblemsDownload(imports.ImportProblems):
    """The rows of a catalogue that have problems."""

    find = staticmethod(find_import)

    def foreseen(self, request: HttpRequest, job: CatalogImport) -> Sequence[Problem]:
        return services.preview(job, job.mapping, job.defaults).problems
