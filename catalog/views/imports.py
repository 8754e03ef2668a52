"""Importing another catalogue: the file, its columns as the person sees them, the preview, the job."""

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

from catalog import policies, services, template
from catalog.exporting import FORMATS
from catalog.forms import ImportFileForm, MappingForm
from catalog.models import CatalogImport, Field, SharingType, UpdateCycle
from catalog.services import TARGETS
from catalog.services.import_outcomes import Outcome
from catalog.tasks import queue_import
from catalog.views.compiling import stewarded_agency
from catalog.views.shared import SHELL, crumbs, user_of
from catalog.workflow import COMPILE
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.downloads import stream
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import thousands
from guiyang_data.tables.conversion import add_guard
from guiyang_data.timekeeping import now

PROBLEMS_A_PAGE = 50
IMPORTS = "/desk/catalog/imports/"
MAPPING = CatalogImport.State.MAPPING


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


def find_import(user: User, pk: int) -> CatalogImport:
    """A visible import, or ``NotSeen``."""
    found = policies.visible_imports(user, CatalogImport.objects.select_related("provider")).filter(pk=pk).first()
    if found is None:
        raise NotSeen("没有找到这次导入，或者您不能查看。请返回导入页面。")
    return found


class ImportPage(SignedInActPage):
    """Before it begins: the mapping and the preview. Afterwards: how far it is, and what became of the rows."""

    form_class = MappingForm
    template_name = "catalog/import_mapping.html"
    title = gettext_lazy("核对各列，预览导入")
    button = gettext_lazy("导入为草稿")
    done = gettext_lazy("导入已开始，在后台进行，离开本页不影响。")

    def prepare(self, request: HttpRequest) -> None:
        self.job = find_import(user_of(request), self.kwargs["pk"])

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"job": self.job}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        if self.job.state == MAPPING:
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

    def perform(self, request: HttpRequest, form: MappingForm) -> str:
        job = services.begin_import(
            import_id=self.job.pk,
            by=user_of(request),
            at=now(),
            mapping=form.mapping(),
            defaults=form.defaults(),
            take_good_rows=form.cleaned_data["take_good_rows"],
        )
        queue_import(job.pk)
        return job.get_absolute_url()

    def page(self, request: HttpRequest, form: Any, status: int = 200) -> HttpResponse:
        self.form = form
        return super().page(request, form, status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        mapping = self._mapping()
        defaults = self.form.defaults()
        seen = services.preview(self.job, mapping, defaults)
        self.form.tell(seen.defaulted)
        fatal = [problem for problem in seen.problems if problem.fatal]
        lighter = [problem for problem in seen.problems if not problem.fatal]
        page = Paginator([*fatal, *lighter], PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
        return SHELL | {
            "job": self.job,
            "lead": f"{self.job.file_name} · {self.job.provider.name}",
            "preview": seen,
            "good": seen.rows - seen.refused,
            "good_detail": _("新建 %(created)s，更新 %(updated)s，没有变化 %(unchanged)s")
            % {name: thousands(getattr(seen, name)) for name in ("created", "updated", "unchanged")},
            "samples": self._samples(),
            "lines_detail": _("%(lines)s 行，%(items)s 个信息项")
            % {name: thousands(getattr(seen, name)) for name in ("lines", "items")},
            "first": [(outcome, _shown(outcome)) for outcome in seen.first],
            "page": page,
            "fatal": len(fatal),
            "lighter": len(lighter),
            "cancel_url": IMPORTS,
            "crumbs": crumbs((_("导入目录"), IMPORTS), (self.job.file_name, "")),
        }

    def _mapping(self) -> dict[str, str]:
        """As the form has it, so that a correction is previewed before it is confirmed."""
        if not self.form.is_bound:
            return dict(self.job.mapping)
        bound = self.form.data
        chosen = {name: bound.get(f"column_{place}", "") for place, name in enumerate(self.job.columns)}
        return {name: target if target in TARGETS else "" for name, target in chosen.items()}

    def _samples(self) -> list[tuple[Any, str]]:
        """Each column's choice beside what stands in it."""
        table = services.read_catalogue(self.job.landed, self.job.file_name)
        values = ["、".join(dict.fromkeys(table.values(column, 4)))[:80] for column in self.job.columns]
        return list(zip(self.form.column_fields(), values, strict=True))


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
    return [(label, word) for label, word in shown if word != ""]


def import_job(job: CatalogImport) -> dict[str, Any]:
    """An import as parts/progress.html shows it."""
    states = {
        CatalogImport.State.WAITING: "waiting",
        CatalogImport.State.RUNNING: "running",
        CatalogImport.State.DONE: "done",
    }
    return {
        "title": job.file_name,
        "state": states.get(CatalogImport.State(job.state), "failed"),
        "done": job.rows_done,
        "total": job.rows_read,
        "unit": _("个条目"),
        "detail": job.message,
        "poll_url": f"{job.get_absolute_url()}progress/",
        "result_url": job.get_absolute_url(),
    }


class ImportJobPage(SignedInCasePage):
    """An import that has begun."""

    template_name = "catalog/import_job.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        job = find_import(user_of(request), kwargs["pk"])
        ended = job.state in {CatalogImport.State.DONE, CatalogImport.State.FAILED}
        return SHELL | {
            "imported": job,
            "job": None if ended else import_job(job),
            "refusals": job.refusals[:PROBLEMS_A_PAGE],
            "defaulted": _defaulted(job),
            "crumbs": crumbs((_("导入目录"), IMPORTS), (job.file_name, "")),
        }


def _defaulted(job: CatalogImport) -> list[tuple[str, Any]]:
    """What new entries have by default, with how many of them have it."""
    form = MappingForm(job=job)
    told: list[tuple[str, Any]] = []
    for name, number in job.defaulted.items():
        field: Any = form.fields[name]
        value = job.defaults.get(name)
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


class ImportProgress(SignedInCasePage):
    """The part of the page that htmx asks for again."""

    template_name = "catalog/load_progress.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"job": import_job(find_import(user_of(request), kwargs["pk"]))}


class ImportProblemsDownload(LoginRequiredMixin, View):
    """Rows with problems, by row and column, for a spreadsheet."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        job = find_import(user_of(request), pk)
        name = f"导入问题-{job.file_name.rsplit('.', 1)[0]}.csv"
        return stream(_problem_lines(job), name=name, media_type="text/csv; charset=utf-8")


def _problem_lines(job: CatalogImport) -> Iterator[bytes]:
    yield "\ufeff".encode()
    rows: list[tuple[Any, ...]] = [("行号", "列", "内容", "问题", "能否导入")]
    if job.state == MAPPING:
        seen = services.preview(job, job.mapping, {})
        rows += [(one.line, one.column, one.value, one.message, "不能" if one.fatal else "能") for one in seen.problems]
    else:
        rows += [(one["line"], one["column"], one["value"], one["message"], "不能") for one in job.refusals]
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([add_guard(str(cell)) for cell in row])
        yield text.getvalue().encode()
