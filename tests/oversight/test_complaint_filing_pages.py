"""Complaining in four steps, without an account and without scripts: finding the agency among all (第二十九条)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import Agency
from guiyang_data.attachments.models import Attachment
from oversight.models import Complaint
from tests.factories import requests as asking
from tests.factories.accounts import make_agency
from tests.factories.complaints import MATTER
from tests.factories.oversight import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NEW = "/complaints/new/"
TYPED = {"concern": "overdue", "matter": MATTER, "official": "数据科 王某", "case_number": "GY-2026-00001"}


def shown(page: str) -> list[str]:
    """The agencies that can be chosen on the page."""
    return re.findall(r'<input type="radio" name="agency" value="\d+"[^>]*><span>([^<]+)</span>', page)


def chosen(page: str) -> list[str]:
    return re.findall(r'<input type="radio" name="agency" value="\d+" checked><span>([^<]+)</span>', page)


def test_the_agency_is_found_by_its_name_without_scripts_and_what_was_typed_stays(people: Cast, client: Client) -> None:
    # given
    health = people.town.health
    before = client.get(NEW).content.decode()
    assert {health.name, people.town.transport.name, people.town.county_department.name} <= set(shown(before))
    assert "<select" not in before

    # when
    answer = client.post(NEW, {**TYPED, "agency_find": "卫生", "look": "1"})

    # then nothing was kept and nothing is wrong
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert shown(page) == [health.name]
    assert chosen(page) == []
    for words in TYPED.values():
        assert words in page
    assert 'value="卫生"' in page
    assert "field--wrong" not in page
    assert client.get("/complaints/new/receivers/").url == NEW

    # when it is chosen
    answer = client.post(NEW, {**TYPED, "agency": health.pk, "agency_find": "卫生"})

    # then
    assert answer.url == "/complaints/new/receivers/"
    assert f"投诉举报{health.name}" in client.get(answer.url).content.decode()
    page = client.get(NEW).content.decode()
    assert chosen(page) == [health.name]
    assert f"已选：{health.name}" in page
    assert len(shown(page)) == len(shown(before))


def test_what_is_chosen_stays_in_sight_whatever_is_looked_for(people: Cast, client: Client) -> None:
    health = people.town.health
    answer = client.post(NEW, {"agency": health.pk, "agency_find": "没有这样的机关", "look": "1"})
    assert chosen(answer.content.decode()) == shown(answer.content.decode()) == [health.name]


def test_nothing_of_that_name_says_so(people: Cast, client: Client) -> None:
    page = client.post(NEW, {"agency_find": "没有这样的机关", "look": "1"}).content.decode()
    assert shown(page) == []
    assert '<p class="muted" data-none >没有这个名称的机关' in page


@pytest.mark.parametrize("fault", ["none", "closed", "made-up"])
def test_a_missing_or_wrong_agency_is_said_where_one_is_looked_for(people: Cast, client: Client, fault: str) -> None:
    # given
    agency = people.town.health
    if fault == "closed":
        Agency.objects.filter(pk=agency.pk).update(is_active=False)
    value = {"none": "", "closed": str(agency.pk), "made-up": "市卫生局"}[fault]

    # when
    answer = client.post(NEW, {**TYPED, "agency": value})

    # then
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("请选择机关。" if fault == "none" else "请在列表中选择机关。") in page
    assert 'href="#id_agency_0"' in page
    assert 'id="id_agency_0" type="search"' in page
    assert MATTER in unescape(page)


def test_an_overdue_request_brings_its_agency_along(people: Cast, client: Client, on_the_day_after: None) -> None:
    play = asking.Cast(
        city=people.town,
        steward=people.steward,
        approver=people.approver,
        reviewer=people.supervisor,
        authority_officer=people.officer,
        other_steward=people.outsider,
    )
    request = asking.waiting(play)
    page = client.get(f"{NEW}?case={request.number}").content.decode()
    assert chosen(page) == [request.agency.name]
    assert f"已选：{request.agency.name}" in page


def test_one_more_agency_costs_no_query(people: Cast, client: Client) -> None:
    def cost() -> int:
        client.get(NEW)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(NEW).status_code == 200
        return len(captured)

    few = cost()
    for number in range(5):
        make_agency(f"贵阳市第{number}数据局", region=people.town.authority.region)
    assert cost() == few


def test_looking_files_nothing_and_takes_no_paper(people: Cast, client: Client) -> None:
    paper = SimpleUploadedFile("名单.txt", "姓名\n".encode())
    client.post(NEW, {**TYPED, "agency_find": "卫生", "look": "1", "file": paper})
    assert not Complaint.objects.exists()
    assert not Attachment.objects.exists()
