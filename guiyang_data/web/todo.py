"""What a signed-in person owes: every running clock, soonest first, with the days left and why that day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.collecting import to_answer
from catalog.models import CoCollection, PublicationDecision
from catalog.publishing import to_decide
from catalog.workflow import REVIEW, TOGETHER
from guiyang_data.accounts.models import User
from guiyang_data.faces.paging import page_of
from guiyang_data.faces.standings import address, standing_filters
from guiyang_data.faces.text import zh_date
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import counts_by_kind, face, in_order, owed_by, standings

RUNNING = ("late", "near", "on_time")
PATH = "/desk/"
PAGE_SIZE = 30
MOST_UNDATED = 20
"""Work without a period that is listed at a time; what is done makes room for the next."""
NOTHING = Q(pk__in=[])


def worklist(
    user: User, *, today: dt.date, state: str = "", kind: str = "", number: str | None = None
) -> dict[str, Any]:
    """Context of parts/worklist.html and parts/pager.html for ``user``: a page of items, counts, kinds that occur.

    Three queries, however long the list is and whichever page of it (``number``) is asked for.
    """
    clocks = owed_by(user)
    counts = counts_by_kind(clocks, today)
    of_kind = _together(counts.values() if not kind else [counts.get(kind, {})])
    page = page_of(
        _chosen(clocks, today, state, kind).values_list("pk", flat=True),
        count=of_kind[state] if state else of_kind.total(),
        number=number,
        size=PAGE_SIZE,
    )
    return {
        "page": page,
        "items": [item(clock, today) for clock in in_order(page.object_list)],
        "filters": standing_filters(of_kind, state, shown=RUNNING, path=PATH, kind=kind),
        "choices": _kind_filters(counts, state, kind),
        "empty": {
            "title": "现在没有要办的事项" if not (state or kind) else "没有符合筛选条件的事项",
            "text": "收到申请、目录报审或者其他有期限的事项时，会按到期日列在这里。",
            "action": {"label": "查看全部", "url": PATH} if state or kind else None,
        },
    }


def _chosen(clocks: QuerySet[Clock], today: dt.date, state: str, kind: str) -> QuerySet[Clock]:
    if kind:
        clocks = clocks.filter(kind=kind)
    return clocks.filter(standings(today).get(state, NOTHING)) if state else clocks


def _together(counts: Iterable[dict[str, int]]) -> Counter[str]:
    together: Counter[str] = Counter()
    for numbers in counts:
        together.update(numbers)
    return together


def item(clock: Clock, today: dt.date) -> dict[str, Any]:
    """One line of the list."""
    shown = face(clock, today)
    return {
        "face": shown,
        "title": clock.title,
        "url": clock.path,
        "detail": f"{clock.number} · {shown.detail}",
        "article": clock.rule.article,
        "act_label": "办理",
        "act_url": clock.path,
        "pk": clock.pk,
    }


def without_period(user: User) -> list[dict[str, Any]]:
    """Lines of parts/worklist.html for what waits for ``user`` or the agency by no day, the oldest of each first."""
    return [
        *map(_co_collection, to_answer(user)[:MOST_UNDATED]),
        *map(_publication, to_decide(user)[:MOST_UNDATED]),
    ]


def _co_collection(asked: CoCollection) -> dict[str, Any]:
    said = {
        "lead": asked.revision.entry.provider.short_name,
        "items": "、".join(asked.item_names),
        "day": zh_date(timezone.localdate(asked.asked_at)),
    }
    return {
        "title": _("共同采集：%(title)s") % {"title": asked.revision.title},
        "url": asked.get_absolute_url(),
        "detail": _("%(lead)s牵头，提请采集 %(items)s · %(day)s") % said,
        "article": TOGETHER.number,
    }


def _publication(decision: PublicationDecision) -> dict[str, Any]:
    said = {"status": decision.get_status_display(), "day": zh_date(timezone.localdate(decision.proposed_at))}
    return {
        "title": _("公布目录：%(title)s") % {"title": decision.title},
        "url": decision.get_absolute_url(),
        "detail": _("%(status)s · %(day)s提议") % said,
        "article": REVIEW.number,
    }


def _kind_filters(present: Collection[str], state: str, kind: str) -> list[dict[str, Any]]:
    chosen = [{"label": "全部类型", "url": address(PATH, state=state), "current": not kind}]
    chosen += [
        {"label": entry.label, "url": address(PATH, state=state, kind=entry.code), "current": kind == entry.code}
        for entry in KINDS.values()
        if entry.code in present
    ]
    return chosen if len(chosen) > 2 else []
