"""The same acts and the same reading over REST, by systems with tokens (第十四条至第十七条)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from guiyang_data.accounts.models import ServiceAccount
from guiyang_data.ledger.models import Access
from sharing import services
from sharing.models import Coordination, SharingApplication, SharingGrant, Taking
from tests.factories import sharing as made
from tests.factories.accounts import bearer, staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PURPOSE = {"HTTP_SHARING_PURPOSE": quote("核对应急转运路线")}


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    shift = int((made.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


_kept, scene = kept(made.scene)


class Caller:
    """A system that calls with its token."""

    def __init__(self, account: ServiceAccount, *scopes: str) -> None:
        self.account = account
        self.token = bearer(account, *scopes)
        self.client = Client()

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/sharing/{path}", **self.token, **headers)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        url = f"/api/v1/sharing/{path}"
        return self.client.post(url, body or {}, content_type="application/json", **self.token, **headers)


@pytest.fixture
def asker(scene: made.Scene) -> Caller:
    return Caller(system(scene.requester))


@pytest.fixture
def provider(scene: made.Scene) -> Caller:
    return Caller(system(scene.provider))


def wanted(scene: made.Scene, **changed: Any) -> dict[str, Any]:
    return {
        "entry": scene.entry.resource_code,
        "items": ["route", "name"],
        "duty": "应急处置",
        "duty_basis": "《突发公共卫生事件应急条例》",
        "purpose": "核对路线",
        "period_from": "2026-11-04",
        "period_until": "2027-11-03",
    } | changed


# --- the way from application to rows ----------------------------------------------------------------


def test_two_systems_go_from_application_to_rows(scene: made.Scene, asker: Caller, provider: Caller) -> None:
    # the requester's system applies
    filed = asker.post("applications/", wanted(scene))
    assert filed.status_code == 201
    number = filed.json()["number"]
    assert [clock["due_on"] for clock in filed.json()["clocks"]] == ["2026-11-16"]
    assert {action["verb"] for action in filed.json()["actions"]} == {"withdraw"}

    # the provider's system sees it and agrees
    listed = provider.get("applications/?box=answer").json()
    assert [row["number"] for row in listed["results"]] == [number]
    verbs = {action["verb"] for action in provider.get(f"applications/{number}/").json()["actions"]}
    assert verbs == {"agree", "agree-in-part", "draft-reply", "refuse"}
    replied = provider.post(f"applications/{number}/reply/", {"outcome": "agree", "rows_per_day": 1000})
    assert replied.json()["status"] == "agreed"
    (grant,) = replied.json()["grants"]

    # the requester's system reads
    page = asker.get(f"grants/{grant}/rows/?sort=-route&page_size=2", HTTP_SHARING_GRANT=str(grant), **PURPOSE)
    assert page.status_code == 200
    assert page.json()["results"] == [
        {"route": "010", "name": "观山湖快线"},
        {"route": "002", "name": "花果园专线"},
    ]
    assert (page.json()["count"], page.json()["fields"]) == (3, ["route", "name"])
    opened = Access.objects.get(phase="opened")
    assert str(opened.reading) == page.json()["reading"]
    assert (opened.actor, opened.purpose) == (asker.account.user.actor_key, "核对应急转运路线")


def test_a_refusal_goes_to_coordination_over_the_api(scene: made.Scene, asker: Caller, provider: Caller) -> None:
    number = asker.post("applications/", wanted(scene)).json()["number"]
    bare = provider.post(f"applications/{number}/reply/", {"outcome": "refuse"})
    assert (bare.status_code, bare.json()["code"]) == (422, "rule_broken")
    assert "第十五条第二款" in bare.json()["basis"]
    assert "reasons" in bare.json()["fields"]
    provider.post(f"applications/{number}/reply/", {"outcome": "refuse", "reasons": made.REASONS})

    asked = asker.post(f"applications/{number}/request-coordination/", {"reasons": "应急所需"})
    (coordination,) = asked.json()["coordinations"]
    stated = provider.post(f"coordinations/{coordination}/submit-statement/", {"text": "尚未核验"})
    assert stated.json()["provider_statement"] == "尚未核验"

    person = Client()
    person.force_login(scene.coordinator)
    body = {"opinion": "provide", "text": "应当提供", "items": ["name"]}
    url = f"/api/v1/sharing/coordinations/{coordination}/conclude/"
    assert person.post(url, body, content_type="application/json").json()["status"] == "awaiting-grant"
    granted = provider.post(f"applications/{number}/grant-on-opinion/")
    assert granted.json()["status"] == "granted-on-opinion"
    assert SharingGrant.objects.get().items == ["name"]
    assert Coordination.objects.get().status == "carried-out"


def test_unconditional_rows_are_read_under_a_declared_duty() -> None:
    scene = made.scene(sharing_type="unconditional")
    caller = Caller(system(scene.requester))
    code = scene.entry.resource_code
    undeclared = caller.get(f"entries/{code}/rows/", **PURPOSE)
    assert undeclared.status_code == 422
    assert "登记" in undeclared.json()["message"]

    body = {"entry": code, "duty": "站点规划", "purpose": "计算距离", "terms_accepted": True}
    assert caller.post("takings/", body | {"terms_accepted": False}).status_code == 422
    taken = caller.post("takings/", body)
    assert taken.status_code == 201
    rows = caller.get(f"entries/{code}/rows/?filter=length:ge:10&fields=route", **PURPOSE)
    assert rows.json()["results"] == [{"route": "001"}, {"route": "010"}]
    exported = caller.get(f"entries/{code}/export.json", HTTP_SHARING_TAKING=str(taken.json()["id"]), **PURPOSE)
    assert len(json.loads(b"".join(exported.streaming_content))) == 3
    assert Taking.objects.count() == 1


def test_an_entry_is_read_through_the_grant_a_header_names(scene: made.Scene, asker: Caller) -> None:
    grant = made.agreed_grant(scene)
    path = f"entries/{scene.entry.resource_code}/rows/"
    assert asker.get(path, HTTP_SHARING_GRANT=str(grant.pk), **PURPOSE).json()["fields"] == ["route", "name", "length"]
    assert asker.get(path, **PURPOSE).status_code == 422
    assert asker.get(path, HTTP_SHARING_GRANT="999999", **PURPOSE).status_code == 404
    assert asker.get(path, HTTP_SHARING_GRANT="x; drop", **PURPOSE).status_code == 422
    other = made.agreed_grant(scene)
    wrong = asker.get(f"grants/{grant.pk}/rows/", HTTP_SHARING_GRANT=str(other.pk), **PURPOSE)
    assert (wrong.status_code, "不一致" in wrong.json()["message"]) == (422, True)


# --- each reading says what it is for ----------------------------------------------------------------


@pytest.mark.parametrize("path", ["rows/", "export.csv", "export.json"])
def test_a_reading_without_purpose_or_case_is_refused(scene: made.Scene, asker: Caller, path: str) -> None:
    grant = made.agreed_grant(scene)
    answer = asker.get(f"grants/{grant.pk}/{path}")
    assert answer.status_code == 422
    assert "Sharing-Purpose" in answer.json()["message"]
    assert asker.get(f"grants/{grant.pk}/{path}", HTTP_SHARING_CASE="%00%E2%80%AE").status_code == 422
    assert not Access.objects.exists()
    # signs that nobody sees, and a zero byte that PostgreSQL does not take, stay out of the log
    unseen = quote("核对\x00\n\u202e路线")
    assert asker.get(f"grants/{grant.pk}/{path}", HTTP_SHARING_PURPOSE=unseen).status_code == 200
    assert Access.objects.earliest("pk").purpose == "核对 路线"
    assert asker.get(f"grants/{grant.pk}/{path}", HTTP_SHARING_CASE="JZ-1").status_code == 200


def test_an_export_streams_what_the_grant_lets_through(scene: made.Scene, asker: Caller) -> None:
    grant = made.agreed_grant(scene)
    answer = asker.get(f"grants/{grant.pk}/export.csv?f_name=火车站环线", **PURPOSE)
    assert answer.streaming
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows == [["线路编号", "线路名称", "长度"], ["001", "火车站环线", "12.5"]]
    closed = Access.objects.get(phase="closed")
    assert (closed.rows, str(closed.reading)) == (1, answer["Sharing-Reading"])


@pytest.mark.parametrize("query", ["fields={}", "f_{}=1", "filter={}:isnull:true", "sort={}", "sort=-{}"])
@pytest.mark.parametrize("path", ["rows/", "export.csv", "export.json"])
def test_hidden_and_missing_items_get_the_same_answer(scene: made.Scene, asker: Caller, path: str, query: str) -> None:
    grant = made.agreed_grant(scene)

    def answer(code: str) -> tuple[int, str]:
        response = asker.get(f"grants/{grant.pk}/{path}?{query.format(code)}", **PURPOSE)
        return response.status_code, response.content.decode().replace(code, "?")

    assert answer("opened") == answer("nothing")
    assert answer("opened")[0] == 422


@pytest.mark.parametrize(
    "query",
    [
        "filter=route",
        "filter=route:like:1",
        "filter=length:ge:abc",
        "filter=route:eq:1' OR '1'='1&page_size=5",
        "sort=route; DROP TABLE rows",
        "fields=route,(SELECT 1)",
        "f_route) OR (1=1=1",
        "page=-1",
        "page=99999999999999999999",
        "page_size=1000000000",
    ],
)
def test_injected_and_broken_queries_read_no_more_than_the_grant(scene: made.Scene, asker: Caller, query: str) -> None:
    condition = {"code": "route", "operator": "eq", "value": "001"}
    grant = made.agreed_grant(scene, row_condition=[condition])
    answer = asker.get(f"grants/{grant.pk}/rows/?{query}", **PURPOSE)
    assert answer.status_code in {200, 422}
    if answer.status_code == 200:
        assert all(row["route"] == "001" for row in answer.json()["results"])
        assert answer.json()["count"] <= 1


# --- rights ------------------------------------------------------------------------------------------


def test_scopes_say_what_a_token_allows(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    case = made.application(scene)
    reader = Caller(system(scene.requester), "sharing:read")
    catalogue = Caller(system(scene.requester), "catalog:read")
    replier = Caller(system(scene.provider), "sharing:read", "sharing:apply")

    assert reader.get(f"grants/{grant.pk}/rows/", **PURPOSE).status_code == 200
    assert reader.post("applications/", wanted(scene)).status_code == 403
    assert catalogue.get(f"grants/{grant.pk}/rows/", **PURPOSE).status_code == 403
    assert catalogue.get("applications/").status_code == 403
    assert replier.post(f"applications/{case.number}/reply/", {"outcome": "agree"}).status_code == 403
    assert made.fresh(case).status == "submitted"
    assert Client().get("/api/v1/sharing/applications/").status_code == 401


def test_another_agencys_cases_and_rows_are_not_there(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    coordination = made.coordination(scene)
    stranger = Caller(system(scene.city.county_department))
    for path in (
        f"applications/{coordination.application.number}/",
        f"grants/{grant.pk}/",
        f"grants/{grant.pk}/rows/",
        f"grants/{grant.pk}/export.csv",
        f"coordinations/{coordination.number}/",
    ):
        assert stranger.get(path, **PURPOSE).status_code == 404, path
    for path in ("applications/", "grants/", "coordinations/", "takings/"):
        assert stranger.get(path).json()["results"] == [], path
    for path in (
        f"applications/{coordination.application.number}/reply/",
        f"applications/{coordination.application.number}/withdraw/",
        f"grants/{grant.pk}/suspend/",
        f"coordinations/{coordination.number}/conclude/",
    ):
        body = {"outcome": "agree", "reasons": "x", "opinion": "keep", "text": "x"}
        assert stranger.post(path, body).status_code == 404, path
    assert not Access.objects.exists()


def test_the_provider_and_supervision_do_not_read_through_a_grant(scene: made.Scene, provider: Caller) -> None:
    grant = made.agreed_grant(scene)
    assert provider.get(f"grants/{grant.pk}/rows/", **PURPOSE).status_code == 403
    officer = Client()
    officer.force_login(staff(scene.city.authority, "municipal-authority"))
    url = f"/api/v1/sharing/grants/{grant.pk}/"
    assert officer.get(url).status_code == 200
    assert officer.get(f"{url}rows/", **PURPOSE).status_code == 403
    assert not Access.objects.exists()


def test_a_suspended_grant_refuses_the_next_call(scene: made.Scene, asker: Caller) -> None:
    grant = made.agreed_grant(scene)
    assert asker.get(f"grants/{grant.pk}/rows/", **PURPOSE).status_code == 200
    services.suspend_grant(grant_id=grant.pk, by=scene.approver, at=made.later(2), reasons="疑似超范围使用")
    answer = asker.get(f"grants/{grant.pk}/rows/", **PURPOSE)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert asker.get(f"grants/{grant.pk}/").json()["status_name"] == "已暂停"


def test_a_full_minute_says_when_to_come_again(scene: made.Scene, asker: Caller) -> None:
    grant = made.agreed_grant(scene, limits=services.Limits(calls_per_minute=1))
    # the two calls may fall on either side of a minute, three calls cannot all
    answers = [asker.get(f"grants/{grant.pk}/rows/", **PURPOSE) for _call in range(3)]
    full = [answer for answer in answers if answer.status_code == 429]
    assert full
    assert full[0].json()["code"] == "limit_reached"
    assert 1 <= int(full[0]["Retry-After"]) <= 60


def test_grants_are_suspended_and_resumed_by_people_of_the_provider(scene: made.Scene, provider: Caller) -> None:
    grant = made.agreed_grant(scene)
    assert provider.post(f"grants/{grant.pk}/suspend/", {"reasons": "x"}).status_code == 403
    person = Client()
    person.force_login(scene.approver)
    url = f"/api/v1/sharing/grants/{grant.pk}/"
    for verb, status in (("suspend", "suspended"), ("resume", "active"), ("end", "ended")):
        bare = person.post(f"{url}{verb}/", {}, content_type="application/json")
        assert bare.status_code == 422
        done = person.post(f"{url}{verb}/", {"reasons": "核查"}, content_type="application/json")
        assert done.json()["status"] == status


# --- faces -------------------------------------------------------------------------------------------


def test_an_idempotency_key_files_once(scene: made.Scene, asker: Caller) -> None:
    first = asker.post("applications/", wanted(scene), HTTP_IDEMPOTENCY_KEY="k-1")
    second = asker.post("applications/", wanted(scene), HTTP_IDEMPOTENCY_KEY="k-1")
    assert first.json()["number"] == second.json()["number"]
    assert second["Idempotent-Replay"] == "true"
    assert SharingApplication.objects.count() == 1


def test_a_wrong_body_names_its_fields(scene: made.Scene, asker: Caller) -> None:
    answer = asker.post("applications/", {"entry": scene.entry.resource_code, "period_from": "昨天"})
    assert answer.status_code == 422
    assert {"items", "duty", "period_from"} <= set(answer.json()["fields"])
    assert asker.post("applications/", wanted(scene, entry="999999/000001")).status_code == 404


def test_a_second_reply_is_409(scene: made.Scene, provider: Caller) -> None:
    case = made.refused_application(scene)
    answer = provider.post(f"applications/{case.number}/reply/", {"outcome": "agree"})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_a_citizen_finds_nothing_here(scene: made.Scene) -> None:
    client = Client()
    client.force_login(staff(scene.requester))
    assert client.get("/api/v1/sharing/applications/").status_code == 404


def test_the_openapi_document_describes_sharing_without_a_complaint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"))
    complaints = [line for line in capsys.readouterr().err.splitlines() if "/sharing/" in line]
    assert complaints == []
    assert "/api/v1/sharing/grants/{id}/rows/" in (tmp_path / "openapi.yaml").read_text().replace("{pk}", "{id}")
