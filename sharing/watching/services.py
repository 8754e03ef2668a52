"""Raising flags of unusual use of grants and takings, deciding on them, and setting the rules (第十七条)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import municipal_authority
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.ledger.followers import follow_readings
from guiyang_data.ledger.models import Access
from guiyang_data.ledger.services import PLATFORM, record, subject_of
from guiyang_data.notices.services import tell_agency
from sharing.models import FlagKind, SharingGrant, Taking, UsageFlag, WatchRule
from sharing.policies import DECIDERS, FLAG_POLICY, OVERSEERS, WATCH_POLICY
from sharing.services import suspend_grant
from sharing.services.checks import reasons_or_refuse, refuse_if
from sharing.services.locking import GONE
from sharing.services.telling import tell
from sharing.watching.counting import Day, count
from sharing.watching.judging import Seen, judge
from sharing.watching.rules import RULES
from sharing.watching.selectors import Use, flags_with_parties, thresholds
from sharing.watching.workflow import FLAG_WORKFLOW
from sharing.workflow import OWN_DUTIES, GrantStatus

FOLLOWER = "sharing.watching"
FLAG_OUTCOMES = {"explain-flag": "已认定为正常使用", "question-on-flag": "已要求纠正"}


def watch(*, at: dt.datetime) -> int:
    """Count what was sealed since, and flag what is unusual about it; returns how many rows of the log were counted.

    Part of the sweep. Every row is read once; a right is flagged once for a kind and day.
    """
    return follow_readings(FOLLOWER, handle=partial(_watch, at=at))


def _watch(rows: Sequence[Access], *, at: dt.datetime) -> None:
    touched = count(rows)
    if touched:
        _raise_flags(_unusual(touched), at)


def _unusual(touched: Collection[Day]) -> list[tuple[UsageFlag, Seen]]:
    use, rules = Use(touched), thresholds()
    found = []
    for name, day in sorted(touched):
        of_day = use.of(name, day)
        if of_day is None:
            continue
        access = use.rights[name]
        # what is shared without condition has no limit of the day
        limit = access.rows_per_day if isinstance(access, SharingGrant) else None
        seen = judge(*of_day, rules, limit=limit, asked=use.lookups(name, day))
        found += [(UsageFlag(**_right_of(access), kind=kind, day=day), facts) for kind, facts in seen.items()]
    return found


def _right_of(access: SharingGrant | Taking) -> dict[str, Any]:
    return {"grant" if isinstance(access, SharingGrant) else "taking": access}


def _raise_flags(found: Sequence[tuple[UsageFlag, Seen]], at: dt.datetime) -> None:
    if not found:
        return
    known = UsageFlag.objects.filter(day__in={flag.day for flag, _seen in found})
    of_these = Q(grant__in={flag.grant_id for flag, _seen in found}) | Q(
        taking__in={flag.taking_id for flag, _seen in found}
    )
    raised = set(known.filter(of_these).values_list("grant_id", "taking_id", "day", "kind"))
    authority = Agency.objects.filter(is_authority=True, level=Agency.Level.MUNICIPAL).first()
    for flag, seen in found:
        if (flag.grant_id, flag.taking_id, flag.day, flag.kind) in raised:
            continue
        flag.seen, flag.raised_at = seen, at
        flag.save(force_insert=True)
        payload = {"kind": flag.kind, "day": flag.day.isoformat(), "access": subject_of(flag.access)}
        record(flag, "flag-use", by=PLATFORM, at=at, basis=OWN_DUTIES, payload=payload)
        _tell(flag, authority, at)


def _tell(flag: UsageFlag, authority: Agency | None, at: dt.datetime) -> None:
    access = flag.access
    title = f"数据使用异常（{flag.get_kind_display()}）：{access.title}（{access.reader.short_name}）"
    otherwise = "暂停授权" if flag.grant else "请需求机关纠正"
    body = f"{flag.day.year}年{flag.day.month}月{flag.day.day}日，{said(flag)}请核实后认定为正常使用，或者{otherwise}。"
    to = [(access.entry.provider, DECIDERS)] + ([(authority, OVERSEERS)] if authority else [])
    for agency, roles in to:
        tell_agency(
            agency,
            roles,
            key=f"sharing:flag:{flag.pk}",
            about=access,
            kind="sharing",
            title=title,
            body=body,
            path=flag.get_absolute_url(),
            at=at,
            basis=OWN_DUTIES,
        )


def said(flag: UsageFlag) -> str:
    """What was seen, in one sentence."""
    seen = flag.seen
    if flag.kind == FlagKind.HOUR:
        when = "休息日" if seen["resting"] else "夜间"
        return f"{when}读取 {seen['calls_outside']:,} 次，以往日均 {_round(seen['average_before'])} 次。"
    if flag.kind == FlagKind.VOLUME:
        near = f"已接近每日上限 {seen['limit']:,} 行。" if seen["near_limit"] else ""
        return f"读取 {seen['rows']:,} 行，以往日均 {_round(seen['average_before'])} 行。{near}"
    covered = f"查过约 {seen['different']:,} 个不同的对象，占全部的 {seen['share']:g}%" if seen["keys"] else ""
    order = f"标识逐次递增的占 {seen['rising']:g}%" if seen["climbs"] else ""
    return f"逐个查询单个对象 {seen['lookups']:,} 次，{'，'.join(part for part in (covered, order) if part)}。"


def _round(average: float) -> str:
    """An average in words: one decimal place, none where it is whole."""
    return f"{average:,.1f}".removesuffix(".0")


# --- deciding ----------------------------------------------------------------------------------------


@transaction.atomic
def explain_flag(*, flag_id: int, by: User, at: dt.datetime, reasons: str) -> UsageFlag:
    """Settle a flag as proper use, with what was found out (第十七条). By the provider or the municipal authority."""
    flag, stated = _decided(flag_id, "explain-flag", by=by, at=at, reasons=reasons)
    record(flag, "explain-flag", by=by, at=at, basis=OWN_DUTIES, payload={"reasons": stated})
    return flag


@transaction.atomic
def suspend_on_flag(*, flag_id: int, by: User, at: dt.datetime, reasons: str) -> UsageFlag:
    """Suspend the grant because of the use that was flagged; the other open flags of the grant stay to be settled."""
    flag = _locked(flag_id)
    FLAG_POLICY.require(by, "suspend-on-flag", flag)
    FLAG_WORKFLOW.target("suspend-on-flag", flag.status)
    if flag.grant is not None and flag.grant.status == GrantStatus.ACTIVE:
        suspend_grant(grant_id=flag.grant.pk, by=by, at=at, reasons=_stated("suspend-on-flag", reasons))
    flag, stated = _decided(flag_id, "suspend-on-flag", by=by, at=at, reasons=reasons)
    record(flag, "suspend-on-flag", by=by, at=at, basis=OWN_DUTIES, payload={"reasons": stated})
    return flag


@transaction.atomic
def question_on_flag(*, flag_id: int, by: User, at: dt.datetime, reasons: str) -> UsageFlag:
    """Put the use that was flagged to the agency and call on it to mend it, where a taking cannot be suspended.

    What is shared without condition is every agency's to have (第十四条第二款); how it is used is bound all the same.
    """
    flag, stated = _decided(flag_id, "question-on-flag", by=by, at=at, reasons=reasons)
    record(flag, "question-on-flag", by=by, at=at, basis=OWN_DUTIES, payload={"reasons": stated})
    tell_agency(
        flag.access.reader,
        DECIDERS,
        key=f"sharing:flag:{flag.pk}:questioned",
        about=flag.access,
        kind="sharing",
        title=f"请核实并纠正数据使用：{flag.access.title}",
        body=f"{flag.day.year}年{flag.day.month}月{flag.day.day}日，{said(flag)}共享的数据只能用于本机关履行职责，"
        f"请核实纠正，并与提供机关联系。了解到的情况：{stated}",
        path=flag.get_absolute_url(),
        at=at,
        basis=OWN_DUTIES,
    )
    return flag


def _locked(flag_id: int) -> UsageFlag:
    flag = flags_with_parties(UsageFlag.objects.select_for_update(of=("self",))).filter(pk=flag_id).first()
    if flag is None:
        raise NotSeen(GONE)
    return flag


def _stated(verb: str, reasons: str) -> str:
    return reasons_or_refuse(reasons, FLAG_WORKFLOW[verb].basis, "请写明了解到的情况和理由。没有理由不能办理这一事项。")


def _decided(flag_id: int, verb: str, *, by: User, at: dt.datetime, reasons: str) -> tuple[UsageFlag, str]:
    flag = _locked(flag_id)
    FLAG_POLICY.require(by, verb, flag)
    flag.status = FLAG_WORKFLOW.target(verb, flag.status)
    flag.reasons, flag.decided_by, flag.decided_at = _stated(verb, reasons), by, at
    flag.save(update_fields=["status", "reasons", "decided_by", "decided_at"])
    if verb != "suspend-on-flag":
        access, outcome = flag.access, FLAG_OUTCOMES[verb]
        title = f"数据使用异常{outcome}：{access.title}（{access.reader.short_name}）"
        body = f"情况：{flag.reasons}"
        tell(access.entry.provider, access, f"flag-{flag.pk}", title=title, body=body, at=at, basis=OWN_DUTIES)
    return flag, flag.reasons


# --- rules -------------------------------------------------------------------------------------------


@transaction.atomic
def set_watch_rule(*, kind: str, by: User, at: dt.datetime, thresholds: Mapping[str, Any], reasons: str) -> WatchRule:
    """Set the thresholds of a kind, with reasons; what was flagged before stays so. By the municipal authority."""
    WATCH_POLICY.require(by, "set-watch-rule")
    if kind not in RULES:
        raise RuleBroken("没有这一类判断规则。请从「判断规则」页面重新打开。", basis=OWN_DUTIES)
    refuse_if(_wrong(kind, thresholds), OWN_DUTIES)
    stated = reasons_or_refuse(reasons, OWN_DUTIES, "请写明调整阈值的理由。")
    values = {name: int(thresholds[name]) for name in RULES[kind]}
    rule = WatchRule.objects.create(kind=kind, thresholds=values, reasons=stated, set_by=by, set_at=at)
    payload = {"kind": kind, "thresholds": values, "reasons": stated}
    record(f"sharing.watchrule:{kind}", "set-watch-rule", by=by, at=at, basis=OWN_DUTIES, payload=payload)
    tell_agency(
        municipal_authority(),
        OVERSEERS,
        key=f"sharing:watch-rule:{rule.pk}",
        about=rule,
        kind="sharing",
        title=f"异常使用的判断规则已调整：{rule.get_kind_display()}",
        body=f"理由：{stated}",
        path="/desk/sharing/flags/rules/",
        at=at,
        basis=OWN_DUTIES,
        systems=False,
    )
    return rule


def _wrong(kind: str, thresholds: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    for name, threshold in RULES[kind].items():
        value = thresholds.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not threshold.least <= value <= threshold.most:
            wrong[name] = f"请填写 {threshold.least:,} 到 {threshold.most:,} 之间的整数。"
    return wrong
