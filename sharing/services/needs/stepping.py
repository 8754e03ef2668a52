"""What every step of a data need has in common: its state, its clocks, its event, and who is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import record
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from sharing.models import DataNeed
from sharing.needs.policies import NEED_POLICY, SETTLERS, settling_agency
from sharing.needs.workflow import IN_HAND, NEED_WORKFLOW
from sharing.policies import DECIDERS
from sharing.services.checks import reasons_or_refuse, require_valid_fields
from sharing.services.locking import lock_need, next_state

CONFIRMATION, ANSWER, CATALOGUING = "need-confirmation", "need-answer", "need-cataloguing"
CLOCKS = (CONFIRMATION, ANSWER, CATALOGUING)
MISSING = "请写明理由。没有理由不能办理这一事项。"
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
    agency: Agency, need: DataNeed, *, title: str, at: dt.datetime, body: str = "", roles: tuple[Role, ...] = DECIDERS
) -> None:
    """Tell those of the agency who deal with the need how it goes on."""
    tell_agency(
        agency,
        roles,
        key=f"sharing:need:{need.pk}:{need.status}:{at.isoformat()}",
        about=need,
        kind="sharing",
        title=f"{title}：{need.title}"[:200],
        body=body,
        path=need.get_absolute_url(),
        at=at,
        basis=NEED_WORKFLOW["assign-need"].basis,
    )
