"""One verification: the right asked, the log written, then the answers (第十五条、第十七条)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from guiyang_data.accounts.models import User
from guiyang_data.tables.columns import Column
from guiyang_data.tables.query import Filter
from sharing.identities import normal, subject_index
from sharing.reading import Opening, Wish
from sharing.rights import Access
from sharing.tracing.writing import VERIFY, Asking
from sharing.verifying.asking import require_size, understood
from sharing.verifying.finding import results, spellings
from sharing.verifying.guarding import count_misses, require_open
from sharing.verifying.permission import Permission, permission_of
from sharing.verifying.results import OnRecord, Question, Result

KIND = VERIFY


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A verification that was answered. ``number``: of the log; ``told``: the items that were to be told."""

    number: uuid.UUID
    at: dt.datetime
    permission: Permission
    told: tuple[Column, ...]
    results: list[Result]


@dataclass(frozen=True, kw_only=True)
class _Found:
    told: tuple[Column, ...]
    results: list[Result]

    @property
    def rows(self) -> int:
        """Subjects of which something is told beyond yes and no."""
        return sum(result.on_record == OnRecord.YES for result in self.results) if self.told else 0


def verify(
    *,
    by: User,
    access: Access,
    at: dt.datetime,
    subjects: Sequence[Question],
    items: Sequence[str] | None = None,
    purpose: str = "",
    case_number: str = "",
) -> Verified:
    """Answer about each subject: on record or not, each claim matching or not, and the permitted ``items`` of it.

    Logged before it is answered; counted as one call, and each subject with items as a row. Raises as
    ``reading.read_page`` does, UnknownColumn and RuleBroken for what may not be asked, LimitReached for guessing.
    """
    permission = permission_of(by, access, at=at)
    require_size(permission, subjects)
    require_open(permission, at=at)
    right = permission.right
    asked_for = _asked_for(permission, subjects)
    codes = _codes(permission, subjects, items)
    opening = Opening(
        right=right,
        wish=Wish(items=codes),
        by=by,
        at=at,
        kind=KIND,
        purpose=purpose,
        case_number=case_number,
        asking=Asking(kind=KIND, filters=(_chosen_by(permission, asked_for),)),
        more={"subjects": len(subjects), "subject_index": [subject_index(one) for one in asked_for]},
    )

    def found() -> _Found:
        questions, told = understood(permission, subjects, items)
        answers = results(permission, questions, told)
        count_misses(permission, sum(result.is_miss for result in answers), at=at)
        return _Found(told=told, results=answers)

    number, answered = opening.answered(found, lambda answer: answer.rows)
    return Verified(number=number, at=at, permission=permission, told=answered.told, results=answered.results)


def _codes(permission: Permission, subjects: Sequence[Question], items: Sequence[str] | None) -> list[str]:
    """Every item that the call touches, each once."""
    told = [column.code for column in permission.answered] if items is None else items
    claims = [code for subject in subjects for code in subject.claims]
    return list(dict.fromkeys([*(column.code for column in permission.keys), *claims, *told]))


def _asked_for(permission: Permission, subjects: Sequence[Question]) -> list[str]:
    """The values of the key that finds the subjects, each once, as they are compared. The log has indexes."""
    values = (normal(subject.keys.get(permission.sought.code) or "") for subject in subjects)
    return list(dict.fromkeys(value for value in values if value))


def _chosen_by(permission: Permission, asked_for: Sequence[str]) -> Filter:
    values = [spelling for one in asked_for for spelling in spellings(permission.sought, one)]
    return Filter(permission.sought.code, "in", values)
