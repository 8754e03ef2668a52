"""Seeing to what could not be delivered: send it again by hand, or say how its reader was told otherwise."""

from __future__ import annotations

import datetime as dt

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import Principal
from guiyang_data.accounts.protection import decrypt
from guiyang_data.accounts.telephones import masked, masked_mail
from guiyang_data.errors import NotSeen, RuleBroken, WrongState
from guiyang_data.notices import policies
from guiyang_data.notices.models import Channel, Delivery
from guiyang_data.notices.sending import record_sending

LONGEST = 300
FOLLOWING = ("follow", "followed")
"""What is told to those who follow a case."""
LABELS = {
    "notice.undelivered": "一条通知没有送达",
    "notice.send-again": "再次发送没有送达的通知",
    "notice.tell-otherwise": "登记已用其他方式告知",
}
"""What the events of a case are called that sending leaves there; they are nobody else's business."""


def failures(user: Principal) -> QuerySet[Delivery]:
    """What was not delivered and nobody has seen to, the newest first, as far as ``user`` is to know."""
    failed = Delivery.objects.filter(state=Delivery.State.FAILED).select_related("notice__agency")
    return policies.visible_to(user, failed).order_by("-failed_at", "-pk")


def failures_about(user: Principal, *subjects: str) -> QuerySet[Delivery]:
    """The same for one case, which may have several names in the ledger."""
    return failures(user).filter(notice__subject__in=subjects)


def missed_by(reader: Principal, *subjects: str) -> QuerySet[Delivery]:
    """What of their own case did not reach somebody of the public, at their account or at the address they gave.

    For pages that only they see: asked by the case, not by a role. The newest first.
    """
    own = Q(notice__recipient=None)
    if isinstance(reader, User):
        own |= Q(notice__recipient=reader)
    failed = Delivery.objects.filter(own, state=Delivery.State.FAILED, notice__subject__in=subjects)
    # those who follow the case are others
    return failed.exclude(notice__kind__in=FOLLOWING).select_related("notice").order_by("-failed_at", "-pk")


def find(user: Principal, pk: int) -> Delivery:
    """A sending that ``user`` is to know of. Raises ``NotSeen``."""
    delivery = policies.visible_to(user, Delivery.objects.select_related("notice__agency")).filter(pk=pk).first()
    if delivery is None:
        raise NotSeen(_("没有找到这条通知，或者它不由您所在的机关发出。"))
    return delivery


def masked_address(delivery: Delivery) -> str:
    """Where it was to go, told to nobody in full: enough to tell a slip from a full mailbox."""
    try:
        address = decrypt(delivery.address_encrypted)
    except InvalidToken:
        return ""
    if delivery.channel == Channel.SMS:
        return masked(address)
    return masked_mail(address)


def _failed(delivery_id: int, by: User, verb: str) -> Delivery:
    deliveries = Delivery.objects.select_for_update(of=("self",)).select_related("notice")
    delivery = deliveries.get(pk=delivery_id)
    policies.require(by, verb, delivery)
    if delivery.state != Delivery.State.FAILED:
        text = _("这条通知现在是「%(state)s」，不需要再办理。") % {"state": delivery.get_state_display()}
        raise WrongState(text, subject=delivery.notice.subject, verb=f"notice.{verb}")
    return delivery


@transaction.atomic
def send_again(*, delivery_id: int, by: User, at: dt.datetime) -> Delivery:
    """Try once more to deliver it, under the message id it had."""
    delivery = _failed(delivery_id, by, "send-again")
    delivery.state, delivery.reason = Delivery.State.WAITING, Delivery.Reason.NONE
    delivery.attempts, delivery.next_attempt_at, delivery.failed_at = 0, at, None
    delivery.turn += 1
    delivery.save(update_fields=["state", "reason", "attempts", "next_attempt_at", "failed_at", "turn"])
    record_sending(delivery, "notice.send-again", by=by, at=at)
    return delivery


@transaction.atomic
def tell_otherwise(*, delivery_id: int, by: User, words: str, at: dt.datetime) -> Delivery:
    """Say how and when its reader was told by other means; the list is rid of it."""
    delivery = _failed(delivery_id, by, "tell-otherwise")
    text = words.strip()
    if not text or len(text) > LONGEST:
        said = _("请写明何时、用什么方式告知的，300 字以内。例如：11月27日电话告知，本人已知悉。")
        raise RuleBroken(said, fields={"words": said}, subject=delivery.notice.subject, verb="notice.tell-otherwise")
    delivery.state, delivery.told = Delivery.State.TOLD, text
    delivery.save(update_fields=["state", "told"])
    record_sending(delivery, "notice.tell-otherwise", by=by, at=at)
    return delivery
