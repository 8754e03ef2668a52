"""The log of readings over REST: people who answer for an agency see it, its systems and strangers do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.roles import Role
from sharing.models import SharingGrant
from tests.factories import sharing as made
from tests.factories.accounts import bearer, staff, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture(autouse=True)
def _on_the_third_day() -> Iterator[None]:
    shift = int((made.later(2) - timezone.now()).total_seconds())
    path = Path(settings.TIME_SHIFT_FILE)
    path.write_text(str(shift), encoding="ascii")
    yield
    path.unlink()


_kept, scene = kept(made.scene)


@pytest.fixture
def grant(scene: made.Scene) -> SharingGrant:
    """A grant through which the requester's system has read once."""
    grant = made.agreed_grant(scene)
    token = bearer(system(scene.requester))
    purpose = {"HTTP_SHARING_PURPOSE": quote("核对应急转运路线")}
    assert Client().get(f"/api/v1/sharing/grants/{grant.pk}/rows/?fields=route", **token, **purpose).status_code == 200
    return grant


def asked(user: User, path: str) -> Any:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(f"/api/v1/sharing/{path}")


def addresses(grant: SharingGrant) -> dict[str, str]:
    return {
        "given": "readings/?box=given",
        "entry": f"entries/{grant.entry.resource_code}/readings/",
        "grant": f"grants/{grant.pk}/readings/",
    }


@pytest.mark.parametrize("which", ["given", "entry", "grant"])
def test_the_provider_sees_who_read_what_and_why(grant: SharingGrant, scene: made.Scene, which: str) -> None:
    answer = asked(staff(scene.provider, Role.DATA_STEWARD), addresses(grant)[which])
    assert answer.status_code == 200
    (line,) = answer.json()["results"]
    assert (line["agency"], line["purpose"]) == (scene.requester.name, "核对应急转运路线")
    assert (line["items"], line["outcome"]) == (["route"], "完成")
    assert line["rows"] == 3


def test_the_requester_sees_its_own_readings(grant: SharingGrant, scene: made.Scene) -> None:
    assert asked(staff(scene.requester, Role.AUDIT_ADMIN), "readings/").json()["count"] == 1
    assert asked(staff(scene.requester, Role.DATA_STEWARD), "readings/?box=given").json()["count"] == 0


@pytest.mark.parametrize(("which", "status"), [("entry", 403), ("grant", 404)])
def test_another_agency_sees_none_of_it(grant: SharingGrant, scene: made.Scene, which: str, status: int) -> None:
    stranger = Agency.objects.exclude(pk__in=[scene.provider.pk, scene.requester.pk]).filter(is_authority=False).first()
    assert stranger is not None
    answer = asked(staff(stranger, Role.DATA_STEWARD), addresses(grant)[which])
    assert answer.status_code == status
    assert "核对" not in answer.content.decode()


@pytest.mark.parametrize("which", ["given", "entry", "grant"])
def test_a_system_is_not_shown_the_log(grant: SharingGrant, scene: made.Scene, which: str) -> None:
    answer = Client().get(f"/api/v1/sharing/{addresses(grant)[which]}", **bearer(system(scene.provider)))
    assert answer.status_code == 403
    assert set(answer.json()) == {"code", "message", "basis"}
