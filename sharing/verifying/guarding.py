"""Guessing: how many answers of an hour may be "no". What goes beyond is not answered, and both agencies are told."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from guiyang_data.accounts.roles import Role
from guiyang_data.errors import LimitReached
from guiyang_data.ledger.services import PLATFORM, record, subject_of
from guiyang_data.notices.services import tell_agency
from sharing.models import SharingGrant, VerificationUse
from sharing.policies import DECIDERS
from sharing.rights import Access
from sharing.verifying.permission import Permission
from sharing.workflow import OWN_DUTIES

TOLD = (*DECIDERS, Role.SECURITY_ADMIN)
HOUR_SECONDS = 3_600


def require_open(permission: Permission, *, at: dt.datetime) -> None:
    """Raise LimitReached where this hour has seen as many wrong guesses as it may."""
    used = VerificationUse.objects.filter(access=subject_of(permission.right.access), hour=_hour(at))
    if used.filter(misses__gte=permission.most_misses).exists():
        raise _closed(permission, at)


def count_misses(permission: Permission, misses: int, *, at: dt.datetime) -> None:
    """Count answers that say no, before they leave. Where they are too many none leaves, and the hour is closed."""
    if not misses:
        return
    key, hour, most = subject_of(permission.right.access), _hour(at), permission.most_misses
    VerificationUse.objects.get_or_create(access=key, defaults={"hour": hour})
    row = VerificationUse.objects.filter(access=key)
    counted = Case(When(hour=hour, then=F("misses") + misses), default=Value(misses))
    if row.filter(~Q(hour=hour) | Q(misses__lte=most - misses)).update(misses=counted, hour=hour):
        return
    row.update(misses=most, hour=hour)
    _tell(permission.right.access, most, at=at)
    raise _closed(permission, at)


@transaction.atomic
def _tell(access: Access, most: int, *, at: dt.datetime) -> None:
    """Both agencies hear of it, once in an hour."""
    key, hour = subject_of(access), _hour(at)
    if not VerificationUse.objects.filter(access=key).exclude(told_hour=hour).update(told_hour=hour):
        return
    record(access, "guessing", by=PLATFORM, at=at, basis=OWN_DUTIES, payload={"misses": most}, refused=True)
    is_grant, reader = isinstance(access, SharingGrant), access.reader
    # what is shared without condition has no terms to change and cannot be suspended
    remedy = (
        "确属办理业务需要的，由提供机关调整核验范围；不正常的，提供机关可以暂停授权。"
        if is_grant
        else "不正常的，请需求机关立即纠正。"
    )
    for agency in {reader.pk: reader, access.entry.provider_id: access.entry.provider}.values():
        tell_agency(
            agency,
            TOLD,
            key=f"sharing:guessing:{key}:{hour.isoformat()}:{agency.pk}",
            about=access,
            kind="sharing",
            title=f"核验不相符过多，本小时已停止答复：{access.title}（{reader.short_name}）",
            body=f"一小时内不相符的答复超过 {most} 个，可能有人在逐个试探号码。请核对读取记录；{remedy}",
            path=access.get_absolute_url() if is_grant else access.entry.get_absolute_url(),
            at=at,
            basis=OWN_DUTIES,
        )


def _closed(permission: Permission, at: dt.datetime) -> LimitReached:
    wall = timezone.localtime(at)
    return LimitReached(
        f"一小时内不相符的答复最多 {permission.most_misses} 个，本小时不再答复核验，双方机关已收到提醒。"
        "请先核对要核验的名单，下一小时再核验。",
        retry_after=HOUR_SECONDS - wall.minute * 60 - wall.second,
        basis=OWN_DUTIES,
    )


def _hour(at: dt.datetime) -> dt.datetime:
    return at.replace(minute=0, second=0, microsecond=0)
