"""What pages of complaints have in common: papers, timelines, the facts of a result."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader, TimelineEvent, timeline
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices import undelivered
from oversight.complaints.models import Complaint, ComplaintReceipt
from oversight.workflow import RECEIPTS, ReceiptStatus

LABELS = {verb: each.past for verb, each in RECEIPTS.transitions.items()} | {"file": "提出投诉举报"}
HANDLERS_ONLY = frozenset({"add-note", "ask-statement", "give-statement", "draft-finding"})
"""What the complainant is not shown of the handling."""


def shown_papers(papers: list[Attachment]) -> list[dict[str, Any]]:
    """Papers as parts/attachments.html shows them."""
    return [
        {
            "name": paper.name,
            "size": paper.size,
            "private": True,
            "url": reverse("oversight:complaint-paper", args=[paper.pk]),
        }
        for paper in papers
    ]


def papers_of(complaint: Complaint) -> list[dict[str, Any]]:
    """The papers of a complaint."""
    return shown_papers(list(attachments.of(subject_of(complaint))))


def complaint_timeline(
    complaint: Complaint, receipts: list[ComplaintReceipt], *, reader: Reader
) -> list[TimelineEvent]:
    """What happened with these receivers; the inner steps for those who handle it alone."""
    events = [
        event
        for event in events_of(complaint, *receipts)
        # withdrawing stands on the complaint and on each receipt: once is enough
        if event.verb != "withdraw" or event.subject == subject_of(complaint)
    ]
    labels = {**LABELS, **undelivered.LABELS}
    return timeline(events, labels, reader=reader, private=undelivered.LABELS, inner=HANDLERS_ONLY)


def result_facts(receipt: ComplaintReceipt) -> list[tuple[Any, Any]]:
    """What became of it: the answer, the refusal, or where it was sent."""
    facts: list[tuple[Any, Any]] = []
    if receipt.handed_off_on:
        day = zh_date(receipt.handed_off_on, with_year=True)
        facts.append((_("转送"), f"{day}，{receipt.handed_off_to}"))
    if receipt.outcome:
        facts.append((_("调查结论"), receipt.get_outcome_display()))
    if receipt.result:
        label = _("不予受理的理由") if receipt.status == ReceiptStatus.DECLINED else _("处理结果")
        facts.append((label, receipt.result))
    if receipt.decided_on:
        late = receipt.due_on is not None and receipt.decided_on > receipt.due_on
        day = zh_date(receipt.decided_on, with_year=True)
        facts.append((_("反馈"), f"{day}{_('（超过服务目标）') if late else ''}"))
    return facts
