"""What every step of a data need has in common: its state, its clocks, its event, and who is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.roles import Role
from guiyang_data.attachments import selectors as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import adopt
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.law import Article
from guiyang_data.statute.models import Clock
from sharing.models import DataNeed, NeedAssignment
from sharing.needs.policies import NEED_POLICY, SETTLERS, settling_agency
from sharing.needs.selectors import open_assignment
from sharing.needs.workflow import IN_HAND, NEED_WORKFLOW
from sharing.policies import DECIDERS
from sharing.services.checks import NOTHING_LOST, reasons_or_refuse, require_valid_fields
from sharing.services.locking import lock_need, next_state

CONFIRMATION, ANSWER, CATALOGUING = "need-confirmation", "need-answer", "need-cataloguing"
CLOCKS = (CONFIRMATION, ANSWER, CATALOGUING)
MISSING = "请写明理由。没有理由不能办理这一事项。"
MOST_PAPERS = 5
"""Files of a need, and of an answer to it."""
SAID = 300
"""So much of what is wanted is told in a notice."""


def begin(need_id: int, verb: str, by: Principal) -> DataNeed:
    """The need, locked, its state already that to which the act leads."""
    need = lock_need(need_id)
    NEED_POLICY.require(by, verb, need)
    need.status = next_state(need, verb)
    return need


def state_reasons(need: DataNeed, verb: str, reasons: str) -> str:
    """Note the reasons of the step; RuleBroken where there are none."""
    need.reasons = reasons_or_refuse(reasons, NEED_WORKFLOW[verb].basis, MISSING)
    require_valid_fields(need, ["reasons"], NEED_WORKFLOW[verb].basis)
    return need.reasons


def finish(
    need: DataNeed, verb: str, *, by: Any, at: dt.datetime, cause: str = Clock.Stop.DONE, payload: Any = None
) -> None:
    """Save the step, stop the clock that ran for it, and record it."""
    need.ended_on = None if need.status in IN_HAND else day_of(at)
    need.save()
    for kind in CLOCKS:
        clocks.stop(need, kind, on=day_of(at), at=at, by=by, cause=cause)
    record(need, verb, by=by, at=at, basis=NEED_WORKFLOW[verb].basis, payload=payload or {})


def attach_papers(row: DataNeed | NeedAssignment, papers: Sequence[Attachment], basis: Article) -> None:
    """Give files to the need, or to an agency's answer. RuleBroken where there would be more than one has room for."""
    subject = subject_of(row)
    given = {paper.pk for paper in papers} - {paper.pk for paper in attachments.of(subject)}
    if given and attachments.of(subject).count() + len(given) > MOST_PAPERS:
        message = f"附件最多 {MOST_PAPERS} 份，包括已经附上的。请合并后再上传。"
        raise RuleBroken(message + NOTHING_LOST, basis=basis, fields=dict.fromkeys(("file", "papers"), message))
    adopt(papers, subject)


def require_waiting(need: DataNeed, verb: str) -> NeedAssignment:
    """The one that waits for the agency's answer; WrongState where none does."""
    waiting = open_assignment(need)
    if waiting is None:
        message = "这项数据需求现在没有等待本机关的答复。请刷新页面查看最新进展。"
        raise WrongState(message, basis=NEED_WORKFLOW[verb].basis, subject=subject_of(need), verb=verb)
    return waiting


def require_may_deny(need: DataNeed, waiting: NeedAssignment, verb: str) -> None:
    """WrongState where the authority confirmed the agency once more: it does not send the need back again."""
    if waiting.is_final:
        message = "市大数据主管部门再次确认由本机关负责，不能再退回。请答复编制目录，或者指明目录中已有的条目。"
        raise WrongState(message, basis=NEED_WORKFLOW[verb].basis, subject=subject_of(need), verb=verb)


def run(need: DataNeed, kind: str, agency: Agency, *, by: Any, at: dt.datetime) -> None:
    """Let the agency owe the next step from today on."""
    clocks.start(
        kind,
        need,
        on=day_of(at),
        at=at,
        by=by,
        owed_by=agency,
        number=need.number,
        title=f"数据需求：{need.title}（{need.requester.short_name}）",
        path=need.get_absolute_url(),
    )


def await_confirmation(need: DataNeed, *, by: Any, at: dt.datetime, title: str, body: str = "") -> None:
    """Put the need before whoever confirms whose it is."""
    agency = settling_agency(need.requester)
    run(need, CONFIRMATION, agency, by=by, at=at)
    tell(agency, need, title=title, body=body, at=at, roles=SETTLERS)


def tell(
    agency: Agency,
    need: DataNeed,
    *,
    title: str,
    at: dt.datetime,
    body: str = "",
    roles: tuple[Role, ...] = DECIDERS,
    what: str = "",
) -> None:
    """Tell those of the agency who deal with the need how it goes on. ``what``: tells steps of one state apart."""
    tell_agency(
        agency,
        roles,
        key=f"sharing:need:{need.pk}:{what or need.status}:{at.isoformat()}",
        about=need,
        kind="sharing",
        title=f"{title}：{need.title}"[:200],
        body=body,
        path=need.get_absolute_url(),
        at=at,
        basis=NEED_WORKFLOW["assign-need"].basis,
    )
