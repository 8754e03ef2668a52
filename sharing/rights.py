"""Whether somebody may read an entry's rows at this moment, and which. Asked at every reading, and within long ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from catalog.models import CatalogEntry, DataVersion, EntryRevision, InformationItem, SharingType
from catalog.selectors import column_of
from guiyang_data.accounts.models import User
from guiyang_data.accounts.selectors import credentials_hold
from guiyang_data.errors import NotAllowed, NotSeen, WrongState
from guiyang_data.ledger.services import subject_of
from guiyang_data.prepared import PreparedRow
from guiyang_data.statute.law import Article
from guiyang_data.tables.columns import Column
from guiyang_data.tables.refusals import BadFilter
from guiyang_data.tables.selecting import Filter, coerce
from sharing.found import GONE
from sharing.identities import identifies_person
from sharing.models import ReadingUse, SharingGrant, Taking, VerificationTerms
from sharing.policies import GRANT_POLICY, TAKING_POLICY, visible_grants, visible_takings
from sharing.workflow import APPLY, OWN_DUTIES, TAKE, GrantStatus

Access = SharingGrant | Taking
Used = TypeVar("Used", SharingGrant, Taking)
SHAPES_KEPT = 1_000
"""Revisions of which a process remembers what their items are."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What of an entry may be had now, whether or not its data is there.

    ``columns``: all that this reader sees, filters and sorts by.
    ``condition_columns`` are all columns: a grant's rows may be chosen by an item that it does not show. ``singling``:
    items of which one value stands for one subject.
    ``identities``: the items of the entry by which a person is found, shown or not.
    """

    access: Access
    entry: CatalogEntry
    title: str
    columns: tuple[Column, ...]
    condition_columns: tuple[Column, ...]
    conditions: tuple[Filter, ...]
    sensitive: frozenset[str]
    singling: frozenset[str]
    identities: frozenset[str]
    asked_at: dt.datetime

    @property
    def grant(self) -> SharingGrant | None:
        """The grant, where the right is one and not a taking."""
        return self.access if isinstance(self.access, SharingGrant) else None


@dataclass(frozen=True, kw_only=True)
class Right(Scope):
    """What may be read now, of which version."""

    version: DataVersion


def scope_of(by: User, access: Access, *, at: dt.datetime) -> Scope:
    """What ``access`` lets ``by`` have at ``at``, whether or not there is data. Raises as ``right_of`` else."""
    return _scope(usable_access(by, access, at=at), at)


def right_of(by: User, access: Access, *, at: dt.datetime, again: bool = False, verifying: bool = False) -> Right:
    """The right that ``access`` gives ``by`` at ``at``, from fresh rows; of ``access`` only the number counts.

    ``again``: asked within a long reading, for which the account is read anew too. ``verifying``: to verify, not to
    read rows.

    Raises NotSeen, NotAllowed where the right is not in force or another's, WrongState where the entry is not.
    """
    return _right(usable_access(by, access, at=at, again=again, verifying=verifying), at)


def right_at(asked: Right | None, by: User, access: Access, *, at: dt.datetime) -> Right:
    """The right as the caller asked for it at this very moment, else asked for now."""
    if asked is not None and (asked.asked_at, asked.access) == (at, access):
        return asked
    return right_of(by, access, at=at)


def right_of_agency(access: Access, *, at: dt.datetime) -> Right:
    """The right that ``access`` gives its agency at ``at``, whoever there uses it. Raises as ``right_of``."""
    if isinstance(access, SharingGrant):
        grant = _found(GRANTS, access.pk)
        _require_in_force(grant, timezone.localdate(at))
        return _right(grant, at)
    taking = _found(TAKINGS, access.pk)
    _require_unconditional(taking)
    return _right(taking, at)


def usable_access(by: User, access: Access, *, at: dt.datetime, again: bool = False, verifying: bool = False) -> Access:
    """The grant or taking anew, where ``by`` may read through it now; whether there is data is not asked."""
    user = User.objects.filter(pk=by.pk).first() if again else by
    if user is None or not user.is_active:
        raise NotSeen(GONE)
    if again and not credentials_hold(by):
        message = "信息系统的接入凭据已经作废，不再继续提供。请换用新的凭据后重新读取。"
        raise NotAllowed(message, basis=OWN_DUTIES, subject=subject_of(access), verb="read")
    if isinstance(access, SharingGrant):
        return _usable_grant(user, access.pk, timezone.localdate(at), verifying=verifying)
    return _usable_taking(user, access.pk)


_OF_ENTRY = (
    *(f"entry__{name}" for name in ("resource_code", "provider", "in_force", "current_data", "frozen_at")),
    *(f"entry__in_force__{name}" for name in ("entry", "number", "title", "sharing_type", "updated_at", "substance")),
    *(f"entry__current_data__{name}" for name in ("entry", "number", "table_version", "revision", "rows", "made_at")),
)
"""What a right is judged by. Every column more costs each reading, above all the long texts of the catalogue."""


def _names(model: type[Model], through: str = "") -> list[str]:
    return [f"{through}{one.name}" for one in model._meta.concrete_fields]


def _grants() -> QuerySet[SharingGrant]:
    # no agency, no system: their keys are enough to judge by
    related = SharingGrant.objects.select_related(
        "entry__in_force", "entry__current_data", "standing", "verification", "use"
    )
    own, terms, used = _names(SharingGrant), _names(VerificationTerms, "verification__"), _names(ReadingUse, "use__")
    return related.only(*own, *_OF_ENTRY, "standing__status", *terms, *used).order_by()


def _takings() -> QuerySet[Taking]:
    related = Taking.objects.select_related("entry__in_force", "entry__current_data")
    return related.only(*_names(Taking), *_OF_ENTRY).order_by()


GRANTS = PreparedRow(_grants, by="pk", kind=int)
TAKINGS = PreparedRow(_takings, by="pk", kind=int)
"""Asked at every reading, and within long ones at every batch."""


def _found(rows: PreparedRow[Used], pk: int) -> Used:
    row = rows.get(pk)
    if row is None:
        raise NotSeen(GONE)
    return row


def _usable_grant(user: User, pk: int, on: dt.date, *, verifying: bool) -> SharingGrant:
    grant = _found(GRANTS, pk)
    # whoever may read through it sees it
    if not GRANT_POLICY.may(user, "read", grant):
        _require_seen(visible_grants(user, SharingGrant.objects.filter(pk=pk)))
        GRANT_POLICY.require(user, "read", grant)
    _require_in_force(grant, on, verifying=verifying)
    return grant


def _require_seen(seen: QuerySet[Used]) -> None:
    if not seen.exists():
        raise NotSeen(GONE)


def _require_in_force(grant: SharingGrant, on: dt.date, *, verifying: bool = False) -> None:
    if GrantStatus.SUSPENDED in {grant.status, grant.standing.status if grant.standing else ""}:
        raise _refused(grant, "这一授权已经暂停，不能读取。理由见授权页面；如有异议，请与提供机关联系。", OWN_DUTIES)
    if grant.status == GrantStatus.ENDED:
        raise _refused(grant, "这一授权已经终止，不能读取。仍需使用的，请重新申请。", OWN_DUTIES)
    if not grant.covers(on):
        raise _refused(grant, "今天不在这一授权的有效期内，不能读取。仍需使用的，请重新申请。", APPLY)
    if verifying:
        require_terms(grant)
    elif (terms := terms_of(grant)) is not None and not terms.rows_too:
        raise _refused(grant, "这一授权只供核验，不能查询或者下载数据。请在授权页面使用「核验」。", OWN_DUTIES)


def terms_of(grant: SharingGrant) -> VerificationTerms | None:
    """The grant's terms of verification; None where it verifies nothing."""
    return getattr(grant, "verification", None)


