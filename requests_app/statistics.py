"""How agencies keep the ten days, in numbers (第二十一条): of a year's requests, for all and for each agency.

A share never stands without its number of cases, and with few cases not at all. What each number means is told by
``DEFINITIONS``, which the page, the file and the interface show.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, DateField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.selectors import in_order
from guiyang_data.statute.models import Clock, ClockHolding
from requests_app.models import OpenRequest, Reply, RequestTransfer, ReviewApplication
from requests_app.workflow import OPEN, RequestStatus, ReviewStatus

FEW = 10
"""Below so many replies a share says nothing about an agency; only the numbers are shown."""

DEFINITIONS: dict[str, Any] = {
    "filed": _("收到：申请之日在这一年的申请，计入现在的答复机关；转办的计入接收的机关。"),
    "withdrawn": _("撤回：其中申请人自己撤回的。"),
    "replied": _("已答复：其中第一次答复已经送达的，计入作出答复的机关。"),
    "on_time": _("按时：送达日期不晚于法定期限（申请之日起 10 日，到期日是休息日的顺延）。"),
    "late": _("逾期答复：送达日期晚于期限的。"),
    "overdue_now": _("现在逾期：期限已过、今天还没有答复的。"),
    "handed_on": _("转出：这一年的申请中，由本机关转给其他机关的次数。期限不重新计算。"),
    "median_held": _("经手中位数：申请每次在本机关手里的日历天数，转出的算到转出之日，在办的算到今天。"),
    "median_days": _("用时中位数：从申请之日到送达的日历天数，一半的答复不超过这个天数。"),
    "outcomes": _("结论：第一次答复的结论；不同意的按情形分列。"),
    "reviews": _("复核：对这些答复提出的复核申请，及其结果。"),
    "share": _("比例：按时 ÷ 已答复。已答复不足 10 件的只列件数，不计算比例，也不按比例排名。"),
}


@dataclass(kw_only=True)
class Numbers:
    """The numbers of one agency, or of all."""

    filed: int = 0
    withdrawn: int = 0
    waiting: int = 0
    replied: int = 0
    late: int = 0
    overdue_now: int = 0
    handed_on: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    grounds: Counter[str] = field(default_factory=Counter)
    reviews: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    held: Counter[int] = field(default_factory=Counter)

    @property
    def on_time(self) -> int:
        """Replies that were delivered in time."""
        return self.replied - self.late

    @property
    def on_time_percent(self) -> int | None:
        """Whole percent of delivered replies that were on time, rounded down; None with none, or with few."""
        return 100 * self.on_time // self.replied if self.replied >= FEW else None

    @property
    def is_few(self) -> bool:
        """Whether there are replies, yet too few for a share."""
        return 0 < self.replied < FEW

    @property
    def agreed(self) -> int:
        """Replies that agreed, wholly or in part."""
        return self.outcomes["agree"] + self.outcomes["agree-in-part"]

    @property
    def agreed_wholly(self) -> int:
        """Replies that agreed to all."""
        return self.outcomes["agree"]

    @property
    def agreed_in_part(self) -> int:
        """Replies that agreed to a part."""
        return self.outcomes["agree-in-part"]

    @property
    def refused(self) -> int:
        """Replies that refused."""
        return self.outcomes["refuse"]

    @property
    def reviewed(self) -> int:
        """Applications for review, whatever became of them."""
        return sum(self.reviews.values())

    @property
    def median_days(self) -> float | None:
        """The middle of the days that replies took."""
        return _median(self.days)

    @property
    def median_held(self) -> float | None:
        """The middle of the days that requests lay here, each time they came."""
        return _median(self.held)

    @property
    def grounds_in_words(self) -> list[tuple[str, int]]:
        """Refusals, whole or in part, by ground, most first."""
        names = dict(Reply.Ground.choices)
        return [(str(names[code]), number) for code, number in self.grounds.most_common()]

    @property
    def reviews_in_words(self) -> list[tuple[str, int]]:
        """Reviews by what became of them, most first."""
        return [(_review_name(code), number) for code, number in self.reviews.most_common()]

    def add(self, other: Numbers) -> None:
        """Count another's numbers in."""
        for name in ("filed", "withdrawn", "waiting", "replied", "late", "overdue_now", "handed_on"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("outcomes", "grounds", "reviews", "days", "held"):
            getattr(self, name).update(getattr(other, name))


def _median(days: Counter[int]) -> float | None:
    total = sum(days.values())
    if not total:
        return None
    ordered = sorted(days.items())
    low, high = _nth(ordered, (total - 1) // 2), _nth(ordered, total // 2)
    return (low + high) / 2 if (low + high) % 2 else (low + high) // 2


def _nth(ordered: Iterable[tuple[int, int]], place: int) -> int:
    for days, number in ordered:
        place -= number
        if place < 0:
            return days
    raise ValueError(place)


def _review_name(code: str) -> str:
    names = dict(ReviewApplication.Outcome.choices) | dict(ReviewStatus.choices)
    return str(names[code])


@dataclass(frozen=True, kw_only=True)
class AgencyNumbers:
    """One agency's row."""

    agency: Agency
    numbers: Numbers


def by_agency(year: int, *, today: dt.date) -> list[AgencyNumbers]:
    """Every agency that was asked in a year, the most asked first. Eight queries, however many there are."""
    counted = _counted(year, today)
    agencies = in_order(Agency.objects.filter(pk__in=list(counted)).select_related("region"))
    rows = [AgencyNumbers(agency=agency, numbers=counted[agency.pk]) for agency in agencies]
    return sorted(rows, key=lambda row: -row.numbers.filed)


def year_in_numbers(year: int, *, today: dt.date, agency: Agency | None = None) -> Numbers:
    """The same for all agencies together, or for one. Seven queries."""
    total = Numbers()
    for one in _counted(year, today, agency).values():
        total.add(one)
    return total


def total_of(rows: Iterable[AgencyNumbers]) -> Numbers:
    """The sum of several agencies."""
    total = Numbers()
    for row in rows:
        total.add(row.numbers)
    return total


def _counted(year: int, today: dt.date, agency: Agency | None = None) -> Mapping[int, Numbers]:
    counted: defaultdict[int, Numbers] = defaultdict(Numbers)
    one: dict[str, Any] = {"agency": agency} if agency is not None else {}
    _count_requests(counted, OpenRequest.objects.filter(submitted_on__year=year, **one))
    first = Reply.objects.filter(request__submitted_on__year=year, round=1, delivered_on__isnull=False, **one)
    _count_replies(counted, first)
    _count_days(counted, first)
    _count_hands(counted, year, today, agency)
    overdue = Clock.objects.filter(kind="open-reply", stopped_on=None, due_on__lt=today, started_on__year=year)
    if agency is not None:
        overdue = overdue.filter(owed_by=agency)
    for pk, number in overdue.order_by().values_list("owed_by").annotate(number=Count("pk")):
        counted[pk].overdue_now = number
    reviews = ReviewApplication.objects.filter(reply__request__submitted_on__year=year)
    _count_reviews(counted, reviews.filter(reply__agency=agency) if agency is not None else reviews)
    return counted


def _count_requests(counted: defaultdict[int, Numbers], rows: QuerySet[OpenRequest]) -> None:
    grouped = rows.order_by().values_list("agency")
    found = grouped.annotate(
        filed=Count("pk"),
        withdrawn=Count("pk", filter=Q(status=RequestStatus.WITHDRAWN)),
        waiting=Count("pk", filter=Q(status__in=[status.value for status in OPEN])),
    )
    for pk, filed, withdrawn, waiting in found:
        numbers = counted[pk]
        numbers.filed, numbers.withdrawn, numbers.waiting = filed, withdrawn, waiting


def _count_replies(counted: defaultdict[int, Numbers], rows: QuerySet[Reply]) -> None:
    grouped = rows.order_by().values_list("agency", "outcome", "ground")
    found = grouped.annotate(number=Count("pk"), late=Count("pk", filter=Q(delivered_on__gt=F("due_on"))))
    for pk, outcome, ground, number, late in found:
        numbers = counted[pk]
        numbers.replied += number
        numbers.late += late
        numbers.outcomes[outcome] += number
        if ground:
            numbers.grounds[ground] += number


def _count_days(counted: defaultdict[int, Numbers], rows: QuerySet[Reply]) -> None:
    took = rows.order_by().annotate(took=F("delivered_on") - F("request__submitted_on"))
    for pk, length, number in took.values_list("agency", "took").annotate(number=Count("pk")):
        counted[pk].days[length.days] += number


def _count_hands(counted: defaultdict[int, Numbers], year: int, today: dt.date, agency: Agency | None) -> None:
    handed_on = RequestTransfer.objects.filter(request__submitted_on__year=year)
    held = ClockHolding.objects.filter(clock__kind="open-reply", clock__started_on__year=year)
    if agency is not None:
        handed_on, held = handed_on.filter(from_agency=agency), held.filter(agency=agency)
    for pk, number in handed_on.order_by().values_list("from_agency").annotate(number=Count("pk")):
        counted[pk].handed_on = number
    end = Coalesce("until_on", "clock__stopped_on", Value(today), output_field=DateField())
    days = held.order_by().annotate(days=ExpressionWrapper(end - F("since_on"), output_field=DurationField()))
    for pk, length, number in days.values_list("agency", "days").annotate(number=Count("pk")):
        counted[pk].held[length.days] += number


def _count_reviews(counted: defaultdict[int, Numbers], rows: QuerySet[ReviewApplication]) -> None:
    grouped = rows.order_by().values_list("reply__agency", "status", "outcome")
    for pk, status, outcome, number in grouped.annotate(number=Count("pk")):
        counted[pk].reviews[outcome or status] += number


COLUMNS: dict[str, str] = {
    "agency": "答复机关",
    "agency_code": "答复机关代码",
    "year": "年度",
    "filed": "收到",
    "withdrawn": "撤回",
    "waiting": "待答复",
    "replied": "已答复",
    "on_time": "按时答复",
    "late": "逾期答复",
    "overdue_now": "现在逾期",
    "on_time_percent": "按时比例（%，不足10件不计）",
    "median_days": "用时中位数（天）",
    "handed_on": "转出（次）",
    "median_held": "经手中位数（天）",
    "agreed_wholly": "同意",
    "agreed_in_part": "部分同意",
    "refused": "不同意",
    "grounds": "不同意的情形",
    "reviewed": "复核申请",
    "reviews": "复核结果",
}
"""One row for programs and spreadsheets."""


def record_of(row: AgencyNumbers, year: int) -> dict[str, Any]:
    """An agency's row under the names of ``COLUMNS``."""
    numbers = row.numbers
    plain = {name: getattr(numbers, name) for name in COLUMNS if name not in _OTHERWISE}
    return plain | {
        "agency": row.agency.name,
        "agency_code": row.agency.code,
        "year": year,
        "grounds": dict(numbers.grounds_in_words),
        "reviews": dict(numbers.reviews_in_words),
    }


_OTHERWISE = {"agency", "agency_code", "year", "grounds", "reviews"}
