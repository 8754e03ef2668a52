"""Batches received: stored whole before anything is checked, once for each key, within their limits."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from catalog import services
from catalog.models import CatalogEntry, Load, PushedContent
from catalog.services import Receipt, Sent, batches
from catalog.services.landing import as_sent
from catalog.services.locking import lock_entry
from guiyang_data.accounts.models import User
from guiyang_data.errors import NotAllowed, RuleBroken, TooLarge, Unavailable, WrongState
from tests.catalog.batches.conftest import line, push, sent
from tests.factories import accounts
from tests.factories import catalog as make
from tests.tables.test_full_disk import room_for

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_a_batch_is_kept_as_it_came_and_nothing_is_checked_yet(entry: CatalogEntry, system: User) -> None:
    # given
    content = sent([line("001"), line("002", length="很长")], "one").content

    # when
    receipt = services.receive_batch(
        entry_id=entry.pk, sent=Sent(content=content, kind="json", key="one"), by=system, at=make.AT, mode="append"
    )

    # then
    load = receipt.load
    assert (as_sent([load]), load.landed_at) == ([content], "")
    assert (load.sha256, load.rows_sent, load.state) == (hashlib.sha256(content).hexdigest(), 2, "waiting")
    assert (load.header, load.by, load.source) == (["线路编号", "线路名称", "长度"], system, "push")


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_a_long_batch_and_one_that_replaces_all_become_files(
    entry: CatalogEntry, system: User, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    # given
    monkeypatch.setattr(batches, "SHORT", 10**6 if mode == "replace" else 10)
    rows = [line("001"), line("002", length="很长")]

    # when
    first, again = (push(entry, system, *rows, mode=mode, key="one") for _ in range(2))

    # then
    content = sent(rows, "one").content
    assert first.load.landed.read_bytes() == content
    assert as_sent([first.load]) == [content]
    assert (again.load, again.repeated, PushedContent.objects.count()) == (first.load, True, 0)


def test_the_same_key_and_content_again_gives_the_first_receipt(entry: CatalogEntry, system: User) -> None:
    # when
    first, again = (push(entry, system, line("001"), key="one") for _ in range(2))

    # then
    assert (again.load, again.repeated, Load.objects.count()) == (first.load, True, 1)


def test_the_same_key_with_other_content_is_refused(entry: CatalogEntry, system: User) -> None:
    # given
    push(entry, system, line("001"), key="one")

    # when
    with pytest.raises(RuleBroken) as refused:
        push(entry, system, line("002"), key="one")

    # then
    assert "Idempotency-Key" in refused.value.fields
    assert Load.objects.count() == 1


def test_a_key_is_the_senders_own(entry: CatalogEntry, system: User, city: accounts.City) -> None:
    # when
    push(entry, system, line("001"), key="one")
    push(entry, accounts.system(city.provider).user, line("002"), key="one")

    # then
    assert Load.objects.count() == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"key": "x" * 101}, "Idempotency-Key"), ({"key": "a\nb"}, "Idempotency-Key"), ({"mode": "merge"}, "mode")],
)
def test_what_is_missing_or_wrong_is_told_by_field(
    entry: CatalogEntry, system: User, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        push(entry, system, line("001"), **asked)
    assert field in refused.value.fields
    assert not Load.objects.exists()


def test_a_batch_without_a_key_is_refused(entry: CatalogEntry, system: User) -> None:
    with pytest.raises(RuleBroken, match="Idempotency-Key"):
        services.receive_batch(
            entry_id=entry.pk, sent=Sent(content=b"[]", kind="json", key=""), by=system, at=make.AT, mode="append"
        )


def test_updates_name_the_same_items_in_every_row(entry: CatalogEntry, system: User) -> None:
    with pytest.raises(RuleBroken, match="信息项要一致"):
        push(entry, system, line("001"), {"线路编号": "002", "线路名称": "专线"}, mode="upsert")


def test_a_batch_over_the_limits_leaves_nothing(
    entry: CatalogEntry, system: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    folder = Path(settings.DATA_DIR) / "landing" / "batches"
    before = list(folder.rglob("*"))

    # when, then
    monkeypatch.setattr(batches, "MOST_ROWS", 2)
    with pytest.raises(RuleBroken, match="一批最多 2 行"):
        push(entry, system, line("001"), line("002"), line("003"))
    settings.BATCH_LIMIT_BYTES = 40
    with pytest.raises(TooLarge):
        push(entry, system, line("001"))
    assert not Load.objects.exists()
    assert list(folder.rglob("*")) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lands", ["as a file", "in the database"])
def test_a_full_disk_receives_nothing_and_says_to_send_it_again(
    entry: CatalogEntry, system: User, monkeypatch: pytest.MonkeyPatch, lands: str
) -> None:
    # given
    if lands == "as a file":
        monkeypatch.setattr(batches, "SHORT", 10)
    elif connection.vendor != "sqlite":
        pytest.skip("the disk of PostgreSQL is not filled here")
    rows = [line(f"G{number}") for number in range(200)]
    # when
    with room_for(1000), pytest.raises(Unavailable, match=r"空间不足.*原样重发"):
        push(entry, system, *rows, key="a")
    # then the same batch is received once there is room
    assert not Load.objects.filter(source=Load.Source.PUSH).exists()
    assert not push(entry, system, *rows, key="a").repeated


@pytest.mark.django_db(transaction=True)
def test_a_receipt_does_not_wait_for_whoever_gathers(entry: CatalogEntry, system: User) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("whoever writes into SQLite waits for whoever else does")

    def received() -> Receipt:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return push(entry, system, line("001"))
        finally:
            connection.close()

    # given the lock of a worker, when
    with transaction.atomic(), ThreadPoolExecutor(max_workers=1) as another:
        lock_entry(entry.pk, receiving=True)
        receipt = another.submit(received).result()

    # then
    assert Load.objects.get() == receipt.load


def test_another_agencys_system_pushes_nothing_here(entry: CatalogEntry, city: accounts.City) -> None:
    with pytest.raises(NotAllowed):
        push(entry, accounts.system(city.requester).user, line("001"))
    assert not Load.objects.exists()


def test_a_catalogue_that_is_not_in_force_receives_no_batch(city: accounts.City, system: User) -> None:
    # given
    draft = make.draft_entry(city.provider)

    # when, then
    with pytest.raises(WrongState):
        push(draft.entry, system, line("001"))
