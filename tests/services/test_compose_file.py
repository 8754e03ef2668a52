"""What docker-compose.yml promises: no root, no secret with a default, one beat."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.services.composed import ROOT, compose

SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = ("migrate", "web", "worker", "beat")


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_as_root_or_may_become_it(name: str) -> None:
    service = SERVICES[name]
    assert str(service["user"]).split(":")[0] not in ("", "0", "root")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["read_only"] is True
    assert not service.get("privileged")


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_every_lasting_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_secrets_come_from_the_environment_and_have_no_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    named = re.findall(r"(?<!\$)\$\{([^}]*)\}", text)
    assert named
    # nobody starts with an earlier key
    assert [name for name in named if ":?" not in name] == ["GUIYANG_PERSONAL_DATA_KEYS_BEFORE:-"]
    for variable in ("SECRET_KEY", "PERSONAL_DATA_KEY", "SEAL_KEY"):
        assert compose()["x-environment"][f"GUIYANG_{variable}"].startswith("${")


def test_there_is_exactly_one_beat() -> None:
    beats = [name for name, service in SERVICES.items() if " beat" in str(service.get("command", ""))]
    assert beats == ["beat"]
    assert SERVICES["beat"]["deploy"] == {"replicas": 1}
    assert "--beat" not in SERVICES["worker"]["command"]
    assert " -B" not in SERVICES["worker"]["command"]


def test_the_portal_waits_for_its_migrations_and_they_for_the_engines() -> None:
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


def test_the_queue_of_redis_outlives_a_restart() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "noeviction" in command
    assert any(volume.endswith(":/data") for volume in SERVICES["redis"]["volumes"])


def test_the_engines_cannot_be_reached_from_outside() -> None:
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
