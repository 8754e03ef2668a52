"""One filing that asks several agencies: a request, a clock and a reply for each, one code for all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client

from guiyang_data.accounts.models import Agency
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import take_in
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import PUBLIC, subject_of
from guiyang_data.notices.models import Delivery, Notice
from guiyang_data.statute.selectors import clocks_of
from requests_app import services
from requests_app.models import JointFiling, OpenRequest
from requests_app.selectors import filed_with, holder_of
from requests_app.services import Party
from requests_app.services.filing import MOST_AGENCIES, FiledTogether
from tests.factories.accounts import citizen, make_agency
from tests.factories.catalog import entry_in_force
from tests.factories.requests import FILED_ON, Cast, at, cast
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC), tick=False):
        yield


def together(play: Cast, *agencies: Agency, **given: object) -> FiledTogether:
    """Filed with the provider and the health commission, unless others are named."""
    asked = agencies or (play.city.provider, play.city.health)
    values = {"by": PUBLIC, "title": "急救车辆位置", "on": FILED_ON, "at": at(FILED_ON)}
    return services.file_together(agencies=asked, **{**values, **given})


def test_each_agency_gets_a_request_a_number_and_a_clock_of_its_own(play: Cast) -> None:
    # when
    filed = together(play)

    # then
    first, second = filed.requests
    assert (first.agency, second.agency) == (play.city.provider, play.city.health)
    assert first.number != second.number
    assert first.joint == second.joint is not None
    for request in filed.requests:
        clock = clocks_of(request).get()
        assert (clock.owed_by, clock.number, clock.started_on) == (request.agency, request.number, FILED_ON)
        assert "file" in [event.verb for event in events_of(request)]
        told = Notice.objects.filter(subject=subject_of(request), title__startswith="收到开放申请")
        assert told.count() == (2 if request == first else 1)


def test_one_code_opens_every_one_of_them(play: Cast) -> None:
    filed = together(play)
    assert all(holder_of(request.number, filed.code) for request in filed.requests)
    assert [request.number for request in filed_with(filed.requests[1].number)] == [
        request.number for request in filed.requests
    ]


def test_one_agency_alone_is_no_joint_filing(play: Cast) -> None:
    filed = together(play, play.city.provider, play.city.provider)
    assert len(filed.requests) == 1
    assert not JointFiling.objects.exists()
    assert filed_with(filed.requests[0].number) == list(filed.requests)


def test_one_message_names_every_number_and_day(play: Cast) -> None:
    # when
    filed = together(play, party=Party(mail="zhang@mail.example"))

    # then
    sent = Delivery.objects.get(notice__title__startswith="已收到")
    for request in filed.requests:
        assert request.number in sent.notice.body
        assert request.agency.name in sent.notice.body
    assert sent.notice.body.count("24:00 前答复") == 2
    assert "为什么是这一天" in sent.notice.body
    assert filed.code not in f"{sent.notice.title}{sent.notice.body}{sent.notice.path}"


def test_withdrawing_one_leaves_the_others_as_they_are(play: Cast) -> None:
    # given
    filed = together(play)
    first, second = filed.requests

    # when
    services.withdraw_request(request_id=first.pk, by=holder_of(first.number, filed.code), on=FILED_ON, at=at(FILED_ON))

    # then
    second.refresh_from_db()
    assert second.status == "waiting"
    assert clocks_of(second).get().is_running
    assert not clocks_of(first).get().is_running


def test_the_entry_goes_to_the_agency_that_provides_it(play: Cast) -> None:
    entry = entry_in_force(play.city.provider)
    first, second = together(play, entry=entry).requests
    assert (first.entry, second.entry) == (entry, None)
    assert entry.demand.get().requests == 1


def test_every_request_keeps_its_own_copy_of_the_papers(play: Cast) -> None:
    # given
    paper = take_in(ContentFile("甲,乙\n1,2\n".encode(), name="清单.csv"), subject="draft:1", by=None, at=at(FILED_ON))

    # when
    filed = together(play, papers=[paper])

    # then
    kept = [Attachment.objects.get(subject=subject_of(request)) for request in filed.requests]
    assert kept[0].file.name != kept[1].file.name
    assert {row.file.read() for row in kept} == {"甲,乙\n1,2\n".encode()}
    assert len({row.sha256 for row in kept}) == 1


@pytest.mark.parametrize("fault", ["none", "many", "outside", "foreign-entry"])
def test_a_filing_that_one_agency_cannot_take_files_nothing(play: Cast, fault: str) -> None:
    # given
    outside = make_agency("贵阳市监察委员会", kind="supervisory")
    many = [make_agency(f"贵阳市第{number}局") for number in range(MOST_AGENCIES + 1)]
    agencies = {
        "none": [],
        "many": many,
        "outside": [play.city.provider, outside],
        "foreign-entry": [play.city.health],
    }[fault]
    entry = entry_in_force(play.city.provider) if fault == "foreign-entry" else None
    before = snapshot()

    # when
    with pytest.raises(RuleBroken) as refused:
        services.file_together(
            by=PUBLIC, agencies=agencies, title="急救车辆", entry=entry, on=FILED_ON, at=at(FILED_ON)
        )

    # then
    assert "agencies" in refused.value.fields
    assert snapshot() == before


# --- pages -------------------------------------------------------------------------------------------


def _to_the_check(client: Client, agencies: list[Agency]) -> None:
    client.post("/requests/new/", {"title": "急救车辆位置"})
    client.post("/requests/new/agency/", {"agencies": [str(agency.pk) for agency in agencies]})
    client.post("/requests/new/you/", {})


def test_two_agencies_chosen_on_the_page_end_in_one_receipt(client: Client, play: Cast) -> None:
    # given: nothing but a title and agencies
    _to_the_check(client, [play.city.health, play.city.provider])
    check = client.get("/requests/new/check/").content.decode()
    assert "您向 2 个机关申请" in check

    # when
    answer = client.post("/requests/new/check/", {"submission": "a" * 32})
    again = client.post("/requests/new/check/", {"submission": "a" * 32})

    # then
    assert again.url == answer.url
    first, second = OpenRequest.objects.order_by("pk")
    receipt = client.get(answer.url).content.decode()
    assert {first.agency, second.agency} == {play.city.health, play.city.provider}
    assert first.number in receipt
    assert second.number in receipt
    code = CODE.search(receipt)
    assert code is not None
    assert client.get(f"/requests/{second.number}/receipt.pdf").content.startswith(b"%PDF")
    calendar = client.get(f"/requests/{first.number}/due-day.ics").content.decode()
    assert calendar.count("BEGIN:VEVENT") == 2

    # and another visit opens both by one number
    other = Client()
    other.post("/requests/track/", {"number": second.number, "code": code.group()})
    for request in (first, second):
        page = other.get(f"/requests/{request.number}/").content.decode()
        assert "这是您的申请" in page
        assert "一并向这些机关申请" in page


def test_an_agency_is_found_by_name_without_scripts_and_the_ticks_stay(client: Client, play: Cast) -> None:
    # given
    client.post("/requests/new/", {"title": "急救车辆位置"})
    chosen = str(play.city.provider.pk)

    # when
    page = client.post("/requests/new/agency/", {"agencies": [chosen], "find": "卫生", "look": "1"})

    # then
    body = page.content.decode()
    assert page.status_code == 200
    assert re.search(rf'value="{chosen}" checked', body)
    listed = body.split('id="id_agencies_all"')[1]
    assert f'value="{play.city.health.pk}"' in listed
    assert f'value="{play.city.authority.pk}"' not in listed


def test_without_an_agency_or_with_too_many_the_step_says_what_to_do(client: Client, play: Cast) -> None:
    client.post("/requests/new/", {"title": "急救车辆位置"})
    many = [str(make_agency(f"贵阳市第{number}局").pk) for number in range(MOST_AGENCIES + 1)]
    for agencies, words in (([], "请选择一个机关"), (many, "一次最多向"), (["0"], "另选")):
        answer = client.post("/requests/new/agency/", {"agencies": agencies})
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_an_agency_that_closed_meanwhile_is_named_and_nothing_is_filed(client: Client, play: Cast) -> None:
    _to_the_check(client, [play.city.health, play.city.provider])
    Agency.objects.filter(pk=play.city.health.pk).update(is_active=False)
    answer = client.post("/requests/new/check/", {"submission": "b" * 32})
    assert answer.status_code == 422
    assert "停用" in answer.content.decode()
    assert not OpenRequest.objects.exists()


@pytest.mark.parametrize("again", ["急救车辆位置", " 急救　车辆 位置。"])
def test_the_same_request_at_the_same_agency_is_pointed_out_and_may_be_sent(
    client: Client, play: Cast, again: str
) -> None:
    # given
    person = citizen()
    client.force_login(person)
    _to_the_check(client, [play.city.provider])
    client.post("/requests/new/check/", {"submission": "c" * 32})
    first = OpenRequest.objects.get()

    # when
    client.post("/requests/new/", {"title": again})
    client.post("/requests/new/agency/", {"agencies": [str(play.city.provider.pk)]})
    client.post("/requests/new/you/", {})
    check = client.get("/requests/new/check/").content.decode()

    # then
    assert "您已向同一机关提出过同样的申请" in check
    assert first.number in check
    client.post("/requests/new/check/", {"submission": "d" * 32})
    assert OpenRequest.objects.count() == 2


def test_another_title_agency_or_person_is_no_repeat(client: Client, play: Cast) -> None:
    # given
    together(play, by=citizen(), title="急救车辆位置")
    client.force_login(citizen())

    # when
    _to_the_check(client, [play.city.provider])

    # then
    assert "您已向同一机关" not in client.get("/requests/new/check/").content.decode()


# --- API ---------------------------------------------------------------------------------------------


def test_the_interface_files_with_several_agencies_at_once(client: Client, play: Cast) -> None:
    # when
    codes = [play.city.provider.code, play.city.health.code]
    answer = client.post(
        "/api/v1/requests/",
        {"title": "急救车辆位置", "agencies": codes},
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )
    again = client.post(
        "/api/v1/requests/",
        {"title": "急救车辆位置", "agencies": codes},
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )

    # then
    body = answer.json()
    assert answer.status_code == 201
    assert again.json() == body
    assert [one["agency"] for one in body["requests"]] == codes
    numbers = [one["number"] for one in body["requests"]]
    assert body["number"] == numbers[0]
    shown = client.get(f"/api/v1/requests/{numbers[1]}/", headers={"X-Tracking-Code": body["code"]}).json()
    assert shown["own"]
    assert shown["together"] == numbers[:1]


def test_the_interface_needs_an_agency(client: Client, play: Cast) -> None:
    answer = client.post("/api/v1/requests/", {"title": "急救车辆位置"}, content_type="application/json")
    assert answer.status_code == 422
    assert "agencies" in answer.json()["fields"]
