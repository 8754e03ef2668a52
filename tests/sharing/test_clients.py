"""The examples of clients, run as they stand against the portal: a system takes what its agency may."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from pytest_django.live_server_helper import LiveServer

from guiyang_data.ledger.models import Access
from tests.factories import accounts
from tests.factories import sharing as made

CLIENTS = Path(__file__).parents[2] / "docs" / "clients"
SCOPES = ("catalog:read", "sharing:read", "sharing:apply")


@pytest.fixture
def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agency_client", CLIENTS / "agency_client.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def scene(live_server: LiveServer) -> made.Scene:
    return made.scene(sharing_type="unconditional")


def secret_of(scene: made.Scene) -> tuple[str, str]:
    return accounts.credentials(accounts.system(scene.city.requester), *SCOPES)


def test_the_python_client_takes_rows_a_file_and_what_changed(
    client: ModuleType, scene: made.Scene, live_server: LiveServer, tmp_path: Path
) -> None:
    # given
    portal = client.Portal(live_server.url, *secret_of(scene), case_number="测试-1")
    code = scene.entry.resource_code
    place = f"entries/{code}"

    # when nothing was declared
    with pytest.raises(client.Refused) as refused:
        list(portal.rows(place))

    # then
    assert refused.value.status == 422

    # when
    portal.declare_duty(code, duty="城市运行监测", purpose="联调")
    rows = list(portal.rows(place, filters=["route:eq:001"]))
    reading = portal.export(place, tmp_path / "rows.csv")

    # then
    assert [row["route"] for row in rows] == ["001"]
    assert len((tmp_path / "rows.csv").read_text("utf-8").splitlines()) == 1 + len(made.ROWS)
    assert Access.objects.filter(reading=reading, case_number="测试-1", outcome="完成").count() == 1
    portal.close()


def test_the_lines_for_curl_run_as_they_stand(scene: made.Scene, live_server: LiveServer, tmp_path: Path) -> None:
    client_id, secret = secret_of(scene)
    environment = os.environ | {"PORTAL": live_server.url, "CLIENT_ID": client_id, "CLIENT_SECRET": secret}
    script = CLIENTS / "agency_client.sh"
    told = subprocess.run(
        ["sh", script, scene.entry.resource_code],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"{1 + len(made.ROWS)} rows.csv" in told.stdout
    assert '"results"' in told.stdout
