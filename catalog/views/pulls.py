"""Pulls of an entry: set up, tried, looked at, changed, paused, taken up, ended."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import policies, services
from catalog.cases import find_pull, pull_acts
from catalog.forms.pulls import PullForm, PullReasonsForm, initial_of_pull
from catalog.models import CatalogEntry, Pull, PullRun
from catalog.trying import first_rows
from catalog.views.shared import SHELL, EntryActPage, crumbs, user_of
from catalog.workflow import GATHER, PULL_WORKFLOW, PullStatus
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.pages import CaseActPage, SignedInCasePage
from guiyang_data.faces.text import thousands, zh_datetime
from guiyang_data.timekeeping import now

TRY = "try"
SECOND = {"name": TRY, "value": "1", "label": gettext_lazy("试取前几行")}
PER_PAGE = 30
MARKS = {"received": "on_time", "failed": "late", "broken": "late", "empty": "near"}


class _Trying:
    """The second button of the form shows the first rows, and keeps nothing."""

    tried: dict[str, Any] | None = None

    def show(self, request: HttpRequest, entry: CatalogEntry, of: Pull | None = None) -> HttpResponse | None:
        if TRY not in request.POST:
            return None
        page: Any = self
        form = page.get_form(request)
        if not form.is_valid():
            return page.page(request, form, status=422)
        try:
            self.tried = first_rows(user_of(request), entry, form.given()["facts"], of)
        except RuleBroken as error:
            form.blame(error.fields, error.message)
            return page.page(request, form, status=error.status)
        return page.page(request, form)


class AddPullPage(_Trying, EntryActPage):
    """Rows are to be pulled from an interface."""

    form_class = PullForm
    template_name = "catalog/pull_form.html"
    verb = "add-pull"
    title = gettext_lazy("设置定时拉取")
    button = gettext_lazy("保存并开始拉取")
    consequence = gettext_lazy("保存后马上拉取一次，以后按间隔拉取。拉取的数据与上传的文件一样检查、入库。")
    done = gettext_lazy("定时拉取已设置，正在进行第一次拉取。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"entry": self.entry}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        return self.show(request, self.entry) or super().post(request, **kwargs)

    def perform(self, request: HttpRequest, form: Any) -> str:
        made = services.add_pull(entry_id=self.entry.pk, by=user_of(request), at=now(), **form.given())
        return made.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {"basis": GATHER.number, "tried": self.tried, "second": SECOND}


class PullPage(SignedInCasePage):
    """A pull: what it asks for, how it went, what may be done."""

    template_name = "catalog/pull.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        held = find_pull(user, kwargs["pk"])
        runs = held.runs.prefetch_related("loads").order_by("-started_at", "-pk")
        page = Paginator(runs, PER_PAGE).get_page(request.GET.get("page"))
        title = held.entry.in_force.title if held.entry.in_force else held.entry.resource_code
        return SHELL | {
            "pull": held,
            "title": title,
            "idle": held.idle_because if held.status == PullStatus.RUNNING else "",
            "facts": _facts(held),
            "acts": pull_acts(user, held),
            "page": page,
            "columns": [
                {"name": _("开始"), "code": "at"},
                {"name": _("结果"), "code": "state"},
                {"name": _("页数"), "code": "pages", "numeric": True},
                {"name": _("行数"), "code": "rows", "numeric": True},
                {"name": _("批次"), "code": "load"},
                {"name": _("说明"), "code": "message"},
            ],
            "rows": [_row(run) for run in page],
            "empty": {"title": _("还没有拉取过"), "text": _("到了时间，平台自动拉取，每次的结果列在这里。")},
            "crumbs": crumbs((title, held.entry.get_absolute_url()), (held.number, "")),
        }


def _row(run: PullRun) -> dict[str, Any]:
    load = next(iter(run.loads.all()), None)
    return {
        "at": zh_datetime(run.started_at),
        "state": run.get_state_display(),
        "pages": run.pages,
        "rows": thousands(run.rows),
        "load": {"text": load.get_state_display(), "url": load.get_absolute_url()} if load else "",
        "message": run.message,
    }


def _facts(held: Pull) -> list[tuple[Any, Any]]:
    whose = _("这项拉取的") if held.header_name else _("接口登记的") if held.interface.header_name else _("没有")
    facts = [
        (_("接口"), f"{held.interface.system.name} · {held.interface.name}"),
        (_("地址"), f"{held.interface.url.rstrip('/')}/{held.path.lstrip('/')}" if held.path else held.interface.url),
        (_("固定参数"), "，".join(f"{name}={value}" for name, value in held.query.items())),
        (_("数据行的位置"), held.rows_at or _("答复本身")),
        (_("字段与信息项"), "，".join(f"{name} → {item}" for name, item in held.mapping.items()) or _("名称相同")),
        (_("分页"), held.get_paging_display()),
        (_("方式"), held.get_mode_display()),
        (_("间隔"), held.get_every_display() + (f" {held.at_time:%H:%M}" if held.at_time else "")),
        (_("凭据"), whose),
        (_("下次拉取"), zh_datetime(held.next_run_at) if held.next_run_at and not held.idle_because else ""),
        (_("连续失败"), _("%(times)d 次，间隔逐次加长") % {"times": held.failures} if held.failures else ""),
        (_("暂停或者终止的理由"), held.status_reasons),
    ]
    return [(name, value) for name, value in facts if value]


class PullAct(CaseActPage):
    """An act on a pull."""

    policy = policies.POLICY
    workflow = PULL_WORKFLOW
    case: Pull

    def find(self, request: HttpRequest) -> Pull:
        return find_pull(user_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"pull_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = super().context(request)
        way = crumbs((self.case.number, self.case.get_absolute_url()), (str(known["title"]), ""))
        return known | SHELL | {"lead": f"{self.case.number} · {self.case.interface.name}", "crumbs": way}


class ChangePull(_Trying, PullAct):
    """修改设置."""

    verb = "change-pull"
    form_class = PullForm
    template_name = "catalog/pull_form.html"
    service = staticmethod(services.change_pull)
    button = gettext_lazy("保存修改")
    done = gettext_lazy("设置已修改。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"entry": self.case.entry}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return initial_of_pull(self.case)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        return self.show(request, self.case.entry, self.case) or super().post(request, **kwargs)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {"tried": self.tried, "second": SECOND}


class PausePull(PullAct):
    """暂停拉取."""

    verb = "pause-pull"
    form_class = PullReasonsForm
    service = staticmethod(services.pause_pull)
    done = gettext_lazy("已暂停。需要时可以恢复。")


class ResumePull(PullAct):
    """恢复拉取."""

    verb = "resume-pull"
    service = staticmethod(services.resume_pull)
    done = gettext_lazy("已恢复，马上拉取一次。")


class RunPull(PullAct):
    """现在拉取."""

    verb = "run-pull"
    service = staticmethod(services.run_pull)
    done = gettext_lazy("正在拉取，几秒后刷新可以看到结果。")


class EndPull(PullAct):
    """终止拉取."""

    verb = "end-pull"
    form_class = PullReasonsForm
    service = staticmethod(services.end_pull)
    done = gettext_lazy("已终止。")
