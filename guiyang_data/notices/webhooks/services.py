"""Keeping addresses that notices are pushed to. The secret is handed over once and can only be renewed."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import encrypt
from guiyang_data.errors import RuleBroken, WrongState
from guiyang_data.ledger.services import record, subject_of
from guiyang_data.notices.models import Notice, Push, Receiver, Weight
from guiyang_data.notices.webhooks import policies
from guiyang_data.notices.webhooks.planning import push_of
from guiyang_data.notices.webhooks.signing import new_secret
from guiyang_data.outbound.client import reachable
from guiyang_data.outbound.errors import OutboundRefused

MOST = 10
"""Addresses that one owner may have at a time."""
OVERLAP = dt.timedelta(hours=24)
"""How long the last secret still signs beside its successor."""
State = Receiver.State


@dataclass(frozen=True, kw_only=True)
class Registered:
    """An address with its secret, as it is handed over once."""

    receiver: Receiver
    secret: str


def register(*, by: User, owner: User, name: str, url: str, wants: str, at: dt.datetime) -> Registered:
    """Register an address for ``owner``: oneself, or a system of the agency one administers."""
    policies.require(by, "register-webhook", owner)
    host = _checked(owner, name.strip(), url.strip(), wants)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        if owner.webhooks.exclude(state=State.ENDED).count() >= MOST:
            text = _("最多登记 %(most)d 个推送地址。请先停用不再需要的。") % {"most": MOST}
            raise RuleBroken(text, fields={"url": text}, subject=subject_of(owner), verb="register-webhook")
        secret = new_secret()
        receiver = Receiver.objects.create(
            owner=owner,
            name=name.strip(),
            url=url.strip(),
            host=host,
            wants=wants,
            secret_encrypted=encrypt(secret),
            made_at=at,
        )
        record(receiver, "register-webhook", by=by, at=at, payload={"owner": owner.actor_key, "host": host})
    return Registered(receiver=receiver, secret=secret)


def _checked(owner: User, name: str, url: str, wants: str) -> str:
    """The host of the address, or every reason against it at its field. No transaction waits for a name server."""
    fields: dict[str, str] = {}
    if not name or len(name) > 60:
        fields["name"] = _("请写一个名称，60 字以内。")
    if wants not in Receiver.Wants.values:
        fields["wants"] = _("请从列出的内容中选择。")
    public_only, host = owner.kind == User.Kind.PUBLIC, ""
    if public_only and not url.lower().startswith("https://"):
        fields["url"] = _("请填写以 https:// 开头的地址：推送的内容要加密传输。")
    elif len(url) > 500:
        fields["url"] = _("地址太长，请控制在 500 个字符以内。")
    else:
        try:
            host = reachable(url, public_only=public_only)
        except OutboundRefused as error:
            fields["url"] = error.message
    if fields:
        text = _("没有登记，请按提示更正。")
        raise RuleBroken(text, fields=fields, subject=subject_of(owner), verb="register-webhook")
    return host


def _locked(receiver_id: int, by: User, verb: str, *states: str) -> Receiver:
    receivers = Receiver.objects.select_for_update(of=("self",)).select_related("owner__service_account__agency")
    receiver = receivers.get(pk=receiver_id)
    policies.require(by, verb, receiver)
    if receiver.state not in states:
        text = _("这个推送地址%(state)s，不能办理。请刷新页面查看。") % {"state": receiver.get_state_display()}
        raise WrongState(text, subject=subject_of(receiver), verb=verb)
    return receiver


def _to(receiver: Receiver, state: str, verb: str, by: User, at: dt.datetime) -> Receiver:
    receiver.state = state
    receiver.save(update_fields=["state"])
    record(receiver, verb, by=by, at=at)
    return receiver


@transaction.atomic
def pause(*, receiver_id: int, by: User, at: dt.datetime) -> Receiver:
    """Push nothing for the time being; what happens meanwhile is not pushed later."""
    return _to(_locked(receiver_id, by, "pause-webhook", State.ACTIVE), State.PAUSED, "pause-webhook", by, at)


@transaction.atomic
def resume(*, receiver_id: int, by: User, at: dt.datetime) -> Receiver:
    """Push again, first what still waited."""
    return _to(_locked(receiver_id, by, "resume-webhook", State.PAUSED), State.ACTIVE, "resume-webhook", by, at)


@transaction.atomic
def end(*, receiver_id: int, by: User, at: dt.datetime) -> Receiver:
    """Push no more, for good; what still waited is given up."""
    receiver = _locked(receiver_id, by, "end-webhook", State.ACTIVE, State.PAUSED)
    waiting = receiver.pushes.filter(state=Push.State.WAITING)
    waiting.update(state=Push.State.FAILED, reason=Push.Reason.UNUSABLE, last_error=_("推送地址已停用"))
    return _to(receiver, State.ENDED, "end-webhook", by, at)


@transaction.atomic
def renew_secret(*, receiver_id: int, by: User, at: dt.datetime) -> Registered:
    """A new secret; for a day pushes are signed with both, so that nothing is refused while it is changed."""
    receiver = _locked(receiver_id, by, "renew-webhook-secret", State.ACTIVE, State.PAUSED)
    secret = new_secret()
    receiver.previous_secret_encrypted, receiver.previous_until = receiver.secret_encrypted, at + OVERLAP
    receiver.secret_encrypted = encrypt(secret)
    receiver.save(update_fields=["secret_encrypted", "previous_secret_encrypted", "previous_until"])
    record(receiver, "renew-webhook-secret", by=by, at=at)
    return Registered(receiver=receiver, secret=secret)


@transaction.atomic
def push_test(*, receiver_id: int, by: User, at: dt.datetime) -> Push:
    """Push a test event like any other; one that still waits is not joined by a second."""
    receiver = _locked(receiver_id, by, "test-webhook", State.ACTIVE)
    waiting = receiver.pushes.filter(kind="webhook.test", state=Push.State.WAITING).first()
    if waiting is not None:
        return waiting
    notice = Notice(
        key=f"webhook.test:{secrets.token_hex(16)}",
        subject=subject_of(receiver),
        kind="webhook.test",
        weight=Weight.REMINDER,
        title=_("测试推送"),
        body=_("收到这条，说明地址和签名都通了。"),
        path=receiver.get_absolute_url(),
        created_at=at,
    )
    push = push_of(notice, receiver, at=at)
    push.save()
    record(receiver, "test-webhook", by=by, at=at)
    return push


@transaction.atomic
def push_again(*, push_id: int, by: User, at: dt.datetime) -> Push:
    """Push once more what was given up, under the id it had."""
    push = Push.objects.select_for_update(of=("self",)).get(pk=push_id)
    receiver = _locked(push.receiver_id, by, "push-again", State.ACTIVE)
    if push.state != Push.State.FAILED:
        text = _("这一条没有失败，不需要重新推送。")
        raise WrongState(text, subject=subject_of(receiver), verb="push-again")
    push.state, push.reason, push.attempts, push.next_attempt_at = Push.State.WAITING, Push.Reason.NONE, 0, at
    push.save(update_fields=["state", "reason", "attempts", "next_attempt_at"])
    record(receiver, "push-again", by=by, at=at, payload={"push": push.message_id})
    return push
