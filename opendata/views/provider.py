"""The provider's pages: what is to be opened next, and a data set that is open."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import CatalogEntry
from guiyang_data.accounts.policies import is_staff_member
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.timekeeping import now
from opendata import policies, selectors, services
from opendata.cases import course, dataset_acts, find_dataset, find_entry
from opendata.forms import WithdrawForm
from opendata.views.shared import HOME, SHELL, crumbs, user_of
from opendata.workflow import DATASET_WORKFLOW, PlanStatus

PAGE_SIZE = 30


class OpeningQueue(SignedInCasePage):
    """Entries in the order in which they are to open, with the reasons (第二十条)."""

    template_name = "opendata/queue.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = user_of(request)
        if not is_staff_member(user):
            raise NotSeen(_("这个页面供机关工作人员使用。查找开放数据请打开「数据」页面。"))
        entries = policies.entries_to_open(user, CatalogEntry.objects.all())
        counts = selectors.queue_counts(entries)
        state = request.GET.get("state", "")
        state = state if state in selectors.STATES else ("waiting" if counts["waiting"] else "")
        page = Paginator(selectors.opening_queue(entries, state=state), PAGE_SIZE).get_page(request.GET.get("page"))
        return SHELL | {
            "tabs": [
                {"key": code, "label": label, "url": f"{HOME}?state={code}", "count": counts[code]}
                for code, label in selectors.STATES.items()
            ],
            "tab": state,
            "page": page,
            "rows": [{"entry": entry, "reasons": selectors.reasons_for(entry), **_doing(entry)} for entry in page],
        }


def _doing(entry: Any) -> dict[str, str]:
    """What stands beside an entry of the queue: where it is, and what can be done next."""
    if entry.plan_id:
        label = str(PlanStatus(entry.plan_status).label)
        return {"standing": f"{_('开放方案')}：{label}", "url": f"{HOME}plans/{entry.plan_id}/", "act": _("办理")}
    if entry.is_published or entry.is_taken_back:
        standing = _("已开放") if entry.is_published else _("已撤回")
        return {"standing": standing, "url": f"{HOME}datasets/{entry.dataset.pk}/", "act": _("查看")}
    if not entry.in_force.is_open:
        return {"standing": _("目录列为不开放"), "url": entry.get_absolute_url(), "act": _("查看目录")}
    if entry.current_data is None:
        return {"standing": _("还没有汇聚数据"), "url": entry.get_absolute_url(), "act": _("上传数据")}
    return {"standing": _("待编制方案"), "url": f"{HOME}entries/{entry.pk}/plan-opening/", "act": _("编制开放方案")}


class OpeningEntry(SignedInCasePage):
    """An entry, wherever its opening stands."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        entry = find_entry(user_of(request), kwargs["pk"])
        plan = selectors.plan_on_its_way(entry) or selectors.carried_out_plan(entry)
        if plan is not None:
            return redirect(plan.get_absolute_url())
        return redirect(f"{HOME}entries/{entry.pk}/plan-opening/")


class DatasetPage(SignedInCasePage):
    """A data set as its provider sees it: versions, jobs, and taking it back."""

    template_name = "opendata/staff_dataset.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        dataset = find_dataset(user_of(request), kwargs["pk"])
        plan = selectors.plan_on_its_way(dataset.entry)
        carried = selectors.carried_out_plan(dataset.entry)
        facts = [
            (_("资源代码"), dataset.entry.resource_code),
            (_("首次开放"), zh_date(dataset.published_on, with_year=True)),
            (_("现行版本"), dataset.current.number if dataset.current else ""),
            (_("行数"), f"{dataset.current.rows:,}" if dataset.current else ""),
            (_("下载"), _("%(count)s 次") % {"count": f"{dataset.downloads:,}"}),
        ]
        return SHELL | {
            "dataset": dataset,
            "facts": facts,
            "acts": dataset_acts(user_of(request), dataset),
            "versions": dataset.versions.order_by("-number")[:10],
            "plan": plan,
            "carried": carried,
            "may_plan": policies.may(user_of(request), "plan-opening", dataset.entry),
            "events": course(dataset.entry),
            "crumbs": crumbs((dataset.entry.resource_code, "")),
        }


class DatasetActPage(SignedInActPage):
    """An act on a data set."""

    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.dataset = find_dataset(user_of(request), self.kwargs["pk"])
        policies.require(user_of(request), self.verb, self.dataset)
        if request.method == "GET":
            DATASET_WORKFLOW.target(self.verb, self.dataset.status)

    def back(self) -> str:
        """The data set's page for staff."""
        return f"{HOME}datasets/{self.dataset.pk}/"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        way = crumbs((self.dataset.entry.resource_code, self.back()), (str(self.title), ""))
        return SHELL | {"lead": self.dataset.title, "cancel_url": self.back(), "crumbs": way}


class WithdrawDataset(DatasetActPage):
    """Take a data set back from the public."""

    form_class = WithdrawForm
    verb = "withdraw-dataset"
    title = gettext_lazy("撤回开放数据")
    done = gettext_lazy("数据集已撤回，公众页面已说明时间和理由。")
    consequence = gettext_lazy("撤回后公众不能再查看和下载，页面会说明撤回的时间和理由。")
    dangerous = True

    def perform(self, request: HttpRequest, form: WithdrawForm) -> str:
        services.withdraw_dataset(
            dataset_id=self.dataset.pk, by=user_of(request), at=now(), reasons=form.cleaned_data["reasons"]
        )
        return self.back()


class Republish(DatasetActPage):
    """Put a withdrawn data set back."""

    verb = "republish"
    title = gettext_lazy("重新开放")
    done = gettext_lazy("数据集已重新开放。")
    consequence = gettext_lazy("按撤回前的版本重新向社会开放；之后有新的数据的，自动开放新的版本。")

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        services.republish(dataset_id=self.dataset.pk, by=user_of(request), at=now())
        return self.back()
