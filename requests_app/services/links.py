"""Linking like requests (第二十一条第一款): the link only points; each keeps its clock, its reply and its review."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from guiyang_data.accounts.models import User
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import Entry, record_many
from requests_app import policies
from requests_app.models import OpenRequest, RequestLink
from requests_app.services.parties import refuse_if
from requests_app.services.requests import lock_request
from requests_app.workflow import REQUEST, REQUEST_WORKFLOW

LONGEST_LINK_REASONS = 500


@transaction.atomic
def link_requests(*, request_id: int, by: User, other: str, at: dt.datetime, reasons: str = "") -> RequestLink:
    """Link a request with another of the number ``other`` that asks for the same. No clock is touched.

    Of the other, ``by`` must see the whole case. Raises ``RuleBroken`` at ``other`` where there is no such, it is the
    same one, or they are linked already.
    """
    request, like = _lock_both(request_id, other, by)
    policies.REQUEST_POLICY.require(by, "link", request)
    request.status = REQUEST_WORKFLOW.target("link", request.status)
    REQUEST_WORKFLOW.target("link", like.status)
    _check_reasons(reasons)
    if _between(request, like).exists():
        message = f"{request.number} 和 {like.number} 已经关联。"
        raise RuleBroken(message, basis=REQUEST, fields={"other": message})
    first, second = sorted((request, like), key=lambda one: one.pk)
    link = RequestLink.objects.create(first=first, second=second, reasons=reasons.strip(), linked_by=by, linked_at=at)
    _record(request, like, "link", by, at)
    return link


@transaction.atomic
def unlink_requests(*, request_id: int, by: User, other: str, at: dt.datetime, reasons: str = "") -> RequestLink:
    """Undo a link from either side; who undid it and why is kept."""
    request, like = _lock_both(request_id, other, by)
    policies.REQUEST_POLICY.require(by, "unlink", request)
    request.status = REQUEST_WORKFLOW.target("unlink", request.status)
    _check_reasons(reasons)
    link = _between(request, like).first()
    if link is None:
        message = f"{request.number} 和 {like.number} 没有关联。"
        raise RuleBroken(message, basis=REQUEST, fields={"other": message})
    link.undone_by, link.undone_at, link.undone_reasons = by, at, reasons.strip()
    link.save(update_fields=["undone_by", "undone_at", "undone_reasons"])
    _record(request, like, "unlink", by, at)
    return link


def _lock_both(request_id: int, other: str, by: User) -> tuple[OpenRequest, OpenRequest]:
    """Both requests, locked in the order of their ids, so that two who link them crosswise do not both wait."""
    number = other.strip().upper()
    seen = policies.visible_to(by, OpenRequest.objects.filter(number=number)).first()
    if seen is None:
        message = f"没有编号为 {number} 的申请，或者您不能查看。请核对编号，例如 GY-2026-00001。"
        raise RuleBroken(message, basis=REQUEST, fields={"other": message})
    if seen.pk == request_id:
        message = "这就是本件申请，请填写另一件的编号。"
        raise RuleBroken(message, basis=REQUEST, fields={"other": message})
    locked = {pk: lock_request(pk) for pk in sorted((request_id, seen.pk))}
    return locked[request_id], locked[seen.pk]


def _between(one: OpenRequest, two: OpenRequest) -> QuerySet[RequestLink]:
    return RequestLink.objects.filter(first__in=(one, two), second__in=(one, two), undone_at=None)


def _check_reasons(reasons: str) -> None:
    long = len(reasons.strip()) > LONGEST_LINK_REASONS
    refuse_if({"reasons": f"请写在 {LONGEST_LINK_REASONS} 个字以内。"} if long else {}, REQUEST)


def _record(request: OpenRequest, like: OpenRequest, verb: str, by: User, at: dt.datetime) -> None:
    pairs = ((request, like), (like, request))
    record_many(
        [Entry(obj=one, verb=verb, by=by, at=at, basis=REQUEST, payload={"other": two.number}) for one, two in pairs]
    )
