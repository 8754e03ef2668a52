"""Nobody can have the portal fill a stranger's mailbox or telephone, or send their own words there."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PUBLIC
from guiyang_data.notices import following
from guiyang_data.notices.models import Channel, Delivery, Follow, Notice
from requests_app import services, visitors
from requests_app.models import OpenRequest
from requests_app.services import following as following_cases
from requests_app.services.following import followed_request
from requests_app.services.parties import Party
from tests.caching import forget
from tests.factories.accounts import citizen
from tests.factories.requests import AGREE, FILED_ON, Cast, at, cast, replied, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

VICTIM = "victim@mail.example"
PHONE = "13800138000"
API = "/api/v1/requests/"


@pytest.fixture
def play() -> Cast:
    forget()
    return cast()


def _asks(path: str, number: int) -> Client:
    """A visitor from an address of their own."""
    visitor = Client(REMOTE_ADDR=f"203.0.113.{number}")
    assert visitor.post(path, {"mail": VICTIM, "submission": f"{number:032d}"}).status_code == 302
    return visitor


def test_an_address_is_not_flooded_by_following_many_things_from_many_places(play: Cast) -> None:
    # given more requests than one may be asked about in a day
    paths = [f"{waiting(play).get_absolute_url()}follow/" for _ in range(following.ASKED_A_DAY + 2)]

    # when somebody enters another's address at each of them, each time from elsewhere
    for number, path in enumerate(paths, start=1):
        _asks(path, number)

    # then
    assert Delivery.objects.filter(notice__kind="follow").count() == following.ASKED_A_DAY

    # and once the owner answers one, there is room for another
    link = Notice.objects.filter(kind="follow").first()
    assert link is not None
    Client().post(link.path, {"submission": "f" * 32})
    _asks(paths[-1], 200)
    assert Delivery.objects.filter(notice__kind="follow").count() == following.ASKED_A_DAY + 1


def test_the_confirming_mail_carries_no_words_of_whoever_filed(play: Cast) -> None:
    request = waiting(play, title="您的账户异常请访问 https://bad.example 核验")
    _asks(f"{request.get_absolute_url()}follow/", 1)
    notice = Notice.objects.get(kind="follow")
    assert request.number in notice.body
    assert "bad.example" not in notice.title + notice.body


def test_nothing_sent_outside_quotes_what_was_asked(play: Cast) -> None:
    """Nobody proved the address of a receipt, and a title may hold a private word: the number names the case."""
    # given a request with words that nobody wants in a mailbox, and somebody who follows it
    title = "王某某的住院记录，请访问 https://bad.example"
    party = Party(mail=VICTIM, phone=PHONE)
    requests = [waiting(play, title=title, party=party), replied(play, AGREE, title=title, party=party)]
    for request in requests:
        following.ask_by_mail(followed_request(request), mail="follower@mail.example", at=at(FILED_ON))
    Follow.objects.update(confirmed_at=at(FILED_ON))
    joint = {"agencies": [play.city.provider, play.city.requester], "on": FILED_ON, "at": at(FILED_ON)}
    services.file_together(by=PUBLIC, title=title, party=party, **joint)

    # when everything happens to them that can
    number, day = requests[0].pk, dt.date(2026, 11, 9)
    services.ask_question(request_id=number, by=play.steward, text="需要哪一年的？", on=day, at=at(day))
    services.transfer(
        request_id=number,
        to=play.city.requester,
        by=play.steward,
        reasons="这项数据由其主管，应当由其答复。",
        on=day,
        at=at(day),
    )
    services.fulfil(request_id=requests[1].pk, by=play.steward, link="/data/parking/", on=day, at=at(day))
    services.tell_applicants_overdue([requests[0].number], at(day))
    for event in Event.objects.filter(verb__in=["agree", "fulfil"]):
        following_cases.tell_of(event, at(day))

    # then
    told = Notice.objects.filter(recipient=None)
    assert {"followed", "follow", "open-request"} <= set(told.values_list("kind", flat=True))
    for notice in told:
        assert "王某某" not in notice.title + notice.body, notice.key
        assert "bad.example" not in notice.title + notice.body, notice.key
    # and each says which case it is about, and has its page
    for notice in told.filter(kind="open-request"):
        assert any(number in notice.title for number in OpenRequest.objects.values_list("number", flat=True))
        assert notice.path


def _files(client: Client, play: Cast, **contact: str) -> int:
    body = {"agency": play.city.provider.code, "title": "公共停车场实时余位", **contact}
    return client.post(API, body, content_type="application/json").status_code


def _texts() -> int:
    return Delivery.objects.filter(channel=Channel.SMS).count()


@pytest.mark.parametrize("contact", [{"phone": PHONE}, {"mail": VICTIM}], ids=["phone", "mail"])
def test_a_strangers_contact_is_taken_for_some_filings_a_day_and_filing_goes_on_without(
    play: Cast, monkeypatch: pytest.MonkeyPatch, contact: dict[str, str]
) -> None:
    # given an account that enters somebody else's telephone or mail address at each request
    monkeypatch.setattr(visitors, "FILINGS_A_CONTACT", 3)
    client, other = Client(), Client()
    client.force_login(citizen())

    # when
    answers = [_files(client, play, **contact) for _ in range(3)]

    # then it is refused at its field, from wherever it is entered next, however it is written
    assert answers == [201, 201, 201]
    assert _files(client, play, **contact) == 422
    written = {name: value.replace("138", "+86 138 ", 1).upper() for name, value in contact.items()}
    assert _files(other, play, **written) == 422
    assert OpenRequest.objects.count() == 3
    assert _texts() == (3 if "phone" in contact else 0)

    # and nobody is kept from asking
    assert _files(client, play) == 201


def test_ones_own_address_may_be_given_as_often_as_one_likes(play: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "FILINGS_A_CONTACT", 1)
    person: User = citizen()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client = Client()
    client.force_login(person)
    assert [_files(client, play, mail=person.email) for _ in range(3)] == [201, 201, 201]
