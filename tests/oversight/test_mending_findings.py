"""Asking again for what the platform supplies, unmended when the target has run out, is drafted as a finding."""

from __future__ import annotations

import datetime as dt

import pytest

from guiyang_data.accounts.models import Agency
from guiyang_data.ledger.selectors import events_of
from oversight import services
from oversight.models import Escalation, Finding
from oversight.workflow import FindingStatus
from sharing import services as sharing
from tests.factories import materials as made
from tests.factories import oversight as late
from tests.factories.accounts import staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

RAN_OUT = made.DUE_ON + dt.timedelta(days=1)


@pytest.fixture
def scene() -> made.Scene:
    found = made.scene()
    made.confirmed(found)
    return found


def test_what_is_not_mended_is_drafted_under_item_seven_once(scene: made.Scene) -> None:
    # when
    late.swept(made.DUE_ON)
    assert not Finding.objects.exists()
    for day in (RAN_OUT, RAN_OUT + dt.timedelta(days=8)):
        late.swept(day)

    # then
    finding = Finding.objects.get()
    assert (finding.item, finding.agency, finding.status) == (7, scene.agency, FindingStatus.DRAFT)
    assert finding.clock is not None
    assert not finding.clock.statutory
    assert [event.verb for event in events_of(finding)] == ["draft"]
    assert Escalation.objects.filter(clock=finding.clock).exists()


def test_a_person_confirms_it_as_any_other(scene: made.Scene) -> None:
    late.swept(RAN_OUT)
    supervisor = staff(scene.city.government, "supervisor")
    finding = services.confirm_finding(
        finding_id=Finding.objects.get().pk, by=supervisor, on=RAN_OUT, at=made.later(30)
    )
    assert finding.status == FindingStatus.CONFIRMED


def test_what_was_mended_late_or_in_time_is_not_drafted(scene: made.Scene) -> None:
    sharing.drop_material(material_id=scene.material.pk, by=scene.steward, at=made.later(28) + dt.timedelta(hours=20))
    late.swept(RAN_OUT + dt.timedelta(days=3))
    assert not Finding.objects.exists()


def test_an_enterprise_that_is_not_bound_has_none(scene: made.Scene) -> None:
    Agency.objects.filter(pk=scene.agency.pk).update(kind="enterprise")
    late.swept(RAN_OUT)
    assert not Finding.objects.exists()
