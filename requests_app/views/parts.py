"""What several pages show of a request or a review: its clocks, its timeline, its papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.services import take_in
from guiyang_data.faces.text import zh_date
from guiyang_data.faces.timeline import Reader, TimelineEvent, timeline
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices import undelivered
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import ClockFace, Hand, clocks_of, face, hands_of
from guiyang_data.timekeeping import now, today
from requests_app.checks import in_the_way, paper_checks
from requests_app.models import OpenRequest, Reply, ReplyBatch, ReviewApplication
from requests_app.selectors import clocks_by_case, filed_with, prominence
from requests_app.services import inspect_papers
from requests_app.services.reply_text import treatment_question
from requests_app.workflow import INNER_VERBS, ORDERED_VERBS, PRIVATE_VERBS, REQUEST_LABELS, REVIEW_LABELS

TOLD = {verb: past for verb, past in REQUEST_LABELS.items() if verb not in ORDERED_VERBS}
"""What a review orders is told once, by its result."""
LABELS = {**REVIEW_LABELS, **TOLD, **undelivered.LABELS}
PRIVATE = PRIVATE_VERBS | undelivered.LABELS.keys()


def faces_of(case: OpenRequest | ReviewApplication, on: dt.date) -> tuple[ClockFace | None, list[ClockFace]]:
    """The clock that stands on top of a case, and the others."""
    clocks: list[Clock] = sorted(clocks_of(case), key=prominence, reverse=True)
    shown = [face(clock, on) for clock in clocks]
    return (shown[0], shown[1:]) if shown else (None, [])


def hands_of_request(request: OpenRequest, on: dt.date) -> list[Hand]:
    """The agencies that held a request that was handed on, with the days of each; empty where it never was."""
    clock = clocks_of(request).filter(kind="open-reply").first()
    hands = hands_of(clock, on) if clock is not None else []
    return hands if len(hands) > 1 else []


def _timeline(events: Iterable[Event], reader: Reader) -> list[TimelineEvent]:
    return timeline(events, LABELS, reader=reader, private=PRIVATE, inner=INNER_VERBS)


def request_timeline(request: OpenRequest, *, reader: Reader) -> list[TimelineEvent]:
    """What happened to a request, its reviews included."""
    reviews = [subject_of(review) for review in ReviewApplication.objects.filter(reply__request=request)]
    events = events_of(request, *reviews)
    return _timeline(events, reader)


def review_timeline(review: ReviewApplication, *, reader: Reader) -> list[TimelineEvent]:
    """What happened to a review, from the request it began with."""
    events = events_of(review.reply.request, review)
    return _timeline(events, reader)


def papers_of(obj: Any) -> list[dict[str, Any]]:
    """The papers of a case as parts/attachments.html shows them; a reply drafted with others has theirs in common."""
    subjects = [subject_of(obj)]
    if isinstance(obj, Reply) and obj.batch is not None:
        subjects.append(subject_of(obj.batch))
    return [
        {
            "name": paper.name,
            "size": paper.size,
            "private": paper.is_private,
            "url": reverse("requests_app:paper", args=[paper.pk]),
        }
        for papers in attachments.of_all(subjects).values()
        for paper in papers
    ]


def take_papers(files: Iterable[Any], *, by: Any, at: dt.datetime, purpose: str, token: str) -> list[Any]:
    """Check and keep uploaded files until the act gives them to its case.

    With a reply a ZIP may leave, since its members are looked into before.
    """
    uploader = by if isinstance(by, User) else None
    archives = purpose == "reply"
    return [
        take_in(file, subject=f"draft:{token}", by=uploader, at=at, purpose=purpose, archives=archives)
        for file in files
    ]


def reply_facts(reply: Reply) -> list[tuple[str, str]]:
    """A delivered reply, or a draft, as label and value."""
    facts = [(_("答复机关"), reply.agency.name), (_("结论"), str(reply.get_outcome_display()))]
    if reply.delivered_on:
        late = _("（逾期 %(days)d 天）") % {"days": reply.late_days} if reply.is_late else ""
        if reply.due_on and not late:
            late = _("（按时）")
        facts.insert(1, (_("送达"), f"{zh_date(reply.delivered_on, with_year=True)}{late}"))
    if reply.agreed_to:
        facts.append((_("同意的方式"), str(reply.get_agreed_to_display())))
    if reply.agreed_part:
        facts.append((_("同意的部分"), reply.agreed_part))
    if reply.ground:
        facts += [(_("不同意的情形"), str(reply.get_ground_display())), *_proof_facts(reply)]
    if reply.refers_to is not None:
        return facts + _reference_facts(reply, reply.refers_to)
    if reply.reasons:
        facts.append((_("理由"), reply.reasons))
    return facts


def _proof_facts(reply: Reply | ReplyBatch) -> list[tuple[str, str]]:
    """What proves the ground; only what belongs to it."""
    facts = []
    if reply.searched_on is not None:
        day = zh_date(reply.searched_on, with_year=True)
        facts.append((_("检索"), f"{day}：{reply.searched_where}"))
    if reply.holder is not None:
        facts.append((_("属于哪个机关"), reply.holder.name))
    if reply.dataset is not None:
        link = format_html('<a href="{}">{}</a>', reply.dataset.get_absolute_url(), reply.dataset.title)
        facts.append((_("已开放的数据集"), link))
    if reply.ground_basis or not facts:
        facts.append((_("依据或者证明"), reply.ground_basis))
    if reply.why_still_closed:
        facts.append((treatment_question(reply.ground), reply.why_still_closed))
    return facts


def _reference_facts(reply: Reply, first: Reply) -> list[tuple[str, str]]:
    """Which reply this one refers to, its text, and why it fits."""
    link = format_html('<a href="{}">{}</a>', first.request.get_absolute_url(), first.request.number)
    delivered = zh_date(first.delivered_on, with_year=True) if first.delivered_on else ""
    said = first.reasons or first.get_outcome_display()
    return [
        (_("以已作出的答复答复"), format_html("{}（{}）", link, _("%(day)s送达") % {"day": delivered})),
        (_("那一份答复的理由"), said),
        (_("为什么也适用于这件申请"), reply.reasons),
    ]


def decision_facts(review: ReviewApplication) -> list[tuple[str, str]]:
    """The result of a review as label and value."""
    facts = [(_("复核结果"), str(review.get_outcome_display()))]
    if review.changed_to:
        facts.append((_("变更为"), str(review.get_changed_to_display())))
    if review.new_reply_due_on:
        day = zh_date(review.new_reply_due_on, with_year=True)
        facts.append((_("重新答复的期限"), _("%(day)s（由复核结果确定，不是法定期限）") % {"day": day}))
    facts.append((_("理由"), review.decision_reasons))
    if review.decided_on:
        facts.append((_("反馈"), zh_date(review.decided_on, with_year=True)))
    return facts


def shown_together(request: OpenRequest) -> list[dict[str, Any]]:
    """The requests that were filed with this one, itself left out, each with its clock."""
    if request.joint_id is None:
        return []
    others = [row for row in filed_with(request.number) if row.pk != request.pk]
    clocks = clocks_by_case(others)
    on = today()
    return [{"request": row, "face": face(clocks[row.number], on) if row.number in clocks else None} for row in others]


def papers_path(case: OpenRequest) -> str:
    """The page of the papers of the draft."""
    return reverse("requests_app:work-papers", args=[case.number])


def checks_of(case: OpenRequest, draft: Reply | None) -> dict[str, Any]:
    """How the papers of a draft stand, as the pages about it show it."""
    checks = paper_checks(draft) if draft else []
    return {"checks": checks, "in_the_way": in_the_way(checks), "papers_url": papers_path(case)}


def look_into_papers(request: HttpRequest, case: OpenRequest) -> str:
    """Look into what was just handed in, and say where to go on: to the findings where there are some."""
    checks = inspect_papers(request_id=case.pk, by=cast(User, request.user), at=now())
    if all(check.is_clear for check in checks):
        return case.work_path
    messages.warning(request, _("附件里检出了需要处理的内容，处理完才能送达。"))
    return papers_path(case)
