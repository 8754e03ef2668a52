"""What a system pays for one row by its key, and how much of that is the log: a grant on a table of a million rows.

Asked of the web process over REST with a token, over four connections, and at a steady pace for a while; every answer
must stand in the log with its end. Peer: the same row out of an indexed PostgreSQL table, read in this process.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from bench.figures import Figure, milliseconds
from bench.grants import REQUESTER, granted
from bench.load import Answers, asked
from bench.portal import web
from bench.processor import timed
from bench.pushing import entry, token
from guiyang_data.accounts.models import User
from guiyang_data.ledger.models import Access
from guiyang_data.tables.query import Filter, Page, build_view, query
from guiyang_data.timekeeping import now
from sharing.models import SharingGrant
from sharing.reading import read_page
from sharing.rights import right_of

CONNECTIONS = 4
TARGET_MS = 50.0
TARGET_SHARE = 0.5
PATHS = 500


def measure(rows: int, lookups: int, rounds: int, a_second: int, seconds: int) -> list[Figure]:
    """Milliseconds of a lookup by key: over REST, in its parts, at a pace; and the log's share of it."""
    one = entry(1, rows=rows, sharing_type="conditional")
    if one.current_data is None:
        raise RuntimeError("the entry has no data")
    build_view(one.table, one.current_data.table_version)
    grant = granted(one)
    keys = [str(random.randrange(rows)) for _ in range(PATHS)]
    paths = [f"/api/v1/sharing/grants/{grant.pk}/rows/?filter=id:eq:{key}" for key in keys]
    headers = {"Authorization": f"Bearer {token(REQUESTER, 'sharing:read')}", "Sharing-Case": "JZ-2026-0001"}
    with web() as port:
        call = _Call(port=port, paths=paths, headers=headers)
        call.ask(CONNECTIONS, 10 * CONNECTIONS)
        figures = [_over_rest(call, lookups, rounds, rows), _paced(call, a_second, seconds)]
        alone = [milliseconds(call.ask(1, lookups)[0].p50) for _round in range(rounds)]
    return [*figures, *_parts(grant, keys, alone, rounds), _peer(rows, keys)]


@dataclass(frozen=True, kw_only=True)
class _Call:
    port: int
    paths: Sequence[str]
    headers: Mapping[str, str]

    def ask(self, connections: int, number: int, a_second: int = 0) -> tuple[Answers, list[int]]:
        """The answers, and how many readings and ends the log has more than before."""
        before = [Access.objects.filter(phase=phase).count() for phase in Access.Phase.values]
        answers = asked(
            self.port, self.paths, connections=connections, number=number, headers=self.headers, a_second=a_second
        )
        after = [Access.objects.filter(phase=phase).count() for phase in Access.Phase.values]
        return answers, [more - known for more, known in zip(after, before, strict=True)]


def _over_rest(call: _Call, lookups: int, rounds: int, rows: int) -> Figure:
    answers = [call.ask(CONNECTIONS, lookups) for _round in range(rounds)]
    facts = {
        "rows": rows,
        "asked": sum(len(answer.seconds) for answer, _logged in answers),
        "refused": sum(answer.refused for answer, _logged in answers),
        "logged": [sum(logged[phase] for _answer, logged in answers) for phase in (0, 1)],
        "p50_ms": [milliseconds(answer.p50) for answer, _logged in answers],
    }
    values = [milliseconds(answer.p95) for answer, _logged in answers]
    name = f"a row by its key over REST, {CONNECTIONS} connections, p95"
    return Figure(name=name, unit="ms", values=values, target=TARGET_MS, facts=facts)


def _paced(call: _Call, a_second: int, seconds: int) -> Figure:
    answers, logged = call.ask(CONNECTIONS, a_second * seconds, a_second)
    facts = {
        "asked": len(answers.seconds),
        "refused": answers.refused,
        "logged": logged,
        "behind_s": round(answers.behind, 2),
        "p50_ms": milliseconds(answers.p50),
        "p95_ms": milliseconds(answers.p95),
    }
    name = f"{a_second} a second for {seconds} s: how far asking fell behind"
    return Figure(name=name, unit="s", values=[round(answers.behind, 3)], target=1.0, facts=facts)


def _parts(grant: SharingGrant, keys: Sequence[str], alone: Sequence[float], rounds: int) -> list[Figure]:
    by = User.objects.get(service_account__agency=grant.grantee, username__startswith="bench-")
    number = 20 * rounds

    def logged() -> Page:
        at, key = now(), random.choice(keys)
        filters = [Filter("id", "eq", key)]
        return read_page(by=by, entry=grant.entry, access=grant, at=at, filters=filters, limit=50).page

    def read_only() -> Page:
        right = right_of(by, grant, at=now())
        filters = [Filter("id", "eq", random.choice(keys))]
        table, version = right.entry.table, right.version.table_version
        return query(table, version, columns=right.columns, filters=filters, limit=50)

    with_log, spent = timed(logged, number)
    without, spent_without = timed(read_only, number)
    log = statistics.median(with_log) - statistics.median(without)
    return [
        Figure(name="the call over REST, one connection, p50", unit="ms", values=alone),
        Figure(name="right, log and row in this process", unit="ms", values=with_log, facts=spent),
        Figure(name="right and row without the log", unit="ms", values=without, facts=spent_without),
        Figure(
            name="the log's share of the call",
            unit="share",
            values=[round(log / call, 3) for call in alone],
            target=TARGET_SHARE,
            facts={"log_ms": round(log, 2)},
        ),
    ]


def _peer(rows: int, keys: Sequence[str]) -> Figure:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_peer (id text PRIMARY KEY, name text, amount int, length float8)")
        cursor.execute(
            "INSERT INTO bench_peer SELECT n::text, '第 ' || n || ' 条公交线路', n %% 97, n %% 89 / 4.0 "
            "FROM generate_series(0, %s) AS n",
            [rows - 1],
        )
        cursor.execute("ANALYZE bench_peer")

        def look() -> object:
            cursor.execute("SELECT * FROM bench_peer WHERE id = %s", [random.choice(keys)])
            return cursor.fetchall()

        values, spent = timed(look, 200)
        cursor.execute("DROP TABLE bench_peer")
    name = "a row by its key from an indexed PostgreSQL table, without right or log"
    return Figure(name=name, unit="ms", values=values, peer=True, facts=spent)
