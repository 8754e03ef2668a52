"""An entry in force, the system that pushes rows to it, and rows as it sends them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest

from catalog import services
from catalog.models import CatalogEntry, Load
from catalog.selectors import columns_of
from catalog.services import Receipt, Sent
from guiyang_data.accounts.models import User
from guiyang_data.tables.query import query
from tests.factories import accounts
from tests.factories import catalog as make

NUMBERS = itertools.count(1)


def line(code: str, name: str = "环线", length: object = 12.5) -> dict[str, object]:
    return {"线路编号": code, "线路名称": name, "长度": length}


def sent(rows: Sequence[dict[str, object]], key: str = "", **said: Any) -> Sent:
    content = json.dumps({"rows": list(rows)} | said, ensure_ascii=False).encode()
    return Sent(content=content, kind="json", key=key or f"k-{next(NUMBERS)}")


def push(
    entry: CatalogEntry, by: User, *rows: dict[str, object], mode: str = "append", key: str = "", **more: Any
) -> Receipt:
    at = more.pop("at", make.AT)
    return services.receive_batch(entry_id=entry.pk, sent=sent(rows, key), by=by, at=at, mode=mode, **more)


def state_of(receipt: Receipt) -> Load:
    return Load.objects.get(pk=receipt.load.pk)


def rows_of(entry: CatalogEntry) -> list[tuple[object, ...]]:
    """The rows that readers are pinned to."""
    entry.refresh_from_db()
    if entry.current_data is None:
        return []
    columns = columns_of(entry.current_data.revision)
    return query(entry.table, entry.current_data.table_version, columns=columns).rows


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


@pytest.fixture
def entry(city: accounts.City) -> CatalogEntry:
    return make.entry_in_force(city.provider)


@pytest.fixture
def system(city: accounts.City) -> User:
    return accounts.system(city.provider).user
