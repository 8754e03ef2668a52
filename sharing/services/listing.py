"""Keeping an entry out of the public lists, where even that it exists must not be known (第八条)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.errors import WrongState
from guiyang_data.ledger.services import record, subject_of
from sharing.models import ListReserve
from sharing.policies import LISTING_POLICY
from sharing.services.checks import reasons_or_refuse, require_valid_fields, revision_in_force
from sharing.services.locking import lock_entry
from sharing.workflow import SECRETS


@transaction.atomic
def reserve_from_lists(*, entry_id: int, by: User, at: dt.datetime, reasons: str) -> ListReserve:
    """Keep an entry out of the public lists from now on, with reasons and basis that stay inside."""
    entry = lock_entry(entry_id)
    LISTING_POLICY.require(by, "reserve-from-lists", entry)
    revision_in_force(entry)
    if entry.list_reserves.filter(released_at=None).exists():
        message = "这一目录条目已经不列入公开清单。"
        raise WrongState(message, basis=SECRETS, subject=subject_of(entry), verb="reserve-from-lists")
    stated = reasons_or_refuse(reasons, SECRETS, "请写明不列入公开清单的理由和依据。")
    reserve = ListReserve(entry=entry, reasons=stated, reserved_by=by, reserved_at=at)
    require_valid_fields(reserve, ["reasons"], SECRETS)
    reserve.save(force_insert=True)
    record(entry, "reserve-from-lists", by=by, at=at, basis=SECRETS)
    return reserve


@transaction.atomic
def release_to_lists(*, entry_id: int, by: User, at: dt.datetime, reasons: str) -> ListReserve:
    """Let the lists tell of an entry again."""
    entry = lock_entry(entry_id)
    LISTING_POLICY.require(by, "release-to-lists", entry)
    reserve = entry.list_reserves.filter(released_at=None).select_for_update().first()
    if reserve is None:
        message = "这一目录条目没有被保留，不需要恢复。"
        raise WrongState(message, basis=SECRETS, subject=subject_of(entry), verb="release-to-lists")
    reserve.released_reasons = reasons_or_refuse(reasons, SECRETS, "请写明恢复列入公开清单的理由。")
    reserve.released_by, reserve.released_at = by, at
    require_valid_fields(reserve, ["released_reasons"], SECRETS)
    reserve.save(update_fields=["released_by", "released_at", "released_reasons"])
    record(entry, "release-to-lists", by=by, at=at, basis=SECRETS)
    return reserve
