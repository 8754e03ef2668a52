"""Pulls set up, changed and ended: by whom, from which interface, with credentials that nobody sees again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, Interface, Pull
from catalog.services import PullFacts
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger.selectors import events_of
from tests.factories import accounts, systems
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

Add = Callable[..., Pull]


def test_a_pull_is_due_at_once_and_stands_in_the_ledger_without_its_credentials(add: Add, entry: CatalogEntry) -> None:
    # when
    pull = add(header_name="X-Key", header_value="very-secret")

    # then
    event = events_of(entry).last()
    assert event is not None
    assert (pull.next_run_at, pull.status, event.verb) == (make.AT, "running", "add-pull")
    assert "very-secret" not in f"{event.payload} {pull.header_encrypted}"
    assert pull.credentials() == {"X-Key": "very-secret"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"interface": 0}, "interface"),
        ({"path": "http://elsewhere.example/x"}, "path"),
        ({"path": "/a/../b"}, "path"),
        ({"path": "/a?b=1"}, "path"),
        ({"rows_at": "data"}, "rows_at"),
        ({"mapping": {"a": "没有的项"}}, "mapping"),
        ({"mapping": {"a": "长度", "b": "长度"}}, "mapping"),
        ({"paging": "page"}, "page_name"),
        ({"paging": "link"}, "next_at"),
        ({"page_size": 0}, "page_size"),
        ({"every": 7}, "every"),
        ({"mode": "merge"}, "mode"),
        ({"header_name": "Host", "header_value": "x"}, "header_name"),
        ({"header_name": "X-Key"}, "header_value"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_nothing_is_set_up(add: Add, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        add(**changed)
    assert field in refused.value.fields
    assert not Pull.objects.exists()


def test_another_agencys_interface_is_not_pulled_from(add: Add, city: accounts.City) -> None:
    # given
    other = systems.system_in_use(city.requester)
    foreign = services.add_interface(
        system_id=other.pk, by=make.steward_of(city.requester), at=make.AT, facts=systems.interface_facts()
    )

    # when, then
    with pytest.raises(RuleBroken):
        add(interface=foreign.pk)


def test_another_agency_sets_up_nothing_here(
    entry: CatalogEntry, city: accounts.City, facts: Callable[..., PullFacts]
) -> None:
    with pytest.raises(NotAllowed):
        services.add_pull(entry_id=entry.pk, by=make.steward_of(city.requester), at=make.AT, facts=facts())
    assert not Pull.objects.exists()


def test_a_change_without_credentials_keeps_them_and_begins_anew(
    add: Add, steward: User, facts: Callable[..., PullFacts], interface: Interface
) -> None:
    # given
    pull = add(header_name="X-Key", header_value="very-secret")
    Pull.objects.update(failures=4)

    # when
    changed = services.change_pull(pull_id=pull.pk, by=steward, at=make.AT, facts=facts(header_name="X-Key", every=15))

    # then
    assert (changed.every, changed.failures, changed.next_run_at) == (15, 0, make.AT)
    assert changed.credentials() == {"X-Key": "very-secret"}


def test_a_pull_that_has_ended_is_neither_changed_nor_taken_up(
    add: Add, steward: User, facts: Callable[..., PullFacts]
) -> None:
    # given
    pull = add()
    services.end_pull(pull_id=pull.pk, by=steward, at=make.AT, reasons="系统停用。")

    # when, then
    with pytest.raises(WrongState):
        services.resume_pull(pull_id=pull.pk, by=steward, at=make.AT)
    with pytest.raises(WrongState):
        services.change_pull(pull_id=pull.pk, by=steward, at=make.AT, facts=facts())
    with pytest.raises(WrongState):
        services.run_pull(pull_id=pull.pk, by=steward, at=make.AT)


def test_a_pause_gives_its_reasons(add: Add, steward: User) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.pause_pull(pull_id=add().pk, by=steward, at=make.AT, reasons=" ")
    assert "reasons" in refused.value.fields
