"""Pulls that are due, made one after the other (第十二条): asked outside any transaction, received whole in one.

Rows are written to a file as they come, and received from it in pieces; memory holds one of these.
The database says what is due. A pull is taken by a lease; whoever is killed in between leaves a lease that runs out,
and it is made again: what it had received so far was committed with its end, or not at all.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.deadlines import PULLING
from catalog.models import Load, Pull, PullRun
from catalog.pulling import Pulled, PullFailed, pull
from catalog.services.batches import MOST_ROWS, Sent, close_batch, receive_batch, receive_part
from catalog.services.checking import KEEPERS
from catalog.services.landing import scratch_file
from catalog.services.pulls import next_run, plan_of
from catalog.workflow import GATHER, PullStatus
from guiyang_data.errors import DomainError
from guiyang_data.ledger.services import PLATFORM, record
from guiyang_data.notices.models import Weight
from guiyang_data.notices.services import tell_agency
from guiyang_data.outbound.errors import OutboundRefused

Clock = Callable[[], dt.datetime]
PATIENCE_SECONDS = 60.0
"""After so long a run begins with no further pull; the next one goes on."""
State = PullRun.State


def run_pulls(*, at: dt.datetime, clock: Clock | None = None) -> int:
    """Make the pulls that are due, the longest due first; returns how many were made.

    Nothing is asked of an interface that was ended, or for an entry that is not in force.
    """
    moment, until, made = clock or (lambda: at), time.monotonic() + PATIENCE_SECONDS, 0
    due = Pull.objects.made_at_all().filter(next_run_at__lte=at).order_by("next_run_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:200]):
        run = begin_run(pk, at=moment())
        if run is not None:
            _make(run, moment)
            made += 1
        if time.monotonic() > until:
            break
    return made


def _make(run: PullRun, moment: Clock) -> None:
    try:
        with scratch_file() as written:
            pulled = pull(plan_of(run.pull), into=written)
            end_run(run.pk, pulled, at=moment())
    except (PullFailed, OutboundRefused, DomainError) as error:
        fail_run(run.pk, error.message, at=moment())


@transaction.atomic
def begin_run(pull_id: int, *, at: dt.datetime) -> PullRun | None:
    """A pull held by this worker; None where it is not due, or another has it."""
    due = Pull.objects.filter(pk__in=Pull.objects.made_at_all().filter(pk=pull_id).values("pk"), next_run_at__lte=at)
    if not due.update(next_run_at=at + PULLING.lease):
        return None
    PullRun.objects.filter(pull=pull_id, state=State.RUNNING).update(state=State.BROKEN, ended_at=at)
    PullRun.objects.filter(pull=pull_id, started_at__lt=at - PULLING.runs_kept).delete()
    held = Pull.objects.select_related("entry__provider", "entry__in_force", "interface__system__agency").get(
        pk=pull_id
    )
    return PullRun.objects.create(pull=held, started_at=at)


@transaction.atomic
def end_run(run_id: int, pulled: Pulled, *, at: dt.datetime) -> PullRun | None:
    """Receive what was pulled as batches, all of it or nothing; None where another worker has taken the pull over."""
    run = _lock(run_id)
    if run is None:
        return None
    loads = _received(run, pulled, at=at)
    run.loads.set(loads)
    run.state, run.message = State.RECEIVED if loads else State.EMPTY, ""
    if not loads:
        run.message = _("接口没有给出数据行，原有数据没有变动。")
    _close(run, pulled, at=at)
    held = run.pull
    if held.told_at is not None:
        _tell(held, "recovered", _("定时拉取已恢复：%(title)s"), "", at=at)
    held.failures, held.told_at = 0, None
    if held.status == PullStatus.RUNNING:
        held.next_run_at = next_run(held, at)
    held.save(update_fields=["failures", "told_at", "next_run_at"])
    return run


@transaction.atomic
def fail_run(run_id: int, why: str, *, at: dt.datetime) -> PullRun | None:
    """A pull that brought nothing is made again, each time a little later; the agency hears of the third in a row."""
    run = _lock(run_id)
    if run is None:
        return None
    run.state, run.message = State.FAILED, why[:500]
    _close(run, Pulled(), at=at)
    held = run.pull
    held.failures += 1
    pause = PULLING.pauses[min(held.failures, len(PULLING.pauses)) - 1]
    if held.status == PullStatus.RUNNING:
        held.next_run_at = min(at + dt.timedelta(minutes=pause), max(next_run(held, at), at + dt.timedelta(minutes=2)))
    if held.failures >= PULLING.times and held.told_at is None:
        held.told_at = at
        _tell(held, "broken", _("定时拉取连续失败：%(title)s"), why, at=at)
    held.save(update_fields=["failures", "told_at", "next_run_at"])
    return run


def _lock(run_id: int) -> PullRun | None:
    """The run with its pull, locked; None where it is not this worker's any more."""
    pull_id = PullRun.objects.filter(pk=run_id).values_list("pull", flat=True).first()
    pulls = Pull.objects.select_for_update(of=("self",)).select_related(
        *("entry__provider", "entry__in_force", "made_by"),
        *("interface__system__agency", "interface__system__service_account__user"),
    )
    held = pulls.filter(pk=pull_id).first() if pull_id is not None else None
    run = PullRun.objects.select_for_update(of=("self",)).filter(pk=run_id, state=State.RUNNING).first()
    if run is None or held is None:
        return None
    run.pull = held
    return run


