"""Applying for conditionally shared data (第十五条第二款), and taking the application back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.models import CatalogEntry, EntryRevision, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, ServiceAccount, User
from guiyang_data.attachments import services as attachments
from guiyang_data.attachments.models import Attachment
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.faces.numbers import next_number
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.statute import clocks
from guiyang_data.statute.models import Clock
from sharing.models import Frequency, SharingApplication
from sharing.policies import APPLICATION_POLICY
from sharing.services.checks import (
    broken,
    known_conditions,
    known_items,
    known_ways,
    refuse_if,
    require_sharing_type,
    require_valid_fields,
    revision_in_force,
)
from sharing.services.coordinating import end_with_application
from sharing.services.locking import GONE, lock_application, lock_entry, next_state
from sharing.services.telling import tell
from sharing.services.verification import Permitted, asked_terms
from sharing.workflow import APPLY, OWN_DUTIES, ApplicationStatus

_TEXTS = ("duty", "duty_basis", "purpose", "use_case", "frequency")
MOST_TOGETHER = 20
"""Entries in one form."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an application asks for. ``items``, ``ways``: codes. ``row_condition``: ``{code, operator, value}`` each.

    ``verification``: what is to be verified, where the ways name it; None asks for the least.
    """

    items: Sequence[str]
    duty: str
    duty_basis: str
    purpose: str
    period_from: dt.date
    period_until: dt.date
    use_case: str = ""
    row_condition: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    ways: Sequence[str] = ()
    verification: Permitted | None = None
    frequency: str = Frequency.ON_DEMAND
    is_unlisted: bool = False
    system: ServiceAccount | None = None


@transaction.atomic
def apply(
    *,
    entry_id: int,
    requester: Agency,
    by: User,
    at: dt.datetime,
    wish: Wish,
    papers: Sequence[Attachment] = (),
    previous: SharingApplication | None = None,
) -> SharingApplication:
    """Apply for an entry's data with the legal duty it serves; the provider has 10 days from today (第十五条第二款).

    ``papers``: files that were taken in for it. ``previous``: the application that this one takes up again, which
    ended short of what was asked for. Raises RuleBroken where the entry is not shared conditionally, or duty, purpose,
    items or period are missing; WrongState where the very same already waits for its reply.
    """
    earlier = None if previous is None else _taken_up(previous, entry_id, requester, by)
    application = _file(entry_id, requester, wish, by=by, at=at, earlier=earlier)
    attachments.adopt(papers, subject_of(application))
    return application


@transaction.atomic
def apply_together(
    *,
    requester: Agency,
    by: User,
    at: dt.datetime,
    wishes: Mapping[int, Wish],
    papers: Sequence[Attachment] = (),
) -> list[SharingApplication]:
    """Apply for several entries in one act: one application, one clock and one reply for each (第十五条第二款).

    ``wishes`` by the entry's id. They have a filing number in common; each goes its own way from here on.
    """
    if not 1 <= len(wishes) <= MOST_TOGETHER:
        raise broken(APPLY, {"entries": f"请选择 1 至 {MOST_TOGETHER} 项数据一并申请。"})
    filing = next_number("GXH", day_of(at).year) if len(wishes) > 1 else ""
    made = [_file_one_of(pk, requester, wishes[pk], by=by, at=at, filing=filing) for pk in sorted(wishes)]
    for application in made[1:]:
        attachments.copy(papers, subject_of(application))
    attachments.adopt(papers, subject_of(made[0]))
    return made


def _file_one_of(
    entry_id: int, requester: Agency, wish: Wish, *, by: User, at: dt.datetime, filing: str
) -> SharingApplication:
    """One of several: what is refused names its entry, in words and at its fields."""
    try:
        return _file(entry_id, requester, wish, by=by, at=at, filing=filing)
    except RuleBroken as refused:
        title = revision_in_force(lock_entry(entry_id)).title
        own = {"items", "row_condition"}
        fields = {f"{name}_{entry_id}" if name in own else name: text for name, text in refused.fields.items()}
        raise RuleBroken(f"「{title}」：{refused.message}", basis=refused.basis, fields=fields) from refused


def _taken_up(previous: SharingApplication, entry_id: int, requester: Agency, by: User) -> SharingApplication:
    earlier = lock_application(previous.pk)
    if earlier.requester_id != requester.pk or earlier.entry_id != entry_id:
        raise NotSeen(GONE)
    APPLICATION_POLICY.require(by, "resubmit", earlier)
    next_state(earlier, "resubmit")
    return earlier


def _file(
    entry_id: int,
    requester: Agency,
    wish: Wish,
    *,
    by: User,
    at: dt.datetime,
    earlier: SharingApplication | None = None,
    filing: str = "",
) -> SharingApplication:
    entry = lock_entry(entry_id)
    APPLICATION_POLICY.require(by, "apply", requester)
    application = _filled(wish, _applied_for(entry, requester, wish, day_of(at)))
    application.entry, application.provider, application.requester = entry, entry.provider, requester
    application.submitted_by, application.submitted_on, application.submitted_at = by, day_of(at), at
    application.filing, application.previous = filing, earlier
    application.origin = (earlier.origin or earlier) if earlier else None
    require_valid_fields(application, _TEXTS, APPLY)
    _refuse_the_same_again(application)
    application.number = next_number("GX", application.submitted_on.year)
    application.save(force_insert=True)
    _start_clock(application, by=by, at=at)
    _note(application, by=by, at=at)
    return application


def _applied_for(entry: CatalogEntry, requester: Agency, wish: Wish, on: dt.date) -> EntryRevision:
    revision = revision_in_force(entry)
    require_sharing_type(revision, SharingType.CONDITIONAL)
    if entry.provider_id == requester.pk:
        raise RuleBroken("这是本机关自己的数据，不需要申请，请在目录与汇聚中管理和使用。", basis=APPLY)
    refuse_if(_missing(wish, requester, on), OWN_DUTIES)
    return revision


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
    items, ways = known_items(wish.items, revision), known_ways(wish.ways)
    return SharingApplication(
        title=revision.title,
        items=items,
        row_condition=known_conditions(wish.row_condition, revision),
        duty=wish.duty.strip(),
        duty_basis=wish.duty_basis.strip(),
        purpose=wish.purpose.strip(),
        use_case=wish.use_case.strip(),
        period_from=wish.period_from,
        period_until=wish.period_until,
        ways=ways,
        verification=asked_terms(wish.verification, revision, items=items, ways=ways),
        frequency=wish.frequency,
        is_unlisted=wish.is_unlisted,
        system=wish.system,
    )


def _refuse_the_same_again(application: SharingApplication) -> None:
    """What waits for its reply already is not filed once more; anything else is an application of its own right."""
    same = SharingApplication.objects.filter(
        entry=application.entry,
        requester=application.requester,
        status=ApplicationStatus.SUBMITTED,
        **{name: getattr(application, name) for name in ("duty", "purpose", "use_case", "period_until", "system")},
    )
    names = ("items", "row_condition", "ways", "verification")
    for waiting in same:
        if all(getattr(waiting, name) == getattr(application, name) for name in names):
            message = f"内容相同的申请 {waiting.number} 正在等待答复，不需要再次提出。请等待答复，或者修改内容后申请。"
            raise WrongState(message, basis=APPLY, subject=subject_of(waiting), verb="apply")


def _start_clock(application: SharingApplication, *, by: User, at: dt.datetime) -> None:
    clocks.start(
        "sharing-reply",
        application,
        on=application.submitted_on,
        at=at,
        by=by,
        owed_by=application.provider,
        number=application.number,
        title=f"共享申请：{application.title}（{application.requester.short_name}）",
        path=application.get_absolute_url(),
    )


def _note(application: SharingApplication, *, by: User, at: dt.datetime) -> None:
    earlier = application.previous
    payload = {
        "entry": application.entry.resource_code,
        "requester": application.requester.code,
        "items": application.items,
        **({"previous": earlier.number} if earlier else {}),
        **({"filing": application.filing} if application.filing else {}),
    }
    record(application, "apply", by=by, at=at, basis=APPLY, payload=payload)
    if earlier is not None:
        record(earlier, "resubmit", by=by, at=at, basis=APPLY, payload={"application": application.number})
    title = f"收到共享申请，请在期限内答复：{application.title}（{application.requester.short_name}）"
    tell(application.provider, application, "apply", title=title, at=at, basis=APPLY)


@transaction.atomic
def withdraw_application(*, application_id: int, by: User, at: dt.datetime) -> SharingApplication:
    """Take an application back before it is answered; the clock stops. Filing again starts a new one."""
    application = lock_application(application_id)
    APPLICATION_POLICY.require(by, "withdraw", application)
    application.status = next_state(application, "withdraw")
    application.save(update_fields=["status"])
    clocks.stop(application, "sharing-reply", on=day_of(at), at=at, by=by, cause=Clock.Stop.WITHDRAWN)
    end_with_application(application, "withdraw-coordination", by=by, at=at)
    record(application, "withdraw", by=by, at=at, basis=APPLY)
    title = f"共享申请已撤回：{application.title}（{application.requester.short_name}）"
    tell(application.provider, application, "withdraw", title=title, at=at, basis=APPLY)
    return application
