"""Pages on which like requests are linked, and answered together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.forms import ReasonForm
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import whole_number, zh_datetime
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.checks import in_the_way, paper_checks
from requests_app.forms.together import DeliverTogetherForm, DraftTogetherForm, LinkForm, UnlinkForm
from requests_app.models import BatchItem, OpenRequest, Reply, ReplyBatch
from requests_app.selectors import REPLY_PARTS, clocks_by_case, like_ones_waiting, waiting_reply_of
from requests_app.services import Together
from requests_app.services.batches import MOST_TOGETHER
from requests_app.services.reply_text import PROOFS
from requests_app.views.parts import look_into_papers, papers_of, papers_path, reply_facts, take_papers
from requests_app.views.replying import CaseActPage
from requests_app.views.staff import require_staff
from requests_app.workflow import BATCH_LABELS, BATCH_WORKFLOW, REQUEST, RequestStatus

NAMED = 5
"""How many left-out requests a message names; the page of the batch names them all."""


# --- linking -----------------------------------------------------------------------------------------


class LinkPage(CaseActPage):
    """Link the case with another that asks for the same."""

    form_class = LinkForm
    verb = "link"
    title = _("关联相同申请")
    button = _("关联")
    done = _("已关联。两件申请各自计时、各自答复。")
    consequence = _("关联只方便一起办理：每件申请的期限、答复和复核都不变。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"other": request.GET.get("other", "")[:20]}

    def perform(self, request: HttpRequest, form: LinkForm) -> str:
        services.link_requests(
            request_id=self.case.pk,
            by=require_staff(request),
            other=form.cleaned_data["other"],
            reasons=form.cleaned_data["reasons"],
            at=now(),
        )
        return self.case.work_path


class UnlinkPage(CaseActPage):
    """Undo a link."""

    form_class = UnlinkForm
    verb = "unlink"
    title = _("解除关联")
    done = _("已解除关联。")

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return {"request_case": self.case}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"other": request.GET.get("other", "")[:20]}

    def perform(self, request: HttpRequest, form: UnlinkForm) -> str:
        services.unlink_requests(
            request_id=self.case.pk,
            by=require_staff(request),
            other=form.cleaned_data["other"],
            reasons=form.cleaned_data["reasons"],
            at=now(),
        )
        return self.case.work_path


# --- drafting together -------------------------------------------------------------------------------


class DraftTogetherPage(SignedInActPage):
    """One text for the requests that were ticked in the list (``?chosen=``), with like ones offered."""

    form_class = DraftTogetherForm
    template_name = "requests_app/draft_together.html"
    title = _("一并答复")
    button = _("一并报请审批")
    consequence = _(
        "每件申请各有一份答复。由另一位审批人批准后分别送达，各自停止计时；期间撤回、转出或者已答复的不受影响。"
    )
    chosen: list[OpenRequest]
    like: list[OpenRequest]
    drafted: OpenRequest | None = None

    def prepare(self, request: HttpRequest) -> None:
        user = require_staff(request)
        asked = [*request.GET.getlist("chosen"), *request.POST.getlist("requests"), *request.POST.getlist("chosen")]
        ids = {number for value in asked if (number := whole_number(value))}
        rows = policies.visible_to(user, OpenRequest.objects.filter(pk__in=ids)).select_related("agency")
        self.chosen = [row for row in rows.order_by("pk") if policies.works_on(user, row)]
        self.like = []
        if self.chosen and request.method == "GET":
            self.like = like_ones_waiting(self.chosen[0], besides=[row.pk for row in self.chosen])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        return self.page(request, self.get_form(request)) if self.chosen else self._to_the_list(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        if not self.chosen:
            return self._to_the_list(request)
        response = super().post(request, **kwargs)
        if response.status_code == 302 and self.drafted is not None:  # files are read once nothing is locked any more
            look_into_papers(request, self.drafted)
        return response

    def _to_the_list(self, request: HttpRequest) -> HttpResponse:
        messages.info(request, gettext("请先在列表中勾选要一并答复的申请。"))
        return HttpResponseRedirect(reverse("requests_app:work-list"))

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        offered = [*self.chosen, *self.like]
        clocks = clocks_by_case(offered)
        faces = {row.pk: face(clocks[row.number], today()) for row in offered if row.number in clocks}
        return {"offered": offered, "faces": faces}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        waiting = [str(row.pk) for row in self.chosen if row.status == RequestStatus.WAITING]
        return {"requests": waiting, "agreed_to": self.chosen[0].case}

    def perform(self, request: HttpRequest, form: DraftTogetherForm) -> str:
        user, data = require_staff(request), form.cleaned_data
        papers = take_papers(data["file"], by=user, at=now(), purpose="reply", token=data["submission"][:60])
        result = services.draft_together(
            request_ids=form.request_ids(),
            by=user,
            text=form.reply_text(),
            additions=form.additions(),
            entry=data["entry"],
            papers=papers,
            on=today(),
            at=now(),
        )
        self.drafted = result.done[0]
        say(request, result, gettext("%(count)d 件已起草并报请审批，批准后分别送达申请人。"))
        return result.batch.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "work_section": "requests",
            "chosen": {row.pk for row in self.chosen},
            "waiting": RequestStatus.WAITING.value,
            "agency": self.chosen[0].agency,
            "most": MOST_TOGETHER,
            "basis": REQUEST,
            "crumbs": [(_("开放申请"), reverse("requests_app:work-list")), (_("一并答复"), "")],
        }


def say(request: HttpRequest, result: Together, words: str) -> None:
    """How many were reached, and who was left out and why."""
    messages.success(request, words % {"count": len(result.done)})
    if result.left_out:
        named = "；".join(f"{one.request.number} {one.why}" for one in result.left_out[:NAMED])
        rest = gettext("，其余见下") if len(result.left_out) > NAMED else ""
        text = gettext("%(count)d 件没有办理：%(named)s%(rest)s。")
        messages.warning(request, text % {"count": len(result.left_out), "named": named, "rest": rest})


# --- the batch ---------------------------------------------------------------------------------------


def find_batch(request: HttpRequest, pk: int) -> ReplyBatch:
    """The batch, where this person may read it."""
    user = require_staff(request)
    rows = policies.visible_batches(user, ReplyBatch.objects.filter(pk=pk))
    found = rows.select_related("agency", "drafted_by", "ended_by", "holder", "dataset").first()
    if found is None:
        raise NotSeen(gettext("没有这一批答复，或者它由其他机关起草。"))
    return found


def batch_acts(user: User, batch: ReplyBatch) -> list[Act]:
    """What this person may do with the batch now."""
    return acts(
        user,
        batch,
        status=batch.status,
        workflow=BATCH_WORKFLOW,
        policy=policies.BATCH_POLICY,
        url=lambda verb: reverse(f"requests_app:work-{verb}", args=[batch.pk]),
    )


def common_facts(batch: ReplyBatch) -> list[tuple[str, str]]:
    """The text that all have in common."""
    names = ("outcome", "agreed_to", "agreed_part", "ground", "ground_basis", "reasons", *PROOFS)
    return reply_facts(Reply(agency=batch.agency, **{name: getattr(batch, name) for name in names}))


class BatchPage(SignedInCasePage):
    """One batch: the common text, every request with its reply and what became of it, the acts."""

    template_name = "requests_app/batch.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = require_staff(request)
        batch = find_batch(request, kwargs["pk"])
        items = list(batch.items.select_related("request__agency").order_by("request_id"))
        replies = {reply.request_id: reply for reply in batch.replies.select_related(*REPLY_PARTS)}
        clocks = clocks_by_case([item.request for item in items])
        rows = [_row(item, replies.get(item.request_id), clocks.get(item.request.number)) for item in items]
        return {
            "work_section": "requests",
            "batch": batch,
            "facts": common_facts(batch),
            "acts": batch_acts(user, batch),
            "own": batch.drafted_by.holder_key == user.holder_key,
            "rows": rows,
            "left_out": [row for row in rows if row["item"].result == BatchItem.Result.LEFT_OUT],
            **shared_papers(batch),
            "drafted": zh_datetime(batch.drafted_at, with_year=True),
            "events": timeline(events_of(batch), BATCH_LABELS),
            "crumbs": [(_("开放申请"), reverse("requests_app:work-list")), (_("一并答复"), "")],
        }


def shared_papers(batch: ReplyBatch) -> dict[str, Any]:
    """The papers that all replies share; while some wait, how they stand and where they are cleared for all."""
    waiting = waiting_reply_of(batch)
    if waiting is None:
        return {"papers": papers_of(batch), "checks": []}
    checks = [check for check in paper_checks(waiting) if check.is_shared]
    return {"checks": checks, "in_the_way": in_the_way(checks), "papers_url": papers_path(waiting.request)}


def _row(item: BatchItem, reply: Reply | None, clock: Any) -> dict[str, Any]:
    return {
        "item": item,
        "reply": reply,
        "face": face(clock, today()) if clock else None,
        "facts": reply_facts(reply)[1:] if reply is not None else [],
    }


class BatchActPage(SignedInActPage):
    """An act on a batch: its common text stands above the form."""

    batch: ReplyBatch
    verb = ""

    def prepare(self, request: HttpRequest) -> None:
        self.batch = find_batch(request, self.kwargs["pk"])
        policies.BATCH_POLICY.require(request.user, self.verb, self.batch)

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        self.prepare(request)
        BATCH_WORKFLOW.target(self.verb, self.batch.status)
        return self.page(request, self.get_form(request))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        waiting = self.batch.items.filter(result=BatchItem.Result.DRAFTED).count()
        facts = common_facts(self.batch)
        example = self.batch.replies.exclude(reasons=self.batch.reasons).select_related("request").first()
        if example is not None:
            facts.append((gettext("例如 %(number)s") % {"number": example.request.number}, example.reasons))
        return {
            "lead": gettext("%(count)d 件申请") % {"count": waiting},
            "facts": facts,
            "basis": REQUEST,
            "cancel_url": self.batch.get_absolute_url(),
            "work_section": "requests",
        }


class DeliverTogetherPage(BatchActPage):
    """Approve all and deliver each."""

    template_name = "requests_app/paper_act.html"
    form_class = DeliverTogetherForm
    verb = "deliver-together"
    title = _("批准并一并送达")
    consequence = _(
        "每件申请分别送达、分别停止计时，答复向社会公开（申请人姓名隐去）。期间撤回、转出或者已答复的不受影响，会逐件列明。"
    )

    def perform(self, request: HttpRequest, form: Any) -> str:
        result = services.deliver_together(batch_id=self.batch.pk, by=require_staff(request), on=today(), at=now())
        say(request, result, gettext("%(count)d 件答复已分别送达申请人，各自的期限已停止。"))
        return self.batch.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().context(request), **shared_papers(self.batch)}


class ReturnTogetherPage(BatchActPage):
    """Send all back."""

    form_class = ReasonForm
    verb = "return-together"
    title = _("全部退回修改")

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, reasons = require_staff(request), form.cleaned_data["reasons"]
        result = services.return_together(batch_id=self.batch.pk, by=by, reasons=reasons, at=now())
        say(request, result, gettext("%(count)d 件草稿已退回起草人。期限继续计算。"))
        return self.batch.get_absolute_url()