def _received(run: PullRun, pulled: Pulled, *, at: dt.datetime) -> list[Load]:
    """The batches that the rows make; a whole replacement is one, in as many parts as it takes."""
    held, by = run.pull, run.pull.principal()
    parts = (_sent(lines, f"pull-{run.pk}-{number}") for number, lines in enumerate(_pieces(pulled.lines()), start=1))
    if not pulled.count:
        return []
    asked: dict[str, Any] = {"entry_id": held.entry_id, "by": by, "at": at, "mode": held.mode}
    asked |= {"source": Load.Source.PULL, "collector": held.interface.system.agency}
    if held.mode != Load.Mode.REPLACE:
        return [receive_batch(sent=part, is_complete=True, **asked).load for part in parts]
    load = receive_batch(sent=next(parts), is_complete=False, **asked).load
    for part in parts:
        receive_part(load_id=load.pk, sent=part, by=by, at=at)
    return [close_batch(load_id=load.pk, by=by, at=at)]


def _pieces(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Rows in pieces that a batch may have, by number and by size; one of them in memory at a time."""
    piece: list[bytes] = []
    size = len(_content([]))
    for line in lines:
        if piece and (len(piece) >= MOST_ROWS or size + len(line) > settings.BATCH_LIMIT_BYTES):
            yield piece
            piece, size = [], len(_content([]))
        piece.append(line)
        size += len(line)
    if piece:
        yield piece


def _content(lines: Sequence[bytes]) -> bytes:
    return b'{"rows":[' + b",".join(line.rstrip(b"\n") for line in lines) + b"]}"


def _sent(lines: Sequence[bytes], key: str) -> Sent:
    return Sent(content=_content(lines), kind="json", key=key)


def _close(run: PullRun, pulled: Pulled, *, at: dt.datetime) -> None:
    run.ended_at, run.pages, run.rows = at, pulled.pages, pulled.count
    run.save(update_fields=["state", "message", "ended_at", "pages", "rows"])


def _tell(held: Pull, what: str, title: str, why: str, *, at: dt.datetime) -> None:
    payload = {"pull": held.pk, "failures": held.failures}
    record(held.entry, f"pull-{what}", by=PLATFORM, at=at, basis=GATHER, payload=payload)
    name = held.entry.in_force.title if held.entry.in_force else held.entry.resource_code
    again = _("平台会继续尝试，间隔逐次加长；改好设置或者接口后，可以在页面上现在拉取。") if why else ""
    tell_agency(
        held.interface.system.agency,
        KEEPERS,
        key=f"pull-{what}:{held.pk}:{at.isoformat()}",
        about=held.entry,
        kind="catalog",
        title=title % {"title": name},
        body=f"{held.number} {held.interface.name}\n{why}\n{again}".strip(),
        path=held.get_absolute_url(),
        at=at,
        basis=GATHER,
        weight=Weight.REMINDER,
    )
