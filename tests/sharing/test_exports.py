"""Exports: the rows of the right, the log, and what stops one that runs (第十五条、第十七条)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from guiyang_data.accounts import services as accounts
from guiyang_data.accounts.api.authentication import SystemAuthentication
from guiyang_data.accounts.models import RoleAssignment
from guiyang_data.errors import DomainError, NotAllowed
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.tables import exporting
from sharing import services
from sharing.reading import Reading, open_reading
from tests.factories import sharing as made
from tests.factories.accounts import bearer, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MANY = [
    {"线路编号": f"{number:06d}", "线路名称": f"线路{number}", "长度": "1", "开通日期": "2020-01-02"}
    for number in range(45_000)
]


@pytest.fixture(autouse=True)
def _short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three batches of the rows here."""
    monkeypatch.setattr(exporting, "BATCH", 20_000)


def read(scene: made.Scene, access: Any, **arguments: Any) -> Reading:
    """A reading by the requester's steward."""
    values = {"by": scene.asker, "entry": scene.entry, "access": access, "at": made.later(3)}
    return open_reading(**(values | arguments))


def opened() -> list[Access]:
    return list(Access.objects.filter(phase="opened"))


def closed() -> list[Access]:
    return list(Access.objects.filter(phase="closed"))


_kept, scene = kept(made.scene)


def test_an_export_carries_permitted_items_and_is_closed_with_its_row_count(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    content = b"".join(read(scene, grant, kind="csv").stream()).decode()
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == ["线路编号", "线路名称", "长度"]
    assert rows[1][0] == "001"
    assert (closed()[0].rows, closed()[0].outcome) == (3, "完成")


def test_a_json_export_is_one_array_by_code(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    content = json.loads(b"".join(read(scene, grant, kind="json").stream()))
    assert content[0] == {"route": "001", "name": "火车站环线", "length": 12.5}


def long_export() -> tuple[made.Scene, Any, Iterator[bytes]]:
    """An export of more batches than one, of which the header has left."""
    scene = made.scene(rows=MANY)
    grant = made.agreed_grant(scene)
    stream = read(scene, grant, kind="csv").stream()
    next(stream)
    return scene, grant, stream


def test_a_running_export_stops_when_its_grant_is_suspended() -> None:
    scene, grant, stream = long_export()
    services.suspend_grant(grant_id=grant.pk, by=scene.approver, at=made.later(3), reasons="疑似超范围使用")

    with pytest.raises(NotAllowed, match="暂停"):
        list(stream)

    assert closed()[0].outcome.startswith("中止：这一授权已经暂停")
    assert closed()[0].rows < len(MANY)


def test_a_running_export_stops_when_the_reader_loses_the_role() -> None:
    scene, _grant, stream = long_export()
    RoleAssignment.objects.filter(user=scene.asker).update(ended_on=made.later(3).date())
    with pytest.raises(DomainError):
        list(stream)
    assert closed()[0].outcome.startswith("中止")


def test_a_running_export_stops_when_the_credentials_that_a_system_came_with_are_revoked() -> None:
    # given a system with two, one of which leaked
    scene = made.scene(rows=MANY)
    account = system(scene.requester)
    bearer(account)
    call = Request(APIRequestFactory().get("/", **bearer(account)))
    found = SystemAuthentication().authenticate(call)
    assert found is not None
    caller, token = found
    stream = read(scene, made.agreed_grant(scene), kind="csv", by=caller).stream()
    next(stream)

    # when
    accounts.revoke_credentials(by=PLATFORM, application_id=token.application_id, at=made.later(3))

    # then
    with pytest.raises(NotAllowed, match="作废"):
        list(stream)
    assert closed()[0].rows < len(MANY)


def test_an_export_whose_receiver_goes_away_is_closed_with_what_left() -> None:
    _scene, _grant, stream = long_export()
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    stream.close()  # type: ignore[attr-defined]
    (end,) = closed()
    assert end.outcome == "没有传完：接收方中断"
    assert 0 < end.rows < len(MANY)


def test_an_export_that_is_never_begun_is_closed_without_rows(scene: made.Scene) -> None:
    grant = made.agreed_grant(scene)
    stream = read(scene, grant, kind="csv").stream()
    stream.close()
    assert [(row.rows, row.outcome) for row in closed()] == [(0, "没有传完：接收方中断")]
