"""Whoever asked, objected or complained reads on their own case that a notice did not reach them, and nobody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.ledger.services import subject_of
from guiyang_data.notices import following, undelivered
from guiyang_data.notices.models import Delivery
from guiyang_data.notices.sending import send_waiting
from guiyang_data.timekeeping import now
from requests_app.services import Party
from requests_app.services.following import followed_request
from tests.factories import complaints, requests
from tests.factories import oversight as supervising
from tests.factories.accounts import citizen
from tests.factories.requests import Cast, cast
from tests.look.reading import Page
from tests.notices.conftest import Post, post

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

__all__ = ["post"]
GONE, GIVEN = "gone@mail.example", "elsewhere@mail.example"
SAID = "发给您的通知没有送达"


@pytest.fixture
def play() -> Cast:
    return cast()


def refuse(post: Post, *addresses: str) -> None:
    """None of these has a mailbox, and all that waits is sent."""
    post.answers.update(dict.fromkeys(addresses, "550 5.1.1 no such user"))
    send_waiting(at=now() + dt.timedelta(days=400), most=500)


def read(client: Client, path: str) -> str:
    """The page, without anything in the way of a screen reader."""
    html = client.get(path).content.decode()
    assert Page(html).faults() == []
    return html


def with_code(number: str, code: str) -> Client:
    visitor = Client()
    assert visitor.post("/requests/track/", {"number": number, "code": code}).status_code == 302
    return visitor


def test_an_applicant_is_told_of_each_address_once_at_the_account_and_at_the_one_given(play: Cast, post: Post) -> None:
    # given several notices to both
    person = citizen(email=GONE)
    request = requests.replied(play, by=person, party=Party(mail=GIVEN))
    refuse(post, GONE, GIVEN)
    assert Delivery.objects.filter(state="failed").count() > 2
    client = Client()
    client.force_login(person)

    # then
    html = read(client, request.get_absolute_url())
    assert html.count(SAID) == html.count("办理情况和答复以本页为准") == 1
    for shown in ("邮件 g***@mail.example（对方拒收", "邮件 e***@mail.example（对方拒收"):
        assert html.count(shown) == 1
    assert GONE not in html
    assert GIVEN not in html
    assert SAID not in read(Client(), request.get_absolute_url())

    # and no longer once it was seen to
    for failed in Delivery.objects.filter(state="failed", notice__subject=subject_of(request)):
        undelivered.tell_otherwise(delivery_id=failed.pk, by=play.steward, words="已电话告知。", at=now())
    assert SAID not in read(client, request.get_absolute_url())


def test_without_an_account_the_code_opens_it(play: Cast, post: Post) -> None:
    made = requests.filed(play, party=Party(mail=GIVEN))
    refuse(post, GIVEN)
    assert SAID in read(with_code(made.request.number, made.code), made.request.get_absolute_url())


def test_what_followers_and_officials_missed_is_not_the_applicants_matter(play: Cast, post: Post) -> None:
    # given a follower without an account, and a steward, whose mailboxes are gone
    made = requests.filed(play)
    following.ask_by_mail(followed_request(made.request), mail=GONE, at=now())
    refuse(post, GONE, play.steward.email)
    assert Delivery.objects.filter(state="failed", notice__subject=subject_of(made.request)).count() == 2

    # then
    assert SAID not in read(with_code(made.request.number, made.code), made.request.get_absolute_url())


def test_an_objector_reads_it_before_and_after_the_result(play: Cast, post: Post) -> None:
    # given
    person = citizen(email=GONE)
    review = requests.objected(play, by=person)
    client = Client()
    client.force_login(person)
    refuse(post, GONE)

    # then
    assert SAID in read(client, review.get_absolute_url())
    review = requests.decided(play, by=person)
    refuse(post, GONE)
    assert SAID in read(client, review.get_absolute_url())
    assert SAID not in read(Client(), review.get_absolute_url())


def test_a_complainant_reads_it(post: Post) -> None:
    # given
    people = supervising.cast()
    person = citizen(email=GONE)
    complaint = complaints.submitted(people, by=person, party=Party()).complaint
    refuse(post, GONE)
    client = Client()
    client.force_login(person)

    # then
    assert SAID in read(client, complaint.get_absolute_url())


def test_it_costs_as_many_queries_for_many_as_for_none(play: Cast, post: Post) -> None:
    person = citizen(email=GONE)
    request = requests.replied(play, by=person)
    client = Client()
    client.force_login(person)

    def cost() -> int:
        client.get(request.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            assert client.get(request.get_absolute_url()).status_code == 200
        return len(captured)

    # the event of each that failed names no one, and is read with the others
    none = cost()
    refuse(post, GONE)
    assert SAID in client.get(request.get_absolute_url()).content.decode()
    assert cost() == none
