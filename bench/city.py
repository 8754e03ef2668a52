"""A city's worth of cases, written in bulk by the database itself: clocks, their holders, requests and their index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from guiyang_data.accounts.models import Agency, User
from guiyang_data.search.services import index_many
from guiyang_data.statute.deadlines import REMINDERS_BEFORE
from guiyang_data.statute.models import Clock
from requests_app.findable import request_documents

LENGTH = 10
"""Days of a request's clock, as the table is filled; the day itself is not counted here."""
CLOCKS = """
INSERT INTO statute_clock (kind, subject, number, title, path, owed_by_id, rule_id, statutory, started_on, due_on,
                           provisional, generation, next_rung_on, stopped_on, stopped_by)
SELECT 'open-reply', 'requests_app.openrequest:' || n, 'GY-2026-' || lpad(n::text, 7, '0'),
       '开放申请：第' || n || '号数据', '/desk/requests/GY-2026-' || lpad(n::text, 7, '0') || '/',
       (%(agencies)s::bigint[])[1 + n %% cardinality(%(agencies)s::bigint[])],
       (SELECT id FROM statute_periodrule WHERE kind = 'open-reply' ORDER BY in_force_from DESC LIMIT 1),
       true, due - %(length)s, due, false, 1, due + %(rung)s, NULL, ''
FROM (SELECT n, %(due)s::date + (n %% %(spread)s)::int AS due FROM generate_series(%(first)s, %(last)s) AS n) AS cases
"""
HOLDINGS = """
INSERT INTO statute_clockholding (clock_id, agency_id, since_on)
SELECT id, owed_by_id, started_on FROM statute_clock
WHERE NOT EXISTS (SELECT 1 FROM statute_clockholding AS held WHERE held.clock_id = statute_clock.id)
"""
FIRED = """
INSERT INTO statute_rung (clock_id, generation, rung, due_on, told, fired_at)
SELECT id, generation, 'reminder-' || days, due_on, true, due_on - days
FROM statute_clock CROSS JOIN unnest(%(days)s::int[]) AS days WHERE due_on < %(on)s
ON CONFLICT DO NOTHING
"""
REQUESTS = """
INSERT INTO requests_app_openrequest (id, kind, name_encrypted, show_name, mail_encrypted, phone_encrypted, code_hash,
    number, applicant_id, "case", title, description, purpose, agency_id, status, round, submitted_at, submitted_on,
    fulfilment_link, fulfilment_note, next_due_on)
SELECT n, 'natural', '', false, '', '', md5(n::text), 'GY-2026-' || lpad(n::text, 7, '0'), %(applicant)s, 'open',
       (%(titles)s::text[])[1 + (n - 1) %% cardinality(%(titles)s::text[])],
       (%(texts)s::text[])[1 + (n - 1) %% cardinality(%(texts)s::text[])], '',
       (%(agencies)s::bigint[])[1 + n %% cardinality(%(agencies)s::bigint[])], 'waiting', 1,
       %(day)s::date - (n %% 300)::int, %(day)s::date - (n %% 300)::int, '', '',
       (SELECT min(due_on) FROM statute_clock WHERE subject = 'requests_app.openrequest:' || n AND stopped_on IS NULL)
FROM generate_series(%(first)s, %(last)s) AS n
"""


def _do(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def agency(short_name: str) -> Agency:
    """An agency of the demonstration city."""
    return Agency.objects.get(short_name=short_name)


def departments(*, without: Sequence[Agency] = ()) -> list[int]:
    """Ids of the municipal departments, which owe most of the replies."""
    rows = Agency.objects.filter(level=Agency.Level.MUNICIPAL, kind=Agency.Kind.DEPARTMENT, is_authority=False)
    return list(rows.exclude(pk__in=[one.pk for one in without]).order_by("pk").values_list("pk", flat=True))


def person(username: str) -> User:
    """Somebody of the demonstration."""
    return User.objects.get(username=username)


def running_clocks(
    number: int, *, owed_by: Sequence[int], due: dt.date, spread: int = 1, rung: int = -5, first: int = 1
) -> int:
    """Running clocks of requests ``first`` and on, due on ``due`` and the ``spread`` days from it; how many.

    ``rung``: on which day the sweep looks at one next, counted from its due day.
    """
    made = _do(
        CLOCKS,
        agencies=list(owed_by),
        due=due,
        spread=spread,
        rung=rung,
        length=LENGTH,
        first=first,
        last=first + number - 1,
    )
    _do(HOLDINGS)
    _do("VACUUM (ANALYZE) statute_clock")
    _do("VACUUM (ANALYZE) statute_clockholding")
    return made


def reminders_fired(on: dt.date) -> int:
    """Let every reminder of clocks that were due before ``on`` have fired on its day; how many."""
    return _do(FIRED, days=list(REMINDERS_BEFORE), on=on)


def last_number() -> int:
    """The highest number of a case so far."""
    newest = Clock.objects.order_by("-pk").values_list("number", flat=True).first()
    return int(newest.rsplit("-", 1)[1]) if newest else 0


def open_requests(
    number: int,
    *,
    owed_by: Sequence[int],
    day: dt.date,
    titles: Sequence[str],
    texts: Sequence[str],
    first: int = 1,
    applicant: User | None = None,
) -> int:
    """Requests that wait for their reply, titles and texts taken in turn; how many."""
    made = _do(
        REQUESTS,
        agencies=list(owed_by),
        day=day,
        titles=list(titles),
        texts=list(texts),
        first=first,
        last=first + number - 1,
        applicant=applicant.pk if applicant else None,
    )
    _do("VACUUM (ANALYZE) requests_app_openrequest")
    return made


def indexed_requests() -> int:
    """Bring every request into the search index; how many. Its GIN indexes are built at the end, as by a restore."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE tablename LIKE 'search_%' AND indexdef LIKE '% USING gin %'"
        )
        built_later = cursor.fetchall()
    for name, _definition in built_later:
        _do(f'DROP INDEX "{name}"')
    made = index_many(request_documents())
    for _name, definition in built_later:
        _do(definition)
    for table in ("search_searchdocument", "search_index"):
        _do(f"ANALYZE {table}")
    return made
