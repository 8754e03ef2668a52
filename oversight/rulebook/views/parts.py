"""What the pages of calendar and rules have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guiyang_data.faces.pages import CaseActPage
from guiyang_data.faces.text import zh_date, zh_datetime
from guiyang_data.statute.recounting import Move
from oversight.models import CalendarProposal, Recount, RuleProposal
from oversight.rulebook.policies import PROPOSAL_POLICY

SHELL = {"shell": "staff/base.html", "work_section": "calendar"}
LABELS = {
    "propose": "录入",
    "confirm": "核定",
    "reject": "退回",
    "recounted": "受影响的期限全部重新计算完毕",
}


def tabs() -> list[dict[str, Any]]:
    """Calendar and rules."""
    pages = [(_("放假安排"), "oversight:calendar"), (_("期限规则"), "oversight:rules")]
    return [{"key": reverse(name), "label": label, "url": reverse(name)} for label, name in pages]


class ProposalAct(CaseActPage):
    """What the second person does with what somebody entered."""

    policy = PROPOSAL_POLICY

    def named(self) -> dict[str, Any]:
        return {"proposal_id": self.case.pk}


def decision_facts(proposal: CalendarProposal | RuleProposal) -> list[tuple[Any, Any]]:
    """Who entered it, who decided, and how far the recount has come."""
    by = proposal.proposed_by.display_name if proposal.proposed_by else gettext("运维命令行")
    facts: list[tuple[Any, Any]] = [
        (_("状态"), proposal.get_status_display()),
        (_("录入"), f"{by}，{zh_datetime(proposal.proposed_at, with_year=True)}"),
    ]
    if proposal.decided_by and proposal.decided_at:
        words = f"{proposal.decided_by.display_name}，{zh_datetime(proposal.decided_at, with_year=True)}"
        facts.append((proposal.get_status_display(), words))
    if proposal.reasons:
        facts.append((_("退回的理由"), proposal.reasons))
    job = getattr(proposal, "recount", None)
    return facts + ([(_("重新计算"), recount_text(job))] if job else [])


def recount_text(job: Recount) -> str:
    """How far a recount has come, in words."""
    done = gettext("已重新计算 %(counted)s 个期限，其中 %(moved)s 个的到期日有变化") % {
        "counted": job.counted,
        "moved": job.moved,
    }
    if job.finished_at:
        return done
    return gettext("%(done)s；其余正在进行（%(day)s 起）") % {"done": done, "day": zh_date(job.not_before)}


def move_rows(moves: Sequence[Move]) -> list[list[Any]]:
    """Clocks that would move, as rows of a table."""
    provisional = gettext("（暂定）")
    return [
        [
            {"text": f"{move.clock.number} {move.clock.title}", "url": f"/clocks/{move.clock.pk}/"},
            move.clock.owed_by.short_name,
            zh_date(move.clock.started_on, with_year=True),
            zh_date(move.clock.due_on, with_year=True) + (provisional if move.clock.provisional else ""),
            zh_date(move.due.on, with_year=True) + (provisional if move.due.provisional else ""),
        ]
        for move in moves
    ]


MOVE_COLUMNS = [
    {"name": name, "code": str(place)}
    for place, name in enumerate((_("事项"), _("承办机关"), _("起算"), _("现在的到期日"), _("核定后的到期日")))
]
