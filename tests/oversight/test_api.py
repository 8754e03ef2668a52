"""Oversight over REST: the same sight, the same acts, the same refusals as on the pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from guiyang_data.accounts.models import User
from oversight.models import DisciplineRecommendation, Escalation, RectificationOrder, Urging
from tests.factories.accounts import bearer, citizen, system
from tests.factories.oversight import (
    LATE,
    ORDER_DUE,
    Cast,
    confirmed_finding,
    drafted_finding,
    escalation_to,
    overdue_clock,
    reported_order,
    standing_order,
    stopped,
    swept,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.usefixtures("on_the_day_after")]

API = "/api/v1/oversight/"


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def got(user: User, path: str, status: int = 200) -> Any:
    response = as_(user).get(f"{API}{path}")
    assert response.status_code == status, response.content.decode()[:2000]
    return response.json()


def post(user: User, path: str, status: int = 200, key: str = "", **values: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    response = as_(user).post(f"{API}{path}", values, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.json()


def test_what_is_late_is_listed_with_article_days_and_hands(people: Cast) -> None:
    overdue_clock(people.town.transport)
    [case] = got(people.supervisor, "overdue/")["results"]
    assert case["days_late"] == 1
    assert case["basis"] == "《贵阳市政府数据共享开放条例》第二十一条第一款"
    assert case["hands"] == "市交通委"
    assert case["owed_by"] == people.town.transport.code
    assert case["running"] is True


def test_a_detail_has_its_clock_and_the_acts_of_its_reader(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    detail = got(people.supervisor, f"escalations/{escalation.pk}/")
    assert detail["clocks"][0]["state"] == "late"
    assert [action["verb"] for action in detail["actions"]] == ["urge"]
    assert detail["actions"][0]["url"] == f"{API}escalations/{escalation.pk}/urge/"
    stopped(escalation.clock, LATE)
    verbs = [action["verb"] for action in got(people.supervisor, f"escalations/{escalation.pk}/")["actions"]]
    assert verbs == ["urge", "conclude"]


@pytest.mark.parametrize("who", ["county_officer", "steward", "outsider", "citizen"])
def test_what_is_out_of_sight_is_not_listed_and_not_found(people: Cast, who: str) -> None:
    user = citizen() if who == "citizen" else getattr(people, who)
    finding = drafted_finding(people)
    escalation = Escalation.objects.filter(clock=finding.clock)[0]
    for path in ("overdue/", "escalations/", "findings/", "orders/"):
        assert got(user, path)["results"] == []
    for path in (f"escalations/{escalation.pk}/", f"findings/{finding.pk}/", "orders/ZG-2026-00001/"):
        assert got(user, path, 404)["code"] == "not_found"
    assert post(user, f"escalations/{escalation.pk}/urge/", 404, words="请办理")["code"] == "not_found"


def test_without_a_token_nothing_is_told(people: Cast) -> None:
    overdue_clock(people.town.transport)
    assert Client().get(f"{API}overdue/").status_code == 401


@pytest.mark.parametrize(("scope", "status"), [("oversight:read", 200), ("catalog:read", 403)])
def test_a_system_reads_with_its_scope_only(people: Cast, scope: str, status: int) -> None:
    overdue_clock(people.town.transport)
    token = bearer(system(people.town.authority), scope)
    response = Client().get(f"{API}overdue/", **token)
    assert response.status_code == status
    if status == 200:
        assert len(response.json()["results"]) == 1


def test_a_system_reads_what_its_agency_supervises_and_decides_nothing(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    token = bearer(system(people.town.authority), "oversight:read")
    response = Client().post(
        f"{API}escalations/{escalation.pk}/urge/", {"words": "请办理"}, content_type="application/json", **token
    )
    assert response.status_code == 403
    assert not Urging.objects.exists()
    other = Client().get(f"{API}overdue/", **bearer(system(people.town.health), "oversight:read"))
    assert other.json()["results"] == []


def test_an_urging_is_carried_out_once_for_its_key(people: Cast) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    for _ in range(2):
        assert (
            post(people.supervisor, f"escalations/{escalation.pk}/urge/", key="k1", words="请办理")["status"] == "urged"
        )
    assert Urging.objects.count() == 1


@pytest.mark.parametrize("values", [{}, {"words": ""}])
def test_missing_words_are_named(people: Cast, values: dict[str, str]) -> None:
    escalation = escalation_to(people.town.authority, overdue_clock(people.town.transport))
    body = post(people.supervisor, f"escalations/{escalation.pk}/urge/", 422, **values)
    assert "words" in body["fields"]


def test_refusals_have_their_code_and_their_basis(people: Cast) -> None:
    clock = overdue_clock(people.town.transport)
    escalation = escalation_to(people.town.authority, clock)
    early = post(people.supervisor, f"escalations/{escalation.pk}/conclude/", 422, conclusion="已约谈")
    assert (early["code"], early["basis"]) == ("rule_broken", "《贵阳市政府数据共享开放条例》第四条第二款")
    stopped(clock, LATE)
    assert (
        post(people.supervisor, f"escalations/{escalation.pk}/conclude/", conclusion="已约谈")["status"] == "concluded"
    )
    assert post(people.supervisor, f"escalations/{escalation.pk}/conclude/", 409, conclusion="已约谈")["code"] == (
        "wrong_state"
    )


def test_a_finding_is_confirmed_dismissed_and_ordered(people: Cast) -> None:
    finding = drafted_finding(people)
    assert post(people.supervisor, f"findings/{finding.pk}/confirm/")["status"] == "confirmed"
    assert post(people.supervisor, f"findings/{finding.pk}/dismiss/", 409, reasons="甲")["code"] == "wrong_state"
    values = {"due_on": ORDER_DUE.isoformat(), "text": "限期答复", "circular": "通报批评"}
    assert post(people.supervisor, f"findings/{finding.pk}/order/", 403, **values)["code"] == "not_allowed"
    made = post(people.government, f"findings/{finding.pk}/order/", 201, **values)
    assert made["number"] == "ZG-2026-00001"
    assert made["clocks"][0]["due_on"] == ORDER_DUE.isoformat()
    detail = got(people.approver, "orders/ZG-2026-00001/")
    assert [action["verb"] for action in detail["actions"]] == ["report"]


def test_an_order_with_a_past_day_is_refused_and_names_the_field(people: Cast) -> None:
    finding = confirmed_finding(people)
    values = {"due_on": "2026-03-01", "text": "限期答复", "circular": "通报批评"}
    assert "due_on" in post(people.government, f"findings/{finding.pk}/order/", 422, **values)["fields"]
    assert not RectificationOrder.objects.exists()


def test_a_correction_is_reported_rejected_and_accepted(people: Cast) -> None:
    number = standing_order(people).number
    assert post(people.approver, f"orders/{number}/report/", report="已答复")["status"] == "reported"
    assert post(people.government, f"orders/{number}/reject/", reasons="未整改")["status"] == "ordered"
    assert post(people.approver, f"orders/{number}/report/", report="已整改")["status"] == "reported"
    done = post(people.government, f"orders/{number}/accept/")
    assert (done["status"], done["clocks"][0]["state"]) == ("accepted", "stopped_on_time")


@pytest.mark.parametrize(
    ("act", "values", "status"),
    [("recommend-discipline", {"text": "建议处分"}, "issued"), ("drop-discipline", {"reasons": "已改正"}, "dropped")],
)
def test_a_recommendation_is_decided(people: Cast, act: str, values: dict[str, str], status: str) -> None:
    number = standing_order(people).number
    swept(ORDER_DUE + dt.timedelta(1))
    assert act in [action["verb"] for action in got(people.government, f"orders/{number}/")["actions"]]
    post(people.government, f"orders/{number}/{act}/", **values)
    assert DisciplineRecommendation.objects.get().status == status


def test_dismissing_over_rest_needs_reasons(people: Cast) -> None:
    finding = drafted_finding(people)
    assert "reasons" in post(people.supervisor, f"findings/{finding.pk}/dismiss/", 422)["fields"]
    assert post(people.supervisor, f"findings/{finding.pk}/dismiss/", reasons="系统故障")["status"] == "dismissed"


@pytest.mark.parametrize("path", ["overdue/", "escalations/", "findings/", "orders/"])
def test_lists_cost_the_same_number_of_queries_however_long(
    people: Cast, path: str, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        client = as_(people.government)
        with django_assert_max_num_queries(60) as captured:
            assert client.get(f"{API}{path}").status_code == 200
        return len(captured)

    reported_order(people)
    overdue_clock(people.town.health, subject="a.b:0")
    few = queries()
    for number in range(1, 7):
        overdue_clock(people.town.health, subject=f"a.b:{number}")
    assert queries() == few


def test_the_openapi_document_names_every_address_of_oversight() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    paths = [path for path in document["paths"] if path.startswith(API)]
    assert len(paths) == 22
