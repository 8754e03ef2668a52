"""Keeping addresses that notices are pushed to, on pages and over REST."""

from __future__ import annotations

import base64
import re

import pytest
from django.test import Client

from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.accounts.roles import Role
from guiyang_data.notices.models import Push, Receiver
from guiyang_data.notices.webhooks.sending import send_pushes
from guiyang_data.timekeeping import now
from tests.factories import notices
from tests.factories.accounts import bearer, citizen, make_agency, staff, system
from tests.look.reading import Page
from tests.notices.conftest import Receiver as Server
from tests.notices.conftest import receiver

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

__all__ = ["receiver"]
LIST, API = "/me/webhooks/", "/api/v1/webhooks/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def agency() -> Agency:
    return make_agency("贵阳市交通委员会")


@pytest.fixture
def machine(agency: Agency) -> ServiceAccount:
    return system(agency, "公交调度系统")


@pytest.fixture
def administrator(client: Client, agency: Agency) -> User:
    user = staff(agency, Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


def read(client: Client, path: str) -> str:
    """The page, without anything in the way of a screen reader."""
    html = client.get(path).content.decode()
    assert Page(html).faults() == []
    return html


class TestPages:
    """What people do on pages."""

    def test_an_administrator_registers_for_a_system_and_sees_the_secret_once(
        self, client: Client, administrator: User, machine: ServiceAccount, receiver: Server
    ) -> None:
        # given
        form = read(client, f"{LIST}new/")
        assert "推给「公交调度系统」" in form
        # when
        sent = {
            "owner": str(machine.pk),
            "name": "调度系统生产环境",
            "url": receiver.url("/hook"),
            "wants": "all",
            "submission": "once",
        }
        answer = client.post(f"{LIST}new/", sent)
        # then
        secret = SECRET.search(answer.content.decode())
        assert secret is not None
        assert answer["Cache-Control"] == "no-store"
        made = Receiver.objects.get()
        assert made.owner == machine.user
        assert not any(SECRET.search(read(client, path)) for path in (LIST, made.get_absolute_url()))
        assert "调度系统生产环境" in read(client, LIST)
        # and the same form again registers nothing and shows no secret
        again = client.post(f"{LIST}new/", sent)
        assert again.status_code == 302
        assert Receiver.objects.count() == 1

    def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(self, client: Client) -> None:
        client.force_login(citizen())
        answer = client.post(
            f"{LIST}new/", {"owner": "me", "name": "我的脚本", "url": "http://data.example.cn/", "wants": "all"}
        )
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "请填写以 https:// 开头的地址" in html
        assert 'value="我的脚本"' in html
        assert not Receiver.objects.exists()

    def test_a_test_event_is_sent_and_its_answer_shown(
        self, client: Client, administrator: User, machine: ServiceAccount, receiver: Server
    ) -> None:
        # given
        made = notices.webhook(machine.user, port=receiver.port)
        path = made.get_absolute_url()
        assert "还没有推送" in read(client, path)
        # when
        assert "测试事件已经排队" in client.post(f"{path}test/", follow=True).content.decode()
        assert "every 5s" in read(client, path)
        receiver.answers = [503]
        send_pushes(at=now())
        # then
        html = read(client, path)
        assert "503 thank you" in html
        assert "再试" in html

    def test_a_failed_push_goes_again_by_hand(
        self, client: Client, administrator: User, machine: ServiceAccount, receiver: Server
    ) -> None:
        made = notices.webhook(machine.user, port=receiver.port)
        failed = notices.push(made)
        assert "没有送达" in read(client, made.get_absolute_url())
        client.post(f"{made.get_absolute_url()}pushes/{failed.pk}/again/")
        assert send_pushes(at=now()) == 1
        assert receiver.asked[0].headers["webhook-id"] == failed.message_id
        assert "已发送" in read(client, made.get_absolute_url())

    def test_paused_resumed_renewed_and_ended(
        self, client: Client, administrator: User, machine: ServiceAccount
    ) -> None:
        path = notices.webhook(machine.user).get_absolute_url()
        for act, state, said in (
            ("pause", "paused", "恢复推送"),
            ("resume", "active", "暂停推送"),
            ("end", "ended", "已停用"),
        ):
            assert client.post(f"{path}{act}/").status_code == 302
            assert Receiver.objects.get().state == state
            assert said in read(client, path)
        assert client.post(f"{path}resume/").status_code == 409
        other = notices.webhook(machine.user).get_absolute_url()
        read(client, f"{other}secret/")
        assert SECRET.search(client.post(f"{other}secret/").content.decode())

    def test_what_a_receiver_answers_is_shown_as_text(
        self, client: Client, administrator: User, machine: ServiceAccount
    ) -> None:
        made = notices.webhook(machine.user)
        notices.push(made)
        Push.objects.update(answer="<script>alert(1)</script>")
        assert "<script>alert(1)" not in read(client, made.get_absolute_url())


class TestApi:
    """What systems do over REST."""

    def test_a_system_registers_tests_reads_and_ends(
        self, client: Client, machine: ServiceAccount, receiver: Server
    ) -> None:
        # given
        token = bearer(machine, "notices:receive")
        json = {"content_type": "application/json"}
        # when
        sent = {"name": "调度系统", "url": receiver.url("/hook")}
        first = client.post(API, sent, **json, **token, HTTP_IDEMPOTENCY_KEY="one")
        again = client.post(API, sent, **json, **token, HTTP_IDEMPOTENCY_KEY="one")
        # then
        assert (first.status_code, again["Idempotent-Replay"]) == (201, "true")
        assert first.json() == again.json()
        assert len(base64.b64decode(first.json()["secret"].removeprefix("whsec_"))) == 32
        assert Receiver.objects.get().owner == machine.user
        path = f"{API}{first.json()['id']}/"
        assert "secret" not in client.get(path, **token).json()
        assert [row["name"] for row in client.get(API, **token).json()["results"]] == ["调度系统"]
        # and a test event goes and is read
        event = client.post(f"{path}test/", **json, **token).json()["event"]
        assert send_pushes(at=now()) == 1
        pushes = client.get(f"{path}pushes/", **token).json()["results"]
        assert [(row["event"], row["state"], row["answer_status"]) for row in pushes] == [(event, "sent", 200)]
        assert receiver.asked[0].headers["webhook-id"] == event
        # and it is ended for good
        assert client.post(f"{path}end/", **json, **token).json()["state"] == "ended"
        assert client.post(f"{path}resume/", **json, **token).status_code == 409

    def test_a_wrong_address_is_refused_with_the_message_at_its_field(
        self, client: Client, machine: ServiceAccount
    ) -> None:
        token = bearer(machine, "notices:receive")
        answer = client.post(API, {"name": "a", "url": "https://127.0.0.1/"}, content_type="application/json", **token)
        assert answer.status_code == 422
        assert "内部或保留地址" in answer.json()["fields"]["url"]

    def test_another_agencys_system_sees_nothing(self, client: Client, machine: ServiceAccount) -> None:
        made = notices.webhook(machine.user)
        token = bearer(system(make_agency()), "notices:receive")
        assert client.get(API, **token).json()["count"] == 0
        for path in ("", "pushes/"):
            assert client.get(f"{API}{made.pk}/{path}", **token).status_code == 404
