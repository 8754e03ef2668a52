"""Where the log was not sealed for four hours nothing is read, and all else goes on; with a seal readings resume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from guiyang_data.accounts.models import User
from guiyang_data.errors import Unavailable
from guiyang_data.ledger import sealing, waiting
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.waiting import before_the_portal, patience
from guiyang_data.timekeeping import now
from sharing.edocuments.finding import Wanted, find_documents
from sharing.models import SharingGrant
from tests.factories import edocuments, persons
from tests.factories import sharing as made
from tests.factories.accounts import bearer, system

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

START = made.later(2)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _shipped(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.READINGS_STOP_UNSEALED_SECONDS = 4 * 3600
    settings.SEAL_DIR = tmp_path / "seals"
    patience.until = None
    yield
    patience.until = None


@pytest.fixture
def clock() -> Iterator[Callable[[dt.timedelta], None]]:
    """Sets the portal's time to so long after the start."""
    path = Path(project.TIME_SHIFT_FILE)

    def show(since: dt.timedelta) -> None:
        path.write_text(str(int((START + since - timezone.now()).total_seconds())), encoding="ascii")

    show(0 * HOUR)
    yield show
    path.unlink()


@pytest.fixture
def scene() -> made.Scene:
    with before_the_portal():
        return made.scene()


@pytest.fixture
def grant(scene: made.Scene) -> SharingGrant:
    return made.agreed_grant(scene)


def signed_in(user: User) -> Client:
    """Somebody who has just signed in."""
    client = Client()
    client.force_login(user)
    return client


class Faces:
    """The ways of reading, by page and over REST."""

    def __init__(self, scene: made.Scene, grant: SharingGrant) -> None:
        self.page, self.api = signed_in(scene.asker), Client()
        self.reader = scene.asker
        headers = {"HTTP_SHARING_GRANT": str(grant.pk), "HTTP_SHARING_CASE": "YJ-1"}
        self.token = bearer(system(scene.requester)) | headers
        desk = f"/desk/sharing/grants/{grant.pk}/"
        rest = f"/api/v1/sharing/grants/{grant.pk}/"
        self.pages, self.calls = (f"{desk}data/", f"{desk}export.csv"), (f"{rest}rows/", f"{rest}export.csv")
        self.other = (desk, "/desk/sharing/", "/desk/sharing/access/")

    def codes(self) -> set[int]:
        """How every way of reading answers now, also to somebody who was away meanwhile."""
        self.page = signed_in(self.reader)
        answers = [self.page.get(path) for path in self.pages]
        answers += [self.api.get(path, **self.token) for path in self.calls]
        for answer in answers:
            if answer.streaming:
                b"".join(answer)
        return {answer.status_code for answer in answers}


def test_without_a_seal_for_four_hours_readings_stop_and_go_on_with_the_next(
    scene: made.Scene, grant: SharingGrant, clock: Callable[[dt.timedelta], None]
) -> None:
    # given a log that was sealed, and readings that wait for their seal from now on
    faces = Faces(scene, grant)
    sealing.seal(at=now())
    assert faces.codes() == {200}
    clock(4 * HOUR - MINUTE)
    assert faces.codes() == {200}

    # when four hours are over
    clock(4 * HOUR + MINUTE)
    logged = Access.objects.count()
    assert faces.codes() == {503}

    # then nothing was read or logged, both faces say why, and all else goes on
    assert Access.objects.count() == logged
    answer = faces.api.get(faces.calls[0], **faces.token)
    assert answer.json()["code"] == "unavailable"
    assert "超过 4 小时没有封存" in answer.json()["message"]
    assert "第十七条" in answer.json()["basis"]
    assert "超过 4 小时没有封存" in faces.page.get(faces.pages[0]).content.decode()
    assert {faces.page.get(path).status_code for path in faces.other} == {200}
    ready = Client().get("/readyz").json()["checks"]["seal"]
    assert (ready["ok"], "503" in ready["message"]) == (False, True)

    # when the sealer works again
    sealing.seal(at=now())
    assert faces.codes() == {200}
    assert Client().get("/readyz").json()["checks"]["seal"]["ok"] is True


def test_a_quiet_night_stops_nothing(
    scene: made.Scene, grant: SharingGrant, clock: Callable[[dt.timedelta], None]
) -> None:
    faces = Faces(scene, grant)
    sealing.seal(at=now())
    clock(15 * HOUR)
    assert faces.codes() == {200}


def test_seals_that_are_not_written_outside_the_database_stop_readings_too(
    scene: made.Scene, grant: SharingGrant, clock: Callable[[dt.timedelta], None]
) -> None:
    faces = Faces(scene, grant)
    sealing.seal(at=now())
    marker = Path(project.SEAL_DIR) / waiting.LAST_WRITTEN
    marker.write_text("0", encoding="ascii")
    clock(4 * HOUR + MINUTE)
    assert faces.codes() == {503}
    assert "outside the database" in Client().get("/readyz").json()["checks"]["seal"]["message"]
    sealing.write_outside()
    assert faces.codes() == {200}


def test_documents_verifications_and_the_providers_own_look_stop_as_well(
    clock: Callable[[dt.timedelta], None],
) -> None:
    with before_the_portal():
        scene = persons.scene()
        verifying = persons.permitted(scene)
        licences = edocuments.scene_beside(scene)
        licence = edocuments.grant(licences)
    sealing.seal(at=now())
    address = f"/desk/catalog/entries/{scene.entry.pk}/data/"
    assert signed_in(scene.steward).get(address).status_code == 200
    clock(5 * HOUR)
    at = now()
    assert signed_in(scene.steward).get(address).status_code == 503
    with pytest.raises(Unavailable):
        persons.asked(scene, verifying, at=at)
    with pytest.raises(Unavailable):
        find_documents(by=licences.asker, access=licence, at=at, wanted=Wanted(holder="王示三"))
    with pytest.raises(Unavailable):
        edocuments.issued(licences, at=at)


def test_zero_never_stops(
    scene: made.Scene, grant: SharingGrant, clock: Callable[[dt.timedelta], None], settings: Any
) -> None:
    settings.READINGS_STOP_UNSEALED_SECONDS = 0
    clock(50 * HOUR)
    assert Faces(scene, grant).codes() == {200}
