"""Text messages through the city's gateway and into a file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from guiyang_data.notices import services
from guiyang_data.notices.models import Delivery
from guiyang_data.notices.sending import send_waiting
from tests.notices.conftest import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
FACTS = {"about": "requests_app.openrequest:12", "kind": "open-request", "title": "您的申请已答复", "at": AT}


@pytest.fixture
def gateway(settings: LazySettings, receiver: Receiver) -> Receiver:
    settings.SMS_GATEWAY = "guiyang_data.notices.gateways.HttpSms"
    settings.SMS_GATEWAY_ADDRESS, settings.SMS_GATEWAY_TOKEN = receiver.url("/sms"), "the-token"
    return receiver


def told() -> Delivery:
    services.tell_address(phone="13800000001", key="reply:12", path="/requests/GY-1/", **FACTS)
    return Delivery.objects.get()


def test_a_text_goes_to_the_gateway_with_its_token_and_a_stable_id(gateway: Receiver) -> None:
    delivery = told()
    assert send_waiting(at=AT) == 1
    asked = gateway.asked[0]
    assert asked.json() == {
        "to": "13800000001",
        "text": "您的申请已答复。 http://127.0.0.1:8000/requests/GY-1/",
        "id": delivery.message_id,
    }
    assert asked.headers["authorization"] == "Bearer the-token"
    assert asked.headers["idempotency-key"] == delivery.message_id


@pytest.mark.parametrize("status", [302, 401, 429, 500, 503])
def test_a_gateway_in_trouble_is_asked_again_later(gateway: Receiver, status: int) -> None:
    delivery = told()
    gateway.answers = [status]
    assert send_waiting(at=AT) == 0
    assert send_waiting(at=AT + dt.timedelta(minutes=1)) == 1
    assert [asked.json()["id"] for asked in gateway.asked] == [delivery.message_id] * 2


def test_a_number_the_gateway_never_takes_is_given_up_at_once(gateway: Receiver) -> None:
    delivery = told()
    gateway.answers = [422]
    assert send_waiting(at=AT) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("failed", "refused")


def test_a_gateway_inside_that_nobody_permitted_is_not_asked_and_the_text_waits(
    gateway: Receiver, settings: LazySettings
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    delivery = told()
    assert send_waiting(at=AT) == 0
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    assert gateway.asked == []


def test_the_file_gateway_keeps_a_line_for_each_text(settings: LazySettings, tmp_path: Path) -> None:
    settings.SMS_GATEWAY, settings.DATA_DIR = "guiyang_data.notices.gateways.FileSms", tmp_path
    delivery = told()
    assert send_waiting(at=AT) == 1
    path = tmp_path / "outbox" / "sms.jsonl"
    line = json.loads(path.read_text(encoding="utf-8"))
    assert (line["to"], line["id"]) == ("13800000001", delivery.message_id)
    assert path.stat().st_mode & 0o077 == 0
