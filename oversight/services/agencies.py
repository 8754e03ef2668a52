"""Ending an agency that is no more (merged, abolished), and letting one be there again (第二条、第四条)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from guiyang_data.accounts import policies
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import municipal_authority, municipal_government
from guiyang_data.accounts.services import close_agency, lock_agency, revive_agency
from guiyang_data.accounts.services.closing import SAY_WHY
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import subject_of
from oversight.agencies.selectors import stands_against
from oversight.workflow import SUPERVISE

__all__ = ["end_agency", "revive_agency"]


@transaction.atomic
def end_agency(
    *,
    agency_id: int,
    by: User,
    at: dt.datetime,
    on: dt.date,
    ended_on: dt.date,
    reasons: str,
    successor: Agency | None = None,
) -> Agency:
    """End an agency that is no more since ``ended_on``. Nobody of it signs in afterwards, nor any of its systems.

    ``successor``: who has its duties now, where somebody has. Refused, with what they are, while it owes anything, has
    entries in force or on their way, collects items of others' entries, holds grants or has asked for them, is told of
    changes, handles matters, or has systems.
    """
    agency = lock_agency(agency_id)
    policies.require(by, "end-agency", agency)
    place: dict[str, Any] = {"subject": subject_of(agency), "verb": "end-agency"}
    if not agency.is_active:
        raise WrongState("这个机关已经停用，没有重复办理。", **place)
    wrong = _wrong(agency, on, ended_on, reasons, successor)
    if wrong:
        raise RuleBroken("".join(wrong.values()) + "您填写的内容都还在。", basis=SUPERVISE, fields=wrong, **place)
    standing = stands_against(agency)
    if standing:
        message = f"{agency.name}还有{'、'.join(one.words for one in standing)}，不能停用。请先逐项处理，清单见页面。"
        raise RuleBroken(message, basis=SUPERVISE, fields={one.code: one.advice for one in standing}, **place)
    payload = {
        "ended_on": ended_on.isoformat(),
        "reasons": reasons.strip(),
        "successor": successor.code if successor else "",
    }
    return close_agency(agency_id=agency.pk, by=by, at=at, payload=payload)


def _wrong(agency: Agency, on: dt.date, ended_on: dt.date, reasons: str, successor: Agency | None) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if agency in (municipal_authority(), municipal_government()):
        wrong["agency"] = "全市的目录由它们审核、审定，不能停用；名称、代码变动的，请联系平台运维更正。"
    if not reasons.strip():
        wrong["reasons"] = SAY_WHY
    if ended_on > on:
        wrong["ended_on"] = "停用的日期不能晚于今天。到那一天再办理。"
    if successor is not None and (successor == agency or not successor.is_active):
        wrong["successor"] = "承接的机关应当是另一个在用的机关。"
    return wrong
