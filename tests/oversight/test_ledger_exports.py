"""The whole ledger leaves with two persons: one asks, another releases, and every taking is on record."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from guiyang_data.accounts.models import Person, User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.ledger import sealing
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices.models import Notice
from oversight.exports import services
from oversight.models import LedgerExport
from tests.factories.accounts import City, city, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 11, 2, 1, 30, tzinfo=dt.UTC)
DAYS: dict[str, Any] = {"since": dt.date(2026, 11, 1), "until": dt.date(2026, 11, 2), "purpose": "提供给审计机关核验。"}


@pytest.fixture
def town(settings: Any, tmp_path: Path) -> City:
    settings.SEAL_DIR = tmp_path
    return city()


@pytest.fixture
def auditor(town: City) -> User:
    return staff(town.authority, Role.AUDIT_ADMIN)


@pytest.fixture
def officer(town: City) -> User:
    return staff(town.authority, Role.MUNICIPAL_AUTHORITY)


def test_nobody_releases_what_they_asked_for_and_nothing_is_taken_before(auditor: User, officer: User) -> None:
    export = services.ask_export(by=auditor, at=AT, **DAYS)
    assert [notice.recipient for notice in Notice.objects.filter(kind="ledger-export")] == [officer]
    with pytest.raises(NotAllowed, match="另一个人"):
        services.release_export(export_id=export.pk, by=auditor, at=AT)
    with pytest.raises(WrongState):
        services.take_export(export_id=export.pk, by=auditor, at=AT)
    # nor under another account of the same person
    person = Person.objects.create(name_encrypted="甲", id_number_encrypted="甲", id_number_index="甲")
    for account in (auditor, officer):
        account.person = person
        account.save(update_fields=["person"])
    with pytest.raises(NotAllowed, match="另一个人"):
        services.release_export(export_id=export.pk, by=officer, at=AT)
    assert LedgerExport.objects.get().status == "proposed"


def test_a_released_export_is_taken_checked_and_on_record(auditor: User, officer: User, tmp_path: Path) -> None:
    # given
    record("case:1", "act", by=PLATFORM, at=AT)
    sealing.seal(at=AT)
    export = services.ask_export(by=auditor, at=AT, **DAYS)
    services.release_export(export_id=export.pk, by=officer, at=AT)
    # when
    client = Client()
    with time_machine.travel(AT + dt.timedelta(hours=1), tick=False):
        client.force_login(auditor, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = client.get(f"/desk/oversight/exports/{export.pk}/ledger.jsonl")
        body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    # then
    assert [json.loads(line)["kind"] for line in body.splitlines()][:2] == ["header", "seal"]
    assert Event.objects.filter(verb="take-export", actor=auditor.actor_key).count() == 1
    file = tmp_path / "export.jsonl"
    file.write_bytes(body)
    script = Path(settings.BASE_DIR) / "scripts" / "verify_export.py"
    words = [sys.executable, "-I", str(script), str(file), "--public-key", str(tmp_path / "public-key.pem")]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_a_refusal_needs_reasons_and_ends_it(auditor: User, officer: User) -> None:
    export = services.ask_export(by=auditor, at=AT, **DAYS)
    with pytest.raises(RuleBroken):
        services.refuse_export(export_id=export.pk, by=officer, at=AT, reasons=" ")
    services.refuse_export(export_id=export.pk, by=officer, at=AT, reasons="范围过大，请缩小到所涉及的日期。")
    with pytest.raises(WrongState):
        services.release_export(export_id=export.pk, by=officer, at=AT)


@pytest.mark.parametrize(
    "wrong",
    [{"until": dt.date(2026, 10, 1)}, {"purpose": " "}, {"since": dt.date(2027, 1, 1), "until": dt.date(2027, 1, 2)}],
)
def test_what_cannot_be_exported_is_refused_at_its_field(auditor: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.ask_export(by=auditor, at=AT, **(DAYS | wrong))
    assert set(refused.value.fields) == {next(iter(wrong))}


def test_other_agencies_see_and_do_nothing(town: City, auditor: User) -> None:
    export = services.ask_export(by=auditor, at=AT, **DAYS)
    for by in (staff(town.provider, Role.AUDIT_ADMIN), staff(town.authority, Role.COORDINATOR)):
        with pytest.raises(NotAllowed):
            services.ask_export(by=by, at=AT, **DAYS)
        with pytest.raises(NotAllowed):
            services.release_export(export_id=export.pk, by=by, at=AT)
