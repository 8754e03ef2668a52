"""Pages of replies drafted together: what became of each, approving, how far the delivery is, sending all back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.acts import Act, acts
from guiyang_data.faces.pages import SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_datetime
from guiyang_data.faces.timeline import timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import now, today
from requests_app import policies, services
from requests_app.checks import in_the_way, paper_checks
from requests_app.forms.staff import SendBackForm
from requests_app.forms.together import DeliverTogetherForm
from requests_app.models import BatchItem, Reply, ReplyBatch
from requests_app.selectors import Progress, clocks_by_case, progress_of, waiting_reply_of, with_reply_parts
from requests_app.services import Together
from requests_app.services.batches import next_batch_state
from requests_app.services.reply_text import PROOFS
from requests_app.tasks import queue_delivery
from requests_app.views.parts import papers_of, papers_path, reply_facts
from requests_app.views.staff import require_staff
from requests_app.workflow import BATCH_LABELS, BATCH_WORKFLOW, REQUEST, BatchStatus

NAMED = 5
"""How many left-out requests a message names; the page of the batch names them all."""
_Result = BatchItem.Result
RESULT_STATES = {_Result.DELIVERED.value: "on_time", _Result.LEFT_OUT.value: "near"}
"""How the tag of a result is coloured."""


def say(request: HttpRequest, result: Together, words: str) -> None:
    """How many were reached, and who was left out and why."""
    messages.success(request, words % {"count": len(result.done)})
    if result.left_out:
        named = "；".join(f"{one.request.number} {one.why}" for one in result.left_out[:NAMED])
        rest = gettext("，其余见下") if len(result.left_out) > NAMED else ""
        text = gettext("%(count)d 件没有办理：%(named)s%(rest)s。")
        messages.warning(request, text % {"count": len(result.left_out), "named": named, "rest": rest})


def find_batch(request: HttpRequest, pk: int) -> ReplyBatch:
    """The batch, where this person may read it."""
    user = require_staff(request)
    rows = policies.visible_batches(user, ReplyBatch.objects.filter(pk=pk))
    found = rows.select_related("agency", "drafted_by", "ended_by", "holder", "dataset").first()
    if found is None:
        raise NotSeen(gettext("没有这一批答复，或者它由其他机关起草。"))
    return found


def batch_acts(user: User, batch: ReplyBatch) -> list[Act]:
    """What this person may do with the batch now. It never waits for being sent back."""
    offered = acts(
        user,
        batch,
        status=batch.status,
        workflow=BATCH_WORKFLOW,
        policy=policies.BATCH_POLICY,
        url=lambda verb: reverse(f"requests_app:work-{verb}", args=[batch.pk]),
    )
    return [replace(act, main=act.verb == "deliver-together") for act in offered]


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
        replies = {reply.request_id: reply for reply in with_reply_parts(batch.replies.all())}
        clocks = clocks_by_case([item.request for item in items])
        rows = [_row(item, replies.get(item.request_id), clocks.get(item.request.number)) for item in items]
        return {
            "work_section": "requests",
            "batch": batch,
            "facts": common_facts(batch),
            "acts": batch_acts(user, batch),
            "job": job_of(batch, progress_of(batch)) if batch.status == BatchStatus.DELIVERING else None,
            "own": batch.drafted_by.holder_key == user.holder_key,
            "rows": rows,
            "summed": summed_up(rows) if batch.ended_at else None,
            "left_out": [row for row in rows if row["item"].result == _Result.LEFT_OUT],
            "left_out_why": by_reason(rows),
            **shared_papers(batch),
            "drafted": zh_datetime(batch.drafted_at, with_year=True),
            "approved": zh_datetime(batch.approved_at, with_year=True) if batch.approved_at else "",
            "ended": zh_datetime(batch.ended_at) if batch.ended_at else "",
            "events": timeline(events_of(batch), BATCH_LABELS),
            "crumbs": [(_("开放申请"), reverse("requests_app:work-list")), (_("一并答复"), "")],
        }


class BatchProgress(SignedInCasePage):
    """The part of the page that htmx asks for again while the replies are delivered."""

    template_name = "requests_app/batch_progress.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        batch = find_batch(request, kwargs["pk"])
        return {"job": job_of(batch, progress_of(batch))}


def job_of(batch: ReplyBatch, progress: Progress) -> dict[str, Any]:
    """The delivery of a batch as parts/progress.html shows it."""
    state = "done" if batch.ended_at else "running" if batch.seen_at else "waiting"
    reached = gettext("已送达 %(count)d 件。") % {"count": progress.delivered}
    missed = gettext("%(count)d 件没有送达，原因列在本页。") % {"count": progress.left_out} if progress.left_out else ""
    return {
        "title": gettext("逐件送达答复"),
        "state": state,
        "done": progress.total - progress.waiting,
        "total": progress.total,
        "unit": gettext("件"),
        "detail": f"{reached}{missed}" if state != "waiting" else "",
        "poll_url": reverse("requests_app:work-batch-progress", args=[batch.pk]),
        "result_url": batch.get_absolute_url(),
        "result_label": gettext("查看每件的结果"),
    }


def shared_papers(batch: ReplyBatch) -> dict[str, Any]:
    """The papers that all replies share; while some wait, how they stand and where they are cleared for all."""
    waiting = waiting_reply_of(batch)
    if waiting is None:
        return {"papers": papers_of(batch), "checks": []}
    checks = [check for check in paper_checks(waiting) if check.is_shared]
    return {"checks": checks, "in_the_way": in_the_way(checks), "papers_url": papers_path(waiting.request)}


@dataclass(frozen=True, kw_only=True)
class SummedUp:
    """What an ended batch came to, in rows of its page."""

    delivered: int
    late: tuple[dict[str, Any], ...]
    returned: int
    missed: int
    """Drafted, and left out since."""

    def __str__(self) -> str:
        missed = {"count": self.missed}
        if self.returned:
            rest = gettext("；%(count)d 件没有退回") % missed if self.missed else ""
            return gettext("%(count)d 件已退回修改%(rest)s。") % {"count": self.returned, "rest": rest}
        if not self.delivered:
            return gettext("%(count)d 件都没有送达。") % missed
        counts = {"count": self.delivered, "late": len(self.late)}
        if self.late:
            words = gettext("%(count)d 件已送达，其中 %(late)d 件逾期") % counts
        else:
            words = gettext("%(count)d 件都已按时送达") % counts
        rest = gettext("；%(count)d 件没有送达") % missed if self.missed else ""
        return gettext("%(words)s%(rest)s。") % {"words": words, "rest": rest}


def summed_up(rows: list[dict[str, Any]]) -> SummedUp:
    """How many got the reply and which of them late, how many were sent back, how many were left out since."""
    results = [row["item"].result for row in rows if row["item"].was_drafted]
    return SummedUp(
        delivered=results.count(_Result.DELIVERED),
        late=tuple(row for row in rows if row["is_late"]),
        returned=results.count(_Result.RETURNED),
        missed=results.count(_Result.LEFT_OUT),
    )


def by_reason(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests that were left out, together where the reason is the same: before the draft, or since."""
    groups: dict[tuple[bool, str], list[dict[str, Any]]] = {}
    for row in rows:
        item = row["item"]
        if item.result == _Result.LEFT_OUT:
            groups.setdefault((item.was_drafted, item.why), []).append(row)
    return [{"was_drafted": drafted, "why": why, "rows": found} for (drafted, why), found in groups.items()]


