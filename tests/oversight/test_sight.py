"""Who sees which overdue case and which finding."""

from __future__ import annotations

import pytest

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from oversight import policies
from oversight.models import Escalation, Finding
from tests.factories.accounts import staff
from tests.factories.oversight import (
    DUE,
    Cast,
    drafted_finding,
    overdue_clock,
    swept,
)
from tests.factories.statute import running_clock
from tests.oversight.doing import (
    confirm,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

# --- sight ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("supervisor", {"市交通委", "云岩区交通运输局"}),
        ("officer", {"市交通委", "云岩区交通运输局"}),
        ("government", {"市交通委", "云岩区交通运输局"}),
        ("organ_member", {"市交通委", "云岩区交通运输局"}),
        ("county_officer", {"云岩区交通运输局"}),
        ("county_government", {"云岩区交通运输局"}),
        ("approver", {"云岩区交通运输局"}),
        ("steward", set()),
        ("outsider", set()),
    ],
)
def test_who_sees_which_overdue_case(people: Cast, who: str, seen: set[str]) -> None:
    overdue_clock(people.town.transport, subject="a.b:1")
    overdue_clock(people.town.county_department, subject="a.b:2")
    visible = policies.visible_escalations(getattr(people, who), Escalation.objects.all())
    assert {escalation.clock.owed_by.short_name for escalation in visible} == seen


def test_another_countys_authority_sees_nothing_of_this_one(people: Cast) -> None:
    overdue_clock(people.town.township)
    other = staff(people.town.health, Role.SUPERVISOR)
    assert not policies.visible_escalations(other, Escalation.objects.all()).exists()
    assert Agency.objects.get(pk=people.town.township.pk).region_id.startswith("520103")


def test_an_agency_sees_a_finding_against_it_once_it_is_decided(people: Cast) -> None:
    finding = drafted_finding(people)
    assert not policies.visible_findings(people.approver, Finding.objects.all()).exists()
    confirm(finding, people.supervisor)
    assert policies.visible_findings(people.approver, Finding.objects.all()).get() == finding
    assert not policies.visible_findings(people.outsider, Finding.objects.all()).exists()


def test_a_running_clock_in_time_is_no_case_for_anyone(people: Cast) -> None:
    running_clock(people.town.transport)
    swept(DUE)
    assert not policies.visible_escalations(people.supervisor, Escalation.objects.all()).exists()
