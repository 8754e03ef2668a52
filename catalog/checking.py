"""Checking interfaces: those that are due, several at a time, each by the guarded client and against its document.

The database says what is due. A check is taken by a lease and made outside any transaction; whoever is killed in
between leaves a lease that runs out, and the check is made again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _

from catalog.contracts.apart import compare
from catalog.contracts.conformance import Answer
from catalog.contracts.parts import Unreadable
from catalog.contracts.reading import MOST_BYTES
from catalog.contracts.sampling import Sample
from catalog.deadlines import CHECKING
from catalog.models import Interface
from catalog.services.checking import Found, note_check
from catalog.workflow import InterfaceStatus, SystemStatus
from guiyang_data.outbound.client import Response, fetch
from guiyang_data.outbound.errors import OutboundFailed, OutboundRefused, Why

WIDTH = 4
"""How many interfaces are asked at the same time, never two of one host."""
TIMEOUT_SECONDS = 8.0
MOST_ANSWER_BYTES = 1_000_000
PATIENCE_SECONDS = 20.0
"""After so long a run begins no further check; the next one goes on."""
NOT_COMPARED = frozenset({Why.SIZE, Why.PACKED})
"""It answers, and only the answer cannot be looked at."""
Outcome = Interface.Outcome


@dataclass(frozen=True, kw_only=True)
class Job:
    """One check as it is made: nothing of it is read from the database any more."""

    interface_id: int
    document_id: int | None
    url: str
    host: str
    headers: dict[str, str]
    document: bytes
    samples: Sequence[Sample]


@dataclass
class Asked:
    """What came back so far. ``findings`` of what could not be asked or compared; ``dead``: nobody answers."""

    answers: list[Answer] = field(default_factory=list)
    milliseconds: list[int] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    dead: bool = False


def check_interfaces(*, at: dt.datetime, clock: Callable[[], dt.datetime] | None = None, most: int = 500) -> int:
    """Check what is due at ``at``, the longest due first; returns how many checks were made.

    ``clock`` tells when each ended; without it everything happens at ``at``.
    """
    queues: dict[str, list[int]] = {}
    for pk, host in due(at=at, most=most):
        queues.setdefault(host, []).append(pk)
    made, until = 0, time.monotonic() + PATIENCE_SECONDS
    with ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="check") as pool:
        while queues and time.monotonic() < until:
            wave = list(_wave(queues, at))
            for job, found in zip(wave, pool.map(examine, wave), strict=True):
                ended = clock() if clock else at
                note_check(interface_id=job.interface_id, document_id=job.document_id, found=found, at=ended)
                made += 1
    return made


def due(*, at: dt.datetime, most: int) -> list[tuple[int, str]]:
    """Interfaces to be checked now, with their hosts."""
    waiting = _checked().filter(next_check_at__lte=at).order_by("next_check_at", "pk")
    return list(waiting.values_list("pk", "host")[:most])


def _checked() -> Any:
    return Interface.objects.filter(status=InterfaceStatus.CHECKED, system__status=SystemStatus.IN_USE)


def _wave(queues: dict[str, list[int]], at: dt.datetime) -> Iterator[Job]:
    """The next check of some hosts, held by this run; a host that has been asked goes to the end."""
    for host in list(queues)[:WIDTH]:
        queue = queues.pop(host)
        job = take(queue.pop(0), at=at)
        if queue:
            queues[host] = queue
        if job is not None:
            yield job


def take(pk: int, *, at: dt.datetime) -> Job | None:
    """The check of an interface, held by whoever asked; None where it is not due, or another has it."""
    mine = Interface.objects.filter(pk=pk, status=InterfaceStatus.CHECKED, next_check_at__lte=at)
    if not mine.update(next_check_at=at + CHECKING.lease):
        return None
    interface = Interface.objects.select_related("contract").get(pk=pk)
    contract = interface.contract
    try:
        headers = interface.credentials()
    except InvalidToken:
        headers = {}
    return Job(
        interface_id=pk,
        document_id=contract.pk if contract else None,
        url=interface.url.rstrip("/"),
        host=interface.host,
        headers=headers,
        document=contract.content.encode() if contract else b"",
        samples=[Sample(**sample) for sample in contract.samples] if contract else [],
    )


def examine(job: Job) -> Found:
    """Ask, and hold the answers against the document. No database is touched: this runs in a thread of its own."""
    samples = [sample for sample in job.samples if job.headers or not sample.needs_credentials]
    if not samples:
        return _only_reach(job)
    asked = Asked()
    for sample in samples:
        if not asked.dead:
            _ask(job, sample, asked)
    if asked.dead:
        return _found(Outcome.UNAVAILABLE, asked)
    return _compared(job, asked) if asked.answers else _found(Outcome.REACHABLE, asked)


def _only_reach(job: Job) -> Found:
    """Where the document gives nothing to look at: whether anybody answers at the address."""
    asked = Asked()
    answer = _call(job, "", {}, asked)
    if answer is not None and answer.status >= 500:
        asked.findings.append(_finding("server-error", _("系统自身出错（%d）。") % answer.status))
        return _found(Outcome.UNAVAILABLE, asked)
    if asked.dead:
        return _found(Outcome.UNAVAILABLE, asked)
    if not job.document:
        why = _("还没有报送接口文档，只检查能不能连通。")
    elif job.samples:
        why = _("各个操作都需要凭据，平台没有凭据，只检查能不能连通。")
    else:
        why = _("文档里没有可以直接抽查的查询操作（GET，必填参数要有示例值），只检查能不能连通。")
    asked.findings.append(_finding("nothing-to-sample", why))
    return _found(Outcome.REACHABLE, asked)


def _ask(job: Job, sample: Sample, asked: Asked) -> None:
    answer = _call(job, sample.target, sample.headers, asked, path=sample.path)
    if answer is not None:
        kind = answer.headers.get("content-type", "")
        asked.answers.append(Answer(path=sample.path, status=answer.status, content_type=kind, body=answer.content))


def _call(job: Job, target: str, headers: dict[str, str], asked: Asked, path: str = "") -> Response | None:
    started = time.monotonic()
    try:
        answer = fetch(
            f"{job.url}{target}",
            allowed_hosts=[job.host],
            headers={"accept": "application/json, */*;q=0.5", "user-agent": "guiyang-data"} | headers | job.headers,
            timeout=TIMEOUT_SECONDS,
            max_bytes=MOST_ANSWER_BYTES,
        )
    except OutboundRefused as error:
        asked.dead = error.why not in NOT_COMPARED
        asked.findings.append(_finding(error.why.value, error.message, path))
        return None
    asked.milliseconds.append(round(1000 * (time.monotonic() - started)))
    return answer


def _compared(job: Job, asked: Asked) -> Found:
    try:
        breaches = [breach.as_dict() for breach in compare(job.document, asked.answers)]
    except Unreadable as error:
        asked.findings.append(_finding("not-compared", str(error)))
        return _found(Outcome.REACHABLE, asked)
    asked.findings[:0] = breaches
    failed = any(breach["rule"] == "server-error" for breach in breaches)
    broken = Outcome.UNAVAILABLE if failed else Outcome.DEVIATING
    return _found(broken if breaches else Outcome.CONFORMING, asked)


def _finding(rule: str, what: str, path: str = "") -> dict[str, Any]:
    return {"rule": rule, "what": what, "path": path, "where": "", "times": 1}


def _found(outcome: Outcome, asked: Asked) -> Found:
    times = asked.milliseconds
    return Found(
        outcome=outcome.value,
        milliseconds=round(sum(times) / len(times)) if times else None,
        asked=len(asked.answers),
        findings=asked.findings,
    )


def fetch_document(interface: Interface) -> bytes:
    """The document that an interface's system serves itself. Raises the guarded client's refusals."""
    answer = fetch(
        interface.document_url,
        allowed_hosts=[interface.document_host],
        headers={"accept": "application/json, application/yaml;q=0.9, */*;q=0.5", "user-agent": "guiyang-data"},
        timeout=TIMEOUT_SECONDS,
        max_bytes=MOST_BYTES,
    )
    if not answer.is_success:
        text = _("没有取到文档：%(url)s 的答复是 %(status)d。请核对文档地址（平台不跟随跳转），或者上传文件。")
        raise OutboundFailed(text % {"url": interface.document_url, "status": answer.status}, why=Why.PROTOCOL)
    return answer.content
