"""A decision to publish another catalogue, on its pages and over REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog.models import PublicationDecision
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from tests.factories import accounts
from tests.factories import catalog as make
from tests.factories import publishing as decided

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DECISIONS = "/desk/catalog/decisions/"


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(make.AT + dt.timedelta(hours=1), tick=True):
        yield


@pytest.fixture
def city() -> accounts.City:
    made = accounts.city()
    make.category()
    return made


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def status_of(decision: PublicationDecision) -> str:
    return PublicationDecision.objects.get(pk=decision.pk).status


class TestPages:
    def test_it_is_proposed_reviewed_confirmed_and_revoked_on_pages(self, city: accounts.City) -> None:
        # given
        proposer, second = decided.officers(city.authority)
        form = {
            "catalogue": "resource",
            "agency": city.transport.pk,
            "elements": ["abstract"],
            "item_elements": ["name"],
            "document": "筑数发〔2026〕13号",
            "decided_on": "2026-09-01",
            "grounds": "方便查阅。",
        }
        assert "没有公布决定" in signed(proposer).get(DECISIONS).content.decode()

        # when
        answer = signed(proposer).post(f"{DECISIONS}new/", form)
        decision = PublicationDecision.objects.get()
        own = signed(proposer).get(decision.get_absolute_url()).content.decode()
        reviewing = signed(second).post(
            f"{decision.get_absolute_url()}pass-decision-review/", {"opinion": "没有秘密。"}
        )
        signed(second).post(f"{decision.get_absolute_url()}confirm-decision/")

        # then
        assert (answer.status_code, reviewing.status_code) == (302, 302)
        assert "保密审查通过" not in own
        assert status_of(decision) == "in-force"
        page = signed(second).get(decision.get_absolute_url()).content.decode()
        assert decision.public_path in page
        refused = signed(second).post(f"{decision.get_absolute_url()}revoke-decision/", {"reasons": ""})
        assert refused.status_code == 422
        signed(second).post(f"{decision.get_absolute_url()}revoke-decision/", {"reasons": "职能调整。"})
        assert Client().get(decision.public_path).status_code == 404

    def test_who_reviews_it_sees_beforehand_just_what_everyone_will(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport, contact_phone="0851-12345678")
        decision = decided.proposed(agency=city.transport)
        _proposer, second = decided.officers(city.authority)

        # when
        page = signed(second).get(f"{decision.get_absolute_url()}preview/").content.decode()

        # then
        assert "全市公交线路的编号、名称、长度和开通日期。" in page
        assert "0851-12345678" not in page
        assert Client().get(decision.public_path).status_code == 404

    def test_neither_or_both_of_region_and_agency_is_told(self, city: accounts.City) -> None:
        # given
        proposer, _second = decided.officers(city.authority)

        # when
        answer = signed(proposer).post(f"{DECISIONS}new/", {"catalogue": "resource", "document": "甲", "grounds": "乙"})

        # then
        assert answer.status_code == 422
        assert "请选择一个辖区，或者一个机关" in answer.content.decode()

    def test_who_is_no_officer_proposes_nothing(self, city: accounts.City) -> None:
        answer = signed(make.steward_of(city.transport)).get(f"{DECISIONS}new/")
        assert answer.status_code == 403


class TestRest:
    def test_the_same_acts_and_the_public_records(self, city: accounts.City) -> None:
        # given
        make.entry_in_force(city.transport)
        proposer, second = decided.officers(city.authority)
        body = {
            "catalogue": "resource",
            "agency": city.transport.code,
            "elements": ["abstract"],
            "item_elements": ["name"],
            "document": "筑数发〔2026〕14号",
            "decided_on": "2026-09-01",
            "grounds": "方便查阅。",
        }
        address = "/api/v1/catalog/decisions/"

        # when
        kept: dict[str, Any] = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": "one"}
        made = [signed(proposer).post(address, body, **kept) for _ in range(2)]
        one = f"{address}{made[0].json()['id']}/"
        forbidden = signed(proposer).post(f"{one}pass-review/", {"opinion": "无"}, content_type="application/json")
        signed(second).post(f"{one}pass-review/", {"opinion": "没有秘密。"}, content_type="application/json")
        public = signed(second).post(f"{one}confirm/").json()

        # then
        assert [answer.status_code for answer in made] == [201, 201]
        assert made[0].json()["id"] == made[1].json()["id"]
        assert forbidden.status_code == 403
        assert public["status"] == "in-force"
        assert [action["verb"] for action in public["actions"]] == ["revoke-decision"]
        (listed,) = Client().get("/api/v1/catalog/decided/").json()["results"]
        assert listed["url"] == public["public_url"]
        entries = Client().get(f"/api/v1/catalog/decided/{listed['id']}/").json()
        assert entries["count"] == 1
        assert set(entries["results"][0]) == {
            *("资源代码", "资源名称", "提供机关", "提供机关代码", "资源摘要", "公布日期", "信息项")
        }
        assert entries["results"][0]["信息项"][0] == {"信息项名称": "线路编号"}

    def test_an_unknown_element_is_refused(self, city: accounts.City) -> None:
        # given
        officer = accounts.staff(city.authority, Role.MUNICIPAL_AUTHORITY)

        # when
        answer = signed(officer).post(
            "/api/v1/catalog/decisions/", {"elements": ["rows"]}, content_type="application/json"
        )

        # then
        assert answer.status_code == 422
        assert {"elements", "document", "catalogue"} <= set(answer.json()["fields"])
