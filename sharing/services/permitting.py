"""The provider says what may be verified through a grant, and whether its rows may be read besides (第十二条第三款)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.models import EntryRevision
from guiyang_data.accounts.models import User
from guiyang_data.ledger.services import record
from sharing.identities import finds_one, identifies_person
from sharing.models import SharingGrant, VerificationTerms
from sharing.models.verification import MISSES, SUBJECTS
from sharing.policies import GRANT_POLICY
from sharing.services.checks import refuse_if, revision_in_force
from sharing.services.locking import lock_entry, lock_grant
from sharing.services.telling import tell
from sharing.workflow import GRANT_WORKFLOW, RIGHT

MOST_SUBJECTS = 100
MOST_MISSES = 1_000
"""No provider may set more."""


@dataclass(frozen=True, kw_only=True)
class Permitted:
    """What is to be verified, by codes of items; see ``VerificationTerms``."""

    key_items: Sequence[str]
    compared_items: Sequence[str] = ()
    answered_items: Sequence[str] = ()
    most_subjects: int = SUBJECTS
    most_misses: int = MISSES
    rows_too: bool = False


@transaction.atomic
def permit_verification(*, grant_id: int, by: User, at: dt.datetime, terms: Permitted) -> SharingGrant:
    """Let the grant's holder verify; what may be compared need not be granted. The last terms stand."""
    entry_id = SharingGrant.objects.filter(pk=grant_id).values_list("entry", flat=True).first()
    entry = lock_entry(entry_id or 0)
    grant = lock_grant(grant_id)
    GRANT_POLICY.require(by, "permit-verification", grant)
    GRANT_WORKFLOW.target("permit-verification", grant.status)
    revision = revision_in_force(entry)
    refuse_if(_wrong(terms, grant, revision), RIGHT)
    said = {
        "key_items": _in_order(terms.key_items, revision),
        "compared_items": _in_order(terms.compared_items, revision),
        "answered_items": _in_order(terms.answered_items, revision),
        "most_subjects": terms.most_subjects,
        "most_misses": terms.most_misses,
        "rows_too": terms.rows_too,
    }
    VerificationTerms.objects.update_or_create(grant=grant, defaults=said | {"permitted_by": by, "permitted_at": at})
    record(grant, "permit-verification", by=by, at=at, basis=RIGHT, payload=said)
    title = f"可以核验：{grant.title}（{entry.provider.short_name}）"
    tell(grant.grantee, grant, "permit-verification", title=title, at=at, basis=RIGHT)
    return grant


def _wrong(terms: Permitted, grant: SharingGrant, revision: EntryRevision) -> dict[str, str]:
    items = {item.code: item for item in revision.items.all()}
    wrong = {
        name: f"目录中没有信息项「{'、'.join(unknown)}」。请对照目录重新选择。"
        for name in ("key_items", "compared_items", "answered_items")
        if (unknown := [code for code in getattr(terms, name) if code not in items])
    }
    keys = [items[code] for code in terms.key_items if code in items]
    if not any(finds_one(item) for item in keys) and "key_items" not in wrong:
        wrong["key_items"] = (
            "用以查找的信息项中，至少有一项能够确定单个对象：身份证号码、统一社会信用代码、主键或者唯一的信息项。"
        )
    beyond = [items[code].name for code in terms.answered_items if code in items and code not in grant.items]
    if beyond:
        wrong["answered_items"] = (
            f"可以答复的只能是授权的信息项，「{'、'.join(beyond)}」没有授权；可以改为只核对不显示。"
        )
    shown = [items[code] for code in terms.answered_items if code in items and code not in terms.key_items]
    numbers = [item.name for item in shown if identifies_person(item)]
    if numbers:
        wrong["answered_items"] = f"「{'、'.join(numbers)}」是身份号码，没有用来查找的，不能作为答复。"
    if not 1 <= terms.most_subjects <= MOST_SUBJECTS:
        wrong["most_subjects"] = f"每次核验 1 至 {MOST_SUBJECTS} 个对象。"
    if not terms.most_subjects <= terms.most_misses <= MOST_MISSES:
        wrong["most_misses"] = f"每小时不相符上限不少于每次核验的个数，不超过 {MOST_MISSES}。"
    return wrong


def _in_order(codes: Sequence[str], revision: EntryRevision) -> list[str]:
    return [item.code for item in revision.items.all() if item.code in set(codes)]
