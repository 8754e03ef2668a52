"""What somebody may verify at this moment: which items find the subject, which are compared, which are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from guiyang_data.accounts.models import User
from guiyang_data.errors import WrongState
from guiyang_data.tables.columns import Column
from sharing.identities import finding_items
from sharing.models import SharingGrant, VerificationTerms
from sharing.models.verification import MISSES, SUBJECTS
from sharing.rights import Access, Right, require_terms, right_of, terms_of
from sharing.workflow import APPLY, OWN_DUTIES


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A right to verify. ``keys`` are all given; ``compared`` and ``answered`` may be asked for."""

    right: Right
    keys: tuple[Column, ...]
    compared: tuple[Column, ...]
    answered: tuple[Column, ...]
    most_subjects: int
    most_misses: int

    @property
    def sought(self) -> Column:
        """The key that finds a subject's rows; the others are held against them."""
        return min(self.keys, key=lambda column: (column.code not in self.right.identities, not column.is_key))


def permission_of(by: User, access: Access, *, at: dt.datetime) -> Permission:
    """What ``access`` lets ``by`` verify at ``at``, from fresh rows.

    A grant has its terms. Under a taking everything may be read, and so verified: its keys are the identifying items.
    Raises as ``rights.right_of`` does, and WrongState where the entry no longer has an item that finds its subjects.
    """
    right = right_of(by, access, at=at, verifying=True)
    if right.grant is None:
        return _of_taking(right)
    return _of_grant(right, require_terms(right.grant))


def _of_grant(right: Right, terms: VerificationTerms) -> Permission:
    keys = _columns(right, terms.key_items)
    if len(keys) != len(terms.key_items):
        message = "目录调整后，用以查找的信息项已不存在，不能核验。请与提供机关联系，由其重新设定核验范围。"
        raise WrongState(message, basis=APPLY)
    return Permission(
        right=right,
        keys=keys,
        compared=_columns(right, terms.compared_items),
        answered=tuple(column for column in _columns(right, terms.answered_items) if column in right.columns),
        most_subjects=terms.most_subjects,
        most_misses=terms.most_misses,
    )


def _of_taking(right: Right) -> Permission:
    revision = right.entry.in_force
    finding = finding_items(revision.items.all()) if revision else []
    if not finding:
        message = "这项数据没有能够查找到单个对象的信息项，不能核验。请查询或者下载数据。"
        raise WrongState(message, basis=OWN_DUTIES)
    return Permission(
        right=right,
        keys=_columns(right, finding),
        compared=right.columns,
        answered=right.columns,
        most_subjects=SUBJECTS,
        most_misses=MISSES,
    )


def _columns(right: Right, codes: Sequence[str]) -> tuple[Column, ...]:
    known = {column.code: column for column in right.condition_columns}
    return tuple(known[code] for code in codes if code in known)


def may_verify(access: Access) -> bool:
    """Whether there is anything to verify through the access, for the buttons of its page."""
    if isinstance(access, SharingGrant):
        return terms_of(access) is not None
    revision = access.entry.in_force
    return revision is not None and bool(finding_items(revision.items.all()))