def _row(item: BatchItem, reply: Reply | None, clock: Any) -> dict[str, Any]:
    is_late = item.result == _Result.DELIVERED and reply is not None and reply.is_late
    return {
        "item": item,
        "state": "late" if is_late else RESULT_STATES.get(item.result, ""),
        "is_late": is_late,
        "is_owed": item.request.is_open and item.request.agency_id == item.batch.agency_id,
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
        next_batch_state(self.batch, self.verb)
        return self.page(request, self.get_form(request))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        waiting = self.batch.items.filter(result=_Result.DRAFTED).count()
        facts = common_facts(self.batch)
        example = self.batch.replies.exclude(reasons=self.batch.reasons).select_related("request").first()
        if example is not None:
            facts.append((gettext("例如 %(number)s") % {"number": example.request.number}, example.reasons))
        return {
            "lead": gettext("%(count)d 件申请") % {"count": waiting},
            "facts": facts,
            "basis": REQUEST,
            "cancel_url": self.batch.get_absolute_url(),
            "shell": "staff/base.html",
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
        if result.batch.status == BatchStatus.DELIVERING:
            queue_delivery(self.batch.pk)
            messages.success(request, gettext("已批准。答复正在逐件送达，离开本页不影响，送完会通知您。"))
        else:
            say(request, result, gettext("%(count)d 件答复已分别送达申请人，各自的期限已停止。"))
        return self.batch.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().context(request), **shared_papers(self.batch), "is_delivery": True}


class ReturnTogetherPage(BatchActPage):
    """Send all back."""

    form_class = SendBackForm
    verb = "return-together"
    title = _("全部退回修改")
    consequence = _("每一件都退回起草人修改，各自的期限继续计算。期间撤回、转出或者已答复的不受影响。")

    def perform(self, request: HttpRequest, form: Any) -> str:
        by, reasons = require_staff(request), form.cleaned_data["reasons"]
        result = services.return_together(batch_id=self.batch.pk, by=by, reasons=reasons, at=now())
        say(request, result, gettext("%(count)d 件草稿已退回起草人。期限继续计算。"))
        return self.batch.get_absolute_url()
