"""Telling those who run, guard and audit the portal that the ledger is not being sealed."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from guiyang_data.accounts.models import Agency
from guiyang_data.accounts.roles import ADMINISTRATORS, Role
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.ledger.waiting import unwritten_since, waiting_for_seal_since
from guiyang_data.notices.services import tell_agency
from guiyang_data.statute.law import REGULATION

ALARMED = (*ADMINISTRATORS, Role.SUPERVISOR)
OWN_DUTIES = REGULATION.article("第十七条")


def warn_of_missing_seals(*, at: dt.datetime) -> int:
    """Tell the authority once for each gap, when rows wait too long for a seal or a seal for the file outside."""
    told = 0
    for what, since in (("办理记录和读取记录", waiting_for_seal_since()), ("封存号", unwritten_since())):
        if since is None or (at - since).total_seconds() <= settings.READY_SEAL_AGE_SECONDS:
            continue
        told += _tell(what, since, at)
    return told


def _tell(what: str, since: dt.datetime, at: dt.datetime) -> int:
    try:
        authority = municipal_authority()
    except Agency.DoesNotExist:
        return 0
    sealed = what != "封存号"
    title = "记录没有按时封存" if sealed else "封存没有写到数据库以外"
    moment = f"{timezone.localtime(since):%Y-%m-%d %H:%M}"
    body = (
        f"{what}自 {moment} 起没有封存。请检查后台进程和签名密钥；封存之前的记录仍在，恢复后自动补上。"
        if sealed
        else f"自 {moment} 起的封存没有写入数据库以外的文件。请检查存放封存的目录能否写入、是否已满，恢复后自动补上。"
    )
    return tell_agency(
        authority,
        ALARMED,
        key=f"ledger-{'unsealed' if sealed else 'unwritten'}:{since.isoformat()}",
        about="ledger:seals",
        kind="sealing",
        title=title,
        body=body,
        at=at,
        basis=OWN_DUTIES,
        systems=False,
    )
