"""What a person may do now: the workflow table cut with the policy.

The same list draws the buttons and the API's ``actions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from guiyang_data.accounts.policies import Policy, Principal
from guiyang_data.faces.forms import ActForm
from guiyang_data.statute.law import REGULATION, Article
from guiyang_data.statute.workflow import Workflow


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act as a button. ``form``: fields that stand beside it; without one the button opens the act's page."""

    verb: str
    label: str
    url: str
    main: bool = False
    dangerous: bool = False
    consequence: str = ""
    article: str = ""
    form: ActForm | None = None
    method: str = "get"


def acts(
    user: Principal,
    obj: Any,
    *,
    status: str,
    workflow: Workflow,
    policy: Policy,
    url: Callable[[str], str],
    hidden: Iterable[str] = (),
) -> list[Act]:
    """Acts that start from ``status`` and that ``user`` may do on ``obj``.

    The first that is not dangerous is the main one.
    """
    found: list[Act] = []
    for transition in workflow.from_state(status):
        if transition.verb in hidden or not policy.may(user, transition.verb, obj):
            continue
        found.append(
            Act(
                verb=transition.verb,
                label=transition.label,
                url=url(transition.verb),
                main=not transition.dangerous and not any(act.main for act in found),
                dangerous=transition.dangerous,
                consequence=transition.consequence,
                article=_cited(transition.basis),
            )
        )
    return sorted(found, key=lambda act: act.dangerous)


def _cited(basis: Article) -> str:
    """The article by its number, with its instrument where that is not the regulation."""
    return basis.number if basis.instrument == REGULATION else str(basis)
