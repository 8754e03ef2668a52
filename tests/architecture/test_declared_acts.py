"""Acts that are declared, on a page or over REST, name what is there: verb, service, and whether it takes the day."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from guiyang_data.faces.calls import CaseActView
from guiyang_data.faces.pages import CaseActPage
from tests.architecture.matrix.routes import routes


def declared(base: type) -> Iterator[type]:
    """Every class below ``base`` that carries an act out."""
    routes()  # loads the views of every app
    for each in base.__subclasses__():
        if hasattr(each, "service"):
            yield each
        yield from declared(each)


PAGES = sorted(set(declared(CaseActPage)), key=repr)
CALLS = sorted(set(declared(CaseActView)), key=repr)


def test_there_are_declared_acts() -> None:
    assert len(PAGES) > 30
    assert len(CALLS) > 20


@pytest.mark.parametrize("act", [*PAGES, *CALLS], ids=lambda act: f"{act.__module__}.{act.__name__}")
def test_the_service_of_an_act_takes_what_it_is_given(act: type[CaseActPage] | type[CaseActView]) -> None:
    taken = inspect.signature(act.service).parameters
    assert {"by", "at"} <= set(taken)
    assert act.takes_day == ("on" in taken)


@pytest.mark.parametrize("act", PAGES, ids=lambda act: f"{act.__module__}.{act.__name__}")
def test_the_verb_of_a_page_stands_in_its_policy_and_in_its_workflow(act: type[CaseActPage]) -> None:
    assert act.verb in act.policy.verbs()
    assert act.workflow is None or act.verb in act.workflow