def require_terms(grant: SharingGrant) -> VerificationTerms:
    """The same; NotAllowed where it verifies nothing."""
    terms = terms_of(grant)
    if terms is None:
        raise _refused(grant, "这一授权没有设定核验范围，不能核验。需要核验的，请与提供机关联系。", OWN_DUTIES)
    return terms


def _refused(grant: SharingGrant, message: str, basis: Article) -> NotAllowed:
    return NotAllowed(message, basis=basis, subject=subject_of(grant), verb="read")


def _usable_taking(user: User, pk: int) -> Taking:
    taking = _found(TAKINGS, pk)
    if not TAKING_POLICY.may(user, "read", taking):
        _require_seen(visible_takings(user, Taking.objects.filter(pk=pk)))
        TAKING_POLICY.require(user, "read", taking)
    _require_unconditional(taking)
    return taking


def _require_unconditional(taking: Taking) -> None:
    revision = taking.entry.in_force
    if revision is not None and revision.sharing_type != SharingType.UNCONDITIONAL:
        message = "这项数据不再无条件共享，不能直接读取。请查看目录中的共享条件，向提供机关申请。"
        raise NotAllowed(message, basis=TAKE, subject=subject_of(taking), verb="read")


def _right(access: Access, at: dt.datetime) -> Right:
    scope = _scope(access, at)
    version = scope.entry.current_data
    if version is None:
        raise WrongState("提供机关还没有汇聚这项数据，现在没有可读取的内容。数据入库后会告知您。", basis=APPLY)
    return Right(version=version, **vars(scope))


