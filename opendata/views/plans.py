"""The pages of a plan: drawn up, judged, carried out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.selectors import columns_of
from guiyang_data.errors import NotSeen
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.timekeeping import now, today
from opendata import policies, selectors, services
from opendata.cases import course, find_entry, find_plan, plan_acts
from opendata.forms import PlanForm, ReviewForm
from opendata.models import OpeningPlan, PublishJob
from opendata.plans import plan_of, preview
from opendata.tasks import queue_publish
from opendata.views.shared import HOME, SHELL, crumbs, user_of
from opendata.workflow import WORKFLOW, PlanStatus


class PlanOpening(SignedInActPage):
    """Draw up a plan."""

    title = gettext_lazy("编制开放方案")
    done = gettext_lazy("开放方案已建立。请逐项选择脱敏方法。")

    def prepare(self, request: HttpRequest) -> None:
        self.entry = find_entry(user_of(request), self.kwargs["pk"])
        policies.require(user_of(request), "plan-opening", self.entry)

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        plan = services.plan_opening(entry_id=self.entry.pk, by=user_of(request), at=now())
        return f"{plan.get_absolute_url()}edit-plan/"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        revision, data = self.entry.in_force, self.entry.current_data
        return SHELL | {
            "lead": _("对每个信息项选择如何开放；含个人身份信息的，先脱敏，由第二人作保密审查后才能开放。"),
            "basis": "第十八条第二款",
            "facts": [
                (_("目录条目"), revision.title if revision else ""),
                (_("资源代码"), self.entry.resource_code),
                (_("是否向社会开放"), _("是") if revision and revision.is_open else _("否")),
                (_("现行数据"), f"{data.rows:,} {_('行')}" if data else _("还没有汇聚数据")),
            ],
            "cancel_url": HOME,
            "crumbs": crumbs((str(self.title), "")),
        }


def items_of(plan: OpeningPlan) -> list[dict[str, Any]]:
    """Each item of a plan: what it holds, what is done to it, five values before and after."""
    columns = columns_of(plan.revision)
    data = plan.entry.current_data
    built = plan_of(plan.entry, columns, plan.techniques, plan.detected)
    fits = data is not None and plan.revision_id == plan.entry.in_force_id
    seen = preview(built, plan.entry.table, data.table_version) if fits and data else []
    return [
        {
            "name": column.name,
            "code": column.code,
            "type_label": shape.data_type.label,
            "detected": column.detected,
            "technique": column.technique.describe(),
            "is_open": column.is_open,
            "sample": [row[column.code] for row in seen],
        }
        for column, shape in zip(built.columns, columns, strict=True)
    ]


def _case(plan: OpeningPlan) -> dict[str, Any]:
    """What every page of a plan shows."""
    clock = clocks_of(plan.review).first() if plan.review else None
    return SHELL | {
        "plan": plan,
        "status_text": status_text(plan),
        "face": face(clock, today()) if clock else None,
        "crumbs": crumbs((plan.entry.resource_code, plan.get_absolute_url())),
        "risk": plan.risk,
        "risk_text": risk_text(plan.risk),
    }


def status_text(plan: OpeningPlan) -> str:
    """Where a plan stands, with the outcome of its review."""
    if plan.status == PlanStatus.IN_REVIEW:
        if plan.is_cleared:
            return _("保密审查通过，待开放")
        return _("保密审查不通过") if plan.is_turned_down else _("等待保密审查")
    return str(plan.get_status_display())


def risk_text(risk: dict[str, Any]) -> str:
    """The level of re-identification risk in words (GB/T 42460-2023)."""
    words = {
        1: _("1 级：仍能直接识别个人，不能开放"),
        2: _("2 级：可能重新识别个人，不能开放"),
        3: _("3 级：重标识风险可接受"),
        4: _("4 级：不含单个自然人的数据"),
    }
    return words.get(risk.get("level", 0), _("还没有数据，尚未评估"))


class PlanPage(SignedInCasePage):
    """A plan: what is done to each item, what risk is left, what happened."""

    template_name = "opendata/plan.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        plan = find_plan(user_of(request), kwargs["pk"])
        review = plan.review
        facts = [
            (_("资源代码"), plan.entry.resource_code),
            (_("状态"), status_text(plan)),
            (_("编制人"), str(plan.compiled_by)),
            (_("审查人"), str(review.decided_by) if review and review.decided_by else ""),
        ]
        if review and review.opinion:
            facts.append((_("审查意见"), review.opinion))
        dataset = getattr(plan.entry, "dataset", None)
        job = selectors.last_job(plan)
        return _case(plan) | {
            "facts": facts,
            "acts": plan_acts(user_of(request), plan),
            "items": items_of(plan),
            "job": job_part(job) if job else None,
            "dataset": dataset,
            "events": course(plan.entry),
        }


def job_part(job: PublishJob) -> dict[str, Any]:
    """A job for parts/progress.html."""
    dataset = getattr(job.plan.entry, "dataset", None)
    return {
        "title": _("生成并开放脱敏版本"),
        "state": str(job.state),
        "done": job.progress,
        "total": 100,
        "unit": "%",
        "detail": job.message,
        "poll_url": f"{HOME}jobs/{job.pk}/",
        "result_url": dataset.get_absolute_url() if dataset else "",
        "result_label": _("查看公众页面"),
    }


class JobProgress(SignedInCasePage):
    """How far a job is: the part alone for htmx, the plan's page for everybody else."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        jobs = PublishJob.objects.select_related("plan__entry__dataset")
        plans = policies.plans_visible_to(user_of(request), OpeningPlan.objects.all())
        job = jobs.filter(plan__in=plans, pk=kwargs["pk"]).first()
        if job is None:
            raise NotSeen(_("没有找到这项作业，或者您不能查看。请返回「开放」清单。"))
        if request.headers.get("HX-Request") != "true":
            return redirect(job.plan.get_absolute_url())
        return render(request, "parts/progress.html", {"job": job_part(job)})


