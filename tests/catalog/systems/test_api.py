"""Systems and interfaces over REST: the same acts by the same rules, for a system with a token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog import checking
from catalog.models import InformationSystem, Interface
from guiyang_data.accounts.models import Agency
from tests.catalog.systems.conftest import Served
from tests.factories import systems
from tests.factories.accounts import City, bearer, system
from tests.factories.catalog import draft_entry

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BASE = "/api/v1/systems/"


@pytest.fixture
def token(agency: Agency) -> dict[str, str]:
    return bearer(system(agency, "调度"), "systems:read", "systems:write")


def post(path: str, body: dict[str, Any], token: dict[str, str], **headers: str) -> Any:
    return Client().post(f"{BASE}{path}", json.dumps(body), content_type="application/json", **token, headers=headers)


def facts(**changed: Any) -> dict[str, Any]:
    return {
        "name": "公交调度系统",
        "purpose": "调度公交车辆。",
        "operator": "信息中心",
        "network": "extranet",
        "status": "in-use",
        "in_use_on": "2026-01-05",
    } | changed


def test_a_system_registers_itself_and_its_interface_and_files_its_document(
    agency: Agency, token: dict[str, str], served: Served
) -> None:
    # when
    entry = draft_entry(agency).entry
    made = post("", facts(entries=[entry.pk]), token)
    one = made.json()
    body = {"name": "站点", "url": served.url(), "document_url": served.url("/openapi.json"), "every": 15}
    added = post(f"{one['id']}/interfaces/", body | {"header_name": "X-Key", "header_value": "open-sesame"}, token)
    interface = added.json()
    filed = post(f"interfaces/{interface['id']}/document/", {"fetch": True}, token)

    # then
    assert (made.status_code, added.status_code, filed.status_code) == (201, 201, 201)
    assert one["entries"] == [entry.resource_code]
    assert [action["verb"] for action in one["actions"]] == ["add-interface", "change-system", "stop-system"]
    assert (interface["outcome"], interface["document"], interface["header_name"]) == ("unchecked", None, "X-Key")
    assert "sesame" not in json.dumps([interface, filed.json()])
    assert filed.json()["document"]["number"] == 1
    assert checking.check_interfaces(at=Interface.objects.get().next_check_at) == 1  # type: ignore[arg-type]
    checks = Client().get(f"{BASE}interfaces/{interface['id']}/checks/", **token).json()["results"]
    assert [(check["outcome"], check["asked"], check["findings"]) for check in checks] == [("conforming", 1, [])]


def test_the_same_key_registers_once(token: dict[str, str]) -> None:
    answers = [post("", facts(), token, **{"Idempotency-Key": "k-1"}) for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replay"] == "true"
    assert InformationSystem.objects.count() == 1


def test_a_refusal_names_its_fields_and_its_article(token: dict[str, str]) -> None:
    answer = post("", facts(in_use_on=None), token)
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"in_use_on": "在用的系统，请填写投入使用的日期。"}
    assert "第十条" in answer.json()["basis"]
    assert list(post("", {}, token).json()["fields"]) == ["name", "purpose", "operator", "network"]


@pytest.mark.parametrize("field", ["url", "document_url"])
def test_an_address_inside_is_refused(agency: Agency, token: dict[str, str], field: str) -> None:
    one = systems.system_in_use(agency)
    body = {"name": "站点", "url": "https://api.transport.invalid/", field: "http://169.254.169.254/latest"}
    answer = post(f"{one.pk}/interfaces/", body, token)
    assert answer.status_code == 422
    assert "内部或保留地址" in answer.json()["fields"][field][0]


class TestDocuments:
    """By file, as text, or fetched."""

    @pytest.fixture
    def made(self, agency: Agency) -> Interface:
        return systems.interface(systems.system_in_use(agency))

    def test_a_file_and_a_text_do_alike(self, made: Interface, token: dict[str, str]) -> None:
        # given
        path = f"{BASE}interfaces/{made.pk}/document/"
        upload = SimpleUploadedFile(
            "a.yaml", b"openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: {get: {}}}\n"
        )

        # then
        assert Client().post(path, {"document": upload}, **token).status_code == 201
        assert (
            post(f"interfaces/{made.pk}/document/", {"content": json.dumps(systems.openapi())}, token).status_code
            == 201
        )
        assert list(made.documents.order_by("number").values_list("version", flat=True)) == ["3.1.0", "3.0.3"]

    @pytest.mark.parametrize(
        ("body", "field", "words"),
        [
            ({}, "document", "选用一种"),
            ({"content": "a", "fetch": True}, "document", "选用一种"),
            ({"fetch": True}, "fetch", "没有登记文档地址"),
            ({"content": "swagger: '2.0'"}, "document", "Swagger 2.0"),
            ({"content": "x" * 2_000_001}, "content", ""),
            ({"content": "\ud800: 1"}, "content", ""),
            (
                {"content": json.dumps(systems.openapi() | {"info": {"title": "a"}})},
                "document",
                "1. info：缺少「version」。",
            ),
        ],
    )
    def test_what_does_not_do_is_named(
        self, made: Interface, token: dict[str, str], body: dict[str, Any], field: str, words: str
    ) -> None:
        answer = post(f"interfaces/{made.pk}/document/", body, token)
        assert answer.status_code == 422
        assert words in str(answer.json()["fields"][field])
        assert not made.documents.exists()

    def test_what_the_system_serves_instead_is_named(
        self, agency: Agency, token: dict[str, str], served: Served
    ) -> None:
        made = systems.interface(systems.system_in_use(agency), url=served.url(), document_url=served.url("/moved"))
        answer = post(f"interfaces/{made.pk}/document/", {"fetch": True}, token)
        assert answer.status_code == 422
        assert "答复是 302" in answer.json()["fields"]["fetch"]


def test_the_acts_lead_on_and_a_wrong_state_is_told(agency: Agency, token: dict[str, str]) -> None:
    # given
    made = systems.interface(systems.system_in_use(agency))
    acts = f"interfaces/{made.pk}/"

    # then
    paused = post(f"{acts}pause/", {"reasons": "检修"}, token)
    assert (paused.status_code, paused.json()["status"], paused.json()["status_reasons"]) == (200, "paused", "检修")
    assert post(f"{acts}check/", {}, token).status_code == 409
    assert post(f"{acts}resume/", {}, token).json()["status"] == "checked"
    assert post(f"{acts}check/", {}, token).status_code == 200
    assert (
        post(f"{acts}change/", {"name": "线路", "url": "https://b.transport.invalid"}, token).json()["name"] == "线路"
    )
    assert post(f"{acts}end/", {"reasons": "不再提供"}, token).json()["status"] == "ended"
    assert post(f"{made.system_id}/stop/", {"reasons": "由新系统接替"}, token).json()["status"] == "stopped"
    assert post(f"{made.system_id}/resume/", {}, token).json()["status"] == "in-use"
    changed = post(f"{made.system_id}/change/", facts(name="调度二期"), token)
    assert (changed.status_code, changed.json()["name"]) == (200, "调度二期")


def test_lists_have_what_one_sees_the_broken_first(town: City, agency: Agency, token: dict[str, str]) -> None:
    # given
    one = systems.system_in_use(agency)
    good = systems.noted(systems.interface(one), systems.GOOD)
    dead = systems.noted(systems.interface(one), systems.DEAD)
    systems.noted(systems.interface(systems.system_in_use(town.health)), systems.DEAD)

    # then
    listed = Client().get(BASE, **token).json()["results"]
    assert [(row["name"], row["interfaces"], row["broken_interfaces"]) for row in listed] == [(one.name, 2, 1)]
    rows = Client().get(f"{BASE}interfaces/", **token).json()["results"]
    assert [row["id"] for row in rows] == [dead.pk, good.pk]
    assert [row["id"] for row in Client().get(f"{BASE}interfaces/?outcome=conforming", **token).json()["results"]] == [
        good.pk
    ]
    assert Client().get(f"{BASE}interfaces/?agency={town.health.code}", **token).json()["results"] == []
    standing = Client().get(f"{BASE}standing/", **token).json()
    assert (standing["total"], standing["good"], standing["unavailable"]) == (2, 1, 1)


def test_reading_is_not_acting(agency: Agency) -> None:
    # given
    made = systems.interface(systems.system_in_use(agency))
    reading = bearer(system(agency, "只读"), "systems:read")

    # then
    assert Client().get(f"{BASE}interfaces/{made.pk}/", **reading).status_code == 200
    assert post(f"interfaces/{made.pk}/check/", {}, reading).status_code == 403
    assert Client().get(BASE, **bearer(system(agency, "目录"), "catalog:read")).status_code == 403
