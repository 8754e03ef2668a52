"""The commands of docker-compose.yml, run as they stand under the production settings."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests import surroundings
from tests.services.composed import Deployment, wait_until

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("deployment")]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    server, broker = surroundings.database_url(), surroundings.redis_url()
    assert server
    assert broker
    made = Deployment(tmp_path_factory.mktemp("portal"), database_url=server, redis_url=broker)
    try:
        made.prepare()
        made.start("web", "worker", "beat")
        wait_until(lambda: made.get("/healthz")[0] == 200, what="the web process")
        yield made
    finally:
        made.clear_away()


def test_the_portal_is_ready_once_worker_and_beat_have_swept(deployment: Deployment) -> None:
    # when
    wait_until(deployment.is_ready, what="readiness")

    # then
    assert {name for name, check in deployment.checks().items() if check["ok"]} == {
        "database",
        "migrations",
        "sweep",
        "seal",
        "queue",
        "calendar",
    }
    assert deployment.rows("SELECT count(*) FROM oversight_sweeprun WHERE finished_at IS NOT NULL")[0][0] >= 1


def test_the_health_check_of_the_web_container_follows_the_web_process(deployment: Deployment) -> None:
    # given
    assert deployment.health_check("web") == 0

    # when
    code = deployment.stop("web")

    # then it ends in order, is seen to be gone, and comes back
    assert code == 0
    assert deployment.health_check("web") == 1
    deployment.start("web")
    wait_until(lambda: deployment.health_check("web") == 0, what="the web process")


def test_pages_go_to_https_while_health_is_answered_from_inside(deployment: Deployment) -> None:
    assert deployment.get("/")[0] == 301
    assert deployment.get("/healthz")[0] == 200
    assert deployment.get("/healthz", Host="elsewhere.example", **{"X-Forwarded-Proto": "https"})[0] == 400


@pytest.mark.parametrize("service", ["beat", "worker"])
def test_a_dead_beat_or_worker_is_reported_and_its_restart_heals(deployment: Deployment, service: str) -> None:
    # given
    wait_until(deployment.is_ready, what="readiness")

    # when it is killed outright
    deployment.stop(service, signal.SIGKILL)

    # then the sweep is late, and nothing else but what rests on the worker
    wait_until(lambda: not deployment.is_ready(), what="the report")
    checks = deployment.checks()
    assert not checks["sweep"]["ok"]
    assert checks["database"]["ok"]
    assert checks["queue"]["ok"]

    # and the same command heals it
    deployment.start(service)
    wait_until(deployment.is_ready, what="readiness")


@pytest.mark.parametrize("service", ["beat", "worker"])
def test_a_container_stop_ends_beat_and_worker_in_order(deployment: Deployment, service: str) -> None:
    # when
    code = deployment.stop(service)

    # then
    assert code == 0
    assert "Traceback" not in deployment.log(service)
    deployment.start(service)
