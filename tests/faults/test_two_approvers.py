"""Two approvers, an approver and whoever sends back, a batch and those who withdraw, at one instant: one outcome each.

The loser is told who was faster and with what; no reply leaves twice, and no clock stops twice.
"""

from __future__ import annotations

from collections import Counter

import pytest

from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.services import subject_of
from guiyang_data.ledger.verification import verify
from guiyang_data.statute.models import Clock
from requests_app import services
from requests_app.models import OpenRequest, Reply, ReplyBatch
from tests.factories.accounts import staff
from tests.faults.amount import TIMES
from tests.faults.batches import (
    DELIVERED,
    FEW,
    FILED_ON,
    MANY,
    ON,
    approved,
    assert_each_left_once,
    batch_of,
    filed,
    labels_of,
)
from tests.faults.racing import race
from tests.faults.town import Town

pytestmark = pytest.mark.faults

ROUNDS, BATCHES = 20 * TIMES, 4 * TIMES
"""``make faults`` plays more."""


@pytest.fixture
def second(town: Town) -> User:
    """Another approver of the same agency."""
    return staff(town.agencies["transport"], Role.APPROVER, username="transport-approver-2")


def test_two_approvers_of_one_reply_deliver_it_once(town: Town, second: User) -> None:
    # given
    ids = filed(town, *(f"r{number}" for number in range(ROUNDS)))
    for number in range(ROUNDS):
        town.draft(f"r{number}", "refuse", FILED_ON)
    approvers = {"first": town.people["transport-approver"], "second": second}

    def delivers(number: int, by: User) -> None:
        services.deliver_reply(request_id=ids[number], by=by, on=ON, at=town.at(ON))

    # when
    held = race(
        ROUNDS,
        first=lambda number: delivers(number, approvers["first"]),
        second=lambda number: delivers(number, approvers["second"]),
    )

    # then
    for number, pk in enumerate(ids):
        ((loser, words),) = held.told(number).items()
        winner = "second" if loser == "first" else "first"
        assert Reply.objects.get(request=pk).approved_by == approvers[winner]
        assert words.startswith("市交通委·审批人已于3月10日 09:")
        assert "办理「答复：不同意」" in words
    assert_each_left_once(list(OpenRequest.objects.filter(pk__in=ids)))
    assert verify() is None


@pytest.mark.parametrize("size", [FEW, MANY])
def test_two_approvers_of_one_batch_approve_it_once(town: Town, second: User, size: int) -> None:
    # given
    batches = [batch_of(town, number, size) for number in range(BATCHES)]
    approvers = {"first": town.people["transport-approver"], "second": second}

    def approves(number: int, by: User) -> None:
        services.deliver_together(batch_id=batches[number], by=by, on=ON, at=town.at(ON))

    # when
    held = race(
        BATCHES,
        first=lambda number: approves(number, approvers["first"]),
        second=lambda number: approves(number, approvers["second"]),
    )
    for pk in batches:
        services.run_delivery(pk, at=town.at(ON))

    # then
    for number, pk in enumerate(batches):
        ((loser, words),) = held.told(number).items()
        winner = approvers["second" if loser == "first" else "first"]
        batch = ReplyBatch.objects.get(pk=pk)
        assert (batch.status, batch.ended_by) == ("delivered", winner)
        assert words.startswith("市交通委·审批人已于3月10日 09:")
        assert "批准并一并送达" in words
        assert set(Reply.objects.filter(batch=pk).values_list("approved_by", flat=True)) == {winner.pk}
    assert_each_left_once(list(OpenRequest.objects.all()))
    assert verify() is None


def test_two_workers_on_one_batch_deliver_each_reply_once(town: Town) -> None:
    # given batches that were approved, each in the hands of a worker that only seems to be gone
    batches = [approved(town, batch_of(town, number, MANY)) for number in range(BATCHES)]

    def works(number: int) -> None:
        ReplyBatch.objects.filter(pk=batches[number], status="delivering").update(seen_at=None)
        services.run_delivery(batches[number], at=town.at(ON))

    # when
    race(BATCHES, one=works, other=works)

    # then
    assert set(ReplyBatch.objects.values_list("status", flat=True)) == {"delivered"}
    assert_each_left_once(list(OpenRequest.objects.all()))
    ends = Event.objects.filter(subject__startswith="requests_app.replybatch:", verb="end-delivery")
    assert Counter(ends.values_list("subject", flat=True)) == Counter(f"requests_app.replybatch:{pk}" for pk in batches)
    assert verify() is None


