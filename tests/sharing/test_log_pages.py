"""The log as its pages show it: narrowed, drawn, taken along, and proved; and the pages of unusual use."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Event
from sharing.models import SharingGrant, UsageFlag
from sharing.reading import open_reading, read_page
from sharing.watching.services import watch
from tests.factories import sharing as made
from tests.factories.accounts import staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NOW = made.later(9)


@pytest.fixture(autouse=True)
def _now(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.SEAL_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


_kept, scene = kept(made.scene)


@pytest.fixture
def grant(scene: made.Scene) -> SharingGrant:
    """A grant read by a person on three days, by a system on one; counted by the sweep."""
    grant = made.agreed_grant(scene)
    machine = system(scene.requester)
    for day in (2, 3, 4):
        read(scene, grant, scene.asker, day=day, purpose=f"第{day}日核对")
    read(scene, grant, machine.user, day=4, kind="csv", purpose="=cmd|日终同步")
    counted()
    return grant


def read(scene: made.Scene, grant: SharingGrant, by: User, *, day: int, kind: str = "page", purpose: str = "") -> None:
    asked: dict[str, Any] = {"by": by, "entry": scene.entry, "access": grant, "at": made.later(day), "purpose": purpose}
    if kind == "page":
        read_page(**asked)
    else:
        list(open_reading(**asked, kind=kind, clock=lambda: NOW).stream())


def counted() -> None:
    sealing.seal(at=NOW)
    watch(at=NOW)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_log_is_narrowed_by_day_reader_and_way(grant: SharingGrant, scene: made.Scene) -> None:
    client = client_of(scene.steward)
    page = f"/desk/sharing/grants/{grant.pk}/access/"
    machine = User.objects.get(kind=User.Kind.SYSTEM)
    for asked, number in (
        ("", 4),
        ("?since=2026-11-06", 2),
        ("?since=2026-11-05&until=2026-11-05", 1),
        (f"?actor={machine.actor_key}", 1),
        ("?kind=csv", 1),
        ("?kind=json", 0),
        (f"?agency={scene.requester.code}&resource=catalog.catalogentry:{scene.entry.pk}", 4),
    ):
        answer = client.get(page + asked)
        assert answer.status_code == 200
        assert len(answer.context["lines"]) == number, asked
    # what is not understood is said, and looked for nothing
    answer = client.get(f"{page}?since=昨天&agency=nobody")
    assert "这里没有这一项" in answer.content.decode()
    assert len(answer.context["lines"]) == 4
    # and it is drawn by day and by hour
    by_day, by_hour = client.get(page).context["charts"]
    assert sum(by_day["series"][0]["values"]) == sum(by_hour["series"][0]["values"]) == 4
    assert by_hour["series"][0]["values"][10] == 4


def test_both_sides_have_their_own_log_and_nobody_elses(grant: SharingGrant, scene: made.Scene) -> None:
    assert len(client_of(scene.asker).get("/desk/sharing/access/").context["lines"]) == 4
    assert len(client_of(scene.steward).get("/desk/sharing/access/?box=given").context["lines"]) == 4
    assert client_of(scene.outsider).get("/desk/sharing/access/?box=given").context["lines"] == []
    assert client_of(scene.outsider).get(f"/desk/sharing/grants/{grant.pk}/access/export.csv").status_code == 404


def test_it_is_taken_along_as_csv_with_formulas_guarded_and_that_is_recorded(
    grant: SharingGrant, scene: made.Scene
) -> None:
    answer = client_of(scene.steward).get(f"/desk/sharing/grants/{grant.pk}/access/export.csv?since=2026-11-06")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, *rows = csv.reader(io.StringIO(text))
    assert len(rows) == 2
    assert {row[head.index("行数")] for row in rows} == {"3"}
    assert "'=cmd|日终同步" in {row[head.index("用途")] for row in rows}
    event = Event.objects.get(verb="take-log-along")
    assert (event.payload["of"], event.payload["kind"]) == (f"sharing.sharinggrant:{grant.pk}", "csv")


def test_over_rest_it_is_narrowed_alike(grant: SharingGrant, scene: made.Scene) -> None:
    client, path = client_of(scene.steward), f"/api/v1/sharing/grants/{grant.pk}/readings/"
    for asked, number in (("", 4), ("?kind=csv", 1), ("?since=2026-11-05&until=2026-11-05", 1), ("?actor=user:0", 0)):
        assert client.get(path + asked).json()["count"] == number, asked
    own = client.get(f"/api/v1/sharing/readings/?box=given&entry={scene.entry.resource_code}&grant={grant.pk}").json()
    assert [line["rows"] for line in own["results"]] == [3] * 4
    assert own["results"][0]["grant"] == f"sharing.sharinggrant:{grant.pk}"
    for asked in ("?since=昨天", "?grant=甲", "?entry=0/0"):
        assert client.get(path + asked).status_code == 422


def test_its_proof_holds_for_others(grant: SharingGrant, scene: made.Scene, tmp_path: Path) -> None:
    other = made.standing_grant(scene)
    read(scene, other, scene.asker, day=5)
    counted()
    answer = client_of(scene.asker).get(f"/desk/sharing/grants/{grant.pk}/access/proof.jsonl")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    lines = [json.loads(line) for line in body.splitlines()]
    # both rows of its four readings and the acts on the grant, and nothing of the other grant
    assert sum(line["kind"] == "access" for line in lines) == 8
    assert {line["values"]["subject"] for line in lines if line["kind"] == "event"} == {
        f"sharing.sharinggrant:{grant.pk}"
    }
    assert f"sharinggrant:{other.pk}".encode() not in body
    file = tmp_path / "proof.jsonl"
    file.write_bytes(body)
    script = Path(settings.BASE_DIR) / "scripts" / "verify_export.py"
    words = [sys.executable, "-I", str(script), str(file), "--public-key", str(tmp_path / "public-key.pem")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_page_costs_the_same_however_many_lines_there_are(grant: SharingGrant, scene: made.Scene) -> None:
    client = client_of(scene.steward)
    pages = [f"/desk/sharing/grants/{grant.pk}/access/", "/desk/sharing/access/?box=given"]

    def costs() -> list[int]:
        found = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            found.append(len(captured))
        return found

    few = costs()
    for day in (5, 6, 7):
        for _call in range(5):
            read(scene, grant, scene.asker, day=day)
    counted()
    assert costs() == few


# --- unusual use -----------------------------------------------------------------------------------------


@pytest.fixture
def flag(scene: made.Scene) -> UsageFlag:
    return made.flag(scene)


def test_the_provider_reads_a_flag_and_settles_it_on_its_page(flag: UsageFlag, scene: made.Scene) -> None:
    client = client_of(scene.steward)
    page = client.get("/desk/sharing/flags/").content.decode()
    assert "夜间读取 30 次" in page
    assert flag.get_absolute_url() in page
    assert flag.get_absolute_url() in client.get(flag.grant.get_absolute_url()).content.decode()
    shown = client.get(flag.get_absolute_url())
    assert shown.context["chart"]["series"][0]["values"][23] == 30
    assert [act.verb for act in shown.context["acts"]] == ["explain-flag", "suspend-on-flag"]
    # without reasons nothing is done, and what was typed stays
    address = f"{flag.get_absolute_url()}explain/"
    assert client.post(address, {"reasons": ""}).status_code == 422
    assert client.post(address, {"reasons": "当晚应急演练。"}).status_code == 302
    assert UsageFlag.objects.get().status == "explained"
    assert "没有这样的异常提示" in client.get("/desk/sharing/flags/").content.decode()


def test_the_flagged_agency_does_not_see_it(flag: UsageFlag, scene: made.Scene) -> None:
    client = client_of(scene.asker)
    assert client.get(flag.get_absolute_url()).status_code == 404
    assert flag.get_absolute_url() not in client.get(flag.grant.get_absolute_url()).content.decode()
    assert client.get("/api/v1/sharing/flags/").json()["count"] == 0
    # nor in the acts on the grant that it may take along
    answer = client.get(f"/desk/sharing/grants/{flag.grant_id}/access/proof.jsonl")
    assert b"flag" not in b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_over_rest_the_authority_suspends(flag: UsageFlag, scene: made.Scene) -> None:
    client = client_of(staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY))
    detail = client.get(f"/api/v1/sharing/flags/{flag.pk}/").json()
    assert detail["said"].startswith("夜间读取 30 次")
    assert {act["verb"] for act in detail["actions"]} == {"explain-flag", "suspend-on-flag"}
    body = json.dumps({"reasons": "用途不明，先行暂停核查。"})
    done = client.post(f"/api/v1/sharing/flags/{flag.pk}/suspend/", body, content_type="application/json")
    assert (done.status_code, done.json()["status"]) == (200, "suspended")
    assert SharingGrant.objects.get(pk=flag.grant_id).status == "suspended"
    again = client.post(f"/api/v1/sharing/flags/{flag.pk}/suspend/", body, content_type="application/json")
    assert again.status_code == 409


def test_the_authority_sets_a_rule_on_its_page(flag: UsageFlag, scene: made.Scene) -> None:
    client = client_of(staff(scene.city.authority, Role.MUNICIPAL_AUTHORITY))
    assert "设定阈值" in client.get("/desk/sharing/flags/rules/").content.decode()
    values = {"night_from": "23", "night_until": "5", "least_calls": "0", "times_before": "3", "reasons": "从严。"}
    wrong = client.post("/desk/sharing/flags/rules/hour/", values)
    assert wrong.status_code == 422
    assert client.post("/desk/sharing/flags/rules/hour/", values | {"least_calls": "10"}).status_code == 302
    assert "从严。" in client.get("/desk/sharing/flags/rules/").content.decode()
    assert client_of(scene.steward).get("/desk/sharing/flags/rules/hour/").status_code == 403
    assert client.get("/desk/sharing/flags/rules/colour/").status_code == 404
