"""What a person with an account sees of the own requests and objections."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app import services
from requests_app.models import ReviewApplication
from tests.caching import forget
from tests.factories import requests
from tests.factories.accounts import citizen

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_my_requests_stand_in_the_order_of_their_due_days_and_nobody_elses(client: Client) -> None:
    # given two of mine, one that somebody filed without an account, and one of another person
    play, me, other = requests.cast(), citizen(), citizen()
    later = requests.waiting(play, by=me, title="公共厕所位置", on=requests.FILED_ON + dt.timedelta(days=2))
    sooner = requests.waiting(play, by=me, title="停车场泊位数")
    requests.waiting(play, title="无账号的申请")
    requests.waiting(play, by=other, title="别人的申请")
    # when
    client.force_login(me)
    page = client.get("/me/requests/").content.decode()
    # then
    assert page.index(sooner.number) < page.index(later.number)
    assert "无账号的申请" not in page
    assert "别人的申请" not in page


def test_a_question_that_waits_for_my_answer_is_marked(client: Client) -> None:
    play, me = requests.cast(), citizen()
    filed = requests.waiting(play, by=me)
    day, moment = requests.FILED_ON, requests.at(requests.FILED_ON)
    asked = services.ask_question(request_id=filed.pk, by=play.steward, text="需要哪几年的？", on=day, at=moment)
    sooner = requests.waiting(play, by=me, title="停车场泊位数", on=day - dt.timedelta(days=1))
    client.force_login(me)
    page = client.get("/me/requests/").content.decode()
    assert "有询问待您回答" in page
    assert page.index(filed.number) < page.index(sooner.number)
    services.answer_question(question_id=asked.pk, by=me, text="近三年的。", at=moment)
    assert "有询问待您回答" not in client.get("/me/requests/").content.decode()


def test_my_objections_have_a_tab_of_their_own(client: Client) -> None:
    play, me = requests.cast(), citizen()
    review = requests.objected(play, request=requests.replied(play, by=me), by=me)
    client.force_login(me)
    assert review.number in client.get("/me/requests/?show=reviews").content.decode()
    assert review.number not in client.get("/me/requests/").content.decode()


def test_an_empty_list_says_how_to_find_what_was_filed_without_the_account(client: Client) -> None:
    client.force_login(citizen())
    page = client.get("/me/requests/").content.decode()
    assert "还没有用这个账号提出过申请" in page
    assert "/requests/track/" in page
    assert "还没有提出复核" in client.get("/me/requests/?show=reviews").content.decode()


def test_the_list_costs_the_same_for_many(client: Client) -> None:
    play, me = requests.cast(), citizen()
    client.force_login(me)
    costs = []
    for more in (3, 9):
        for number in range(more):
            requests.waiting(play, by=me, title=f"车位{more}{number}")
        client.get("/me/requests/")
        forget()
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/me/requests/").status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_an_objection_filed_with_the_account_belongs_to_it_although_the_code_is_remembered_too(client: Client) -> None:
    # given a reply to a request of mine, which this visit opened by its code as well
    play, me = requests.cast(), citizen()
    filed = requests.filed(play, by=me)
    day = dt.date(2026, 11, 9)
    services.draft_reply(
        request_id=filed.request.pk, by=play.steward, text=requests.REFUSE, on=day, at=requests.at(day)
    )
    services.deliver_reply(request_id=filed.request.pk, by=play.approver, on=day, at=requests.at(day, 16))
    client.force_login(me)
    client.post("/requests/track/", {"number": filed.request.number, "code": filed.code})
    # when
    path = f"/requests/{filed.request.number}/review/"
    sent = client.post(
        path, {"submission": "b" * 32, "named": ["whole"], "reasons": "同样的数据在企业的应用里公开显示。"}
    )
    # then
    assert sent.status_code == 302
    review = ReviewApplication.objects.get()
    assert review.objector == me
    assert review.number in client.get("/me/requests/?show=reviews").content.decode()
    assert client.get(review.get_absolute_url()).status_code == 200
