"""Many replies are delivered one by one by a worker: nothing is lost, doubled or dated wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import has_role
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from requests_app import reactions, services
from requests_app.models import BatchItem, Reply, ReplyBatch
from requests_app.selectors import progress_of
from requests_app.services.delivering import AT_ONCE, GIVEN_UP
from tests.factories.accounts import staff
from tests.factories.requests import Cast, at, cast
from tests.requests_app.batches import MANY, MINUTE, NOW, ON, Dying, Killed, approved, asked, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def assert_each_left_once(batch: ReplyBatch) -> None:
    for request in asked(batch):
        assert request.replies.get().is_delivered
        assert events_of(request).filter(verb="refuse").count() == 1
        assert Notice.objects.filter(subject=subject_of(request), key__contains=":reply:1").count() == 1
        assert clocks_of(request).get().stopped_by == "done"


class TestWorker:
    def test_few_are_delivered_with_the_approval_and_many_by_the_worker_one_by_one(self, play: Cast) -> None:
        # given
        few = approved(play, AT_ONCE)
        assert few.status == "delivered"
        batch = approved(play)

        # then nothing has left yet
        assert (batch.status, batch.ended_by, batch.approved_at, batch.ended_at) == (
            "delivering",
            play.approver,
            NOW,
            None,
        )
        assert not Reply.objects.filter(batch=batch, delivered_on__isnull=False).exists()
        assert {request.status for request in asked(batch)} == {"in-approval"}

        # when
        done = services.run_delivery(batch.pk, at=NOW + MINUTE)

        # then
        assert (done.status, done.ended_at) == ("delivered", NOW + MINUTE)
        assert set(Reply.objects.filter(batch=batch).values_list("approved_by", "delivered_at")) == {
            (play.approver.pk, NOW + MINUTE)
        }
        assert_each_left_once(batch)
        end = events_of(batch).last()
        assert end is not None
        assert (end.verb, end.actor, len(end.payload["done"]), end.payload["left_out"]) == (
            "end-delivery",
            "platform",
            MANY,
            [],
        )
        told = Notice.objects.filter(subject=subject_of(batch), title__startswith="一并答复已送达")
        assert {notice.recipient for notice in told} == {play.approver, play.steward}

    def test_each_reply_bears_the_day_on_which_it_really_left(self, play: Cast) -> None:
        # given: the last minutes of the last day
        batch = approved(play)
        due = clocks_of(asked(batch)[0]).get().due_on
        moments = iter(at(due, 23, 50) + dt.timedelta(minutes=minute) for minute in range(100))

        # when a minute passes with every look at the clock
        services.run_delivery(batch.pk, at=at(due, 23, 50), clock=lambda: next(moments))

        # then
        replies = list(Reply.objects.filter(batch=batch).order_by("request_id"))
        days = [reply.delivered_on for reply in replies]
        assert days == sorted(days)
        assert set(days) == {due, due + dt.timedelta(days=1)}
        assert [reply.is_late for reply in replies] == [day > due for day in days]
        for reply in replies:
            assert clocks_of(reply.request).get().stopped_on == reply.delivered_on

    def test_after_a_killed_worker_the_next_goes_on_and_nothing_is_doubled(self, play: Cast) -> None:
        # given
        batch = approved(play)
        with pytest.raises(Killed):
            services.run_delivery(batch.pk, at=NOW, clock=Dying(9))
        batch.refresh_from_db()
        reached = progress_of(batch).delivered
        assert 0 < reached < MANY

        # then as long as it may live nobody else takes it
        assert services.run_delivery(batch.pk, at=NOW + MINUTE).status == "delivering"
        assert Reply.objects.filter(batch=batch, delivered_on__isnull=False).count() == reached
        assert services.requeue_stale_deliveries(NOW + 4 * MINUTE) == []

        # when
        assert services.requeue_stale_deliveries(NOW + 6 * MINUTE) == [batch.pk]
        services.run_delivery(batch.pk, at=NOW + 6 * MINUTE)
        services.run_delivery(batch.pk, at=NOW + 7 * MINUTE)

        # then
        assert_each_left_once(batch)
        assert Event.objects.filter(subject=subject_of(batch), verb="end-delivery").count() == 1

    def test_a_lost_message_is_sent_again(self, play: Cast) -> None:
        batch = approved(play)
        assert services.requeue_stale_deliveries(NOW + MINUTE) == []
        assert services.requeue_stale_deliveries(NOW + 3 * MINUTE) == [batch.pk]

    def test_the_sweep_wakes_the_worker_again(self, play: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        batch = approved(play)
        queued: list[int] = []
        monkeypatch.setattr(reactions, "queue_delivery", queued.append)
        reactions.react(NOW + 3 * MINUTE, ON)
        assert queued == [batch.pk]

    def test_a_reply_that_ends_worker_after_worker_is_left_out_and_named_and_the_others_go_on(self, play: Cast) -> None:
        # given
        batch = approved(play)
        first = asked(batch)[0]
        for time in range(3):
            with pytest.raises(Killed):
                services.run_delivery(batch.pk, at=NOW + time * 6 * MINUTE, clock=Dying(0))
            assert services.requeue_stale_deliveries(NOW + (time + 1) * 6 * MINUTE) == [batch.pk]

        # when
        services.run_delivery(batch.pk, at=NOW + 30 * MINUTE)

        # then
        item = BatchItem.objects.get(batch=batch, request=first)
        assert (item.result, item.why) == ("left-out", GIVEN_UP)
        assert Reply.objects.filter(batch=batch, delivered_on__isnull=False).count() == MANY - 1
        batch.refresh_from_db()
        assert batch.status == "delivered"
        told = Notice.objects.get(subject=subject_of(batch), recipient=play.approver, title__contains="1 件没有送达")
        assert told.body == f"没有送达：{first.number} {GIVEN_UP}"

        # and its draft can be delivered alone
        services.deliver_reply(request_id=first.pk, by=play.approver, on=ON, at=NOW)

    def test_who_changed_after_the_approval_is_left_out_and_named(self, play: Cast) -> None:
        # given
        batch = approved(play)
        gone, returned, answered, *others = asked(batch)
        withdraw(gone)
        services.return_draft(request_id=returned.pk, by=play.steward, reasons="单独答复。", on=ON, at=NOW)
        services.deliver_reply(request_id=answered.pk, by=play.approver, on=ON, at=NOW)

        # when
        services.run_delivery(batch.pk, at=NOW)

        # then
        left = dict(batch.items.filter(result="left-out").values_list("request", "why"))
        assert left == {
            gone.pk: "状态为「已撤回」",
            returned.pk: "状态为「待答复」",
            answered.pk: "状态为「不同意」",
        }
        batch.refresh_from_db()
        progress = progress_of(batch)
        assert (progress.delivered, progress.left_out, progress.waiting) == (len(others), 3, 0)

    def test_an_approver_who_lost_the_role_meanwhile_delivers_nothing_more(self, play: Cast) -> None:
        # given
        batch = approved(play)
        play.approver.roles.update(ended_on=ON)
        assert not has_role(User.objects.get(pk=play.approver.pk), play.city.provider.pk, Role.APPROVER)

        # when
        services.run_delivery(batch.pk, at=NOW)

        # then
        batch.refresh_from_db()
        assert progress_of(batch).left_out == MANY
        assert not Reply.objects.filter(delivered_on__isnull=False).exists()
        assert {request.status for request in asked(batch)} == {"in-approval"}

    def test_while_it_is_delivered_it_is_neither_approved_again_nor_sent_back(self, play: Cast) -> None:
        # given
        batch = approved(play)
        other = staff(play.city.provider, Role.APPROVER)

        # then whoever comes second is told who was first
        for act in (
            lambda: services.deliver_together(batch_id=batch.pk, by=other, on=ON, at=NOW),
            lambda: services.return_together(batch_id=batch.pk, by=play.steward, reasons="数字有误。", at=NOW),
        ):
            with pytest.raises(WrongState) as refused:
                act()
            assert "审批人已于11月10日 10:00办理「批准并一并送达」" in refused.value.message
            assert "正在逐件送达" in refused.value.message
