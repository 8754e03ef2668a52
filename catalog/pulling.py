"""Pulling rows from a registered interface: page after page by the guarded client, read as the pull says.

No database is touched while another host is asked.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from catalog.contracts.references import NoSuchPlace, pointed_at
from catalog.deadlines import PULLING
from guiyang_data.outbound.client import fetch
from guiyang_data.tables.pushed import loads

TIMEOUT_SECONDS = 30.0
MOST_PAGE_BYTES = 10_000_000
COUNTED = frozenset({"page", "offset"})
HALF_SIGN = re.compile(r"\\u[dD][89a-fA-F]")
"""How half of a sign beyond the first plane is written in JSON; alone it is none."""


class PullFailed(Exception):
    """What came is not what the pull says; ``message`` says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A pull as it is made; see ``catalog.models.Pull``. ``url``: interface and path; ``headers`` let the portal in."""

    url: str
    host: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str]
    paging: str
    page_name: str
    size_name: str
    page_size: int
    first_page: int
    next_at: str
    rows_at: str
    mapping: Mapping[str, str]


@dataclass
class Pulled:
    """Rows by item, and from how many pages they came.

    ``written``: a file in which rows stand, one a line, in place of ``rows``, so that memory holds one page of them;
    ``count``: how many there are in all.
    """

    rows: list[dict[str, str]] = field(default_factory=list)
    pages: int = 0
    written: IO[bytes] | None = None
    count: int = 0

    def __post_init__(self) -> None:
        self.count = self.count or len(self.rows)

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take rows of a further page."""
        self.pages += 1
        self.count += len(rows)
        if self.written is None:
            self.rows += rows
        else:
            self.written.writelines(_line(row) for row in rows)

    def lines(self) -> Iterator[bytes]:
        """Every row as JSON, in order."""
        if self.written is None:
            yield from map(_line, self.rows)
            return
        self.written.seek(0)
        yield from self.written


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def pull(plan: Plan, *, only: int | None = None, into: IO[bytes] | None = None) -> Pulled:
    """Ask for every page, or ``only`` the first ones; the rows are kept, or written ``into`` a file.

    Raises ``PullFailed``, and what the guarded client raises: a pull that is cut short is none.
    """
    pulled, until = Pulled(written=into), time.monotonic() + PULLING.most_seconds
    url, seen, first, size = _first(plan), set[str](), 0, 0
    while url and (only is None or pulled.pages < only):
        _check(url, seen, until)
        seen.add(url)
        answer, length = _ask(plan, url)
        size += length
        rows = _rows(answer, plan)
        pulled.add([_mapped(row, plan.mapping) for row in rows])
        first = first or len(rows)
        if pulled.count > PULLING.most_rows:
            raise PullFailed(_("超过 %(most)d 行，没有接收。请在参数里缩小范围。") % {"most": PULLING.most_rows})
        if size > PULLING.most_bytes:
            most = PULLING.most_bytes // 1024**2
            raise PullFailed(_("超过 %(most)d MB，没有接收。请在参数里缩小范围。") % {"most": most})
        # a page shorter than the first is the last: how many rows a page has is the other side's to say
        is_last = not rows or (plan.paging in COUNTED and len(rows) < first)
        url = "" if is_last else _next(plan, url, answer, pulled)
    return pulled


def _check(url: str, seen: set[str], until: float) -> None:
    if url in seen:
        raise PullFailed(_("接口给出的下一页是已经取过的一页，没有接收。请核对分页的设置。"))
    if len(seen) >= PULLING.most_pages:
        raise PullFailed(_("超过 %(most)d 页，没有接收。请加大每页行数。") % {"most": PULLING.most_pages})
    if time.monotonic() > until:
        raise PullFailed(_("超过规定的时间还没有取完，没有接收。请加大每页行数，或者缩小范围。"))


def _ask(plan: Plan, url: str) -> tuple[Any, int]:
    """A page, and how many bytes it has."""
    told = {"accept": "application/json", "user-agent": "guiyang-data"} | dict(plan.headers)
    answer = fetch(url, allowed_hosts=[plan.host], headers=told, timeout=TIMEOUT_SECONDS, max_bytes=MOST_PAGE_BYTES)
    if not answer.is_success:
        raise PullFailed(_("接口的答复是 %(status)d，没有接收。请核对路径、参数和凭据。") % {"status": answer.status})
    try:
        text = answer.content.decode("utf-8-sig")
        found = loads(text)
    except ValueError as error:
        raise PullFailed(_("接口的答复不是 JSON，没有接收。请核对路径。")) from error
    if HALF_SIGN.search(text):
        _refuse_halves(found)
    return found, len(answer.content)


def _refuse_halves(found: Any) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise PullFailed(_("接口的答复里有不成对的编码字符，没有接收。请对方检查文字的编码。")) from error


def _first(plan: Plan) -> str:
    sized = {plan.size_name: str(plan.page_size)} if plan.size_name and plan.paging != "none" else {}
    if plan.paging == "page":
        sized[plan.page_name] = str(plan.first_page)
    if plan.paging == "offset":
        sized[plan.page_name] = "0"
    return _with(plan.url, dict(plan.query) | sized)


def _next(plan: Plan, url: str, answer: Any, pulled: Pulled) -> str:
    if plan.paging == "none":
        return ""
    if plan.paging == "page":
        return _with(url, {plan.page_name: str(plan.first_page + pulled.pages)})
    if plan.paging == "offset":
        return _with(url, {plan.page_name: str(pulled.count)})
    told = at(answer, plan.next_at)
    if told in (None, "", False):
        return ""
    if not isinstance(told, str):
        raise PullFailed(_("“%(place)s”处不是文字，找不到下一页。请核对分页的设置。") % {"place": plan.next_at})
    if plan.paging == "cursor":
        return _with(url, {plan.page_name: told})
    try:
        return urljoin(url, told)
    except ValueError as error:
        message = _("“%(place)s”处不是地址，找不到下一页。请核对分页的设置。") % {"place": plan.next_at}
        raise PullFailed(message) from error


def _with(url: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(query=urlencode(dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(query)))
    )


def _rows(answer: Any, plan: Plan) -> list[dict[str, Any]]:
    found = at(answer, plan.rows_at)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        place = plan.rows_at or _("答复的最外层")
        raise PullFailed(_("%(place)s不是数据行的数组，没有接收。请核对数据行的位置。") % {"place": f"“{place}”"})
    return found


def _mapped(row: dict[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    if not mapping:
        return row
    return {item: at(row, source) if source.startswith("/") else row.get(source) for source, item in mapping.items()}


def at(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901); None where nothing does."""
    try:
        return pointed_at(value, pointer)
    except NoSuchPlace:
        return None
