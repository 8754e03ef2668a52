"""The workflow table: which act leads from which states to which, on which basis. No ORM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guiyang_data.errors import WrongState
from guiyang_data.statute.law import Article


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One legal act: its verb, what it is called on a button, the states it starts from, and where it leads.

    ``target`` None keeps the state. ``dangerous`` acts show their ``consequence`` beside the button.
    """

    verb: str
    label: str
    sources: frozenset[str]
    target: str | None
    basis: Article
    past: str = ""
    dangerous: bool = False
    consequence: str = ""


class Workflow:
    """All transitions of one kind of case."""

    def __init__(self, *transitions: Transition, states: Mapping[str, str]) -> None:
        self.transitions = {transition.verb: transition for transition in transitions}
        self.states = dict(states)

    def __getitem__(self, verb: str) -> Transition:
        return self.transitions[verb]

    def __contains__(self, verb: str) -> bool:
        return verb in self.transitions

    def target(self, verb: str, status: str) -> str:
        """The state that ``verb`` leads to from ``status``; ``WrongState`` (409) where it does not start there."""
        transition = self.transitions[verb]
        if status not in transition.sources:
            raise WrongState(
                f"这件事现在是「{self.states[status]}」，不能{transition.label}。请刷新页面查看最新进展，您填写的内容没有丢失。",
                basis=transition.basis,
                verb=verb,
            )
        return status if transition.target is None else transition.target

    def from_state(self, status: str) -> list[Transition]:
        """Acts that start from ``status``, in the order of the table."""
        return [transition for transition in self.transitions.values() if status in transition.sources]
