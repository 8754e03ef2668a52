"""Cases that carry the due day of their soonest running clock, so that lists of work are read off an index.

To find the due days of ten thousand cases among the clocks, for each page anew, is what such a list used to cost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import CharField, Count, DateField, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import standing_of, standings


class TimedCase(models.Model):
    """A case on which clocks run. ``next_due_on`` is written by the acts on its clocks and by nothing else."""

    next_due_on = models.DateField(_("最近的到期日"), null=True, blank=True, editable=False)
    """The soonest due day of the running clocks; None where none runs."""

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=TimedCase)


def soonest(label: str) -> Subquery:
    """The soonest due day among the running clocks of each case of a model; ``label``: its ``app.model``, small."""
    key = Concat(Value(f"{label}:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    clocks = Clock.objects.annotate(key=key).filter(subject=F("key"), stopped_on=None).order_by()
    # the least of them, without an order: to sort the clocks of each case costs as much as to find them
    least = Func(F("due_on"), function="MIN", output_field=DateField())
    return Subquery(clocks.annotate(least=least).values("least"))


def note_due_days(subjects: Iterable[str]) -> None:
    """Write down anew when these cases are due, in the transaction that changed their clocks; one query a model."""
    for label, cases in _by_label(subjects):
        cases.update(next_due_on=soonest(label))


def lock_cases(subjects: Iterable[str]) -> set[str]:
    """Lock these cases before their clocks, as acts do. Returns those that somebody has in hand: nobody waits for them.

    Call in a transaction. What is no row of a ``TimedCase`` is in nobody's hands.
    """
    in_hand: set[str] = set()
    if not connection.features.has_select_for_update_skip_locked:
        return in_hand
    for label, cases in _by_label(subjects):
        free = cases.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk")
        mine = set(free.values_list("pk", flat=True))
        in_hand |= {f"{label}:{pk}" for pk in cases.values_list("pk", flat=True) if pk not in mine}
    return in_hand


def _by_label(subjects: Iterable[str]) -> Iterator[tuple[str, QuerySet[Any]]]:
    """The cases of these subjects, model by model."""
    by_label: dict[str, list[str]] = {}
    for subject in subjects:
        label, _colon, pk = subject.partition(":")
        by_label.setdefault(label, []).append(pk)
    models_by_label = {model._meta.label_lower: model for model in TimedCase.__subclasses__()}
    for label in sorted(by_label.keys() & models_by_label.keys()):
        yield label, models_by_label[label]._default_manager.filter(pk__in=by_label[label])


def by_due_day(cases: QuerySet[Row], newest: str = "submitted_at") -> QuerySet[Row]:
    """What is due first on top; cases without a running clock come last, by ``newest``."""
    return cases.order_by(F("next_due_on").asc(nulls_last=True), f"-{newest}", "-pk")


def standing_filter(state: str, today: dt.date) -> Q:
    """A condition over cases: ``late``, ``near``, ``on_time`` (the rest that runs), ``ended``; any other state: all."""
    return {**standings(today, of="next_due_on"), "ended": Q(next_due_on=None)}.get(state, Q())


def counts_by_standing(cases: QuerySet[Row], today: dt.date) -> dict[str, int]:
    """How many stand how, in one query that tells how many there are of each day."""
    counts = {"late": 0, "near": 0, "on_time": 0, "ended": 0}
    for due_on, number in cases.order_by().values_list("next_due_on").annotate(number=Count("*")):
        counts["ended" if due_on is None else standing_of(due_on, today)] += number
    return counts
