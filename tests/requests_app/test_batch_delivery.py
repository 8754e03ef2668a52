"""Many replies are delivered one by one by a worker: nothing is lost, doubled or dated wrongly, and the page tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from guiyang_data.accounts.models import User
from guiyang_data.accounts.policies import has_role
from guiyang_data.accounts.roles import Role
from guiyang_data.errors import WrongState
from guiyang_data.ledger.models import Event
from guiyang_data.ledger.selectors import events_of
from guiyang_data.ledger.services import subject_of
from guiyang_data.notices.models import Notice
from guiyang_data.statute.selectors import clocks_of
from requests_app import reactions, services, tasks
from requests_app.models import BatchItem, OpenRequest, Reply, ReplyBatch
from requests_app.policies import CodeHolder
from requests_app.selectors import progress_of
from requests_app.services import Party
from requests_app.services.delivering import AT_ONCE, GIVEN_UP
from tests.factories.accounts import staff
from tests.factories.requests import REFUSE, Cast, at, cast, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ON = dt.date(2026, 11, 10)
NOW = at(ON)
MINUTE = dt.timedelta(minutes=1)
MANY = AT_ONCE + 2


@pytest.fixture
def play() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _on_the_tenth_of_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _as(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def drafted(play: Cast, number: int = MANY) -> ReplyBatch:
    """A batch of so many that waits for approval."""
    ids = [
        waiting(play, title=f"停车场余位（{place}）", party=Party(mail=f"a{place}@mail.example")).pk
        for place in range(number)
    ]
    return services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=NOW).batch


def approved(play: Cast, number: int = MANY) -> ReplyBatch:
    """The same, approved: it waits for the worker."""
    batch = drafted(play, number)
    return services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW).batch


def asked(batch: ReplyBatch) -> list[OpenRequest]:
    return list(OpenRequest.objects.filter(batch_items__batch=batch).order_by("pk"))


def withdraw(request: OpenRequest) -> None:
    holder = CodeHolder(actor_key="public", number=request.number)
    services.withdraw_request(request_id=request.pk, by=holder, on=ON, at=NOW)


class Killed(BaseException):
    """What a worker feels."""


class Dying:
    """A clock that ends its worker when it is asked for the so-manieth time."""

    def __init__(self, asked: int) -> None:
        self.left = asked

    def __call__(self) -> dt.datetime:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return NOW


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


class TestPage:
    def test_shows_how_far_it_is_and_afterwards_what_became_of_each(self, play: Cast) -> None:
        # given
        batch, approver = drafted(play), _as(play.approver)
        page = approver.post(f"{batch.get_absolute_url()}deliver/", {"submission": "b" * 32}, follow=True)

        # then
        shown = page.content.decode()
        assert "答复正在逐件送达，离开本页不影响" in shown
        assert f'hx-get="{batch.get_absolute_url()}progress/"' in shown
        assert "排队中" in shown
        assert "这一批已经办结" not in shown

        # when it is half done
        withdraw(asked(batch)[1])
        with pytest.raises(Killed):
            services.run_delivery(batch.pk, at=NOW, clock=Dying(9))
        progress = progress_of(ReplyBatch.objects.get(pk=batch.pk))
        part = approver.get(f"{batch.get_absolute_url()}progress/").content.decode()

        # then
        assert f"已送达 {progress.delivered} 件。" in part
        assert "1 件没有送达" in part
        assert f'max="{MANY}" value="{progress.delivered + 1}"' in part
        assert "<html" not in part

        # when it is done
        services.requeue_stale_deliveries(NOW + 6 * MINUTE)
        assert tasks.run_delivery(batch.pk) == "delivered"

        # then
        part = approver.get(f"{batch.get_absolute_url()}progress/").content.decode()
        assert "hx-get" not in part
        assert "查看每件的结果" in part
        shown = approver.get(batch.get_absolute_url()).content.decode()
        assert "1 件没有一并答复" in shown
        assert "这一批已经办结" in shown
        assert f"批准人：{play.approver}" in shown.replace("\n", "")

    def test_an_ended_batch_sums_itself_up_with_who_was_late_and_who_was_left_out_and_why(self, play: Cast) -> None:
        # given: ten days old and a few days old, one gone before the draft, two since, one handed back
        old = [waiting(play, on=dt.date(2026, 10, 29)) for _place in range(2)]
        new = [waiting(play) for _place in range(MANY)]
        before, gone, gone_too, returned = waiting(play), *new[:3]
        withdraw(before)
        ids = [request.pk for request in [*old, *new, before]]
        batch = services.draft_together(request_ids=ids, by=play.steward, text=REFUSE, on=ON, at=NOW).batch
        services.deliver_together(batch_id=batch.pk, by=play.approver, on=ON, at=NOW)
        assert "办理结果" not in _as(play.approver).get(batch.get_absolute_url()).content.decode()
        withdraw(gone)
        withdraw(gone_too)
        services.return_draft(request_id=returned.pk, by=play.steward, reasons="单独答复。", on=ON, at=NOW)

        # when
        services.run_delivery(batch.pk, at=NOW)

        # then
        shown = _as(play.approver).get(batch.get_absolute_url()).content.decode()
        assert f"{MANY - 1} 件已送达，其中 2 件逾期；3 件没有送达。" in shown
        late = shown.split("逾期送达的")[1].split("</section>")[0]
        days = {clocks_of(request).get().due_on for request in old}
        assert days == {ON - dt.timedelta(days=1)}
        for request in old:
            assert f'<a href="{request.work_path}">{request.number}</a>' in late
        assert late.count("逾期 1 天") == 2
        assert "应于 11月9日（周一）24:00 前答复，11月10日（周二）送达" in late
        assert new[4].number not in late
        left_out = shown.split('id="left-out"')[1].split("</section>")[0]
        groups = left_out.split("<h3>")[1:]
        assert "4 件没有一并答复" in left_out
        assert [group.count("<li>") for group in groups] == [2, 1, 1]
        assert gone.number in groups[0]
        assert gone_too.number in groups[0]
        assert "状态为「已撤回」" in groups[0]
        assert "起草之后，2 件" in groups[0]
        assert returned.number in groups[1]
        assert "仍要答复" in groups[1]
        assert before.number in groups[2]
        assert "起草之前，1 件" in groups[2]
        assert "仍要答复" not in groups[0] + groups[2]
        assert Notice.objects.filter(
            subject=subject_of(batch), title=f"一并答复已送达 {MANY - 1} 件（其中 2 件逾期），3 件没有送达"
        ).exists()
        told = _as(play.approver).get(f"/api/v1/reply-batches/{batch.pk}/").json()["batch"]
        assert told["progress"] == {"total": MANY + 2, "delivered": MANY - 1, "late": 2, "left_out": 3, "waiting": 0}

    def test_a_batch_that_reached_all_or_none_or_was_sent_back_says_so(self, play: Cast) -> None:
        # given
        all_of_it, none_of_it, sent_back = approved(play, 3), approved(play), drafted(play, 2)
        play.approver.roles.update(ended_on=ON)
        services.run_delivery(none_of_it.pk, at=NOW)
        services.return_together(batch_id=sent_back.pk, by=play.steward, reasons="数字有误。", at=NOW)

        # then
        reader = _as(play.steward)
        for batch, words in (
            (all_of_it, "3 件都已按时送达。"),
            (none_of_it, f"{MANY} 件都没有送达。"),
            (sent_back, "2 件已退回修改。"),
        ):
            assert f"<strong>{words}</strong>" in reader.get(batch.get_absolute_url()).content.decode()

    def test_how_far_it_is_is_its_agencys_own_matter(self, play: Cast) -> None:
        path = f"{approved(play).get_absolute_url()}progress/"
        assert _as(play.steward).get(path).status_code == 200
        assert _as(play.other_steward).get(path).status_code == 404


class TestInterface:
    def test_many_are_accepted_and_their_address_tells_how_far_it_is(self, play: Cast) -> None:
        # given
        batch = drafted(play)
        path, approver = f"/api/v1/reply-batches/{batch.pk}/", _as(play.approver)
        headers = {"Idempotency-Key": "k1"}

        # when
        answers = [
            approver.post(f"{path}deliver/", {}, content_type="application/json", headers=headers) for _time in range(2)
        ]

        # then
        for answer in answers:
            assert (answer.status_code, answer["Location"]) == (202, path)
            assert answer.json() == {
                "id": batch.pk,
                "status": "delivering",
                "url": path,
                "done": [],
                "left_out": [],
            }
        told = approver.get(path).json()
        assert told["batch"]["progress"] == {"total": MANY, "delivered": 0, "late": 0, "left_out": 0, "waiting": MANY}
        assert told["actions"] == []

        # when
        services.run_delivery(batch.pk, at=NOW)

        # then
        told = approver.get(path).json()["batch"]
        assert (told["status"], told["progress"]["delivered"]) == ("delivered", MANY)
