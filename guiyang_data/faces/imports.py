"""Files of records as every list of them is imported: the columns as a person sees them, the preview, the job, the rows
with problems. What is a record, and what becomes of it, is said by whoever imports it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.faces.downloads import stream
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import PreviewedActPage, ProgressPart, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import thousands
from guiyang_data.tables.conversion import add_guard

PROBLEMS_A_PAGE = 50
SAMPLES, LONGEST_SAMPLE = 4, 80
MAPPING = "mapping"
STATES = {"waiting": "waiting", "running": "running", "done": "done"}
"""How parts/progress.html calls the states of a job."""
HEADER = ("行号", "列", "内容", "问题", "能否导入")


class ColumnsForm(ActForm):
    """Which column of a file is which element. ``targets``: what a column can be taken as, label by element."""

    targets: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, job: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.job = job
        choices = [("", _("不导入")), *self.targets.items()]
        for place, column in enumerate(job.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=column, choices=choices, required=False, initial=job.mapping.get(column, "")
            )

    def column_fields(self) -> list[forms.BoundField]:
        """One choice for each column of the file."""
        return [self[f"column_{place}"] for place in range(len(self.job.columns))]

    def mapping(self) -> dict[str, str]:
        """Column -> element, empty for what is not imported."""
        return {column: self.cleaned_data[f"column_{place}"] for place, column in enumerate(self.job.columns)}

    def previewed(self) -> dict[str, str]:
        """The mapping as the form has it, so that a correction is previewed before it is confirmed."""
        if not self.is_bound:
            return dict(self.job.mapping)
        chosen = {name: self.data.get(f"column_{place}", "") for place, name in enumerate(self.job.columns)}
        return {name: target if target in self.targets else "" for name, target in chosen.items()}


class ImportPage(PreviewedActPage, SignedInActPage):
    """Before it begins: the mapping, kept as it is corrected, and the preview. Afterwards: what became of the rows.

    ``find``: the import, where the reader sees it. ``read``: its file as rows. ``job_page``: what is shown afterwards.
    """

    title = gettext_lazy("核对各列，预览导入")
    done = gettext_lazy("导入已开始，在后台进行，离开本页不影响。")
    job_page: type[View]
    find: Callable[[HttpRequest, int], Any]
    read: Callable[[Any], Any]
    job: Any
    form: Any

    def prepare(self, request: HttpRequest) -> None:
        self.job = self.find(request, self.kwargs["pk"])

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"job": self.job}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        if self.job.state == MAPPING:
            return self.page(request, self.get_form(request))
        view: Any = self.job_page()
        view.setup(request, **self.kwargs)
        return view.get(request, **self.kwargs)

    def to_confirm(self, request: HttpRequest, form: Any) -> None:
        """What was corrected stays with the import: further pages of problems, and their list, are of just this."""
        self.keep(request, form)

    def keep(self, request: HttpRequest, form: Any) -> None:
        """Write down how the columns are understood now."""

    def page(self, request: HttpRequest, form: Any, status: int = 200) -> HttpResponse:
        self.form = form
        return super().page(request, form, status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """The preview, whether or not the form may be confirmed as it is, and each column beside what stands in it."""
        seen = self.previewed = self.previewed or self.look(request, self.form)
        fatal = [problem for problem in seen.problems if problem.fatal]
        lighter = [problem for problem in seen.problems if not problem.fatal]
        good = {name: thousands(getattr(seen, name)) for name in ("created", "updated", "unchanged")}
        return {
            "job": self.job,
            "preview": seen,
            "good": seen.rows - seen.refused,
            "good_detail": _("新建 %(created)s，更新 %(updated)s，没有变化 %(unchanged)s") % good,
            "samples": self._samples(),
            "page": Paginator([*fatal, *lighter], PROBLEMS_A_PAGE).get_page(request.GET.get("page")),
            "fatal": len(fatal),
            "lighter": len(lighter),
        }

    @cached_property
    def table(self) -> Any:
        """The file as rows, read once for the preview and for what stands in its columns."""
        return self.read(self.job)

    def _samples(self) -> list[tuple[Any, str]]:
        values = [
            "、".join(dict.fromkeys(self.table.values(column, SAMPLES)))[:LONGEST_SAMPLE] for column in self.job.columns
        ]
        return list(zip(self.form.column_fields(), values, strict=True))


def job_part(job: Any, unit: str | Promise) -> dict[str, Any]:
    """An import as parts/progress.html shows it."""
    return {
        "title": job.file_name,
        "state": STATES.get(job.state, "failed"),
        "done": job.rows_done,
        "total": job.rows_read,
        "unit": unit,
        "detail": job.message,
        "poll_url": f"{job.get_absolute_url()}progress/",
        "result_url": job.get_absolute_url(),
    }


class ImportJobPage(SignedInCasePage):
    """An import that has begun. ``part``: the import as parts/progress.html shows it."""

    find: Callable[[HttpRequest, int], Any]
    part: Callable[[Any], dict[str, Any]]

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        job = self.find(request, kwargs["pk"])
        return {
            "imported": job,
            "job": self.part(job) if job.state in {"waiting", "running"} else None,
            "refusals": job.refusals[:PROBLEMS_A_PAGE],
        }


class ImportProgress(ProgressPart):
    """How far an import is."""

    find: Callable[[HttpRequest, int], Any]
    part: Callable[[Any], dict[str, Any]]

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"job": self.part(self.find(request, kwargs["pk"]))}


class ImportProblems(LoginRequiredMixin, View):
    """Rows with problems, by row and column, for a spreadsheet: foreseen before it begins, else those left out."""

    find: Callable[[HttpRequest, int], Any]

    def foreseen(self, request: HttpRequest, job: Any) -> Sequence[Any]:
        """The problems under the mapping that was proposed."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        job = self.find(request, pk)
        rows: list[tuple[Any, ...]] = [HEADER]
        if job.state == MAPPING:
            found = self.foreseen(request, job)
            rows += [(one.line, one.column, one.value, one.message, "不能" if one.fatal else "能") for one in found]
        else:
            rows += [(one["line"], one["column"], one["value"], one["message"], "不能") for one in job.refusals]
        name = f"导入问题-{job.file_name.rsplit('.', 1)[0]}.csv"
        return stream(_lines(rows), name=name, media_type="text/csv; charset=utf-8")


def _lines(rows: Sequence[tuple[Any, ...]]) -> Iterator[bytes]:
    yield "\ufeff".encode()
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([add_guard(str(cell)) for cell in row])
        yield text.getvalue().encode()
