"""Drafts that waited while it was not yet asked why treating the data would not do: they go back (第十八条第二款)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.test import Client

from guiyang_data.errors import RuleBroken
from requests_app import services
from requests_app.models import BatchItem, OpenRequest, Reply, ReplyBatch
from requests_app.services import ReplyText
from requests_app.services.delivering import AT_ONCE
from tests.factories.requests import AGREE, IN_PART, REFUSE, Cast, at, cast, drafted, replied, waiting
from tests.requests_app.world import snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
MANY = AT_ONCE + 2
WHY = "为什么脱敏、脱密后仍不能开放"
FORBIDDEN = replace(REFUSE, ground="4", ground_basis="《中华人民共和国测绘法》第四十七条")


@pytest.fixture
def play() -> Cast:
    return cast()


def from_before(request: OpenRequest) -> OpenRequest:
    """As its draft stood in the table when the field was new."""
    Reply.objects.filter(request=request).update(why_still_closed="")
    return request


def deliver(play: Cast, request: OpenRequest) -> Reply:
    return services.deliver_reply(request_id=request.pk, by=play.approver, on=ON, at=NOW)


def draft(play: Cast, request: OpenRequest, text: ReplyText) -> Reply:
    return services.draft_reply(request_id=request.pk, by=play.steward, text=text, on=ON, at=NOW)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (replace(REFUSE, ground="1"), "是否解密"),
        (REFUSE, WHY),
        (replace(REFUSE, ground="3"), WHY),
        (IN_PART, WHY),
    ],
)
def test_a_draft_that_lacks_it_goes_back_instead_of_leaving(play: Cast, text: ReplyText, label: str) -> None:
    # given
    request = from_before(drafted(play, text))
    before = snapshot()

    # when
    with pytest.raises(RuleBroken) as refusal:
        deliver(play, request)

    # then it is said what to do, and nothing has changed
    assert f"没有写明「{label}」，不能送达" in refusal.value.message
    assert "请用「退回修改」退回起草人，补填这一项后再报请审批" in refusal.value.message
    assert refusal.value.basis == "《贵阳市政府数据共享开放条例》第十八条第二款"
    assert snapshot() == before

    # when it goes the way it is told
    services.return_draft(request_id=request.pk, by=play.approver, reasons="请补填。", on=ON, at=NOW)
    draft(play, request, text)

    # then
    assert deliver(play, request).why_still_closed == text.why_still_closed


def test_the_page_and_the_interface_say_so_too(play: Cast) -> None:
    # given
    request = from_before(drafted(play))
    approver = Client()
    approver.force_login(play.approver)
    before = snapshot()

    # when
    page = approver.post(f"{request.work_path}deliver/", {"submission": "c" * 32})
    answer = approver.post(f"/api/v1/requests/{request.number}/deliver/", {}, content_type="application/json")

    # then
    assert page.status_code == answer.status_code == 422
    assert f"没有写明「{WHY}」" in page.content.decode()
    assert f"没有写明「{WHY}」" in answer.json()["message"]
    assert "第十八条第二款" in answer.json()["basis"]
    assert snapshot() == before


@pytest.mark.parametrize("text", [AGREE, FORBIDDEN])
def test_a_draft_that_is_not_asked_for_it_leaves_without(play: Cast, text: ReplyText) -> None:
    request = from_before(drafted(play, text))
    assert deliver(play, request).is_delivered


def test_nobody_refers_to_a_reply_that_left_without_it(play: Cast) -> None:
    # given one that left, and a draft that refers to it
    first, second, third = replied(play), waiting(play), waiting(play)
    reference = ReplyText(outcome="refer", answered_by=first.number, reasons="两件申请要的是同一项数据。")
    draft(play, second, reference)
    from_before(first)
    from_before(second)
    before = snapshot()

    # then
    with pytest.raises(RuleBroken) as refusal:
        draft(play, third, reference)
    assert f"没有写明「{WHY}」，不能引用" in refusal.value.fields["answered_by"]
    with pytest.raises(RuleBroken, match=f"引用的 {first.number} 的答复没有写明「{WHY}」.+不引用，直接起草答复"):
        deliver(play, second)
    assert snapshot() == before


# --- many at once ------------------------------------------------------------------------------------


def together(play: Cast, number: int) -> ReplyBatch:
    """A batch that waits for approval."""
    ids = [waiting(play, title=f"停车场余位（{place}）").pk for place in range(number)]
    return services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=NOW).batch


def asked(batch: ReplyBatch) -> list[OpenRequest]:
    return list(OpenRequest.objects.filter(batch_items__batch=batch).order_by("pk"))


@pytest.mark.parametrize("number", [3, MANY])
def test_a_batch_that_lacks_it_is_not_approved_and_can_be_sent_back(play: Cast, number: int) -> None:
    # given
    batch = together(play, number)
    ReplyBatch.objects.filter(pk=batch.pk).update(why_still_closed="")
    for request in asked(batch):
        from_before(request)
    before = snapshot()

    # when
    with pytest.raises(RuleBroken, match=f"没有写明「{WHY}」.+「全部退回修改」"):
        services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)

    # then
    assert snapshot() == before
    services.return_together(batch_id=batch.pk, by=play.approver, reasons="请补填这一项。", at=NOW)
    assert {request.status for request in asked(batch)} == {"waiting"}


def test_of_a_batch_that_was_approved_before_what_lacks_it_is_left_out_and_named(play: Cast) -> None:
    # given
    batch = together(play, MANY)
    services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)
    first, *others = asked(batch)
    from_before(first)

    # when
    services.run_delivery(batch.pk, at=NOW)

    # then
    item = BatchItem.objects.get(batch=batch, result="left-out")
    assert item.request == first
    assert f"没有写明「{WHY}」" in item.why
    assert Reply.objects.filter(batch=batch, delivered_on__isnull=False).count() == len(others)
