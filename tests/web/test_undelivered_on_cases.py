"""The box "a notice did not arrive" on every case that tells somebody, by the one selector and the one template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Delivery, Notice
from tests.caching import forget
from tests.factories import catalog, notices, sharing
from tests.factories.accounts import city, staff
from tests.look.reading import Page

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BOX = "通知没有送达"


def _coordination() -> Any:
    return sharing.coordination(sharing.scene())


def _grant() -> Any:
    return sharing.standing_grant(sharing.scene())


def _entry() -> Any:
    return catalog.entry_in_force(city().provider)


def _party(case: Any) -> Agency:
    """Somebody who sees the case and was told of it."""
    if isinstance(case, CatalogEntry):
        return case.provider
    return case.grantee if hasattr(case, "grantee") else case.application.provider


def _failed(case: Any, agency: Agency, number: int = 1) -> Delivery:
    return notices.undelivered(agency, about=subject_of(case), number=number)


CASES = pytest.mark.parametrize("make", [_coordination, _grant, _entry])


@CASES
def test_it_is_shown_to_the_agency_on_whose_behalf_it_was_said_and_to_no_other(
    make: Callable[[], Any], client: Client
) -> None:
    # given
    case = make()
    agency = _party(case)
    _failed(case, agency)

    # then
    client.force_login(staff(agency, Role.DATA_STEWARD))
    html = client.get(case.get_absolute_url()).content.decode()
    assert BOX in html
    assert "s***@mail.example" in html
    assert 'href="/desk/notices/failed/"' in html
    assert Page(html).faults() == []

    # and to another who reads the case it is nothing
    other = Agency.objects.get(name="贵阳市大数据发展管理局")
    for role in (Role.COORDINATOR, Role.MUNICIPAL_AUTHORITY):
        client.force_login(staff(other, role))
        answer = client.get(case.get_absolute_url())
        assert BOX not in answer.content.decode()


@CASES
def test_a_case_of_which_everything_arrived_says_nothing_of_it(make: Callable[[], Any], client: Client) -> None:
    case = make()
    _failed("sharing.coordination:0", _party(case))
    client.force_login(staff(_party(case), Role.DATA_STEWARD))
    assert BOX not in client.get(case.get_absolute_url()).content.decode()


@CASES
def test_it_costs_as_many_queries_for_five_as_for_one(make: Callable[[], Any], client: Client) -> None:
    case = make()
    client.force_login(staff(_party(case), Role.DATA_STEWARD))

    def cost() -> int:
        forget()
        with CaptureQueriesContext(connection) as captured:
            assert BOX in client.get(case.get_absolute_url()).content.decode()
        return len(captured)

    _failed(case, _party(case))
    client.get(case.get_absolute_url())
    few = cost()
    for number in range(2, 6):
        _failed(case, _party(case), number)
    assert cost() == few


def test_an_entry_shows_what_was_said_of_its_revisions_reviews_loads_and_adjustments(client: Client) -> None:
    # given an entry of which every kind of notice failed
    entry = catalog.entry_in_force(city().provider, rows=catalog.ROWS)
    told = Notice.objects.filter(agency=entry.provider).exclude(recipient=None)
    subjects = {subject.partition(":")[0] for subject in told.values_list("subject", flat=True)}
    assert {"catalog.entryrevision", "catalog.confidentialityreview"} <= subjects
    deliveries = Delivery.objects.filter(notice__in=told)
    client.force_login(staff(entry.provider, Role.DATA_STEWARD))

    # then each is shown where it is the only one
    for delivery in deliveries.select_related("notice"):
        deliveries.update(state="sent")
        Delivery.objects.filter(pk=delivery.pk).update(state="failed", reason="refused", failed_at=catalog.AT)
        html = client.get(entry.get_absolute_url()).content.decode()
        assert BOX in html, delivery.notice.subject
