"""Applying for conditionally shared data (第十五条第二款), and taking the application back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.models import EntryRevision, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import record
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from sharing.models import Frequency, SharingApplication
from sharing.policies import APPLICATION_POLICY
from sharing.services.checks import (
    known_conditions,
    known_items,
    refuse_if,
    require_sharing_type,
    require_valid_fields,
    revision_in_force,
)
from sharing.services.coordinating import end_with_application
from sharing.services.locking import lock_application, lock_entry
from sharing.services.telling import tell
from sharing.workflow import APPLICATION_WORKFLOW, APPLY, OWN_DUTIES

_TEXTS = ("duty", "duty_basis", "purpose", "use_case", "frequency")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an application asks for. ``items``: codes. ``row_condition``: ``{code, operator, value}`` each."""

    items: Sequence[str]
    duty: str
    duty_basis: str
    purpose: str
    period_from: dt.date
    period_until: dt.date
    use_case: str = ""
    row_condition: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    frequency: str = Frequency.ON_DEMAND
    system: ServiceAccount | None = None


@transaction.atomic
def apply(*, entry_id: int, requester: Agency, by: User, at: dt.datetime, wish: Wish) -> SharingApplication:
    """Apply for an entry's data with the legal duty it serves; the provider has 10 days from today (第十五条第二款).

    Raises RuleBroken where the entry is not shared conditionally, or duty, purpose, items or period are missing.
    """
    entry = lock_entry(entry_id)
    APPLICATION_POLICY.require(by, "apply", requester)
    revision = revision_in_force(entry)
    require_sharing_type(revision, SharingType.CONDITIONAL)
    if entry.provider_id == requester.pk:
        raise RuleBroken("这是本机关自己的数据，不需要申请，请在目录与汇聚中管理和使用。", basis=APPLY)
    on = day_of(at)
    refuse_if(_missing(wish, requester, on), OWN_DUTIES)
    application = _filled(wish, revision)
    application.entry, application.title, application.provider = entry, revision.title, entry.provider
    application.requester, application.submitted_by = requester, by
    application.submitted_on, application.submitted_at = on, at
    require_valid_fields(application, _TEXTS, APPLY)
    application.number = next_number("GX", on.year)
    application.save(force_insert=True)
    clocks.start(
        "sharing-reply",
        application,
        on=on,
        at=at,
        by=by,
        owed_by=entry.provider,
        number=application.number,
        title=f"共享申请：{application.title}（{requester.short_name}）",
        path=application.get_absolute_url(),
    )
    payload = {"entry": entry.resource_code, "requester": requester.code, "items": application.items}
    record(application, "apply", by=by, at=at, basis=APPLY, payload=payload)
    title = f"收到共享申请，请在期限内答复：{application.title}（{requester.short_name}）"
    tell(entry.provider, application, "apply", title=title, at=at, basis=APPLY)
    return application


def _missing(wish: Wish, requester: Agency, on: dt.date) -> dict[str, str]:
    wrong = {}
    if not wish.duty.strip():
        wrong["duty"] = "请写明所履行的法定职责，共享的数据只能用于本机关履行职责。"
    if not wish.duty_basis.strip():
        wrong["duty_basis"] = "请写明职责所依据的法律、法规或者职能配置规定。"
    if not wish.purpose.strip():
        wrong["purpose"] = "请写明用途。"
    if wish.period_until < max(wish.period_from, on):
        wrong["period_until"] = "使用期限的截止日期不能早于起始日期，也不能早于今天。"
    if wish.system is not None and wish.system.agency_id != requester.pk:
        wrong["system"] = "只能选择本机关的信息系统。"
    return wrong


def _filled(wish: Wish, revision: EntryRevision) -> SharingApplication:
    return SharingApplication(
        items=known_items(wish.items, revision),
        row_condition=known_conditions(wish.row_condition, revision),
        duty=wish.duty.strip(),
        duty_basis=wish.duty_basis.strip(),
        purpose=wish.purpose.strip(),
        use_case=wish.use_case.strip(),
        period_from=wish.period_from,
        period_until=wish.period_until,
        frequency=wish.frequency,
        system=wish.system,
    )


@transaction.atomic
def withdraw_application(*, application_id: int, by: User, at: dt.datetime) -> SharingApplication:
    """Take an application back before it is answered; the clock stops. Filing again starts a new one."""
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "withdraw", application)
    application.status = APPLICATION_WORKFLOW.target("withdraw", application.status)
    application.save(update_fields=["status"])
    clocks.stop(application, "sharing-reply", on=day_of(at), at=at, by=by, cause=Clock.Stop.WITHDRAWN)
    end_with_application(application, "withdraw-coordination", by=by, at=at)
    record(application, "withdraw", by=by, at=at, basis=APPLY)
    title = f"共享申请已撤回：{application.title}（{application.requester.short_name}）"
    tell(application.provider, application, "withdraw", title=title, at=at, basis=APPLY)
    return application
