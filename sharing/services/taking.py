"""Taking unconditionally shared data (第十五条第一款): nothing to approve, but every taking declares its duty."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from catalog.models import CatalogEntry, SharingType
from catalog.services.locking import day_of
from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.services import record
from sharing.found import GONE
from sharing.models import Taking
from sharing.policies import TAKING_POLICY
from sharing.services.checks import refuse_if, require_sharing_type, require_valid_fields, revision_in_force
from sharing.workflow import OWN_DUTIES, TAKE


@transaction.atomic
def declare_taking(
    *,
    entry_id: int,
    agency: Agency,
    by: User,
    at: dt.datetime,
    duty: str,
    purpose: str,
    terms_accepted: bool,
    duty_basis: str = "",
    case_number: str = "",
) -> Taking:
    """Declare the duty that the data serves and accept the ban on passing it on (第十七条); then it may be read."""
    entry = CatalogEntry.objects.select_related("in_force", "provider").filter(pk=entry_id).first()
    if entry is None:
        raise NotSeen(GONE)
    TAKING_POLICY.require(by, "declare-taking", agency)
    require_sharing_type(revision_in_force(entry), SharingType.UNCONDITIONAL)
    if entry.provider_id == agency.pk:
        raise RuleBroken("这是本机关自己的数据，不需要登记，请在目录与汇聚中管理和使用。", basis=TAKE)
    refuse_if(_missing(duty, purpose, terms_accepted), OWN_DUTIES)
    taking = Taking(
        entry=entry,
        agency=agency,
        duty=duty.strip(),
        duty_basis=duty_basis.strip(),
        purpose=purpose.strip(),
        case_number=case_number.strip(),
        terms_accepted=True,
        taken_by=by,
        taken_on=day_of(at),
        taken_at=at,
    )
    require_valid_fields(taking, ["duty", "duty_basis", "purpose", "case_number"], OWN_DUTIES)
    taking.save(force_insert=True)
    payload = {"entry": entry.resource_code, "agency": agency.code}
    record(taking, "declare-taking", by=by, at=at, basis=TAKE, payload=payload)
    return taking


def _missing(duty: str, purpose: str, terms_accepted: bool) -> dict[str, str]:
    wrong = {}
    if not duty.strip():
        wrong["duty"] = "请写明所履行的职责，共享的数据只能用于本机关履行职责。"
    if not purpose.strip():
        wrong["purpose"] = "请写明用途。"
    if not terms_accepted:
        wrong["terms_accepted"] = "请确认依职责使用、不转供他人的承诺。"
    return wrong
