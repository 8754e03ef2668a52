"""The public list of requests, as its page, feed, exports and API show it: one filter for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency
from guiyang_data.faces.text import whole_number
from guiyang_data.ledger.services import subject_of
from guiyang_data.search.selectors import find
from guiyang_data.statute.cases import standing_filter
from guiyang_data.statute.models import Clock
from guiyang_data.texts import one_line
from requests_app.models import OpenRequest, Reply
from requests_app.selectors import REQUEST_KINDS, published_requests
from requests_app.workflow import AGREED, OPEN, RequestStatus

MOST_FOUND = 500
"""How many results of a search are shown; nobody pages further."""
EARLIEST_YEAR = 2017
GROUPS: dict[str, tuple[Any, set[str]]] = {
    "open": (_("待答复"), {status.value for status in OPEN}),
    "agreed": (_("落实中"), {status.value for status in AGREED}),
    "fulfilled": (_("已落实"), {RequestStatus.FULFILLED.value}),
    "refused": (_("不同意"), {RequestStatus.REFUSED.value}),
}
"""What the public list filters by."""
STANDINGS: dict[str, Any] = {
    "late": _("现在逾期"),
    "near": _("三天内到期"),
    "on_time": _("期限未到"),
    "replied_on_time": _("按时答复"),
    "replied_late": _("逾期答复"),
}
"""How a request stands against its clock."""
BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a reader chose; everything may be empty."""

    text: str = ""
    state: str = ""
    standing: str = ""
    agency: Agency | None = None
    year: int | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """The same as it stands in an address."""
        given = {
            "q": self.text,
            "agency": self.agency.code if self.agency else "",
            "state": self.state,
            "standing": self.standing,
            "year": str(self.year or ""),
        }
        return {name: value for name, value in given.items() if value}

    @property
    def query(self) -> str:
        """The end of an address, with its question mark; empty where nothing is chosen."""
        return f"?{urlencode(self.parameters)}" if self.parameters else ""

    @property
    def label(self) -> str:
        """What was chosen, in words."""
        words = [self.text, self.agency.name if self.agency else ""]
        words += [str(GROUPS[self.state][0])] if self.state else []
        words += [str(STANDINGS[self.standing])] if self.standing else []
        words += [f"{self.year}"] if self.year else []
        return " · ".join(word for word in words if word)


def chosen(given: Mapping[str, str]) -> Chosen:
    """What an address asks for; what it names wrongly counts as not asked."""
    state, standing = given.get("state", ""), given.get("standing", "")
    year = whole_number(given.get("year", "") or "")
    code = given.get("agency", "")
    return Chosen(
        text=one_line(given.get("q", "") or "")[:100],
        state=state if state in GROUPS else "",
        standing=standing if standing in STANDINGS else "",
        agency=Agency.objects.filter(code=code).first() if code else None,
        year=year if year is not None and EARLIEST_YEAR <= year <= dt.MAXYEAR else None,
    )


def listed(choice: Chosen, *, today: dt.date) -> QuerySet[OpenRequest]:
    """Public requests that were not withdrawn, as chosen, newest first. Private fields stay unread."""
    rows = published_requests().exclude(status=RequestStatus.WITHDRAWN)
    if choice.state:
        rows = rows.filter(status__in=GROUPS[choice.state][1])
    if choice.agency is not None:
        rows = rows.filter(agency=choice.agency)
    if choice.year is not None:
        rows = rows.filter(submitted_on__year=choice.year)
    if choice.standing:
        rows = _standing(rows, choice.standing, today)
    if choice.text:
        rows = rows.filter(number__in=[hit.key for hit in found(choice.text)])
    return rows.order_by("-submitted_at", "-pk")


def found(text: str) -> tuple[Any, ...]:
    """What the index finds, best first."""
    return find(text, kinds=list(REQUEST_KINDS), limit=MOST_FOUND).hits


def _standing(rows: QuerySet[OpenRequest], standing: str, today: dt.date) -> QuerySet[OpenRequest]:
    if standing.startswith("replied"):
        replies = Reply.objects.filter(delivered_on__isnull=False, round=1)
        late = replies.filter(delivered_on__gt=F("due_on"))
        kept = replies.filter(delivered_on__lte=F("due_on"))
        return rows.filter(pk__in=(late if standing == "replied_late" else kept).values("request"))
    return rows.filter(standing_filter(standing, today))


FIELDS: dict[str, str] = {
    "number": "编号",
    "title": "需要的数据",
    "description": "具体说明",
    "case_name": "情形",
    "agency": "答复机关",
    "agency_code": "答复机关代码",
    "applicant": "申请人",
    "submitted_on": "申请日期",
    "due_on": "应答复日期",
    "status_name": "状态",
    "outcome_name": "答复结论",
    "ground_name": "不同意的情形",
    "reasons": "理由",
    "why_still_closed": "为什么脱敏、脱密后仍不能开放（国家秘密：是否解密）",
    "delivered_on": "答复日期",
    "late": "是否逾期答复",
    "fulfilled_on": "落实日期",
    "url": "地址",
}
"""What is exported, by its name in JSON: what the public page of a request shows, and nothing else."""


def records(rows: QuerySet[OpenRequest]) -> Iterator[dict[str, Any]]:
    """The public record of each request, a batch at a time: two further queries for every five hundred."""
    remaining = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(remaining, BATCH)):
        yield from _batch(batch)


def _batch(batch: list[OpenRequest]) -> Iterator[dict[str, Any]]:
    ids = [row.pk for row in batch]
    replies: dict[int, Reply] = {}
    for reply in Reply.objects.filter(request__in=ids, delivered_on__isnull=False).order_by("round"):
        replies[reply.request_id] = reply
    subjects = [subject_of(row) for row in batch]
    clocks = Clock.objects.filter(subject__in=subjects, kind__in=("open-reply", "reply-again"))
    due = dict(clocks.order_by("pk").values_list("number", "due_on"))
    for row in batch:
        yield record_of(row, replies.get(row.pk), due.get(row.number))


def record_of(row: OpenRequest, reply: Reply | None, due_on: dt.date | None) -> dict[str, Any]:
    """One public record."""
    return {
        "number": row.number,
        "title": row.title,
        "description": row.description,
        "case_name": str(row.get_case_display()),
        "agency": row.agency.name,
        "agency_code": row.agency.code,
        "applicant": row.public_name,
        "submitted_on": row.submitted_on.isoformat(),
        "due_on": due_on.isoformat() if due_on else "",
        # a draft being approved is the agency's own matter
        "status_name": "待答复" if row.is_open else str(row.get_status_display()),
        "outcome_name": str(reply.get_outcome_display()) if reply else "",
        "ground_name": str(reply.get_ground_display()) if reply else "",
        "reasons": reply.reasons if reply else "",
        "why_still_closed": reply.why_still_closed if reply else "",
        "delivered_on": reply.delivered_on.isoformat() if reply and reply.delivered_on else "",
        "late": reply.is_late if reply else None,
        "fulfilled_on": row.fulfilled_on.isoformat() if row.fulfilled_on else "",
        "url": f"{settings.PUBLIC_ADDRESS}{row.get_absolute_url()}",
    }
