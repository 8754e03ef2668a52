"""Looking for documents through a right: logged before anything is shown, like any other reading (第十七条)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import blind_index
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import access_log, close_access
from sharing.edocuments.codes import holder_indexes
from sharing.edocuments.rows import covers, holders_of, numbers_of_persons
from sharing.edocuments.selectors import documents_with_parties
from sharing.edocuments.ways import FIND, KIND
from sharing.log_writing import begin_reading, unread
from sharing.models import EDocument
from sharing.rights import Access, Scope, scope_of
from sharing.tracing.writing import Named, name_found
from sharing.workflow import OWN_DUTIES

MOST_FOUND = 50
MOST_EXAMINED = 500
"""Of documents that fit, so many are held against the rows of a right; each asks its table."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for, each exactly: a holder's name or number, a document's number, the matter of its issue."""

    holder: str = ""
    number: str = ""
    case_number: str = ""

    def given(self) -> dict[str, str]:
        """What was filled in."""
        texts = {"holder": self.holder, "number": self.number, "case_number": self.case_number}
        return {name: text.strip() for name, text in texts.items() if text.strip()}


def find_documents(*, by: User, access: Access, at: dt.datetime, wanted: Wanted) -> list[EDocument]:
    """Documents that fit all that is given and that the right covers, newest first, at most fifty.

    Nobody leafs through documents of persons: without a holder, number or matter it is a RuleBroken.
    """
    scope = scope_of(by, access, at=at)
    given = wanted.given()
    if not given:
        message = "请填写持有人、文书编号或者事项编号中的至少一项，须与文书所载完全一致。"
        raise RuleBroken(message, basis=OWN_DUTIES, fields={"holder": message})
    with access_log():
        filters = [{"code": name, "operator": "eq", "value_index": [blind_index(text)]} for name, text in given.items()]
        opened = begin_reading(
            by=by,
            at=at,
            entry=scope.entry,
            touched=Named(kind=FIND, numbers=numbers_of_persons(given.get("holder", ""))),
            access=access,
            purpose=access.purpose,
            case_number=access.case_number,
            version=scope.entry.current_data.number if scope.entry.current_data else None,
            query={"kind": KIND, "filters": filters},
        )
    try:
        found = _covered(scope, given)
    except RuleBroken as refused:
        with access_log():
            close_access(opened, at=at, rows=0, outcome=unread(refused))
        raise
    with access_log():
        name_found(opened, [number for document in found for number in holders_of(document)])
        close_access(opened, at=at, rows=len(found))
    return found


def _covered(scope: Scope, given: dict[str, str]) -> list[EDocument]:
    """What the right does not cover takes no place among the fifty; RuleBroken where too many are to be looked at."""
    rows = documents_with_parties(EDocument.objects.filter(entry=scope.entry)).filter(_fits(given))
    found: list[EDocument] = []
    for place, row in enumerate(rows.order_by("-issued_at", "-pk")[: MOST_EXAMINED + 1].iterator()):
        if place == MOST_EXAMINED:
            message = f"符合的文书超过 {MOST_EXAMINED} 份，没有查找。请再填写持有人或者文书编号，缩小范围。"
            raise RuleBroken(message, basis=OWN_DUTIES, fields={"holder": message})
        if covers(scope, row):
            found.append(row)
        if len(found) == MOST_FOUND:
            break
    return found


def _fits(given: dict[str, str]) -> Q:
    fits = Q()
    if holder := given.get("holder"):
        known = holder_indexes(holder)
        fits &= Q(holder_index__in=known) | Q(holder_id_index__in=known)
    if number := given.get("number"):
        fits &= Q(number=number.upper()) | Q(original_number=number)
    if case_number := given.get("case_number"):
        fits &= Q(case_number=case_number)
    return fits
