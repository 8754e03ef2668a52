"""From a township or a department of a county up into the municipal summary (第十一条第二款、第三款)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.summary import municipal_summary
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import running
from tests.factories import catalog
from tests.factories.accounts import City, bearer, city, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine(always=True)]


@pytest.fixture
def town() -> City:
    return city()


def text(answer: Any) -> str:
    return answer.content.decode()


def test_a_township_goes_by_its_county_and_is_reported_up_into_the_municipal_summary(town: City) -> None:
    # given
    revision = catalog.reviewed_draft(town.township, title="村级便民服务点")
    steward = catalog.steward_of(town.township)
    officer = catalog.staff(town.authority, "municipal-authority")

    # when it is submitted, its county's authority has it; sent back and submitted again, the county's government
    services.submit(revision_id=revision.pk, by=steward, at=catalog.AT)
    review = running(revision, "catalog-review")
    assert review is not None
    assert review.owed_by == town.county_authority
    county = catalog.officer_over(town.township)
    services.send_back(revision_id=revision.pk, by=county, at=catalog.AT, reasons="请写明服务时间。")
    services.submit(revision_id=revision.pk, by=steward, at=catalog.AT)
    services.pass_review(revision_id=revision.pk, by=county, at=catalog.AT)
    approval = running(revision, "catalog-approval")
    assert approval is not None
    assert approval.owed_by == town.county_government
    assert [(row.name, row.entries, row.waiting) for row in municipal_summary()] == [("贵阳市", 0, 0), ("云岩区", 0, 1)]
    services.approve(revision_id=revision.pk, by=catalog.government_approver_over(town.township), at=catalog.AT)

    # then
    assert Notice.objects.filter(recipient=officer, title__startswith="县级目录已上报汇总").count() == 1
    [own, yunyan] = municipal_summary()
    assert (own.entries, yunyan.entries, yunyan.agencies, yunyan.unconditional) == (0, 1, 1, 1)
    assert (yunyan.opened, yunyan.waiting) == (1, 0)
    assert yunyan.newest_on == catalog.AT.date()


def test_the_page_leads_to_the_entries_of_each_county(client: Client, town: City) -> None:
    # given
    catalog.entry_in_force(town.provider, title="公交站点")
    catalog.entry_in_force(town.county_department, title="背街小巷名录")
    client.force_login(catalog.officer_over(town.provider))

    # when
    page = text(client.get("/desk/catalog/summary/"))
    county = text(client.get("/desk/catalog/?region=520103"))

    # then
    assert "/desk/catalog/?region=520103" in page
    assert "背街小巷名录" in county
    assert "公交站点" not in county


def test_costs_the_same_for_many_and_is_told_over_rest(client: Client, town: City) -> None:
    catalog.entry_in_force(town.provider, title="公交站点")
    with CaptureQueriesContext(connection) as few:
        municipal_summary()
    for number in range(3):
        catalog.entry_in_force(town.county_department, title=f"名录{number}", sharing_type="conditional")
    with CaptureQueriesContext(connection) as many:
        municipal_summary()
    assert len(few) == len(many)
    rows = client.get("/api/v1/catalog/summary/", **bearer(system(town.provider), "catalog:read")).json()
    assert [(row["code"], row["entries"], row["conditional"]) for row in rows] == [("520100", 1, 0), ("520103", 3, 3)]