class PlanActPage(SignedInActPage):
    """An act on a plan. A subclass names ``verb``; who may is asked before the form is shown."""

    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.plan = find_plan(user_of(request), self.kwargs["pk"])
        policies.require(user_of(request), self.verb, self.plan)
        if request.method == "GET":
            WORKFLOW.target(self.verb, self.plan.status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        title = f"{self.plan.revision.title} · {self.plan.entry.resource_code}"
        return _case(self.plan) | {"lead": title, "cancel_url": self.plan.get_absolute_url()}


class EditPlan(PlanActPage):
    """Choose a technique for each item; the sample shows what it does."""

    template_name = "opendata/edit.html"
    form_class = PlanForm
    verb = "edit-plan"
    title = gettext_lazy("选择脱敏方法")
    button = gettext_lazy("保存方案")
    done = gettext_lazy("方案已保存。核对开放前后的样例后，可以提请保密审查。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        revision = self.plan.entry.in_force or self.plan.revision
        return {"columns": columns_of(revision), "items": {item["code"]: item for item in items_of(self.plan)}}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return PlanForm.initial_of(self.plan.techniques)

    def perform(self, request: HttpRequest, form: PlanForm) -> str:
        services.edit_plan(plan_id=self.plan.pk, by=user_of(request), at=now(), techniques=form.techniques())
        return self.plan.get_absolute_url()


class SubmitPlan(PlanActPage):
    """Ask for the confidentiality review."""

    verb = "submit-plan"
    title = gettext_lazy("提请保密审查")
    done = gettext_lazy("已提请保密审查，由本机关的审批人作出结论。")
    consequence = gettext_lazy("提请后由第二人审查，审查期间不能修改方案。")

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        services.submit_plan(plan_id=self.plan.pk, by=user_of(request), at=now())
        return self.plan.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {"facts": [(_("重标识风险"), risk_text(self.plan.risk))]}


class ReviewPlan(PlanActPage):
    """The second person judges: items, samples before and after, the risk report, then the conclusion."""

    template_name = "opendata/review.html"
    form_class = ReviewForm
    verb = "decide-plan"
    title = gettext_lazy("保密审查（开放）")
    button = gettext_lazy("作出审查结论")
    done = gettext_lazy("审查结论已作出，已告知提请人。")

    def perform(self, request: HttpRequest, form: ReviewForm) -> str:
        services.decide_plan(
            plan_id=self.plan.pk,
            passed=form.cleaned_data["passed"],
            opinion=form.cleaned_data["opinion"],
            by=user_of(request),
            at=now(),
        )
        return self.plan.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {"items": items_of(self.plan)}


class DropPlan(PlanActPage):
    """Give a plan up."""

    verb = "drop-plan"
    title = gettext_lazy("放弃方案")
    done = gettext_lazy("方案已放弃。")
    consequence = gettext_lazy("放弃后需要重新编制方案；已经开放的数据不受影响。")
    dangerous = True

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        services.drop_plan(plan_id=self.plan.pk, by=user_of(request), at=now())
        return HOME


class Publish(PlanActPage):
    """Carry a cleared plan out."""

    verb = "publish"
    title = gettext_lazy("开放数据")
    done = gettext_lazy("正在生成脱敏版本，完成后即向社会开放。")
    consequence = gettext_lazy("开放后任何人都可以查看、下载和使用；数据更新后自动开放新的版本。")

    def perform(self, request: HttpRequest, form: ActForm) -> str:
        job = services.publish(plan_id=self.plan.pk, by=user_of(request), at=now())
        queue_publish(job.pk)
        return self.plan.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        data = self.plan.entry.current_data
        rows = f"{data.rows:,} {_('行')}" if data else ""
        return super().context(request) | {
            "facts": [(_("现行数据"), rows), (_("重标识风险"), risk_text(self.plan.risk))]
        }
