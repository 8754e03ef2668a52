"""A sweep while nothing is due: what the portal pays each minute for every clock that runs.

Peer: froide's daily look for requests that became overdue (``FoiRequest.objects.get_to_be_overdue``: status, and a due
date within the last 24 hours, on its table without an index on either), written as that query on as many rows.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection

from bench import city
from bench.figures import Figure
from bench.processor import timed
from guiyang_data.timekeeping import now, today
from oversight.services import sweep

TARGET_MS = 50.0
PEER_TABLE = (
    "CREATE TABLE peer_foirequest AS SELECT id, title, number AS slug, 'awaiting_response'::varchar(50) AS status, "
    "due_on::timestamptz AS due_date, started_on::timestamptz AS created_at FROM statute_clock"
)
PEER_QUERY = (
    "SELECT id FROM peer_foirequest WHERE status = 'awaiting_response' AND due_date < now() "
    "AND due_date > now() - interval '1 day'"
)


def measure(clocks: int, rounds: int) -> list[Figure]:
    """Figures in milliseconds: a whole run with everything that follows it, the look for clocks alone, the peer."""
    day = today()
    made = city.running_clocks(clocks, owed_by=city.departments(), due=day + dt.timedelta(days=10), spread=20)
    with connection.cursor() as cursor:
        cursor.execute(PEER_TABLE)
        cursor.execute("ALTER TABLE peer_foirequest ADD PRIMARY KEY (id)")
        cursor.execute("ANALYZE peer_foirequest")
    runs: list[int] = []
    whole, spent = timed(lambda: runs.append(sweep(at=now(), on=day).clocks), rounds)
    alone, spent_alone = timed(lambda: runs.append(sweep(at=now(), on=day, following=()).clocks), rounds)
    peer, spent_by_peer = timed(_ask_peer, rounds)
    facts = {"clocks": made, "swept": sum(runs)}
    peer_facts = {"rows": made, **spent_by_peer}
    return [
        Figure(name="a sweep with none due", unit="ms", values=whole, target=TARGET_MS, facts=facts | spent),
        Figure(name="its clocks alone", unit="ms", values=alone, facts=facts | spent_alone),
        Figure(name="froide's look for overdue requests", unit="ms", values=peer, peer=True, facts=peer_facts),
    ]


def _ask_peer() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PEER_QUERY)
        cursor.fetchall()
