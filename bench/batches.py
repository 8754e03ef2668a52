"""Rows pushed by systems: how soon a receipt comes, how soon rows can be read, and many small pushes for a while.

Web process, worker and beat run as the portal starts them; rows are looked for where readers find them. No peer takes
small pushes into versions.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench.figures import Figure, milliseconds, percentile
from bench.portal import web
from bench.pushing import Push, entry, push, row, token, worker
from catalog.models import CatalogEntry, DataVersion, Load

CONNECTIONS = 2
MANY_CONNECTIONS = 8
RECEIPT_MS = 50.0
VISIBLE_SECONDS = 10.0
PATIENCE_SECONDS = 180.0


def measure(rows: int, batch: int, batches: int, entries: int, pushes: int, a_second: int, small: int) -> list[Figure]:
    """``batches`` of ``batch`` rows one by one; then ``pushes`` of ``small`` rows, ``a_second``, over ``entries``."""
    made = [entry(number, rows=rows) for number in range(entries)]
    bearer = token()
    with web() as port, worker():
        # every thread of the portal opens its connection to the database with its first answer
        first = [Push(at=0, entry=made[0].pk, rows=[row(10**8 + number)]) for number in range(4 * MANY_CONNECTIONS)]
        # and the worker takes some seconds until it works at all
        _wait(push(port, bearer, first, connections=MANY_CONNECTIONS).batches)
        return [
            *_single(port, bearer, made[0], batch, batches, first=rows),
            *_many(port, bearer, made, pushes, a_second, small, first=rows + batch * batches),
        ]


def _single(port: int, bearer: str, one: CatalogEntry, size: int, number: int, *, first: int) -> list[Figure]:
    pause = 0.5
    asked = [
        Push(at=place * pause, entry=one.pk, rows=[row(first + place * size + n) for n in range(size)])
        for place in range(number)
    ]
    done = push(port, bearer, asked, connections=CONNECTIONS)
    _wait(done.batches)
    facts = {"batches": len(done.batches), "rows": size, "refused": done.refused, **_outcome(done.batches)}
    waited = _until_visible(done.batches)
    return [
        Figure(
            name=f"receipt of {size:,} rows, p95",
            unit="ms",
            values=[milliseconds(percentile(done.seconds, 0.95))],
            target=RECEIPT_MS,
            facts=facts | {"p50_ms": milliseconds(percentile(done.seconds, 0.5))},
        ),
        Figure(
            name=f"until {size:,} rows can be read, longest",
            unit="s",
            values=[max(waited)],
            target=VISIBLE_SECONDS,
            facts={"median_s": percentile(waited, 0.5)},
        ),
    ]


def _many(
    port: int, bearer: str, made: Sequence[CatalogEntry], pushes: int, a_second: int, size: int, *, first: int
) -> list[Figure]:
    before, versions = _rows(made), DataVersion.objects.count()
    asked = [
        Push(
            at=place / a_second,
            entry=made[place % len(made)].pk,
            rows=[row(first + place * size + n) for n in range(size)],
        )
        for place in range(pushes)
    ]
    done = push(port, bearer, asked, connections=MANY_CONNECTIONS)
    _wait(done.batches)
    waited = _until_visible(done.batches)
    lost = pushes * size - (_rows(made) - before)
    facts = {
        "pushes": pushes,
        "entries": len(made),
        "lost_rows": lost,
        "refused": done.refused,
        "versions": DataVersion.objects.count() - versions,
        "behind_s": round(done.behind, 2),
        "receipt_p95_ms": milliseconds(percentile(done.seconds, 0.95)),
        **_outcome(done.batches),
    }
    name = f"{a_second} pushes a second of {size} rows: until rows can be read"
    return [
        Figure(name=f"{name}, longest", unit="s", values=[max(waited)], target=VISIBLE_SECONDS, facts=facts),
        Figure(name=f"{name}, median", unit="s", values=[percentile(waited, 0.5)]),
    ]


def _rows(made: Sequence[CatalogEntry]) -> int:
    pinned = CatalogEntry.objects.filter(pk__in=[one.pk for one in made]).select_related("current_data")
    return sum(one.current_data.rows for one in pinned if one.current_data)


def _wait(batches: Sequence[int]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    ended = [Load.State.DONE, Load.State.REFUSED]
    while Load.objects.filter(pk__in=batches).exclude(state__in=ended).exists() and time.monotonic() < until:
        time.sleep(0.1)


def _until_visible(batches: Sequence[int]) -> list[float]:
    """Seconds from the receipt of each batch to the version that readers are pinned to."""
    rows = Load.objects.filter(pk__in=batches, state=Load.State.DONE).values_list("received_at", "finished_at")
    return [(finished - received).total_seconds() for received, finished in rows if finished] or [PATIENCE_SECONDS]


def _outcome(batches: Sequence[int]) -> dict[str, int]:
    loads = Load.objects.filter(pk__in=batches)
    return {state.value: loads.filter(state=state).count() for state in (Load.State.DONE, Load.State.REFUSED)}
