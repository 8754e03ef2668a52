"""Somebody was faster: the refusal of an act that came too late says who, when and with what."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model

from guiyang_data.accounts.selectors import names_of_actors
from guiyang_data.errors import WrongState
from guiyang_data.faces.text import zh_datetime
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.statute.workflow import Workflow


def with_who_was_faster(refusal: WrongState, case: Model, workflow: Workflow, steps: Collection[str]) -> WrongState:
    """The same refusal with the last of these ``steps`` (verbs) of the case: who, when, what."""
    event = events_of(case).filter(verb__in=steps, refused=False).last()
    said = ""
    if event is not None:
        who = names_of_actors([event.actor]).get(event.actor, "")
        said = f"{who}已于{zh_datetime(event.at)}办理「{workflow[event.verb].past}」。"
    return WrongState(f"{said}{refusal.message}", basis=refusal.basis, subject=subject_of(case), verb=refusal.verb)


def leading_to(workflow: Workflow, status: str) -> set[str]:
    """The verbs that lead to a state; what keeps a state is no answer to who was faster."""
    return {step.verb for step in workflow.transitions.values() if step.target == status}
