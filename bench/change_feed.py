"""What changed since a version, asked through a grant: how long until the reader has 1,000 changes of a large table.

Asked of the web process, each answer with its right, its count against the limits and both rows of the log. First after
rows were updated and added by key, where the table tells its own changes; then after the whole table was replaced,
where the two versions are compared. The peer is DuckDB's own full outer join of the two versions' Parquet files, which
knows no right, no condition and no log.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import duckdb
from django.core.files.base import ContentFile

from bench import city
from bench.figures import Figure, milliseconds, percentile
from bench.grants import EVERY_ROW, HIDDEN, granted
from bench.ground import HOST_NAME
from bench.portal import cookie_of, web
from bench.pushing import ITEMS, entry, row
from catalog import services as catalog
from catalog.models import CatalogEntry, EntryRevision
from guiyang_data.tables.storing import at_version, files_of
from guiyang_data.timekeeping import now
from sharing.models import SharingGrant

TARGET_MS = 200.0
OTHER_AMOUNT = 98
"""No row has it before."""
FIRST_NEW = 10**8


def measure(rows: int, changed: int, asked: int, rounds: int) -> list[Figure]:
    """``changed`` rows, half of them new, in a table of ``rows``; ``asked`` times in each of ``rounds``."""
    made = entry(0, rows=rows)
    EntryRevision.objects.filter(entry=made).update(sharing_type="conditional", sharing_condition="限本职责。")
    grant = granted(made, hidden=HIDDEN, rows=EVERY_ROW)
    new = _changed(rows, changed)
    _load(made, new, "upsert")
    with web() as port:
        by_key = _asked(port, grant, since=1, size=changed, number=asked, rounds=rounds)
        file = _asked(port, grant, since=1, size=0, number=asked, rounds=rounds)
        _load(made, [row(number) for number in range(rows)], "replace")
        whole = _asked(port, grant, since=2, size=changed, number=asked, rounds=rounds)
    return [
        _figure("changes through a grant, p95", by_key, TARGET_MS),
        _figure("the same as a CSV file, p95", file, TARGET_MS),
        _figure("changes after the whole was replaced, p95", whole, None),
        _peer(made, rounds, rows),
    ]


def _changed(rows: int, changed: int) -> list[dict[str, Any]]:
    updated = changed // 2
    step = max(rows // updated, 1)
    return [
        *(row(place * step) | {"数量": OTHER_AMOUNT} for place in range(updated)),
        *(row(FIRST_NEW + place) for place in range(changed - updated)),
    ]


def _load(made: CatalogEntry, rows: Sequence[dict[str, Any]], mode: str) -> None:
    names = ",".join(item.name for item in ITEMS)
    lines = "\n".join(",".join(map(str, one.values())) for one in rows)
    load = catalog.land_file(
        entry_id=made.pk,
        uploaded=ContentFile(f"{names}\n{lines}".encode(), name="数据.csv"),
        by=city.person("transport"),
        at=now(),
        mode=mode,
    )
    catalog.run_load(load.pk, at=now())


def _asked(port: int, grant: SharingGrant, *, since: int, size: int, number: int, rounds: int) -> dict[str, Any]:
    """Seconds of each answer by round, and how many changes were in it. ``size`` 0: as a file."""
    path = f"/api/v1/sharing/grants/{grant.pk}/changes"
    path += f"/?since={since}&page_size={size}" if size else f".csv?since={since}"
    headers = {"Cookie": cookie_of(city.person("health")), "Sharing-Purpose": quote("测试")}
    seconds, counted, refused = [], set(), 0
    for turn in range(rounds + 1):
        round_ = []
        for _call in range(number if turn else 2):
            link = http.client.HTTPConnection(HOST_NAME, port, timeout=60)
            began = time.perf_counter()
            link.request("GET", path, headers=headers)
            answer = link.getresponse()
            body = answer.read()
            round_.append(time.perf_counter() - began)
            link.close()
            refused += answer.status != 200
            counted.add(len(json.loads(body)["results"]) if size else body.count(b"\n") - 1)
        seconds += [round_] if turn else []
    return {"seconds": seconds, "changes": sorted(counted), "refused": refused}


def _figure(name: str, told: dict[str, Any], target: float | None) -> Figure:
    values = [milliseconds(percentile(one, 0.95)) for one in told["seconds"]]
    facts = {"changes": told["changes"], "refused": told["refused"]}
    facts |= {"p50_ms": [milliseconds(percentile(one, 0.5)) for one in told["seconds"]]}
    return Figure(name=name, unit="ms", values=values, target=target, facts=facts)


def _peer(made: CatalogEntry, rounds: int, rows: int) -> Figure:
    """The difference by key of the Parquet files of versions 1 and 2, every column compared."""
    one, other = (
        files_of(at_version(made.table, version.table_version))
        for version in made.data_versions.filter(number__in=(1, 2)).order_by("number")
    )
    codes = [item.code for item in ITEMS if item.code != HIDDEN]
    differs = " OR ".join(f"o.{code} IS DISTINCT FROM n.{code}" for code in codes)
    query = (
        f"SELECT count(*) FROM read_parquet({one}) o FULL JOIN read_parquet({other}) n ON o.id = n.id "  # noqa: S608
        f"WHERE {differs}"
    )
    values, found = [], set()
    for _round in range(rounds + 1):
        with duckdb.connect() as connection:
            began = time.perf_counter()
            found.add(connection.execute(query).fetchall()[0][0])
            values.append(milliseconds(time.perf_counter() - began))
    facts = {"changes": sorted(found), "rows": rows}
    return Figure(
        name="DuckDB, full outer join of two Parquet files", unit="ms", values=values[1:], peer=True, facts=facts
    )
