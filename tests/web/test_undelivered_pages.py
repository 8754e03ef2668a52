"""The page of what could not be delivered, and the case that says so."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.notices.models import Delivery
from guiyang_data.notices.returned.services import take_back
from guiyang_data.notices.sending import send_waiting
from guiyang_data.timekeeping import now
from tests.factories import complaints, notices, requests
from tests.factories import oversight as late
from tests.factories.accounts import citizen, city, make_agency, staff
from tests.look.reading import Page
from tests.notices.conftest import Post, post

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

__all__ = ["post"]
LIST = "/desk/notices/failed/"


def read(client: Client, path: str) -> str:
    """The page, without anything in the way of a screen reader."""
    html = client.get(path).content.decode()
    assert Page(html).faults() == []
    return html


def test_a_refused_mail_to_an_applicant_is_shown_on_the_list_on_the_case_and_in_the_navigation(
    client: Client, post: Post
) -> None:
    # given a request whose applicant's mailbox does not exist
    play = requests.cast()
    request = requests.replied(play, by=citizen(email="gone@mail.example"))
    post.answers["gone@mail.example"] = "550 5.1.1 no such user"
    send_waiting(at=now() + dt.timedelta(days=400))
    client.force_login(play.steward)
    # then
    html = read(client, LIST)
    assert "对方拒收" in html
    assert "g***@mail.example" in html
    assert "gone@mail.example" not in html
    assert f'href="{request.work_path}"' in html
    case = read(client, request.work_path)
    assert "通知没有送达" in case
    assert 'href="/desk/notices/failed/"' in case
    assert "一条通知没有送达" in case
    # and whoever asked learns it there too, but nobody else
    assert "没有送达" not in Client().get(request.get_absolute_url()).content.decode()
    client.force_login(request.applicant)
    assert "一条通知没有送达" in read(client, request.get_absolute_url())


def test_sent_again_and_told_otherwise_from_the_list(client: Client) -> None:
    # given
    agency = make_agency()
    steward = staff(agency, Role.DATA_STEWARD)
    first, second = notices.undelivered(agency), notices.undelivered(agency, number=2)
    client.force_login(steward)
    # when
    again = client.post(f"{LIST}{first.pk}/again/", follow=True).content.decode()
    assert "已经重新排队发送" in again
    read(client, f"{LIST}{second.pk}/told/")
    refused = client.post(f"{LIST}{second.pk}/told/", {"words": ""})
    assert (refused.status_code, "请写明何时、用什么方式告知的" in refused.content.decode()) == (422, True)
    client.post(f"{LIST}{second.pk}/told/", {"words": "电话告知。"})
    # then
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["waiting", "told"]
    assert "没有未送达的通知" in read(client, LIST)
    assert client.post(f"{LIST}{second.pk}/again/").status_code == 409


def test_what_only_the_machine_understands_is_not_shown(client: Client) -> None:
    # given one whose address was written under another key
    agency = make_agency()
    delivery = notices.undelivered(agency)
    Delivery.objects.update(address_encrypted="gAAAA", reason="unusable", last_error="InvalidToken")
    client.force_login(staff(agency, Role.DATA_STEWARD))
    # then
    html = read(client, LIST)
    assert delivery.notice.title in html
    assert "保存的地址或者内容无法使用" in html
    assert "地址读不出来" in html
    assert "InvalidToken" not in html


def test_who_comes_too_late_is_not_asked_to_correct_anything(client: Client) -> None:
    # given
    agency = make_agency()
    delivery = notices.undelivered(agency)
    client.force_login(staff(agency, Role.DATA_STEWARD))
    Delivery.objects.update(state="sent")
    # when
    answer = client.post(f"{LIST}{delivery.pk}/told/", {"words": "电话告知。"})
    # then
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "没有办成。您填写的内容都在。" in html
    assert "不需要再办理" in html
    assert "请先改正" not in html
    assert "电话告知。" in html


def test_who_administers_all_reads_what_became_of_returned_mail(client: Client) -> None:
    town = city()
    take_back(b"not a report", at=now())
    client.force_login(staff(town.authority, Role.SYSTEM_ADMIN))
    assert "近三十天收到的退信" in read(client, LIST)
    client.force_login(staff(town.provider, Role.SYSTEM_ADMIN))
    assert "退信" not in read(client, LIST).replace("邮件被退回", "")


def test_a_complaint_that_could_not_be_fed_back_is_shown_to_its_keeper_and_never_to_its_target(
    client: Client, post: Post
) -> None:
    # given
    cast = late.cast()
    receipt = complaints.submitted(cast, by=citizen(email="gone@mail.example"))
    post.answers["gone@mail.example"] = "550 no"
    send_waiting(at=now() + dt.timedelta(days=400))
    failed = Delivery.objects.filter(state="failed", notice__kind="complaint")
    assert failed.exists()
    assert {one.notice.agency for one in failed.select_related("notice__agency")} == {receipt.keeper}
    # then
    assert receipt.keeper != receipt.complaint.agency
    client.force_login(_steward_of(receipt.complaint.agency))
    assert "没有未送达的通知" in read(client, LIST)


def _steward_of(agency: object) -> User:
    return staff(agency, Role.DATA_STEWARD)  # type: ignore[arg-type]
