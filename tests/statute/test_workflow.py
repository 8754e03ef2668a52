"""The workflow table."""

from __future__ import annotations

import pytest

from guiyang_data.errors import WrongState
from guiyang_data.statute.law import REGULATION
from guiyang_data.statute.workflow import Transition, Workflow

BASIS = REGULATION.article("第十五条第二款")
WORKFLOW = Workflow(
    Transition(verb="refuse", label="不同意", sources=frozenset({"waiting"}), target="refused", basis=BASIS),
    Transition(verb="note", label="补充说明", sources=frozenset({"waiting", "refused"}), target=None, basis=BASIS),
    states={"waiting": "待答复", "refused": "不同意"},
)


def test_an_act_leads_from_its_source_to_its_target() -> None:
    assert WORKFLOW.target("refuse", "waiting") == "refused"


def test_an_act_without_target_keeps_the_state() -> None:
    assert WORKFLOW.target("note", "refused") == "refused"


def test_an_act_from_another_state_is_a_wrong_state_with_its_basis() -> None:
    with pytest.raises(WrongState) as refusal:
        WORKFLOW.target("refuse", "refused")
    assert refusal.value.status == 409
    assert refusal.value.basis == "《贵阳市政府数据共享开放条例》第十五条第二款"
    assert "「不同意」" in refusal.value.message


def test_the_acts_of_a_state_come_in_the_order_of_the_table() -> None:
    assert [transition.verb for transition in WORKFLOW.from_state("waiting")] == ["refuse", "note"]
    assert [transition.verb for transition in WORKFLOW.from_state("refused")] == ["note"]


def test_a_workflow_knows_its_verbs() -> None:
    assert "refuse" in WORKFLOW
    assert "agree" not in WORKFLOW
    assert WORKFLOW["refuse"].basis is BASIS
