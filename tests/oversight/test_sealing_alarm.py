"""Whoever runs, guards and audits the portal hears of it when the ledger is not sealed, once for each gap."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from guiyang_data.accounts.roles import Role
from guiyang_data.ledger import sealing, waiting
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices.models import Notice
from oversight.services.sealing_alarm import warn_of_missing_seals
from tests.factories.accounts import city, staff

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

AT = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_rows_without_a_seal_and_seals_without_a_file_are_told_once(settings: Any, tmp_path: Path) -> None:
    # given
    settings.SEAL_DIR = tmp_path / "seals"
    auditor = staff(city().authority, Role.AUDIT_ADMIN)
    sealing.seal(at=AT - HOUR)
    record("case:1", "act", by=PLATFORM, at=AT)
    # then it is early yet, and later it is told, once
    assert warn_of_missing_seals(at=AT + dt.timedelta(minutes=2)) == 0
    assert warn_of_missing_seals(at=AT + HOUR) == 1
    assert warn_of_missing_seals(at=AT + 2 * HOUR) == 0
    assert Notice.objects.get(recipient=auditor).title == "记录没有按时封存"
    # when it is sealed again, but the file outside was not written
    sealing.seal(at=AT + 2 * HOUR)
    (tmp_path / "seals" / waiting.LAST_WRITTEN).write_text("0", encoding="ascii")
    assert warn_of_missing_seals(at=AT + 4 * HOUR) == 1
    assert Notice.objects.filter(recipient=auditor, title="封存没有写到数据库以外").count() == 1