def test_who_withdraws_while_the_batch_is_delivered_either_has_a_reply_or_is_left_out(town: Town) -> None:
    # given
    batches = [approved(town, batch_of(town, number, MANY)) for number in range(BATCHES)]

    # when every applicant of a batch withdraws while it is delivered, the last one first
    refused: dict[str, str] = {}

    def withdraws(number: int) -> None:
        for label in reversed(labels_of(number)):
            try:
                town.withdraw(label, ON)
            except WrongState as refusal:
                refused[label] = refusal.message

    race(BATCHES, worker=lambda number: services.run_delivery(batches[number], at=town.at(ON)), applicants=withdraws)

    # then
    answered: list[OpenRequest] = []
    for number, pk in enumerate(batches):
        assert ReplyBatch.objects.get(pk=pk).status == "delivered"
        items = {item.request_id: item for item in ReplyBatch.objects.get(pk=pk).items.all()}
        for label in labels_of(number):
            request = OpenRequest.objects.get(pk=town.requests[label].pk)
            if request.status == "withdrawn":
                assert label not in refused
                assert (items[request.pk].result, items[request.pk].why) == ("left-out", "状态为「已撤回」")
                assert Clock.objects.get(number=request.number).stopped_by == "withdrawn"
            else:
                assert (request.status, items[request.pk].result) == ("refused", "delivered")
                assert "市交通委·审批人已于3月10日" in refused[label]
                answered.append(request)
    assert_each_left_once(answered)
    assert not Reply.objects.filter(request__status="withdrawn", delivered_on__isnull=False).exists()
    assert verify() is None


def test_sent_back_and_delivered_at_one_instant_a_reply_does_one_of_them(town: Town) -> None:
    # given
    ids = filed(town, *(f"r{number}" for number in range(ROUNDS)))
    for number in range(ROUNDS):
        town.draft(f"r{number}", "refuse", FILED_ON)
    clerk = town.people["transport-steward"]

    # when
    held = race(
        ROUNDS,
        approver=lambda number: town.deliver(f"r{number}", ON),
        clerk=lambda number: services.return_draft(
            request_id=ids[number], by=clerk, reasons="数字有误。", on=ON, at=town.at(ON)
        ),
    )

    # then
    left: list[OpenRequest] = []
    for number, pk in enumerate(ids):
        request = OpenRequest.objects.get(pk=pk)
        ((loser, words),) = held.told(number).items()
        if loser == "approver":
            assert request.status == "waiting"
            assert "市交通委·数据管理员已于3月10日 09:" in words
            assert "退回答复草稿" in words
            assert Clock.objects.get(number=request.number).is_running
            assert not Event.objects.filter(subject=subject_of(request), verb__in=DELIVERED, refused=False).exists()
        else:
            assert request.status == "refused"
            assert "办理「答复：不同意」" in words
            left.append(request)
    assert_each_left_once(left)
    assert verify() is None


@pytest.mark.parametrize("size", [FEW, MANY])
def test_sent_back_and_approved_at_one_instant_a_batch_does_one_of_them(town: Town, size: int) -> None:
    # given
    batches = [batch_of(town, number, size) for number in range(BATCHES)]
    approver, clerk = town.people["transport-approver"], town.people["transport-steward"]

    # when
    held = race(
        BATCHES,
        approver=lambda number: services.deliver_together(batch_id=batches[number], by=approver, on=ON, at=town.at(ON)),
        clerk=lambda number: services.return_together(
            batch_id=batches[number], by=clerk, reasons="数字有误。", at=town.at(ON)
        ),
    )
    for pk in batches:
        services.run_delivery(pk, at=town.at(ON))

    # then
    left: list[OpenRequest] = []
    for number, pk in enumerate(batches):
        batch = ReplyBatch.objects.get(pk=pk)
        ((loser, words),) = held.told(number).items()
        requests = list(OpenRequest.objects.filter(batch_items__batch=pk))
        if loser == "approver":
            assert "市交通委·数据管理员已于3月10日 09:" in words
            assert "全部退回修改" in words
            assert (batch.status, {request.status for request in requests}) == ("returned", {"waiting"})
        else:
            assert "市交通委·审批人已于3月10日 09:" in words
            assert (batch.status, {request.status for request in requests}) == ("delivered", {"refused"})
            left += requests
    assert_each_left_once(left)
    assert verify() is None