def _scope(access: Access, at: dt.datetime) -> Scope:
    entry = access.entry
    revision = entry.in_force
    if revision is None or revision.sharing_type == SharingType.WITHHELD:
        raise WrongState("这一目录条目已经撤销或者不再共享，不能读取。", basis=TAKE)
    if entry.frozen_at is not None:
        raise WrongState("这一目录条目的数据已被冻结，暂时不能读取。解除冻结后可以照常读取。", basis=OWN_DUTIES)
    shape = shape_of(revision)
    granted = set(access.items) if isinstance(access, SharingGrant) else None
    columns = tuple(column for column in shape.columns if granted is None or column.code in granted)
    if not columns:
        raise WrongState("目录调整后，授权的信息项已不存在。请与提供机关联系，或者重新申请。", basis=APPLY)
    return Scope(
        access=access,
        entry=entry,
        title=revision.title,
        columns=columns,
        condition_columns=shape.columns,
        conditions=_conditions(access, shape.columns),
        sensitive=shape.sensitive,
        singling=shape.singling,
        identities=shape.identities,
        asked_at=at,
    )


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the items of a revision say of its rows."""

    columns: tuple[Column, ...]
    sensitive: frozenset[str]
    singling: frozenset[str]
    identities: frozenset[str]


def shape_of(revision: EntryRevision) -> Shape:
    """The shape of a revision that is in force or was: read once, since it is not changed any more."""
    return _shape(revision.pk, revision.updated_at, revision.substance)


@lru_cache(maxsize=SHAPES_KEPT)
def _shape(revision: int, updated_at: dt.datetime, substance: str) -> Shape:
    # what is not asked for tells one revision from another that had its number
    items = InformationItem.objects.filter(revision=revision).order_by("position")
    identities = frozenset(item.code for item in items if identifies_person(item))
    return Shape(
        columns=tuple(column_of(item) for item in items),
        sensitive=identities | {item.code for item in items if item.sensitivity != item.Sensitivity.NONE},
        singling=frozenset(item.code for item in items if item.singles_out),
        identities=identities,
    )


def forget_shapes() -> None:
    """Forget what was read of revisions: where a database is put in the place of another under a running process."""
    _shape.cache_clear()


def _conditions(access: Access, columns: Sequence[Column]) -> tuple[Filter, ...]:
    """A grant's rows. What no longer fits the items is refused without naming an item that the reader may not see."""
    if not isinstance(access, SharingGrant):
        return ()
    known = {column.code: column for column in columns}
    found = []
    for condition in access.row_condition:
        code, operator, value = condition["code"], condition["operator"], condition["value"]
        if code not in known or not _fits(known[code], operator, value):
            message = "目录调整后，授权所限定的数据范围已不适用。请与提供机关联系，由其重新授权。"
            raise WrongState(message, basis=APPLY)
        found.append(Filter(code, operator, value))
    return tuple(found)


def _fits(column: Column, operator: str, value: object) -> bool:
    if operator == "isnull":
        return True
    try:
        for part in value if isinstance(value, list) else [value]:
            coerce(column, part)
    except BadFilter:
        return False
    return True
