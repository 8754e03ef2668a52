"""A key that makes a call repeatable must not hand one visitor what another was told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from guiyang_data.faces.models import Submission
from requests_app.models import OpenRequest
from tests.caching import forget
from tests.factories.requests import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

API = "/api/v1/requests/"


@pytest.fixture
def play() -> Cast:
    forget()
    return cast()


def _file(client: Client, play: Cast, title: str, **headers: Any) -> Any:
    body = {"agency": play.city.provider.code, "title": title, "mail": "somebody@mail.example"}
    return client.post(API, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="1", **headers)


def test_a_strangers_key_from_the_same_address_does_not_give_away_the_first_visitors_code(play: Cast) -> None:
    # given somebody without an account who filed under a key that is easily guessed
    first = _file(Client(), play, "公交车辆实时位置").json()

    # when somebody else at the same address uses the key for a request of their own
    second = _file(Client(), play, "公共停车场实时余位").json()

    # then each has a request and a code of their own
    assert second["number"] != first["number"]
    assert second["code"] != first["code"]
    assert OpenRequest.objects.count() == 2


def test_visitors_behind_our_proxy_are_told_apart_by_their_own_addresses(settings: LazySettings, play: Cast) -> None:
    # given a portal behind one proxy of its own
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    # when two visitors send the same words under the same key
    first = _file(Client(), play, "公交车辆实时位置", HTTP_X_FORWARDED_FOR="203.0.113.7").json()
    second = _file(Client(), play, "公交车辆实时位置", HTTP_X_FORWARDED_FOR="203.0.113.8").json()

    # then
    assert second["code"] != first["code"]


def test_what_is_kept_for_a_repeat_does_not_hold_the_code_in_clear(play: Cast) -> None:
    code = _file(Client(), play, "公交车辆实时位置").json()["code"]
    kept = json.dumps(list(Submission.objects.values("token", "actor", "path", "result")))
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_the_same_call_sent_again_still_files_once(play: Cast) -> None:
    client = Client()
    first, second = (_file(client, play, "公交车辆实时位置") for _ in range(2))
    assert second.json() == first.json()
    assert second["Idempotent-Replay"] == "true"
    assert OpenRequest.objects.count() == 1
