"""Following a request or a data set: one press with an account, a confirmed mail without; each event told once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.sealing import seal
from guiyang_data.notices import following
from guiyang_data.notices.models import Delivery, Follow, Notice
from opendata import reactions as opening
from requests_app import reactions, services
from requests_app.models import OpenRequest
from requests_app.services.following import followed_dataset, followed_request
from tests.factories.accounts import citizen
from tests.factories.catalog import entry_in_force
from tests.factories.opendata import dataset_open
from tests.factories.requests import REFUSE, Cast, at, cast, decided, replied, waiting, withdrawn

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MAIL = "follower@mail.example"
TODAY = dt.date(2026, 11, 4)
LATER = dt.date(2026, 11, 23)


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_fourth_of_november() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 11, 4, 1, 0, tzinfo=dt.UTC), tick=False):
        yield


def _confirmed(request: OpenRequest, mail: str = MAIL) -> Follow:
    following.ask_by_mail(followed_request(request), mail=mail, at=at(TODAY))
    row = Follow.objects.get(confirmed_at=None)
    token = following.confirm_path(row, at(TODAY)).split("/")[-2]
    return services.confirm_following(token=token, on=TODAY, at=at(TODAY))


def _answer(play: Cast, request: OpenRequest) -> None:
    day = dt.date(2026, 11, 9)
    services.draft_reply(request_id=request.pk, by=play.steward, text=REFUSE, on=day, at=at(day))
    services.deliver_reply(request_id=request.pk, by=play.approver, on=day, at=at(day))


def _swept(day: dt.date = LATER) -> None:
    seal(at=at(day))
    reactions.react(at(day), day)


def _told() -> list[str]:
    return list(Notice.objects.filter(kind="followed").order_by("pk").values_list("title", flat=True))


def test_with_an_account_one_press_follows_and_a_second_changes_nothing(client: Client, play: Cast) -> None:
    # given
    request, person = waiting(play), citizen()
    client.force_login(person)

    # when
    for token in ("a" * 32, "b" * 32):
        answer = client.post(f"/requests/{request.number}/follow/", {"submission": token})
        assert answer.url == f"/requests/{request.number}/"

    # then
    assert Follow.objects.get().user == person
    page = client.get(f"/requests/{request.number}/").content.decode()
    assert "已关注" in page
    assert "1 人关注" in page
    assert request.title in client.get("/me/following/").content.decode()


def test_an_address_follows_only_after_its_owner_confirmed(client: Client, play: Cast) -> None:
    # given
    request = waiting(play)

    # when
    answer = client.post(f"/requests/{request.number}/follow/", {"mail": MAIL, "submission": "a" * 32})

    # then nothing follows yet, and the address stands nowhere in clear
    assert answer.status_code == 302
    assert following.followers(request) == 0
    row = Follow.objects.get()
    assert MAIL not in f"{row.address_encrypted}{row.address_index}"
    link = Notice.objects.get(kind="follow").path

    # when a program merely opens the link
    assert client.get(link).status_code == 200
    assert following.followers(request) == 0

    # when the owner confirms
    assert client.post(link, {"submission": "b" * 32}).url == request.get_absolute_url()
    assert following.followers(request) == 1


def test_the_confirming_mail_goes_out_once_an_hour_and_says_the_same_to_everyone(client: Client, play: Cast) -> None:
    # given
    request = waiting(play)
    path = f"/requests/{request.number}/follow/"
    client.post(path, {"mail": MAIL, "submission": "a" * 32})

    # when
    again = client.post(path, {"mail": MAIL.upper(), "submission": "b" * 32})

    # then
    assert again.status_code == 302
    assert Delivery.objects.filter(notice__kind="follow").count() == 1

    # and one who follows already is not told so
    following.confirm(Notice.objects.get(kind="follow").path.split("/")[-2], at=at(TODAY))
    assert client.post(path, {"mail": MAIL, "submission": "c" * 32}).status_code == 302
    assert Delivery.objects.filter(notice__kind="follow").count() == 1


def test_a_wrong_address_keeps_the_page_and_too_many_mails_wait(
    client: Client, play: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_app.visitors.FOLLOW_MAILS", 1)
    path = f"/requests/{waiting(play).number}/follow/"
    wrong = client.post(path, {"mail": "甲", "submission": "a" * 32})
    assert wrong.status_code == 422
    assert "邮箱地址不完整" in wrong.content.decode()
    assert client.post(path, {"mail": MAIL, "submission": "b" * 32}).status_code == 302
    assert client.post(path, {"mail": "b@mail.example", "submission": "c" * 32}).status_code == 422


@pytest.mark.parametrize("days", [0, 2, 4])
def test_a_confirming_link_is_good_for_three_days(play: Cast, days: int) -> None:
    # given
    following.ask_by_mail(followed_request(waiting(play)), mail=MAIL, at=at(TODAY))
    token = Notice.objects.get(kind="follow").path.split("/")[-2]
    day = TODAY + dt.timedelta(days=days)

    # then
    if days > 3:
        with pytest.raises(NotSeen):
            services.confirm_following(token=token, on=day, at=at(day))
        assert following.forget_unconfirmed(at=at(day)) == 1
        assert not Follow.objects.exists()
    else:
        assert services.confirm_following(token=token, on=day, at=at(day)).confirmed_at == at(day)


def test_a_link_of_one_kind_does_not_serve_as_the_other_nor_changed(client: Client, play: Cast) -> None:
    row = _confirmed(waiting(play))
    ending = following.end_path(row).split("/")[-2]
    assert client.get(f"/follow/confirm/{ending}/").status_code == 404
    assert client.get(f"/follow/end/{ending}x/").status_code == 404
    assert Follow.objects.exists()


def test_followers_hear_of_reply_and_review_once_and_each_mail_ends_it(client: Client, play: Cast) -> None:
    # given
    request, person = waiting(play), citizen()
    services.follow(what=followed_request(request), by=person, on=TODAY, at=at(TODAY))
    _confirmed(request)

    # when
    _answer(play, request)
    _swept()
    _swept()

    # then
    assert _told() == [f"您关注的申请 {request.number} 已答复：不同意"] * 2
    by_mail = Notice.objects.get(kind="followed", recipient=None)
    link = re.search(r"/follow/end/\S+", by_mail.body)
    assert link is not None
    assert "/me/following/" in Notice.objects.get(kind="followed", recipient=person).body

    # when the review is decided
    decided(play, request=request)
    _swept()
    assert len(_told()) == 4

    # when the reader of the mail has enough
    assert client.get(link.group()).status_code == 200
    assert client.post(link.group(), {"submission": "a" * 32}).status_code == 302
    assert Follow.objects.get().user == person
    assert client.get(link.group()).status_code == 404


def test_who_followed_later_is_not_told_of_what_was_before(play: Cast) -> None:
    request = replied(play)
    services.follow(what=followed_request(request), by=citizen(), on=LATER, at=at(LATER))
    _swept()
    assert _told() == []


def test_the_applicant_is_told_as_such_and_not_twice(play: Cast) -> None:
    person = citizen()
    request = waiting(play, by=person)
    services.follow(what=followed_request(request), by=person, on=TODAY, at=at(TODAY))
    _answer(play, request)
    _swept()
    assert _told() == []


def test_a_withdrawn_request_can_be_followed_no_longer(client: Client, play: Cast) -> None:
    request = withdrawn(play)
    with pytest.raises(RuleBroken):
        followed_request(request)
    assert client.get(f"/requests/{request.number}/follow/").status_code == 422
    assert client.get("/requests/GY-0/follow/").status_code == 404
    assert client.get("/data/none/follow/").status_code == 404


def test_a_follower_counts_as_demand_once_the_address_is_confirmed(play: Cast) -> None:
    # given
    entry = entry_in_force(play.city.provider)
    request = waiting(play, entry=entry)
    following.ask_by_mail(followed_request(request), mail=MAIL, at=at(TODAY))
    assert entry.demand.get().followers == 0

    # when
    row = Follow.objects.get()
    token = following.confirm_path(row, at(TODAY)).split("/")[-2]
    for _press in range(2):
        services.confirm_following(token=token, on=TODAY, at=at(TODAY))

    # then
    assert sum(entry.demand.values_list("followers", flat=True)) == 1


def test_followers_of_a_data_set_hear_of_its_next_version(client: Client, play: Cast) -> None:
    # given
    dataset = dataset_open(play.city.provider)
    person = citizen()
    client.force_login(person)
    answer = client.post(f"/data/{dataset.slug}/follow/", {"submission": "a" * 32})
    assert answer.url == dataset.get_absolute_url()
    assert "1 人关注" in client.get(dataset.get_absolute_url()).content.decode()

    # when: what was before tells nobody, what comes does
    seal(at=at(LATER))
    Follow.objects.update(confirmed_at=at(dt.date(2020, 1, 1)))
    opening.react(at(LATER))
    opening.react(at(LATER))

    # then
    assert _told() == [f"您关注的数据集有了新的版本：{dataset.title}"]
    assert followed_dataset(dataset).path == dataset.get_absolute_url()


def test_what_i_follow_is_mine_alone_and_can_be_ended(client: Client, play: Cast) -> None:
    # given
    request, person = waiting(play), citizen()
    services.follow(what=followed_request(request), by=person, on=TODAY, at=at(TODAY))
    path = f"/me/following/{Follow.objects.get().pk}/end/"
    other = Client()
    other.force_login(citizen())

    # then
    assert other.post(path, {}).status_code == 404
    client.force_login(person)
    assert client.get(path).status_code == 200
    assert client.post(path, {"submission": "a" * 32}).url == "/me/following/"
    assert not Follow.objects.exists()
    assert "还没有关注" in client.get("/me/following/").content.decode()


def test_the_interface_follows_lists_and_ends(client: Client, play: Cast) -> None:
    # given
    request, person = waiting(play), citizen()
    client.force_login(person)

    # when
    made = client.post("/api/v1/follows/", {"request": request.number}, content_type="application/json")

    # then
    assert made.status_code == 201
    assert client.get("/api/v1/follows/").json()["results"][0]["path"] == request.get_absolute_url()
    assert client.post("/api/v1/follows/", {}, content_type="application/json").status_code == 422
    assert client.delete(f"/api/v1/follows/{made.json()['id']}/").status_code == 204
    assert client.delete(f"/api/v1/follows/{made.json()['id']}/").status_code == 404


def _cost(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/me/following/").status_code == 200
    return len(captured)


def test_the_list_of_what_i_follow_costs_the_same_for_three_and_twelve(client: Client, play: Cast) -> None:
    person: User = citizen()
    client.force_login(person)
    for number in range(12):
        request = waiting(play, title=f"车位{number}")
        services.follow(what=followed_request(request), by=person, on=TODAY, at=at(TODAY))
        if number == 2:
            client.get("/me/following/")
            few = _cost(client)
    assert _cost(client) == few
