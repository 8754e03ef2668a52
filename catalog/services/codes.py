"""Resource codes by the guide: the category's code and a number, given out once (第十一条第二款)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from catalog.models import Category, CodeSeries
from catalog.workflow import COMPILE
from guiyang_data.errors import RuleBroken

NUMBER = re.compile(r"\d{6,9}")


def give_codes(wanted: Sequence[tuple[Category, str]]) -> list[str]:
    """A code for each new entry, in the order given: ``307001/000123``, or the one it already has.

    The sequence of each category is locked until the act commits.
    """
    needed = Counter(category.pk for category, code in wanted if not code)
    known: dict[str, int] = {}
    for category, code in wanted:
        if code:
            known[category.pk] = max(known.get(category.pk, 0), _number(code))
    last = {pk: _advanced(pk, needed[pk], known.get(pk, 0)) for pk in sorted({*needed, *known})}
    following = {pk: iter(range(end - needed[pk] + 1, end + 1)) for pk, end in last.items()}
    return [code or f"{category.pk}/{next(following[category.pk]):06d}" for category, code in wanted]


def _advanced(category: str, number: int, at_least: int) -> int:
    """The last number of a category after ``number`` more were given out, none of them below one that is known."""
    CodeSeries.objects.bulk_create([CodeSeries(category_id=category)], ignore_conflicts=True)
    series = CodeSeries.objects.filter(pk=category)
    if connection.features.has_select_for_update:
        series.select_for_update().get()
    series.filter(last__lt=at_least).update(last=at_least)
    series.update(last=F("last") + number)
    return series.get().last


def require_free(code: str, category: str, taken: set[str]) -> None:
    """Raise RuleBroken unless an entry of the category can have this code."""
    own, _slash, number = code.partition("/")
    if own != category or not NUMBER.fullmatch(number):
        message = f"资源代码「{code}」与资源分类 {category} 不符，或者不是「分类代码/六位顺序号」。"
    elif code in taken:
        message = f"资源代码「{code}」已经给了另一条目。"
    else:
        return
    raise RuleBroken(message, basis=COMPILE, fields={"resource_code": message})


def _number(code: str) -> int:
    return int(code.partition("/")[2])
