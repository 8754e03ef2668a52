"""Requests, replies and reviews in every state, made by the services. Fixed days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.attachments.models import Attachment
from guiyang_data.attachments.services import take_in
from guiyang_data.ledger.services import PUBLIC
from requests_app import services
from requests_app.models import OpenRequest, ReviewApplication
from requests_app.selectors import holder_of
from requests_app.services import Decision, Filed, ReplyText
from tests.factories.accounts import City, city, staff
from tests.factories.papers import hiding_sheet
from tests.remembering import remembered

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILED_ON = dt.date(2026, 11, 3)
DUE_ON = dt.date(2026, 11, 13)

AGREE = ReplyText(outcome="agree", agreed_to="open", reasons="")
REFUSE = ReplyText(
    outcome="refuse",
    ground="2",
    ground_basis="《中华人民共和国反不正当竞争法》第九条",
    why_still_closed="保密的正是余位，去掉以后没有可以开放的内容。",
    reasons="余位数据由合作企业采集，合同约定保密。",
)
IN_PART = ReplyText(
    outcome="agree-in-part",
    agreed_to="open",
    agreed_part="停车场名称、位置和泊位数",
    ground="2",
    ground_basis="《中华人民共和国反不正当竞争法》第九条",
    why_still_closed="保密的正是余位，去掉以后没有可以开放的内容。",
    reasons="余位数据由合作企业采集，合同约定保密。",
)
UPHOLD = Decision(outcome="uphold", reasons="经核对合同，原答复所依据的事实成立。")


def at(day: dt.date, hour: int = 10, minute: int = 0) -> dt.datetime:
    """A moment of a day in Guiyang."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody who plays a part in a request."""

    city: City
    steward: User
    approver: User
    reviewer: User
    authority_officer: User
    other_steward: User


@remembered
def cast() -> Cast:
    """A city with a steward and an approver of the provider, a reviewer, and a steward of another agency."""
    town = city()
    return Cast(
        city=town,
        steward=staff(town.provider, Role.DATA_STEWARD),
        approver=staff(town.provider, Role.APPROVER),
        reviewer=staff(town.authority, Role.REVIEWER),
        authority_officer=staff(town.authority, Role.MUNICIPAL_AUTHORITY),
        other_steward=staff(town.requester, Role.DATA_STEWARD),
    )


@remembered
def filed(play: Cast, *, by: Any = PUBLIC, on: dt.date = FILED_ON, **given: Any) -> Filed:
    """A request that waits for its reply, with its code."""
    values = {"agency": play.city.provider, "title": "公共停车场实时余位", "on": on, "at": at(on)}
    return services.file_request(by=by, **{**values, **given})


@remembered
def waiting(play: Cast, **given: Any) -> OpenRequest:
    """A request that waits for its reply."""
    return filed(play, **given).request


@remembered
def drafted(play: Cast, text: ReplyText = REFUSE, *, on: dt.date = dt.date(2026, 11, 6), **given: Any) -> OpenRequest:
    """A request whose reply waits for a second person."""
    request = waiting(play, **given)
    services.draft_reply(request_id=request.pk, by=play.steward, text=text, on=on, at=at(on))
    request.refresh_from_db()
    return request


@remembered
def drafted_with_paper(
    play: Cast, name: str = "名单.xlsx", content: bytes | None = None, *, inspected: bool = True, **given: Any
) -> tuple[OpenRequest, Attachment]:
    """A request whose drafted reply has a paper that hides something, and that paper."""
    request = waiting(play, **given)
    on = dt.date(2026, 11, 6)
    file = ContentFile(hiding_sheet() if content is None else content, name=name)
    paper = take_in(file, subject="draft:reply", by=play.steward, at=at(on), purpose="reply")
    services.draft_reply(request_id=request.pk, by=play.steward, text=REFUSE, papers=[paper], on=on, at=at(on))
    if inspected:
        services.inspect_papers(request_id=request.pk, by=play.steward, at=at(on))
    request.refresh_from_db()
    paper.refresh_from_db()
    return request, paper


@remembered
def replied(play: Cast, text: ReplyText = REFUSE, *, on: dt.date = dt.date(2026, 11, 9), **given: Any) -> OpenRequest:
    """A request with a delivered reply."""
    request = drafted(play, text, **given)
    services.deliver_reply(request_id=request.pk, by=play.approver, on=on, at=at(on, 16))
    request.refresh_from_db()
    return request


@remembered
def replied_twice(play: Cast) -> OpenRequest:
    """A request that was refused, ordered to be answered anew by a review, and then agreed to."""
    order = Decision(
        outcome="require-new-reply",
        reasons="原答复没有说明依据，应当重新答复。",
        new_reply_due_on=dt.date(2026, 11, 30),
    )
    request = decided(play, order).reply.request
    day = dt.date(2026, 11, 24)
    services.draft_reply(request_id=request.pk, by=play.steward, text=AGREE, on=day, at=at(day))
    services.deliver_reply(request_id=request.pk, by=play.approver, on=day, at=at(day, 12))
    request.refresh_from_db()
    return request


@remembered
def withdrawn(play: Cast) -> OpenRequest:
    """A request its applicant withdrew."""
    made = filed(play)
    holder = holder_of(made.request.number, made.code)
    day = dt.date(2026, 11, 5)
    return services.withdraw_request(request_id=made.request.pk, by=holder, on=day, at=at(day))


@remembered
def objected(play: Cast, *, by: Any = PUBLIC, on: dt.date = dt.date(2026, 11, 12), **given: Any) -> ReviewApplication:
    """A review that waits for acceptance."""
    request = given.pop("request", None) or replied(play)
    return services.apply_review(
        request_id=request.pk,
        by=by,
        parts=given.pop("parts", "实时余位不开放"),
        reasons="同一数据已在企业应用公开展示，不构成商业秘密。",
        on=on,
        at=at(on, 20),
        **given,
    ).review


@remembered
def accepted(play: Cast, *, on: dt.date = dt.date(2026, 11, 13), **given: Any) -> ReviewApplication:
    """A review whose ten days run."""
    review = objected(play, **given)
    services.accept_review(review_id=review.pk, by=play.reviewer, on=on, at=at(on, 9))
    review.refresh_from_db()
    return review


@remembered
def decided(
    play: Cast, decision: Decision = UPHOLD, *, on: dt.date = dt.date(2026, 11, 18), **given: Any
) -> ReviewApplication:
    """A review whose result was fed back."""
    review = accepted(play, **given)
    services.decide_review(review_id=review.pk, by=play.reviewer, decision=decision, on=on, at=at(on, 15))
    review.refresh_from_db()
    return review
